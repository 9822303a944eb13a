//! The public copy of a recording, the only file of it that is shown: its picture and the chosen
//! sound, where they are public, and nothing else. Owns that the copy's time line is the
//! recording's, which is listened to before it appears; refuses what does not match.

mod clip;
mod confined;
mod recipe;
mod sample;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::child::Decoder;
use super::ffprobe::{self, Probed};
use super::info::{check_file, name};
use super::loudness::Loudness;
use super::protocol::ResourceLimits;
use super::stream;
use crate::domain::{
    Channels, Digest, Error, LONGEST_RECORDING, PublicSpans, Result, SoundChoice, Span,
};

pub use clip::clip;
use confined::Ended;
use recipe::{Ingredients, Recipe, Treatment, recipes};
pub use sample::{sample, sound_of};

/// Milliseconds for which the sound of a partly public recording may go on behind the last block
/// of its loudness.
const ROUNDING: u64 = 100;

/// A file that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCopy {
    /// Where it lies; it is named by its content.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Length of the file.
    pub bytes: u64,
    /// Whether there is something to see.
    pub has_video: bool,
    /// What had to be given up, in German, for the operator.
    pub note: Option<String>,
    /// The course of loudness of the recording's public parts, by which it is known again.
    pub loudness: Loudness,
}

/// Writes the public copy of `source` into `folder`, as `{sha256}.{extension}`. Times in it are times
/// in the recording (see [`super::open`]); it ends with the last public span. It holds at most one
/// picture and only the chosen sound track (of split microphones all, mixed), in a form that
/// browsers play, without tags, chapters, subtitles and further tracks.
///
/// What browsers play is kept as it is, where one span is public from the start (there it ends up to
/// a quarter of a second early); anything else is encoded anew, silent and black where it is not
/// public. Each copy is listened to: where its loudness is not the recording's throughout, the next
/// way is tried, at last sound alone.
///
/// The file appears whole or not at all.
///
/// # Errors
/// `BadInput` where nothing is public, the source is unreadable or lacks the track; `Failed` where
/// ffmpeg is missing, or no way leads to a copy; `Archive` where the folder cannot be written.
pub fn publish(
    source: &Path,
    public: &PublicSpans,
    sound: &SoundChoice,
    folder: &Path,
    decoder: &Decoder,
) -> Result<PublicCopy> {
    check_file(source)?;
    let mix = SoundChoice { track: sound.track.clone(), channels: Channels::Mix };
    if pieces(public, LONGEST_RECORDING).is_empty() {
        return Err(nowhere(source));
    }
    let course = Loudness::of(source, public, &mix, decoder)?;
    let length = course.length();
    let spans = pieces(public, length.plus_millis(ROUNDING));
    if spans.is_empty() {
        return Err(nowhere(source));
    }
    let limits = ResourceLimits::of_copying(source, length);
    let work = CopyJob { source, public, sound: mix, course, spans, folder, decoder, limits };
    let holds = work.look(source)?;
    work.copy(&holds, sound)
}

fn pieces(public: &PublicSpans, length: crate::domain::MediaTime) -> Vec<Span> {
    public.within(length).into_iter().filter(|s| s.millis() > 0).collect()
}

fn nowhere(source: &Path) -> Error {
    Error::bad_input(format!("{}: ist nirgends öffentlich", name(source)))
        .remedy("Eine öffentliche Fassung gibt es nur von öffentlichen Teilen")
}

/// What all ways need.
struct CopyJob<'a> {
    source: &'a Path,
    public: &'a PublicSpans,
    /// The chosen track, its channels mixed: that is how the copy sounds.
    sound: SoundChoice,
    /// The loudness of what is public.
    course: Loudness,
    spans: Vec<Span>,
    folder: &'a Path,
    decoder: &'a Decoder,
    limits: ResourceLimits,
}

/// Why one way does not lead to a copy.
enum Setback {
    /// The copy could not be made; why.
    NotMade(String),
    /// It goes on where it is not public.
    TooMuch,
    /// Its sound is not the recording's at the same time.
    OutOfStep,
}

impl Setback {
    fn reason(&self) -> &str {
        match self {
            Self::NotMade(why) => why,
            Self::TooMuch => "es wäre mehr darin als öffentlich ist",
            Self::OutOfStep => "die Zeitangaben der Aufnahme springen oder passen nicht zum Ton",
        }
    }
}

