//! `mitschnitt withhold`, `release`, `restrictions`, `confirm`: what may not be seen of a meeting is set,
//! lifted, listed; what the program was not sure of is confirmed.

use super::Context;
use super::purge::purge;
use crate::align::item_meant;
use crate::archive::machine;
use crate::domain::{
    Covers, Error, ItemIdentity, LooseNumber, MediaTime, MeetingId, Origin, Restriction, Result,
    Scope, Signature, Span,
};
use crate::edition::{Editions, Viewer};
use crate::pipeline::OpenArchive;
use crate::store::{HoldReason, NewRestriction, Store};

/// Arguments of `withhold`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["from", "item", "speech", "all"]))]
pub struct WithholdArgs {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Ab dieser Zeit der Sitzung (HH:MM:SS, auch mit Bruchteilen)
    #[arg(long, value_name = "ZEIT", requires = "to", value_parser = full_time)]
    from: Option<MediaTime>,
    /// Bis zu dieser Zeit
    #[arg(long, value_name = "ZEIT", requires = "from", value_parser = full_time)]
    to: Option<MediaTime>,
    /// Dieser Tagesordnungspunkt (Nummer oder Kennung), wo immer er behandelt wird
    #[arg(long, value_name = "NUMMER")]
    item: Option<String>,
    /// Dieser Redebeitrag (`order` der Schnittstelle)
    #[arg(long, value_name = "N")]
    speech: Option<u32>,
    /// Die ganze Sitzung
    #[arg(long)]
    all: bool,
    /// Warum; nur für den Betreiber
    #[arg(long, value_name = "GRUND", value_parser = one_line)]
    why: String,
    /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
    #[arg(long, value_name = "NAME", value_parser = one_line)]
    by: Option<String>,
}

/// Arguments of `release`.
#[derive(Debug, clap::Args)]
pub struct ReleaseArgs {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Nummer der Sperre
    #[arg(long, value_name = "N")]
    restriction: u32,
    /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
    #[arg(long, value_name = "NAME", value_parser = one_line)]
    by: Option<String>,
}

/// Arguments of `restrictions`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Nur diese Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: Option<MeetingId>,
    /// Als JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `confirm`.
#[derive(Debug, clap::Args)]
pub struct ConfirmArgs {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Der Punkt dieser Sperre wird nirgends behandelt
    #[arg(long, value_name = "N")]
    restriction: Option<u32>,
    /// Wer das bestätigt; ohne Angabe der angemeldete Benutzer
    #[arg(long, value_name = "NAME", value_parser = one_line)]
    by: Option<String>,
}

/// A time with hours: `17:02` is meant as a time of day by some and as minutes by others.
fn full_time(text: &str) -> std::result::Result<MediaTime, String> {
    let time: MediaTime = text.parse().map_err(|e: crate::domain::InvalidTime| e.to_string())?;
    match text.matches(':').count() {
        1 => Err(format!(
            "„{text}“ ist nicht eindeutig: 00:{text} (Minuten) oder {text}:00 (Stunden), ab Beginn der Sitzung"
        )),
        _ => Ok(time),
    }
}

/// A text on one line, and not an empty one.
fn one_line(text: &str) -> std::result::Result<String, String> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.trim() {
        "" => Err("Der Text ist leer".to_owned()),
        plain => Ok(plain.to_owned()),
    }
}

