//! Decodes a file with symphonia, in a thread of its own, to 16 kHz blocks. Owns the way from
//! packet to sample; refuses to hand packets to the decoder that are not public.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::packet::Packet;

use super::demux::{self, Demuxed, Refusal};
use super::flac;
use super::info::{MediaInfo, Report, SAMPLE_RATE, sane};
use super::outlet::{BLOCK, Outlet, Resampler, WAITING};
use super::timeline::{LONGEST_GAP, Mask, Timeline};
use crate::domain::{Channels, SoundChoice};

/// After so many undecodable packets in a row the decoder is the wrong one.
const BAD_IN_A_ROW: u32 = 25;

/// Timestamps further than this behind the promised end are damaged, in seconds.
const BEYOND: f64 = 3600.0;

/// Stands for the promised end where there is none: nobody records for two days, in seconds.
const LONGEST: f64 = 48.0 * 3600.0;

/// Why symphonia does not go on.
const CHANGES: &str = "Abtastrate oder Kanalzahl wechseln";

/// Sign of life after so many packets: a long part that is not public is read without a sound.
const ALIVE_EVERY: u32 = 2_000;

/// Starts decoding; a panic of the thread shows as a closed channel. The thread is its own and not
/// one of a pool: it waits for its reader most of the time, and a damaged file may hang it for good.
pub(super) fn start(
    path: PathBuf,
    mask: Mask,
    choice: SoundChoice,
) -> std::io::Result<Receiver<Report>> {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    std::thread::Builder::new().name("decode".to_owned()).spawn(move || {
        let last = match demux::open(&path, &choice.track) {
            Ok(demuxed) => run(demuxed, mask, choice.channels, &sender),
            Err(Refusal::Final(why)) => Report::Refused(why),
            Err(Refusal::NoTrack(tracks)) => Report::NoTrack(tracks),
            Err(Refusal::TryFfmpeg(why)) => Report::Trouble(why),
        };
        // A reader that has gone needs no last word.
        let _ = sender.send(last);
    })?;
    Ok(receiver)
}

fn run(
    mut demuxed: Demuxed,
    mask: Mask,
    channels: Channels,
    sender: &SyncSender<Report>,
) -> Report {
    let decoder = match demux::decoder(&demuxed.params) {
        Ok(decoder) => decoder,
        Err(why) => return Report::Trouble(why),
    };
    if sender.send(Report::Opened(demuxed.info.clone(), demuxed.promised)).is_err() {
        return Report::Complete;
    }
    let mut line = TrackDecoder::new(&demuxed, decoder, mask, channels, sender);
    let path = demuxed.flac.take();
    let end = loop {
        match demuxed.reader.next_packet() {
            Ok(Some(packet)) => match line.packet(&demuxed, packet) {
                AfterPacket::Next => {}
                AfterPacket::Enough => break None,
                AfterPacket::Last(report) => return report,
            },
            Ok(None) => break line.too_short(&demuxed),
            Err(SymphoniaError::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                break Some("die Datei endet mitten in einem Paket".to_owned());
            }
            Err(e) => break Some(e.to_string()),
        }
    };
    let is_heard_out = end.is_none() && line.out.open && !line.has_all_that_is_public();
    let goes_on = is_heard_out && path.is_some_and(|path| changes_form(&path, &demuxed.info));
    match line.finish(&demuxed, end.is_none()) {
        Err(why) => Report::Trouble(why),
        Ok(()) if goes_on => Report::GoesOn(CHANGES.to_owned()),
        Ok(()) => end.map_or(Report::Complete, Report::Trouble),
    }
}

/// Whether sound of another form follows, whose packets symphonia drops without a word.
fn changes_form(path: &Path, info: &MediaInfo) -> bool {
    // What could be read so far is there; a file that can no longer be read has no more.
    flac::changes_form(path, info.channels, info.sample_rate).unwrap_or(false)
}

enum AfterPacket {
    Next,
    /// Everything public has been decoded, or nobody listens any more.
    Enough,
    /// Nothing more comes from here; the last word.
    Last(Report),
}

impl AfterPacket {
    fn trouble(why: impl Into<String>) -> Self {
        Self::Last(Report::Trouble(why.into()))
    }
}

