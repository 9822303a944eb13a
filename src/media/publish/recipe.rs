//! The ways to make a public copy of a recording, best first. Owns what all of Chrome, Firefox and
//! Safari play; refuses to know how ffmpeg is called.

use crate::domain::Channels;

use super::super::ffprobe::{ContainerFormat, Stream};

/// Points of the largest picture that is passed on as it is: 4096 × 2304, level 5.2 of H.264.
const LARGEST_PICTURE: u64 = 4096 * 2304;

/// Longer files of WAV need another header, which no browser reads.
const LONGEST_WAV: u64 = 4_000_000_000;

/// What becomes of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It is left out.
    Leave,
    /// Its packets are copied.
    Keep,
    /// It is decoded and encoded anew.
    Encode,
}

/// One way to make the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    /// The file name's extension, which decides the container.
    pub(super) extension: &'static str,
    pub(super) picture: Treatment,
    pub(super) sound: Treatment,
    /// Whether this program decodes the sound that is encoded, and not ffmpeg.
    pub(super) own_sound: bool,
}

impl Recipe {
    const fn new(extension: &'static str, picture: Treatment, sound: Treatment) -> Self {
        Self { extension, picture, sound, own_sound: false }
    }

    /// Whether packets are copied.
    pub(super) fn keeps(&self) -> bool {
        self.picture == Treatment::Keep || self.sound == Treatment::Keep
    }

    /// Whether there is something to see.
    pub(super) fn has_picture(&self) -> bool {
        self.picture != Treatment::Leave
    }

    /// Whether ffmpeg decodes the sound while a picture comes with it.
    pub(super) fn places_sound_by_picture(&self) -> bool {
        self.has_picture() && self.sound == Treatment::Encode
    }
}

/// What the copy is made of.
pub(super) struct Ingredients<'a> {
    pub(super) format: &'a ContainerFormat,
    /// The file's length.
    pub(super) bytes: u64,
    pub(super) picture: Option<&'a Stream>,
    pub(super) sound: &'a Stream,
    pub(super) channels: Channels,
    /// Whether it is public from the start to some point, without a gap.
    pub(super) is_one_piece: bool,
    /// Whether it is public to the end.
    pub(super) is_whole: bool,
}

/// The ways, best first. The last one is right by construction.
pub(super) fn recipes(of: &Ingredients) -> Vec<Recipe> {
    use Treatment::{Encode, Keep, Leave};
    let mut ways = Vec::new();
    let picture = of.picture.and_then(picture_container);
    if of.is_one_piece {
        let sound = (of.channels == Channels::Mix).then(|| sound_containers(of));
        let sound = sound.unwrap_or_default();
        match (of.picture, picture) {
            (None, _) => ways.extend(sound.first().map(|kind| Recipe::new(kind, Leave, Keep))),
            (_, Some(kind)) if sound.contains(&kind) => ways.push(Recipe::new(kind, Keep, Keep)),
            _ => {}
        }
        ways.extend(picture.map(|kind| Recipe::new(kind, Keep, Encode)));
    }
    if of.picture.is_some() {
        ways.push(Recipe::new("mp4", Encode, Encode));
    }
    let sound = Recipe::new("m4a", Leave, Encode);
    ways.extend([sound, Recipe { own_sound: true, ..sound }]);
    ways
}

/// The container in which browsers show these pictures.
fn picture_container(picture: &Stream) -> Option<&'static str> {
    let is_plain = matches!(picture.pix_fmt.as_deref(), Some("yuv420p" | "yuvj420p"))
        && picture.closed_captions == 0
        && picture.width.saturating_mul(picture.height) <= LARGEST_PICTURE;
    match picture.codec_name.as_deref() {
        Some("h264") if is_plain => Some("mp4"),
        Some("vp8" | "vp9") if is_plain => Some("webm"),
        _ => None,
    }
}

/// The containers in which browsers play this sound, the usual one first.
fn sound_containers(of: &Ingredients) -> Vec<&'static str> {
    let is_short = of.bytes < LONGEST_WAV;
    // A FLAC cut packet by packet keeps length and checksum of the whole in its header.
    let is_flac = of.format.container() == "flac" && of.is_whole;
    let is_ogg = of.format.container() == "ogg";
    match (of.sound.codec_name.as_deref(), of.sound.profile.as_deref()) {
        (Some("aac"), Some("LC" | "HE-AAC" | "HE-AACv2")) => vec!["m4a", "mp4"],
        (Some("mp3"), _) => vec!["mp3", "mp4"],
        (Some("opus"), _) if is_ogg => vec!["ogg", "webm"],
        (Some("opus"), _) => vec!["webm"],
        // In WebM the header of Vorbis would bring along the tags of where it came from.
        (Some("vorbis"), _) if is_ogg => vec!["ogg"],
        (Some("flac"), _) if is_flac => vec!["flac"],
        (Some("pcm_s16le" | "pcm_u8"), _) if is_short => vec!["wav"],
        _ => Vec::new(),
    }
}
