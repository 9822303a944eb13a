//! Decodes a file with symphonia, in a thread of its own, to 16 kHz mono blocks. Owns the way
//! from packet to block; refuses to hand packets to the decoder that are not public.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::packet::Packet;

use crate::domain::{MediaTime, Span};

use super::demux::{self, Demuxed, Refusal};
use super::mask::Mask;
use super::resample::Resampler;
use super::timeline::Timeline;
use super::{MediaInfo, SAMPLE_RATE};

/// Samples at least handed over at once; small enough for progress, large enough to be cheap.
pub(super) const BLOCK: usize = SAMPLE_RATE as usize;

/// Blocks that may wait for the reader: bounds the memory.
const WAITING: usize = 4;

/// After so many undecodable packets in a row the decoder is the wrong one.
const BAD_IN_A_ROW: u32 = 25;

/// Timestamps further than this behind the promised end are damaged, in seconds.
const BEYOND: f64 = 3600.0;

/// A first packet later than this, in seconds, needs to know where the other tracks start:
/// players count from the earliest of all, and ffmpeg knows that.
const LATE: f64 = 1.0;

/// Sign of life after so many packets: a long part that is not public is read without a sound.
const ALIVE_EVERY: u32 = 2_000;

/// Shorter holes than this are not worth a report, in milliseconds.
const LEAST_MISSING_MS: u64 = 20;

/// What the decoding thread reports; after anything but `Opened` and `Block` it has ended.
pub(super) enum Report {
    /// The headers, and the length they promise of this very track.
    Opened(MediaInfo, Option<MediaTime>),
    Block(Vec<f32>),
    /// Sound is missing here (damaged packets, or a gap in the packets' times) and silent.
    Missing(Span),
    /// Nothing to deliver yet, but the file is being read.
    Alive,
    /// All there is has been delivered.
    Complete,
    /// Nobody can read this; the German reason.
    Refused(String),
    /// symphonia came to an end; ffmpeg should go on from here. Why.
    Trouble(String),
    /// The recording breaks off here; why.
    Truncated(String),
}

/// Starts decoding; a panic of the thread shows as a closed channel.
pub(super) fn start(path: PathBuf, mask: Mask) -> std::io::Result<Receiver<Report>> {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    std::thread::Builder::new().name("decode".to_owned()).spawn(move || {
        let last = match demux::open(&path) {
            Ok(demuxed) => run(demuxed, mask, &sender),
            Err(Refusal::Final(why)) => Report::Refused(why),
            Err(Refusal::TryFfmpeg(why)) => Report::Trouble(why),
        };
        // A reader that has gone needs no last word.
        let _ = sender.send(last);
    })?;
    Ok(receiver)
}

fn run(mut demuxed: Demuxed, mask: Mask, sender: &SyncSender<Report>) -> Report {
    let decoder = match demux::decoder(&demuxed.params) {
        Ok(decoder) => decoder,
        Err(why) => return Report::Trouble(why),
    };
    if sender.send(Report::Opened(demuxed.info.clone(), demuxed.promised)).is_err() {
        return Report::Complete;
    }
    let mut line = Line::new(&demuxed, decoder, mask, sender);
    let end = loop {
        match demuxed.reader.next_packet() {
            Ok(Some(packet)) => match line.packet(&demuxed, packet) {
                Step::Next => {}
                Step::Enough => break None,
                Step::Trouble(why) => return Report::Trouble(why),
            },
            Ok(None) => break line.too_short(&demuxed),
            Err(SymphoniaError::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                break Some("die Datei endet mitten in einem Paket".to_owned());
            }
            Err(e) => break Some(e.to_string()),
        }
    };
    match line.finish(&demuxed, end.is_none()) {
        Err(why) => Report::Trouble(why),
        Ok(()) => end.map_or(Report::Complete, Report::Trouble),
    }
}

enum Step {
    Next,
    /// Everything public has been decoded, or nobody listens any more.
    Enough,
    Trouble(String),
}

/// The way of the sound from decoder to reader.
struct Line<'s> {
    decoder: Box<dyn AudioDecoder>,
    mask: Mask,
    /// Seconds before a public span that the decoder needs to see.
    preroll: f64,
    /// Known from the first decoded packet on.
    path: Option<(Timeline, Resampler)>,
    out: Outlet<'s>,
    mono: Vec<f32>,
    interleaved: Vec<f32>,
    bad_in_a_row: u32,
    /// Packets read, of any track.
    packets: u32,
    /// The packet before this one was not decoded.
    skipped: bool,
    /// Seconds: where the furthest packet of any track starts or ends.
    reached: f64,
}