/// The way of the sound from decoder to reader.
struct TrackDecoder {
    decoder: Box<dyn AudioDecoder>,
    mask: Mask,
    /// Seconds before a public span that the decoder needs to see.
    preroll: f64,
    channels: Channels,
    /// Known from the first decoded packet on.
    path: Option<ResampledLine>,
    out: Outlet,
    /// A packet's sound as the decoder gave it, and with the channels that are kept.
    interleaved: Vec<f32>,
    kept: Vec<f32>,
    bad_in_a_row: u32,
    /// Packets read, of any track.
    packets: u32,
    /// The packet before this one was not decoded.
    skipped: bool,
    /// Seconds: where the furthest packet of any track starts or ends.
    reached: f64,
}

impl TrackDecoder {
    fn new(
        demuxed: &Demuxed,
        decoder: Box<dyn AudioDecoder>,
        mask: Mask,
        channels: Channels,
        sender: &SyncSender<Report>,
    ) -> Self {
        Self {
            decoder,
            preroll: demux::preroll_ms(&demuxed.params) as f64 / 1000.0,
            path: None,
            channels,
            out: Outlet::new(sender.clone(), mask.clone(), 0),
            mask,
            interleaved: Vec::new(),
            kept: Vec::new(),
            bad_in_a_row: 0,
            packets: 0,
            skipped: false,
            reached: 0.0,
        }
    }

    fn packet(&mut self, demuxed: &Demuxed, packet: Packet) -> AfterPacket {
        self.packets = self.packets.wrapping_add(1);
        if self.packets.is_multiple_of(ALIVE_EVERY) {
            self.out.tell(Report::Alive);
        }
        let own = packet.track_id == demuxed.track;
        let (start, length) = time_of(demuxed, &packet);
        let limit = demuxed.info.duration.map_or(LONGEST, |d| d.as_secs_f64()) + BEYOND;
        if own && start > limit {
            return AfterPacket::trouble("Zeitstempel weit hinter dem Ende");
        }
        self.reached = self.reached.max(start + length);
        if !own {
            return AfterPacket::Next;
        }
        if self.path.is_none() && !self.skipped && start > demuxed.latest {
            return AfterPacket::trouble("die Tonspur beginnt spät");
        }
        let behind = self.mask.last_public_time().map_or(f64::INFINITY, |t| t.as_secs_f64());
        let end = behind.min(demuxed.placement.end.unwrap_or(f64::INFINITY));
        if start >= end || !self.out.open {
            return AfterPacket::Enough;
        }
        // Containers that give packets no length: none is longer than a second.
        let length = if length > 0.0 { length } else { 1.0 };
        if !self.mask.touches(start, start + length + self.preroll) {
            self.skipped = true;
            return AfterPacket::Next;
        }
        self.decode(demuxed, packet, start)
    }