impl CopyJob<'_> {
    fn copy(&self, holds: &Probed, sound: &SoundChoice) -> Result<PublicCopy> {
        let (index, _) = holds.sound(self.source, &sound.track)?;
        let Some(track) = holds.sounds().nth(index) else {
            return Err(self.failed("die Tonspur fehlt"));
        };
        let of = Ingredients {
            format: &holds.format,
            bytes: self.source.metadata().map_or(0, |m| m.len()),
            picture: holds.picture(),
            sound: track,
            channels: sound.channels,
            is_one_piece: self.spans.len() == 1 && self.spans[0].start().millis() == 0,
            is_whole: self.public.is_whole(),
        };
        let mut last: Option<Setback> = None;
        let mut is_out_of_step = false;
        for recipe in recipes(&of) {
            // ffmpeg would place the sound beside the picture as wrongly as before.
            if is_out_of_step && recipe.places_sound_by_picture() {
                continue;
            }
            match self.attempt(&of, &recipe)? {
                Ok(part) => return self.keep(part, &of, &recipe, last.as_ref()),
                Err(setback) => {
                    let (file, why) = (self.source.display(), setback.reason());
                    tracing::debug!(%file, ?recipe, why, "no public copy this way");
                    is_out_of_step |=
                        recipe.places_sound_by_picture() && matches!(setback, Setback::OutOfStep);
                    last = Some(setback);
                }
            }
        }
        Err(self.failed(last.as_ref().map_or("es gibt keinen Weg", Setback::reason)))
    }

    fn failed(&self, why: &str) -> Error {
        let what = "eine öffentliche Fassung gelingt nicht";
        Error::failed(format!("{}: {what} ({why})", name(self.source)))
            .remedy("Bitte prüfen, ob die Aufnahme vollständig ist, oder sie als MP4 bereitstellen")
    }

    /// What a file holds, as ffmpeg sees it.
    fn look(&self, file: &Path) -> Result<Probed> {
        let ended = confined::run(ffprobe::asking(file), &self.limits, None, drop)
            .map_err(|e| ffprobe::missing("ffprobe", self.source, e))?;
        ffprobe::answer(file, &ended.output, &ended.said)
    }

    /// Makes a copy and listens to it.
    fn attempt(&self, of: &Ingredients, recipe: &Recipe) -> Result<Result<NamedTempFile, Setback>> {
        let part = tempfile::Builder::new()
            .prefix(".teil-")
            .suffix(&format!(".{}", recipe.extension))
            .tempfile_in(self.folder)
            .map_err(|e| self.unwritable(e))?;
        let ended = if recipe.own_sound {
            self.encode(recipe, part.path())?
        } else {
            let command = recipe::copying(self.source, of, &self.spans, recipe, part.path());
            let Some(command) = command else {
                return Ok(Err(Setback::NotMade("der öffentliche Teil ist zu kurz".to_owned())));
            };
            confined::run(command, &self.limits, Some(part.path()), drop)
                .map_err(|e| ffprobe::missing("ffmpeg", self.source, e))?
        };
        if ended.lacks_space() {
            return Err(self.unwritable(std::io::ErrorKind::StorageFull.into()));
        }
        if !ended.is_success() || ended.lacked_memory() {
            return Ok(Err(Setback::NotMade(ended.reason())));
        }
        Ok(match self.judge(part.path(), of, recipe)? {
            None => Ok(part),
            Some(setback) => Err(setback),
        })
    }

    /// Encodes the sound as this program decodes it.
    fn encode(&self, recipe: &Recipe, part: &Path) -> Result<Ended> {
        let mut sound = stream::open(self.source, self.public, &self.sound, self.decoder)?;
        let mut broken = None;
        let feed = |mut to: std::process::ChildStdin| loop {
            match sound.next_block() {
                Ok(Some(block)) => {
                    let bytes: Vec<u8> = block.iter().flat_map(|s| s.to_le_bytes()).collect();
                    if to.write_all(&bytes).is_err() {
                        break; // it has ended, and says why
                    }
                }
                Ok(None) => break,
                Err(e) => {
                    broken = Some(e);
                    break;
                }
            }
        };
        let command = recipe::encoding(recipe, part);
        let ended = confined::run(command, &self.limits, Some(part), feed)
            .map_err(|e| ffprobe::missing("ffmpeg", self.source, e))?;
        broken.map_or(Ok(ended), Err)
    }

    /// Why a copy is not what was meant; `None` where it is.
    fn judge(&self, part: &Path, of: &Ingredients, recipe: &Recipe) -> Result<Option<Setback>> {
        if recipe.keeps() && !of.is_whole && self.goes_on(part)? {
            return Ok(Some(Setback::TooMuch));
        }
        if recipe.has_picture() && !self.look(part).is_ok_and(|p| p.picture().is_some()) {
            return Ok(Some(Setback::NotMade("das Bild lässt sich nicht lesen".to_owned())));
        }
        let whole = PublicSpans::WHOLE;
        let heard = match Loudness::of(part, &whole, &SoundChoice::default(), self.decoder) {
            Ok(heard) => heard,
            Err(e) => return Ok(Some(Setback::NotMade(e.what().to_owned()))),
        };
        Ok(if !heard.is_silent_outside(self.public) {
            Some(Setback::TooMuch)
        } else if !self.course.is_in_step(&heard, self.public) {
            Some(Setback::OutOfStep)
        } else {
            None
        })
    }

    /// Whether a cut file goes on behind the last public span; pictures are stored in the order of
    /// decoding, so some may be shown after the cut.
    fn goes_on(&self, part: &Path) -> Result<bool> {
        let Some(end) = self.spans.last().map(|s| s.end().as_secs_f64()) else { return Ok(true) };
        let ended = confined::run(recipe::listing(part, end), &self.limits, None, drop)
            .map_err(|e| ffprobe::missing("ffprobe", self.source, e))?;
        let listed = String::from_utf8_lossy(&ended.output);
        // A packet with notes beside it has an empty line behind it.
        let ends = listed.lines().filter(|l| !l.is_empty()).map(|line| {
            let mut fields = line.split(',').map(|f| f.trim().parse::<f64>());
            let start = fields.next().and_then(|f| f.ok());
            // A packet without a time may be shown at any.
            start.map_or(f64::INFINITY, |s| s + fields.next().and_then(|f| f.ok()).unwrap_or(0.0))
        });
        let last = ends.fold(f64::NEG_INFINITY, f64::max);
        Ok(!ended.is_success() || !last.is_finite() || last > end)
    }

    /// Gives the copy its name.
    fn keep(
        &self,
        part: NamedTempFile,
        of: &Ingredients,
        recipe: &Recipe,
        setback: Option<&Setback>,
    ) -> Result<PublicCopy> {
        let unwritable = |e| self.unwritable(e);
        // ffmpeg wrote through its own handle; what counts is that the data are on the disk.
        let file = File::open(part.path()).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)?;
        let (sha256, bytes) = Digest::of_reader(file).map_err(unwritable)?;
        let path = self.folder.join(format!("{sha256}.{}", recipe.extension));
        part.persist(&path).map_err(|e| unwritable(e.error))?;
        File::open(self.folder).and_then(|f| f.sync_all()).map_err(unwritable)?;
        let note = note(of, recipe, setback.map_or("", Setback::reason));
        let loudness = self.course.clone();
        Ok(PublicCopy { path, sha256, bytes, has_video: recipe.has_picture(), note, loudness })
    }

    fn unwritable(&self, e: std::io::Error) -> Error {
        Error::unwritable(format!("{}: lässt sich nicht beschreiben", name(self.folder)), e)
    }
}

/// What the copy lacks, in German.
fn note(of: &Ingredients, recipe: &Recipe, why: &str) -> Option<String> {
    let picture = of.picture?;
    let size = format!("{} × {} Punkte", picture.width, picture.height);
    if !recipe.has_picture() {
        return Some(format!("ohne Bild ({size}), weil es sich nicht übernehmen lässt: {why}"));
    }
    let is_large = picture.width > 1920 || picture.height > 1080;
    (recipe.picture == Treatment::Encode && is_large)
        .then(|| format!("Bild verkleinert ({size} in der Aufnahme)"))
}
