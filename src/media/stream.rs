//! The public face of decoding: sound block by block, from this process or from a child. Owns what
//! is reported about the sound beside it; refuses to know which library read it.

use std::path::Path;

use super::child::{self, Decoder, Remote};
use super::info::{MediaInfo, SAMPLE_RATE, SoundCheck};
use super::local::{self, Local};
use super::protocol::{By, Decode, DecoderEvent, DecoderTask};
use crate::domain::{ChannelNumber, MediaTime, PublicSpans, Result, SoundChoice, Span};

/// Pauses of one speaker up to this long, in milliseconds, belong to the stretch in which he has
/// the floor: sentences are further apart than words.
const PAUSE_MS: u64 = 1_000;

/// What a file holds, by its headers alone; nothing is decoded.
///
/// Errors: `BadInput` where it is missing, unreadable, no media file, without sound or encrypted;
/// `Failed` where only ffmpeg could tell and is not installed.
pub fn probe(path: &Path, decoder: &Decoder) -> Result<MediaInfo> {
    match decoder {
        Decoder::Here => local::probe(path, By::Either),
        Decoder::Child(command) => child::probe(command, path),
    }
}

/// Opens an audio track for decoding to 16 kHz mono on the recording's time line, the one that a
/// browser shows: of Matroska, WebM and MP4 their own clock, edit lists applied, also where no track
/// starts at zero (within ten minutes); of others from the start of the earliest track.
///
/// Only what is public is delivered: other samples are exact zeros, decoding ends with the last
/// public span. symphonia's decoder never sees other packets but for the pre-roll before a span;
/// ffmpeg decodes them up to the last public span, and they are silenced then.
///
/// Errors: as of [`probe`]; `BadInput` that names the tracks there are where the chosen one is not
/// among them, or where the channels cannot be split.
pub fn open(
    path: &Path,
    public: &PublicSpans,
    choice: &SoundChoice,
    decoder: &Decoder,
) -> Result<AudioStream> {
    let wanted = Decode { public: public.clone(), choice: choice.clone(), from: 0 };
    let source = match decoder {
        Decoder::Here => Decoding::Here(Local::start(path, &wanted, By::Either)?),
        Decoder::Child(command) => {
            Decoding::Child(Remote::start(command, path, DecoderTask::Decode(wanted))?)
        }
    };
    let mut stream = AudioStream {
        source,
        info: None,
        position: 0,
        missing: Vec::new(),
        seats: Vec::new(),
        check: SoundCheck::default(),
    };
    while stream.info.is_none() {
        match stream.source.next()? {
            // Sound comes only after the headers.
            DecoderEvent::End | DecoderEvent::Block(_) => break,
            event => stream.note(event),
        }
    }
    Ok(stream)
}

/// Sound of a recording, block by block: sample n lies at n/16 ms.
pub struct AudioStream {
    source: Decoding,
    info: Option<MediaInfo>,
    position: u64,
    missing: Vec<Span>,
    seats: Vec<(Span, ChannelNumber)>,
    check: SoundCheck,
}

enum Decoding {
    Here(Local),
    Child(Remote),
}

impl Decoding {
    fn next(&mut self) -> Result<DecoderEvent> {
        match self {
            Self::Here(local) => local.next(),
            Self::Child(remote) => remote.next(),
        }
    }
}

impl AudioStream {
    /// The next samples, about a second of them, following the last without a gap; `None` at the
    /// end.
    ///
    /// Errors: `BadInput` where the recording breaks off before the end its header promises, or
    /// turns out to be unreadable; what was delivered before is good, see [`Self::position`].
    pub fn next_block(&mut self) -> Result<Option<Vec<f32>>> {
        loop {
            match self.source.next()? {
                DecoderEvent::Block(block) => {
                    self.position += block.len() as u64;
                    return Ok(Some(block));
                }
                DecoderEvent::End => return Ok(None),
                event => self.note(event),
            }
        }
    }

    /// Length of the sound as the headers promise it, if they do.
    pub fn duration(&self) -> Option<MediaTime> {
        self.info.as_ref().and_then(|i| i.duration)
    }

    /// What the headers say.
    pub fn info(&self) -> Option<&MediaInfo> {
        self.info.as_ref()
    }

    /// Where silence stands for sound that the file lacks: damaged packets and gaps of at least
    /// 20 ms, as far as delivered.
    pub fn missing(&self) -> &[Span] {
        &self.missing
    }

    /// Who spoke, where channels are split: stretches of speech with the channel they were taken
    /// from, as far as delivered, in order and disjoint. Silence belongs to nobody.
    pub fn seats(&self) -> &[(Span, ChannelNumber)] {
        &self.seats
    }

    /// What is wrong with level and channels of the sound, once it has ended.
    pub fn check(&self) -> SoundCheck {
        self.check
    }

    /// How much has been delivered.
    pub fn position(&self) -> MediaTime {
        MediaTime::from_millis(self.position * 1000 / u64::from(SAMPLE_RATE))
    }

    fn note(&mut self, event: DecoderEvent) {
        match event {
            DecoderEvent::Opened(info) => self.info = Some(info),
            DecoderEvent::Missing(span) => self.missing.push(span),
            DecoderEvent::Spoken(span, channel) => self.spoken(span, channel),
            // Whoever goes on for another decoder has heard it all.
            DecoderEvent::Checked(check) => self.check = check,
            // `Failed` is an error before it comes here.
            DecoderEvent::Alive
            | DecoderEvent::Block(_)
            | DecoderEvent::End
            | DecoderEvent::Failed(..) => {}
        }
    }

    fn spoken(&mut self, span: Span, channel: ChannelNumber) {
        match self.seats.last_mut() {
            Some((last, same))
                if *same == channel && span.start().since(last.end()) <= PAUSE_MS =>
            {
                // Stretches come in order, so the later one ends later.
                *last = Span::new(last.start(), span.end()).unwrap_or(*last);
            }
            _ => self.seats.push((span, channel)),
        }
    }
}
