//! The last step of both decoders: 16 kHz sound to mono blocks for the reader. Owns that nothing
//! leaves that is not public, in no channel; refuses to know where the sound comes from.

use std::ops::Range;
use std::sync::mpsc::SyncSender;

use crate::domain::{ChannelNumber, Channels, MediaTime, Span};

use super::info::{AudioTrack, MediaInfo};
use super::mask::Mask;
use super::samples::SAMPLE_RATE;
use super::split::{ChannelSpeech, MOST_CHANNELS, Splitter};

/// Samples at least handed over at once; small enough for progress, large enough to be cheap.
pub(super) const BLOCK: usize = SAMPLE_RATE as usize;

/// Blocks that may wait for the reader: bounds the memory.
pub(super) const WAITING: usize = 4;

/// Shorter holes than this are not worth a report, in milliseconds.
const LEAST_MISSING_MS: u64 = 20;

/// What a decoding thread reports; after anything but `Opened`, `Block`, `Missing`, `Spoken` and
/// `Alive` it has ended.
#[derive(Debug)]
pub(super) enum Report {
    /// The headers, and the length they promise of this very track.
    Opened(MediaInfo, Option<MediaTime>),
    /// Sound at 16 kHz, following the last block.
    Block(Vec<f32>),
    /// Sound is missing here (damaged packets, or a gap in the packets' times) and silent.
    Missing(Span),
    /// The next block has speech from this channel here.
    Spoken(Span, ChannelNumber),
    /// Nothing to deliver yet, but the file is being read.
    Alive,
    /// All there is has been delivered.
    Complete,
    /// Nobody can read this; the German reason.
    Refused(String),
    /// The channels cannot be split; how many there are.
    Unsplittable(usize),
    /// There is no such track, but these.
    NoTrack(Vec<AudioTrack>),
    /// symphonia came to an end; ffmpeg should go on from here. Why.
    Trouble(String),
    /// The recording breaks off here; why.
    Truncated(String),
}

/// Takes the sound of one track.
pub(super) struct Outlet {
    sender: SyncSender<Report>,
    mask: Mask,
    /// Samples that the reader has from elsewhere.
    from: u64,
    /// 16 kHz sound of each channel (of one, where they were mixed) that is not in `block` yet.
    pub(super) planes: Vec<Vec<f32>>,
    splitter: Option<Splitter>,
    spoken: Vec<ChannelSpeech>,
    block: Vec<f32>,
    /// Samples that left `planes`.
    taken: u64,
    /// Samples that left `block`.
    sent: u64,
    /// Whether the reader still listens and wants more.
    pub(super) open: bool,
}

impl Outlet {
    pub(super) fn new(sender: SyncSender<Report>, mask: Mask, from: u64) -> Self {
        Self {
            sender,
            mask,
            from,
            planes: vec![Vec::new()],
            splitter: None,
            spoken: Vec::new(),
            block: Vec::new(),
            taken: 0,
            sent: 0,
            open: true,
        }
    }

    /// Makes a plane for each channel that is to be kept apart, before any sound comes; the number
    /// of channels where that cannot be.
    pub(super) fn prepare(&mut self, use_of: Channels, channels: usize) -> Result<(), usize> {
        if use_of == Channels::Mix {
            return Ok(());
        }
        if !(2..=MOST_CHANNELS).contains(&channels) {
            return Err(channels);
        }
        self.planes = vec![Vec::new(); channels];
        self.splitter = Some(Splitter::new(channels));
        Ok(())
    }

    /// Says something to the reader.
    pub(super) fn tell(&mut self, report: Report) {
        self.open &= self.sender.send(report).is_ok();
    }

    /// Reports silence that stands for missing sound, in samples of `rate` a second, unless it is
    /// too short to hold a word.
    pub(super) fn missing(&mut self, samples: Range<u64>, rate: u32) {
        let time = |n: u64| MediaTime::from_millis(n * 1000 / u64::from(rate));
        let span = Span::new(time(samples.start), time(samples.end));
        if let Some(span) = span.filter(|s| s.millis() >= LEAST_MISSING_MS) {
            self.tell(Report::Missing(span));
        }
    }

    /// Hands over what is ready, if it is at least `least` samples.
    pub(super) fn flush(&mut self, least: usize) {
        self.take();
        if self.block.len() >= least && self.open {
            self.send();
        }
    }

    /// Hands over what is left, up to sample `end`.
    pub(super) fn finish(&mut self, end: Option<u64>) {
        self.take();
        if let Some(splitter) = &mut self.splitter {
            let padding = splitter.finish(&mut self.planes, &mut self.block, &mut self.spoken);
            self.block.truncate(self.block.len().saturating_sub(padding));
        }
        if let Some(end) = end {
            self.block.truncate(end.saturating_sub(self.sent).min(usize::MAX as u64) as usize);
        }
        if !self.block.is_empty() && self.open {
            self.send();
        }
    }

    /// From the planes to the block, without what is not public.
    fn take(&mut self) {
        let before: usize = self.planes.first().map_or(0, Vec::len);
        for plane in &mut self.planes {
            self.mask.apply(self.taken, plane);
        }
        match &mut self.splitter {
            Some(splitter) => splitter.push(&mut self.planes, &mut self.block, &mut self.spoken),
            None => self.planes.iter_mut().for_each(|p| self.block.append(p)),
        }
        let left = self.planes.first().map_or(0, Vec::len);
        self.taken += (before - left) as u64;
    }

    fn send(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        let spoken = std::mem::take(&mut self.spoken);
        self.mask.apply(self.sent, &mut block);
        block.truncate(self.mask.end().saturating_sub(self.sent).min(block.len() as u64) as usize);
        let ended = block.is_empty();
        let known = self.from.saturating_sub(self.sent).min(block.len() as u64) as usize;
        self.sent += block.len() as u64;
        block.drain(..known);
        for part in spoken {
            let time = |n: u64| MediaTime::from_millis(n * 1000 / u64::from(SAMPLE_RATE));
            let span = Span::new(time(part.start.max(self.from)), time(part.end.min(self.sent)));
            let public: Vec<Span> = span.iter().flat_map(|s| self.mask.public_parts(*s)).collect();
            for span in public {
                self.tell(Report::Spoken(span, ChannelNumber::of_index(part.channel as u32)));
            }
        }
        if ended {
            self.open = false;
        } else if !block.is_empty() {
            self.tell(Report::Block(block));
        }
    }
}