impl<'s> Line<'s> {
    fn new(
        demuxed: &Demuxed,
        decoder: Box<dyn AudioDecoder>,
        mask: Mask,
        sender: &'s SyncSender<Report>,
    ) -> Self {
        Self {
            decoder,
            preroll: demux::preroll_ms(&demuxed.params) as f64 / 1000.0,
            path: None,
            out: Outlet { sender, mask: mask.clone(), block: Vec::new(), sent: 0, open: true },
            mask,
            mono: Vec::new(),
            interleaved: Vec::new(),
            bad_in_a_row: 0,
            packets: 0,
            skipped: false,
            reached: 0.0,
        }
    }

    fn packet(&mut self, demuxed: &Demuxed, packet: Packet) -> Step {
        self.packets = self.packets.wrapping_add(1);
        if self.packets.is_multiple_of(ALIVE_EVERY) {
            self.out.open &= self.out.sender.send(Report::Alive).is_ok();
        }
        let own = packet.track_id == demuxed.track;
        let (start, length) = time_of(demuxed, &packet);
        let limit = demuxed.info.duration.map_or(48.0 * 3600.0, |d| d.as_secs_f64()) + BEYOND;
        if own && start > limit {
            return Step::Trouble("Zeitstempel weit hinter dem Ende".to_owned());
        }
        self.reached = self.reached.max(start + length);
        if !own {
            return Step::Next;
        }
        if self.path.is_none() && !self.skipped && start > LATE {
            return Step::Trouble("die Tonspur beginnt spät".to_owned());
        }
        let behind = self.mask.last_public_time().map_or(f64::INFINITY, |t| t.as_secs_f64());
        let end = behind.min(demuxed.placement.end.unwrap_or(f64::INFINITY));
        if start >= end || !self.out.open {
            return Step::Enough;
        }
        // Containers that give packets no length: none is longer than a second.
        let length = if length > 0.0 { length } else { 1.0 };
        if !self.mask.touches(start, start + length + self.preroll) {
            self.skipped = true;
            return Step::Next;
        }
        self.decode(demuxed, packet, start)
    }