/// Sets a restriction and ends what it hides. The fact comes first, whatever state the index is in.
pub fn withhold(args: &WithholdArgs, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let id = &args.meeting;
    let (scope, spans) = meant(args, &store)?;
    let new = NewRestriction {
        scope,
        covers: Covers::Everything,
        origin: Origin::Clerk,
        why: args.why.clone(),
        withdrew: true,
        made: signature(args.by.as_deref()),
        unplaced: false,
    };
    // A withheld meeting has no record any more that names it.
    let record = store.shown_outside(id)?.record;
    let set = store.restrict(id, &new, &spans, None)?;
    say!("{id}: gesperrt: {}", describe(&set));
    if set.unplaced {
        unplaced(id, set.number);
    }
    if let Scope::Item(item) = &set.scope {
        still_shown(&store, id, item);
    }
    films_elsewhere(&store, id, &set.spans)?;
    let is_recorded = !store.recordings(id)?.is_empty();
    if let Some((shift, url)) = record.and_then(|r| Some((r.video_offset_ms, r.video_url?)))
        && !is_recorded
    {
        film(&url, shift, &set.spans);
    }
    settle(store, id, context)?;
    if is_recorded {
        note!(
            "  Die neue Fassung des Videos macht `mitschnitt run --meeting {id}`; bis dahin gibt es keines"
        );
    }
    Ok(())
}

/// Says what a restricted item without a place means.
pub fn unplaced(id: &MeetingId, number: u32) {
    note!(
        "  Wo er behandelt wird, ist nicht bekannt: Wortlaut und Video der Sitzung werden nicht gezeigt. Sperren \
         Sie die Zeit (mitschnitt withhold {id} --from … --to … --why …), und bestätigen Sie dann: mitschnitt \
         confirm {id} --restriction {number}. Wird er nirgends behandelt, genügt das Bestätigen"
    );
}

/// Says which items lie below a withheld one and stay visible: only that one was named.
fn still_shown(store: &Store, id: &MeetingId, withheld: &ItemIdentity) {
    let Some(above) = withheld.number.as_deref().map(LooseNumber::of) else { return };
    let Ok(shown) = Editions::new(store.clone(), Viewer::Preview).load(id) else { return };
    let agenda = shown.council.meeting.agenda.iter().filter(|item| item.public);
    let below = agenda.filter_map(|item| item.number.as_deref());
    let below: Vec<&str> = below.filter(|number| LooseNumber::of(number).is_of(&above)).collect();
    if below.is_empty() {
        return;
    }
    note!("  Darunter liegt und bleibt sichtbar: TOP {}. Auch das sperren:", below.join(", TOP "));
    for number in below {
        note!("    mitschnitt withhold {id} --item \"{number}\" --why …");
    }
}

/// What is to be withheld, and where that lies.
fn meant(args: &WithholdArgs, store: &Store) -> Result<(Scope, Vec<Span>)> {
    let id = &args.meeting;
    let council = store.council(id)?;
    if args.all {
        return Ok((Scope::Meeting, Vec::new()));
    }
    if let Some(typed) = &args.item {
        // An item that only another record has is on no agenda but the one that is shown.
        let item = match item_meant(&council, typed) {
            Ok(item) => item.id.clone(),
            Err(unknown) => match Editions::new(store.clone(), Viewer::Preview).load(id) {
                Ok(shown) => item_meant(&shown.council, typed)?.id.clone(),
                Err(_) => return Err(unknown),
            },
        };
        let spans = store.places_of(id, &item)?;
        let identity = store.identity_of(id, &item)?;
        let identity = identity.ok_or_else(|| Error::not_found(format!("TOP „{typed}“")))?;
        return Ok((Scope::Item(identity), spans));
    }
    if let Some(number) = args.speech {
        return speech(number, id, store);
    }
    let (from, to) = (args.from.unwrap_or_default(), args.to.unwrap_or_default());
    let span = Span::new(from, to).filter(|span| span.millis() > 0).ok_or_else(|| {
        Error::bad_input(format!("--to {} liegt nicht hinter --from {}", to.clock(), from.clock()))
    })?;
    if let Some(transcript) = store.meeting_transcript(id)? {
        let end = transcript.media.duration_ms;
        if span.start() > end {
            let what = format!(
                "Die Zeit {} liegt hinter dem Ende der Sitzung ({})",
                from.clock(),
                end.clock()
            );
            return Err(
                Error::bad_input(what).remedy("Gezählt wird ab Beginn der Sitzung, als HH:MM:SS")
            );
        }
    }
    Ok((Scope::Span, vec![span]))
}

