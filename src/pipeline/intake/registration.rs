//! From a described recording to a registered draft: what stands in the way is said first, the original is cut
//! next, and deleted last. Owns that a meeting that begins here is never public of itself, and that what was
//! accepted is carried out, whatever stops it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::manifest::{self, FormerManifest, ManifestFile};
use super::{FORM, Intakes};
use crate::archive::{delete_if_there, write_whole};
use crate::domain::{
    Act, Channels, DescribedMeeting, Digest, Error, ErrorKind, Intake, IntakeId, IntakeSource,
    MediaTime, MeetingId, OriginalFate, PublicSpans, RecordingDescription, Result, Signature,
    SoundChoice, Span,
};
use crate::ingest::Ingested;
use crate::media;
use crate::pipeline::{Silent, hash, registering};
use crate::store::RegisteredFile;

/// What was accepted, until all of it is done. It names what is hidden, so it lies beside the recording and not in
/// the archive.
const ACCEPTED: &str = "angenommen.json";

/// What somebody was told will be done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AcceptedRecording {
    /// How the recording is described.
    pub description: RecordingDescription,
    /// Who described it, and when.
    pub made: Signature,
}

/// What is to be done, once it is known that nothing stands in the way.
pub struct Planned {
    ingested: Ingested,
    public: PublicSpans,
    /// As it was described, with everything that follows from what is there.
    description: RecordingDescription,
    /// What was written of the meeting with another recording of it.
    former: Option<FormerManifest>,
}

/// The file that a meeting gets.
struct CutFile {
    path: PathBuf,
    sha256: Digest,
    bytes: u64,
}

impl Intakes {
    /// Looks whether a recording can be taken in as it is described.
    pub(super) fn plan(
        &self,
        intake: &Intake,
        description: &RecordingDescription,
    ) -> Result<Planned> {
        if let Some(meeting) = &intake.meeting {
            return Err(Error::bad_input(format!(
                "Die Aufnahme gehört schon zur Sitzung {meeting}"
            ))
            .remedy("Bearbeiten Sie die Sitzung"));
        }
        let cut = description.original == OriginalFate::Cut;
        if cut && intake.source != IntakeSource::Upload {
            return Err(Error::bad_input("Gekürzt wird nur, was hochgeladen wurde").remedy(
                "Lassen Sie das Original, wie es ist: die Website zeigt ohnehin nur die öffentlichen Teile",
            ));
        }
        if cut && description.sound.channels == Channels::Split {
            let what = "Getrennte Mikrofone gibt es nur in der ungekürzten Aufnahme";
            return Err(Error::bad_input(what)
                .remedy("Mischen Sie die Kanäle, oder behalten Sie das Original"));
        }
        let public = self.public_of(intake, &description.hidden)?;
        let mut description = description.clone();
        let former = match &description.meeting {
            DescribedMeeting::Known(meeting) => {
                let (former, end) = self.former(intake, &meeting.clone())?;
                if description.offset == MediaTime::ZERO {
                    description.offset = end.ok_or_else(|| {
                        Error::bad_input("Wie lang die vorige Aufnahme ist, steht nicht in ihr")
                            .remedy("Nennen Sie den Beginn dieser Aufnahme in der Sitzung")
                    })?;
                }
                Some(former)
            }
            _ => None,
        };
        let described = ManifestFile {
            file: &named_in_manifest(intake, &intake.path),
            public: &public,
            sound: &description.sound,
        };
        let folder = self.files.folder_of(&intake.id);
        let known = (&self.archive.store, former.as_ref());
        let ingested = manifest::describe(&folder, &description, &described, known)?;
        let id = &ingested.council.meeting.id;
        if former.is_none()
            && self.archive.store.council(id).is_ok()
            && !self.is_ours(intake, id)?
        {
            return Err(Error::bad_input(format!("Eine Sitzung {id} gibt es schon")).remedy(
                "Wählen Sie eine andere Kennung, oder „Weitere Aufnahme einer Sitzung“, wenn es dieselbe ist",
            ));
        }
        if let Some(other) = self.archive.store.at_the_same_time(&ingested.council.meeting)? {
            // It would take that one off the site, and is a draft itself.
            let what =
                format!("Zu diesem Beginn gibt es von diesem Gremium schon die Sitzung {other}");
            return Err(Error::bad_input(what).remedy(
                "Berichtigen Sie den Beginn, oder wählen Sie „Weitere Aufnahme einer Sitzung“, wenn es dieselbe ist",
            ));
        }
        Ok(Planned { ingested, public, description, former })
    }