    fn decode(&mut self, demuxed: &Demuxed, mut packet: Packet, start: f64) -> Step {
        if self.skipped {
            self.decoder.reset();
            self.realign();
        }
        let end_trim = demux::seconds(demuxed.clock, packet.trim_end.get() as i64);
        // Trimming is ours: decoders count in samples, containers in their clock's ticks.
        packet.trim_start = 0u64.into();
        packet.trim_end = 0u64.into();
        let sound = match self.decoder.decode(&packet) {
            Ok(sound) => sound,
            Err(SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_)) => {
                self.bad_in_a_row += 1;
                self.realign();
                return if self.bad_in_a_row >= BAD_IN_A_ROW {
                    Step::Trouble("die Tonspur lässt sich nicht decodieren".to_owned())
                } else {
                    Step::Next
                };
            }
            Err(e) => return Step::Trouble(e.to_string()),
        };
        self.bad_in_a_row = 0;
        let rate = sound.spec().rate();
        let channels = sound.spec().channels().count().max(1);
        sound.copy_to_vec_interleaved(&mut self.interleaved);
        mix_down(&self.interleaved, channels, &mut self.mono);
        let keep = self.mono.len().saturating_sub((end_trim * f64::from(rate)).round() as usize);
        self.mono.truncate(keep);
        self.lay(rate, start)
    }

    fn realign(&mut self) {
        if let Some((timeline, _)) = &mut self.path {
            timeline.realign();
        }
    }

    fn lay(&mut self, rate: u32, start: f64) -> Step {
        let path = match self.path.take() {
            Some(path) => path,
            None => match Resampler::new(rate) {
                Ok(resampler) => (Timeline::new(rate), resampler),
                Err(why) => return Step::Trouble(why),
            },
        };
        let (timeline, resampler) = self.path.insert(path);
        if timeline.rate() != rate {
            return Step::Trouble("die Abtastrate wechselt".to_owned());
        }
        let out = &mut self.out;
        let mut failed = None;
        let first = (start * f64::from(rate)).round() as i64;
        let placed = timeline.place(first, &self.mono, &mut |samples| {
            if out.open && failed.is_none() {
                failed = resampler.push(samples, &mut out.block).err();
                out.send(BLOCK);
            }
        });
        match (placed, failed) {
            (Err(_), _) => Step::Trouble("Dauer und Abtastrate widersprechen sich".to_owned()),
            (_, Some(why)) => Step::Trouble(why),
            (Ok(gap), None) => {
                if !std::mem::take(&mut self.skipped) && gap.start > 0 {
                    self.out.missing(gap, rate);
                }
                Step::Next
            }
        }
    }

    /// Why the file seems to end before its time, if it does.
    fn too_short(&self, demuxed: &Demuxed) -> Option<String> {
        let Some((timeline, _)) = &self.path else {
            return (!self.skipped).then(|| "kein einziges Paket war lesbar".to_owned());
        };
        let heard = timeline.len() as f64 / f64::from(timeline.rate());
        // Without a promise about this track, any track may reach the end.
        let (promised, reached) = match demuxed.promised {
            Some(promised) => (promised.as_secs_f64(), heard),
            None => (demuxed.info.duration?.as_secs_f64(), heard.max(self.reached)),
        };
        let public_end = self.mask.last_public_time().map_or(promised, |t| t.as_secs_f64());
        let missing = promised.min(public_end) - reached;
        (missing > (promised * 0.005).max(0.25))
            .then(|| "die Datei endet vor ihrer Zeit".to_owned())
    }

    /// Hands over what is left; pads with silence to the end of the last packet's time only
    /// where the end is the true one.
    fn finish(mut self, demuxed: &Demuxed, complete: bool) -> Result<(), String> {
        if let Some((_, resampler)) = &mut self.path
            && complete
        {
            resampler.finish(&mut self.out.block)?;
        }
        if let Some(end) = demuxed.placement.end {
            let end = (end * f64::from(SAMPLE_RATE)).round() as u64;
            let room = end.saturating_sub(self.out.sent) as usize;
            self.out.block.truncate(room);
        }
        self.out.send(1);
        Ok(())
    }
}

/// When a packet of any track starts and how long it is, in seconds on the recording's time line.
fn time_of(demuxed: &Demuxed, packet: &Packet) -> (f64, f64) {
    let track = demuxed.reader.tracks().iter().find(|t| t.id == packet.track_id);
    let clock = track.and_then(|t| t.time_base).unwrap_or(demuxed.clock);
    let own = packet.track_id == demuxed.track;
    let place = if own { demuxed.placement } else { Default::default() };
    let ticks = packet.pts.get().saturating_sub(place.skip);
    let length = packet.dur.get().min(i64::MAX as u64) as i64;
    (demux::seconds(clock, ticks) + place.delay, demux::seconds(clock, length))
}

/// Hands blocks to the reader, with silence where the recording is not public.
struct Outlet<'s> {
    sender: &'s SyncSender<Report>,
    mask: Mask,
    block: Vec<f32>,
    sent: u64,
    open: bool,
}

impl Outlet<'_> {
    /// Reports silence that stands for missing sound, unless it is too short to hold a word.
    fn missing(&mut self, samples: Range<u64>, rate: u32) {
        let time = |n: u64| MediaTime::from_millis(n * 1000 / u64::from(rate));
        let span = Span::new(time(samples.start), time(samples.end));
        if let Some(span) = span.filter(|s| s.millis() >= LEAST_MISSING_MS) {
            self.open &= self.sender.send(Report::Missing(span)).is_ok();
        }
    }

    fn send(&mut self, least: usize) {
        if self.block.len() < least || !self.open {
            return;
        }
        let mut block = std::mem::take(&mut self.block);
        self.mask.apply(self.sent, &mut block);
        block.truncate(self.mask.end().saturating_sub(self.sent).min(block.len() as u64) as usize);
        self.sent += block.len() as u64;
        if block.is_empty() || self.sender.send(Report::Block(block)).is_err() {
            self.open = false;
        }
    }
}

/// The average of all channels; what is no number, or louder than full scale, is damage.
fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    mono.clear();
    let share = 1.0 / channels as f32;
    mono.extend(interleaved.chunks_exact(channels).map(|frame| {
        let mean = frame.iter().sum::<f32>() * share;
        if mean.is_nan() { 0.0 } else { mean.clamp(-1.0, 1.0) }
    }));
}