    fn decode(&mut self, demuxed: &Demuxed, mut packet: Packet, start: f64) -> AfterPacket {
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
                    AfterPacket::trouble("die Tonspur lässt sich nicht decodieren")
                } else {
                    AfterPacket::Next
                };
            }
            Err(e) => return AfterPacket::trouble(e.to_string()),
        };
        self.bad_in_a_row = 0;
        let rate = sound.spec().rate();
        let channels = sound.spec().channels().count().max(1);
        sound.copy_to_vec_interleaved(&mut self.interleaved);
        let kept = match (self.channels, channels) {
            (Channels::Split, _) => {
                keep_apart(&self.interleaved, &mut self.kept);
                channels
            }
            (Channels::Mix, 2) => {
                sum_and_difference(&self.interleaved, &mut self.kept);
                2
            }
            (Channels::Mix, _) => {
                mix_down(&self.interleaved, channels, &mut self.kept);
                1
            }
        };
        let frames = self.kept.len() / kept;
        let frames = frames.saturating_sub((end_trim * f64::from(rate)).round() as usize);
        self.kept.truncate(frames * kept);
        self.lay(rate, kept, start)
    }

    fn realign(&mut self) {
        if let Some(path) = &mut self.path {
            path.timeline.realign();
        }
    }

    fn lay(&mut self, rate: u32, channels: usize, start: f64) -> AfterPacket {
        let path = match self.path.take() {
            Some(path) => path,
            None => {
                if let Err(count) = self.out.prepare(self.channels, channels) {
                    return AfterPacket::Last(Report::Unsplittable(count));
                }
                match ResampledLine::new(rate, channels) {
                    Ok(path) => path,
                    Err(why) => return AfterPacket::trouble(why),
                }
            }
        };
        let path = self.path.insert(path);
        if path.timeline.rate() != rate || path.resamplers.len() != channels {
            return AfterPacket::trouble(CHANGES);
        }
        let reached = path.timeline.len() as f64 / f64::from(rate);
        if !self.skipped && start - reached > LONGEST_GAP {
            return AfterPacket::trouble("ein Zeitstempel springt um Stunden");
        }
        match path.lay(&self.kept, start, &mut self.out) {
            Err(why) => AfterPacket::trouble(why),
            Ok(gap) => {
                if !std::mem::take(&mut self.skipped) && gap.start > 0 {
                    self.out.missing(gap, rate);
                }
                AfterPacket::Next
            }
        }
    }

    /// Whether what is left of the file is not public.
    fn has_all_that_is_public(&self) -> bool {
        let Some(ResampledLine { timeline, .. }) = &self.path else { return false };
        let heard = timeline.len() as f64 / f64::from(timeline.rate());
        self.mask.last_public_time().is_some_and(|end| heard >= end.as_secs_f64())
    }

    /// Why the file seems to end before its time, if it does.
    fn too_short(&self, demuxed: &Demuxed) -> Option<String> {
        let Some(ResampledLine { timeline, .. }) = &self.path else {
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
        if let Some(path) = &mut self.path
            && complete
        {
            for (resampler, plane) in path.resamplers.iter_mut().zip(&mut self.out.planes) {
                resampler.finish(plane)?;
            }
        }
        let end = demuxed.placement.end.map(|end| (end * f64::from(SAMPLE_RATE)).round() as u64);
        self.out.finish(end);
        Ok(())
    }
}

/// From the decoder's rate to 16 kHz, on the time line.
struct ResampledLine {
    timeline: Timeline,
    /// One a channel.
    resamplers: Vec<Resampler>,
    /// One channel of what the time line gives.
    lane: Vec<f32>,
}

impl ResampledLine {
    fn new(rate: u32, channels: usize) -> Result<Self, String> {
        let resamplers = (0..channels).map(|_| Resampler::new(rate)).collect::<Result<_, _>>()?;
        Ok(Self { timeline: Timeline::new(rate, channels), resamplers, lane: Vec::new() })
    }

    /// Places interleaved samples at `start` seconds; gives the samples of silence before them.
    fn lay(&mut self, samples: &[f32], start: f64, out: &mut Outlet) -> Result<Range<u64>, String> {
        let Self { timeline, resamplers, lane } = self;
        let channels = resamplers.len();
        let mut failed = None;
        let first = (start * f64::from(timeline.rate())).round() as i64;
        let placed = timeline.place(first, samples, &mut |samples| {
            if !out.open || failed.is_some() {
                return;
            }
            for (channel, resampler) in resamplers.iter_mut().enumerate() {
                let samples = if channels == 1 {
                    samples
                } else {
                    lane.clear();
                    lane.extend(samples.iter().skip(channel).step_by(channels));
                    &*lane
                };
                failed = resampler.push(samples, &mut out.planes[channel]).err().or(failed.take());
            }
            out.flush(BLOCK);
        });
        match (placed, failed) {
            (Err(_), _) => Err("Dauer und Abtastrate widersprechen sich".to_owned()),
            (_, Some(why)) => Err(why),
            (Ok(gap), None) => Ok(gap),
        }
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

/// The average of all channels.
fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    mono.clear();
    let share = 1.0 / channels as f32;
    let frames = interleaved.chunks_exact(channels);
    mono.extend(frames.map(|frame| sane(frame.iter().sum::<f32>() * share)));
}

/// Half the sum of two channels and half their difference, side by side.
fn sum_and_difference(interleaved: &[f32], kept: &mut Vec<f32>) {
    kept.clear();
    let frames = interleaved.as_chunks::<2>().0.iter();
    kept.extend(frames.flat_map(|[l, r]| [sane((l + r) * 0.5), sane((l - r) * 0.5)]));
}

/// All channels as they are.
fn keep_apart(interleaved: &[f32], kept: &mut Vec<f32>) {
    kept.clear();
    kept.extend(interleaved.iter().copied().map(sane));
}