    /// What was written of a meeting when its recordings were taken in, and where on its clock the last of them ends, as
    /// far as that one says.
    fn former(
        &self,
        intake: &Intake,
        meeting: &MeetingId,
    ) -> Result<(FormerManifest, Option<MediaTime>)> {
        let store = &self.archive.store;
        store.council(meeting)?;
        self.refuse_public(meeting)?;
        let ours = self.files.folder_of(&intake.id);
        let is_ours = |path: &Path| path == intake.path || path.starts_with(&ours);
        let mut present = store.recordings(meeting)?;
        present.retain(|recording| !is_ours(&recording.path));
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let wanted: BTreeSet<PathBuf> = present.iter().map(|r| real(&r.path)).collect();
        let others = store.intakes()?.into_iter();
        let others = others.filter(|i| i.meeting.as_ref() == Some(meeting) && i.id != intake.id);
        let mut written =
            others.filter_map(|other| FormerManifest::read(&self.files.folder_of(&other.id)));
        let all = |former: &FormerManifest| {
            former.files().iter().map(|file| real(file)).collect::<BTreeSet<_>>() == wanted
        };
        let former = written.find(all).ok_or_else(|| {
            Error::bad_input(format!("Die Sitzung {meeting} wurde nicht am Arbeitsplatz angelegt"))
                .remedy("Weitere Aufnahmen nimmt bei ihr `mitschnitt ingest` auf")
        })?;
        let last = present.iter().max_by_key(|recording| recording.offset);
        let end = last.and_then(|last| {
            let length = media::probe(&last.path, &self.decoder).ok()?.duration?;
            Some(last.offset.plus_millis(length.millis()))
        });
        Ok((former, end))
    }

    /// What comes to a meeting that the public sees would be seen before anybody looked.
    fn refuse_public(&self, meeting: &MeetingId) -> Result<()> {
        match self.archive.store.review(meeting)?.meeting.is_public() {
            false => Ok(()),
            true => Err(Error::bad_input(format!("Die Sitzung {meeting} ist freigegeben")).remedy(
                "Nehmen Sie sie zuerst zurück; nach der Aufnahme wird sie geprüft und wieder freigegeben",
            )),
        }
    }

    /// Whether a meeting is the one that was begun with this recording, before a stop came in between.
    fn is_ours(&self, intake: &Intake, meeting: &MeetingId) -> Result<bool> {
        let recordings = self.archive.store.recordings(meeting)?;
        let folder = intake.id.as_str();
        Ok(!recordings.is_empty()
            && recordings.iter().all(|recording| {
                let within = recording.path.parent().and_then(Path::file_name);
                recording.path == intake.path || within.is_some_and(|name| name == folder)
            }))
    }

    /// Notes what is accepted, so that a stop only delays it.
    pub(super) fn accept(&self, id: &IntakeId, accepted: &AcceptedRecording) -> Result<()> {
        let unwritable = "Die Beschreibung lässt sich nicht speichern";
        let text =
            serde_json::to_vec(accepted).map_err(|e| Error::failed(unwritable).because(e))?;
        write_whole(&self.files.folder_of(id).join(ACCEPTED), &text)
            .map_err(|e| Error::unwritable(unwritable, e))
    }