/// A speech of another record is known by its number; one that was heard here is a stretch of time.
fn speech(number: u32, id: &MeetingId, store: &Store) -> Result<(Scope, Vec<Span>)> {
    let speeches = store.speeches(id)?;
    if let Some(speech) = speeches.iter().find(|s| s.order == number) {
        let span = speech.start_ms.zip(speech.end_ms).and_then(|(a, b)| Span::new(a, b));
        begins(speech.speaker.as_ref().map(|s| s.name.as_str()), speech.text.split_whitespace());
        return Ok((Scope::Speech(number), span.into_iter().collect()));
    }
    let edition = Editions::new(store.clone(), Viewer::Preview).load(id)?;
    let (words, turns) =
        edition.text.map(|(t, alignment)| (t.words, alignment.turns)).unwrap_or_default();
    let turn = turns.get(number as usize).ok_or_else(|| {
        Error::not_found(format!("Die Sitzung {id} hat keinen Redebeitrag {number}"))
            .remedy("Die Nummer steht als `order` bei jedem Treffer der Schnittstelle")
    })?;
    let said = words.iter().filter(|w| turn.start_ms <= w.start_ms && w.start_ms < turn.end_ms);
    begins(turn.name.as_deref(), said.map(|w| w.text.as_str()));
    Ok((Scope::Span, Span::new(turn.start_ms, turn.end_ms).into_iter().collect()))
}

/// Says how a speech begins: numbers of speeches change when others are withheld.
fn begins<'w>(speaker: Option<&str>, words: impl Iterator<Item = &'w str>) {
    let words: Vec<&str> = words.take(8).collect();
    note!("  {}: „{} …“", speaker.unwrap_or("Unbekannt"), words.join(" "));
}

/// Films elsewhere are not ours to cut.
pub fn films_elsewhere(store: &Store, id: &MeetingId, spans: &[Span]) -> Result<()> {
    for recording in store.recordings(id)? {
        if let Some(url) = &recording.video_url {
            film(url, recording.video_offset_ms - recording.offset.millis() as i64, spans);
        }
    }
    Ok(())
}

/// Says where in a film restricted stretches lie; on its clock the meeting's are later by `shift`.
fn film(url: &str, shift: i64, spans: &[Span]) {
    let there = |t: MediaTime| t.moved(shift).clock();
    let at: Vec<String> =
        spans.iter().map(|s| format!("{}–{}", there(s.start()), there(s.end()))).collect();
    let at = if at.is_empty() { "ganz".to_owned() } else { at.join(", ") };
    note!("  Der Film unter {url} liegt nicht hier: schneiden Sie ihn dort selbst ({at})");
}

/// Lifts a restriction.
pub fn release(args: &ReleaseArgs, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let id = &args.meeting;
    let by = signature(args.by.as_deref());
    let released = store.release(id, args.restriction, &by, None)?;
    say!("{id}: aufgehoben: {}", describe(&released));
    let there = store.council(id).is_ok();
    settle(store, id, context)?;
    if there {
        note!(
            "  Den Wortlaut der Stelle erkennt `mitschnitt run --meeting {id}` neu; Titel und übernommene \
             Beiträge bringt das nächste Einlesen"
        );
    }
    Ok(())
}