    /// What was accepted of a recording and is not done yet.
    pub(super) fn accepted(&self, id: &IntakeId) -> Option<AcceptedRecording> {
        let text = std::fs::read(self.files.folder_of(id).join(ACCEPTED)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Forgets what was accepted where trying again is in vain: somebody has to describe it anew.
    pub(super) fn give_up(&self, id: &IntakeId, error: &Error) {
        let may_pass = matches!(error.kind(), ErrorKind::NoRoom | ErrorKind::Archive);
        let is_registered = self.get(id).is_ok_and(|intake| intake.meeting.is_some());
        if !may_pass && !is_registered {
            let _kept_for_another_try = delete_if_there(&self.files.folder_of(id).join(ACCEPTED));
        }
    }

    /// Cuts and registers, and what follows.
    pub(super) fn carry_out(
        &self,
        intake: &Intake,
        planned: Planned,
        accepted: &AcceptedRecording,
    ) -> Result<()> {
        let (store, made) = (&self.archive.store, &accepted.made);
        let is_further = planned.former.is_some();
        let _alone = is_further.then(|| self.adding.lock().unwrap_or_else(PoisonError::into_inner));
        // Another one may have come to the meeting since this was accepted.
        let planned = match is_further {
            true => self.plan(intake, &accepted.description)?,
            false => planned,
        };
        let (description, former) = (&planned.description, planned.former.as_ref());
        let (sha256, _) = hash(&intake.path, &Silent)?;
        self.refuse_known(&sha256, &planned.ingested.council.meeting.id)?;
        let (ingested, cut) = match description.original {
            OriginalFate::Kept => (planned.ingested, None),
            OriginalFate::Cut if planned.public.is_whole() => (planned.ingested, None),
            OriginalFate::Cut => {
                let (ingested, cut) = self.cut(intake, &planned.public, description, former)?;
                (ingested, Some(cut))
            }
        };
        let meeting = &ingested.council.meeting.id;
        // Before there is anything that could be seen.
        store.begin_review(meeting)?;
        if former.is_some() {
            self.refuse_public(meeting)?;
        }
        registering::register(&ingested, store, &self.decoder, &Silent)?;
        let file =
            cut.unwrap_or(CutFile { path: intake.path.clone(), sha256, bytes: intake.bytes });
        let registered =
            RegisteredFile { path: &file.path, sha256: &file.sha256, bytes: file.bytes };
        store.register_intake(&intake.id, meeting, registered, &spoken(&planned.public), made)?;
        self.conclude(intake, meeting, accepted)
    }

    /// What follows once a recording belongs to its meeting: what was cut is deleted, the meeting is indexed, and
    /// whoever is to recognise it is told.
    pub(super) fn conclude(
        &self,
        intake: &Intake,
        meeting: &MeetingId,
        accepted: &AcceptedRecording,
    ) -> Result<()> {
        let made = &accepted.made;
        self.delete_original(intake, meeting, made)?;
        self.index(meeting)?;
        (self.on_registered)(meeting, made)?;
        // What is hidden of the agenda may stand in them.
        for done in [FORM, ACCEPTED] {
            delete_if_there(&self.files.folder_of(&intake.id).join(done))
                .map_err(|e| Error::unwritable("Das Ausgefüllte lässt sich nicht löschen", e))?;
        }
        Ok(())
    }

    /// What of it is public where these stretches are not.
    fn public_of(&self, intake: &Intake, hidden: &[Span]) -> Result<PublicSpans> {
        if hidden.is_empty() {
            return Ok(PublicSpans::WHOLE);
        }
        let length = media::probe(&intake.path, &self.decoder)?.duration;
        if let (Some(length), Some(last)) = (length, hidden.iter().map(|span| span.start()).max())
            && last > length
        {
            let (last, length) = (last.clock(), length.clock());
            let what = format!("Die Zeit {last} liegt hinter dem Ende der Aufnahme ({length})");
            return Err(
                Error::bad_input(what).remedy("Gezählt wird ab Beginn der Aufnahme, als HH:MM:SS")
            );
        }
        let public = PublicSpans::WHOLE.without(hidden);
        let public = match length {
            Some(length) => PublicSpans::only(public.within(length)),
            None => public,
        };
        match public.is_empty() {
            true => Err(Error::bad_input("Von dieser Aufnahme wäre nichts öffentlich")
                .remedy("Prüfen Sie die nichtöffentlichen Zeiten")),
            false => Ok(public),
        }
    }

    /// One recording belongs to one meeting; a second one would take the first off the site.
    fn refuse_known(&self, sha256: &Digest, own: &MeetingId) -> Result<()> {
        let store = &self.archive.store;
        for meeting in store.meetings()?.into_iter().filter(|meeting| meeting.id != *own) {
            if store.recordings(&meeting.id)?.iter().any(|known| known.sha256 == *sha256) {
                let what = format!("Diese Aufnahme gehört schon zur Sitzung {}", meeting.id);
                return Err(Error::bad_input(what).remedy("Verwerfen Sie sie hier"));
            }
        }
        Ok(())
    }

    /// A copy of what is public, on the same time line, and the meeting described anew with it.
    fn cut(
        &self,
        intake: &Intake,
        public: &PublicSpans,
        description: &RecordingDescription,
        former: Option<&FormerManifest>,
    ) -> Result<(Ingested, CutFile)> {
        let folder = self.files.folder_of(&intake.id);
        let copy =
            media::publish(&intake.path, public, &description.sound, &folder, &self.decoder)?;
        // There is one track in it, and its channels are mixed.
        let described = ManifestFile {
            file: &named_in_manifest(intake, &copy.path),
            public,
            sound: &SoundChoice::default(),
        };
        let known = (&self.archive.store, former);
        let ingested = manifest::describe(&folder, description, &described, known)?;
        Ok((ingested, CutFile { path: copy.path, sha256: copy.sha256, bytes: copy.bytes }))
    }

    fn delete_original(
        &self,
        intake: &Intake,
        meeting: &MeetingId,
        made: &Signature,
    ) -> Result<()> {
        let registered = self.archive.store.intake(&intake.id)?;
        if !self.files.delete_replaced(&registered)? {
            return Ok(());
        }
        // After a stop, the archive knows only what took its place.
        let original =
            intake.sha256.as_ref().filter(|was| Some(*was) != registered.sha256.as_ref());
        let original = original.map_or("", Digest::as_str);
        let details = [("intake", intake.id.as_str()), ("original", original)];
        self.archive.store.note(made, Act::OriginalCut, meeting.as_str(), &details)
    }
}

/// How a manifest in the folder of a recording names a file.
fn named_in_manifest(intake: &Intake, file: &Path) -> PathBuf {
    match (intake.source, file.file_name()) {
        (IntakeSource::Upload, Some(name)) => name.into(),
        _ => file.to_owned(),
    }
}

/// What was confirmed to be public, for the audit.
fn spoken(public: &PublicSpans) -> String {
    if public.is_whole() {
        return "all".to_owned();
    }
    let spans = public.within(crate::domain::LONGEST_RECORDING).into_iter();
    let spans = spans.map(|span| format!("{}–{}", span.start(), span.end()));
    spans.collect::<Vec<_>>().join(", ")
}