/// Lists restrictions.
pub fn list(args: &ListArgs, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let meetings = match &args.meeting {
        Some(id) => {
            if store.restrictions_of(id)?.is_empty() {
                store.council(id)?;
            }
            vec![id.clone()]
        }
        None => store.restricted_meetings()?,
    };
    let mut all = Vec::new();
    for id in meetings {
        all.extend(store.restrictions_of(&id)?.into_iter().map(|r| (id.clone(), r)));
    }
    if args.json {
        let entries: Vec<_> = (all.iter())
            .map(|(id, r)| serde_json::json!({ "meeting": id, "restriction": r }))
            .collect();
        let json = serde_json::to_string_pretty(&entries)
            .map_err(|e| Error::failed("Die Liste lässt sich nicht schreiben").because(e))?;
        return super::write_out(&(json + "\n"), None);
    }
    if all.is_empty() {
        note!("Es ist nichts gesperrt");
    }
    let signed = |s: &Signature| format!("{}, {}", s.by, s.at.strftime("%Y-%m-%d %H:%M UTC"));
    let line = |(id, r): &(MeetingId, Restriction)| {
        let released = r.released.as_ref().map(|s| format!("; aufgehoben ({})", signed(s)));
        let released = released.unwrap_or_default();
        format!("{id}  {}  – {} ({}){released}\n", describe(r), r.why, signed(&r.made))
    };
    super::write_out(&all.iter().map(line).collect::<String>(), None)
}

/// Confirms what the program was not sure of.
pub fn confirm(args: &ConfirmArgs, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let id = &args.meeting;
    let by = signature(args.by.as_deref());
    if let Some(number) = args.restriction {
        store.confirm_unplaced(id, number, &by)?;
        say!("{id}: der Punkt der Sperre {number} wird nirgends behandelt");
        return settle(store, id, context);
    }
    for reason in store.confirm(id, &by)? {
        match reason {
            HoldReason::RecordingReplaced => {
                say!(
                    "{id}: die neuen Aufnahmen laufen auf der Uhr der Sitzung; Gesperrtes bleibt gesperrt"
                );
                note!("  `mitschnitt run --meeting {id}` verschriftet sie");
            }
            HoldReason::RecordingAdded => {
                say!("{id}: in der neuen Aufnahme wird kein gesperrter Punkt behandelt");
            }
            HoldReason::RecordChanged => {
                say!("{id}: in den übernommenen Beiträgen steht nichts Gesperrtes mehr");
            }
            HoldReason::SameMeeting => {
                say!("{id}: ist eine eigene Sitzung und wird wieder gezeigt")
            }
            HoldReason::ItemUnplaced | HoldReason::PublicUnsaid => {}
        }
    }
    settle(store, id, context)
}

/// Brings index, copies and log in line with what was just set. What cannot be done now is said, and
/// done by the next command or by the running site: nothing of it is shown.
pub fn settle(store: Store, id: &MeetingId, context: &Context) -> Result<()> {
    let there = store.council(id).is_ok();
    let progress = context.progress();
    let settled =
        OpenArchive::with_index(store, &context.environment, &progress).and_then(|archive| {
            let pipeline = archive.pipeline(&context.environment, &progress)?;
            purge(&pipeline)?;
            if there { pipeline.index(id).map(|_| ()) } else { Ok(()) }
        });
    if let Err(error) = settled {
        note!("  Noch nicht im Suchindex: {error}");
        note!(
            "  Gezeigt wird davon nichts. Der nächste Befehl oder die laufende Website holt es nach."
        );
    }
    Ok(())
}

/// A restriction in words, with its number.
pub fn describe(restriction: &Restriction) -> String {
    let what = match &restriction.scope {
        Scope::Meeting => "die ganze Sitzung".to_owned(),
        Scope::Item(item) => match &item.number {
            Some(number) => format!("TOP {number}"),
            None => "ein Tagesordnungspunkt".to_owned(),
        },
        Scope::Span => "Zeit".to_owned(),
        Scope::Speech(number) => format!("Redebeitrag {number}"),
    };
    let at: Vec<String> = (restriction.spans.iter())
        .map(|s| format!("{}–{}", s.start().clock(), s.end().clock()))
        .collect();
    let at = if at.is_empty() { String::new() } else { format!(" {}", at.join(", ")) };
    format!("Sperre {}: {what}{at}", restriction.number)
}

/// Who does something now: the name given, or that of the system's user.
pub fn signature(by: Option<&str>) -> Signature {
    let by = by.map_or_else(machine::user, str::to_owned);
    Signature { by, at: jiff::Timestamp::now() }
}
