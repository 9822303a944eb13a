//! Opens a file with symphonia: finds the audio track, its decoder and its place in time. Owns
//! what symphonia lacks (edit lists, a limit on endless reading); refuses to decode.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known as codec,
};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{
    FormatOptions, FormatReader, Track, TrackType, well_known as format,
};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::TimeBase;

use super::ffprobe;
use super::info::{AudioTrack, LATEST_START, MediaInfo, numbered, pick};
use super::lengths::{self, TrueLength};
use super::mp4::{Mp4, Placement};
use crate::domain::{MediaTime, Track as Wanted};

/// An audio track of an opened file.
pub(super) struct Demuxed {
    pub(super) reader: Box<dyn FormatReader>,
    pub(super) params: AudioCodecParameters,
    pub(super) track: u32,
    pub(super) clock: TimeBase,
    pub(super) placement: Placement,
    pub(super) info: MediaInfo,
    /// A first packet later than this, in seconds, is for ffmpeg: it knows where the others start.
    pub(super) latest: f64,
    /// The file's path where it is FLAC as such, which may change its form unseen.
    pub(super) flac: Option<PathBuf>,
    /// The duration where it is a promise about this track, not an estimate, not another's.
    pub(super) promised: Option<MediaTime>,
}

/// Why symphonia is not the one to read a file.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody can read it: the German reason.
    Final(String),
    /// The file has no track as wanted, but these.
    NoTrack(Vec<AudioTrack>),
    /// ffmpeg may be able to: symphonia's reason.
    TryFfmpeg(String),
}

impl Refusal {
    fn other(e: impl std::fmt::Display) -> Self {
        Self::TryFfmpeg(e.to_string())
    }
}

/// Opens `path` and picks the wanted audio track.
pub(super) fn open(path: &Path, wanted: &Wanted) -> Result<Demuxed, Refusal> {
    let mp4 = Mp4::read(path).map_err(Refusal::other)?;
    if mp4.as_ref().is_some_and(|m| m.tracks.iter().any(|t| t.is_encrypted())) {
        return Err(Refusal::Final("die Tonspur ist verschlüsselt (Kopierschutz)".to_owned()));
    }
    if mp4.as_ref().is_some_and(|m| m.fragmented) {
        // symphonia counts durations and ignores the fragments' times (`tfdt`).
        return Err(Refusal::TryFfmpeg("fragmentiertes MP4".to_owned()));
    }
    if mp4.as_ref().is_some_and(|m| m.has_only_itunes_priming()) {
        return Err(Refusal::TryFfmpeg("Vorlauf nach Art von iTunes".to_owned()));
    }
    let length = lengths::check(path).map_err(Refusal::other)?;
    if mp4.is_none() && length.is_none() && !starts_like_ours(path).map_err(Refusal::other)? {
        return Err(Refusal::TryFfmpeg("kein Format von symphonia".to_owned()));
    }
    let container = length.as_ref().map(|l| l.container);
    let source = BoundedFile::open(path, length).map_err(Refusal::other)?;
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let reader = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(Refusal::other)?;
    let tracks = tracks(reader.as_ref(), mp4.as_ref())?;
    if tracks.is_empty() {
        return Err(Refusal::TryFfmpeg("keine bekannte Tonspur".to_owned()));
    }
    let index = pick(&tracks, wanted).ok_or_else(|| Refusal::NoTrack(tracks.clone()))?;
    let (track, placement) = choose(reader.as_ref(), mp4.as_ref(), index)?;
    let Some(CodecParameters::Audio(params)) = track.codec_params.clone() else {
        return Err(Refusal::TryFfmpeg("unbekannter Codec".to_owned()));
    };
    if let Some(rate) = has_hidden_sbr(path, wanted, &params) {
        return Err(Refusal::TryFfmpeg(format!("HE-AAC mit {rate} Hz")));
    }
    let clock =
        (track.time_base).ok_or_else(|| Refusal::TryFfmpeg("Tonspur ohne Zeitbasis".to_owned()))?;
    let (duration, is_promise) = duration(reader.as_ref(), track, clock, placement);
    let promised = duration.filter(|_| is_promise && !is_placeholder(track, &params));
    let info = MediaInfo {
        container: container.unwrap_or(reader.format_info().short_name).to_owned(),
        codec: codec_name(&params),
        sample_rate: params.sample_rate.unwrap_or(0),
        channels: params.channels.as_ref().map_or(0, |c| c.count() as u32),
        duration,
        tracks,
        has_video: mp4.as_ref().is_some_and(|m| m.tracks.iter().any(|t| t.is_video()))
            || reader.tracks().iter().any(|t| t.track_type() == Some(TrackType::Video)),
    };
    let track = track.id;
    let format = reader.format_info().format;
    let is_players = [format::FORMAT_ID_ISOMP4, format::FORMAT_ID_MKV].contains(&format);
    let latest = if is_players { LATEST_START } else { LATE };
    let flac = (format == format::FORMAT_ID_FLAC).then(|| path.to_owned());
    Ok(Demuxed { reader, params, track, clock, placement, info, latest, flac, promised })
}

/// Seconds after zero at which the first packet may start where players count from the first.
const LATE: f64 = 0.1;

/// The true sample rate of AAC that is HE-AAC without its header saying so in a way symphonia sees.
/// symphonia would decode the half below, and 962 samples (20 ms at 48 kHz) before their time,
/// which is what replicating the other half takes in every decoder (ISO/IEC 14496-3, 4.6.18).
/// Only ffprobe looks into the packets for it; without ffprobe the file counts as plain AAC.
fn has_hidden_sbr(path: &Path, wanted: &Wanted, params: &AudioCodecParameters) -> Option<u32> {
    if params.codec != codec::CODEC_ID_AAC {
        return None;
    }
    let core = params.extra_data.as_deref().and_then(core_rate).or(params.sample_rate);
    let core = core.filter(|rate| *rate <= FASTEST_CORE)?;
    let seen = ffprobe::probe(path, wanted).ok()?;
    Some(seen.info.sample_rate).filter(|seen| *seen > core)
}

/// The sample rate in an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); what containers say beside
/// it may be the rate after replication.
fn core_rate(config: &[u8]) -> Option<u32> {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8_000, 7_350,
    ];
    let [first, second, ..] = config else { return None };
    RATES.get(usize::from((first & 7) << 1 | second >> 7)).copied()
}

/// Samples per second: the core of HE-AAC runs at half of at most 48 kHz.
const FASTEST_CORE: u32 = 24_000;

/// Whether a file that is no MP4 starts like one of symphonia's formats. Its probe would go on
/// to search for MPEG sound inside other containers, and find some.
fn starts_like_ours(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut start)?;
    let is = |at: usize, magic: &[u8]| start.get(at..).is_some_and(|s| s.starts_with(magic));
    let mpeg_sync = start.len() > 1 && start[0] == 0xFF && start[1] & 0xE0 == 0xE0;
    Ok(mpeg_sync
        || [&b"fLaC"[..], b"OggS", b"ID3", b"caff", b"\x1A\x45\xDF\xA3"].iter().any(|m| is(0, m))
        || is(0, b"RIFF") && is(8, b"WAVE")
        || is(0, b"FORM") && is(8, b"AIF"))
}

/// A decoder for the track, if symphonia has one.
pub(super) fn decoder(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, String> {
    let mut registry = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut registry);
    registry.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    let mut params = params.clone();
    if params.codec == codec::CODEC_ID_OPUS {
        // The adapter would trim the pre-skip a second time, after the demuxer's timestamps.
        params.extra_data = None;
    }
    // Priming lies before time zero (or the edit list's start) and is dropped by the time line.
    let options = AudioDecoderOptions::default().gapless(false);
    registry.make_audio_decoder(&params, &options).map_err(|e| e.to_string())
}

/// Milliseconds of packets a decoder must see before its sound is right: MP3's bit reservoir,
/// Opus' 80 ms (RFC 7845, 4.6), the overlap of AAC and Vorbis.
pub(super) fn preroll_ms(params: &AudioCodecParameters) -> u64 {
    match params.codec {
        codec::CODEC_ID_MP1 | codec::CODEC_ID_MP2 | codec::CODEC_ID_MP3 => 300,
        codec::CODEC_ID_AAC | codec::CODEC_ID_OPUS | codec::CODEC_ID_VORBIS => 100,
        _ => 0,
    }
}

/// The audio tracks, numbered as `-map 0:a:N` of ffmpeg does.
fn tracks(reader: &dyn FormatReader, mp4: Option<&Mp4>) -> Result<Vec<AudioTrack>, Refusal> {
    if let Some(mp4) = mp4 {
        let audio = mp4.tracks.iter().filter(|t| t.is_audio());
        return Ok(numbered(audio.map(|t| t.language.clone())));
    }
    // A track without a type may be sound of a kind that symphonia does not know.
    if reader.tracks().iter().any(|t| t.track_type().is_none()) {
        return Err(Refusal::TryFfmpeg("Spur unbekannter Art".to_owned()));
    }
    let audio = reader.tracks().iter().filter(|t| t.track_type() == Some(TrackType::Audio));
    Ok(numbered(audio.map(|t| t.language.clone())))
}

/// The audio track of that index, and where it lies in time.
fn choose<'r>(
    reader: &'r dyn FormatReader,
    mp4: Option<&Mp4>,
    index: usize,
) -> Result<(&'r Track, Placement), Refusal> {
    let Some(mp4) = mp4 else {
        let mut known = reader.tracks().iter().filter(|t| t.track_type() == Some(TrackType::Audio));
        let track =
            known.nth(index).ok_or_else(|| Refusal::TryFfmpeg("keine bekannte Tonspur".into()))?;
        return Ok((track, Placement { skip: pre_skip(reader, track), ..Placement::default() }));
    };
    let of_header = (mp4.tracks.iter().filter(|t| t.is_audio()).nth(index))
        .ok_or_else(|| Refusal::TryFfmpeg("keine Tonspur".to_owned()))?;
    let placement = mp4
        .placement(of_header)
        .ok_or_else(|| Refusal::TryFfmpeg("Schnittliste mit mehreren Schnitten".to_owned()))?;
    let track = (reader.tracks().iter().find(|t| t.id == of_header.id))
        .ok_or_else(|| Refusal::TryFfmpeg("Tonspur ohne Beschreibung".to_owned()))?;
    Ok((track, placement))
}

/// In Ogg, Opus' time includes the pre-skip (RFC 7845, 4.3), which symphonia does not subtract;
/// for Matroska it does.
fn pre_skip(reader: &dyn FormatReader, track: &Track) -> i64 {
    let is_opus = matches!(&track.codec_params,
        Some(CodecParameters::Audio(p)) if p.codec == codec::CODEC_ID_OPUS);
    let is_ogg = reader.format_info().format == format::FORMAT_ID_OGG;
    if is_opus && is_ogg { track.delay.map_or(0, i64::from) } else { 0 }
}

/// How long the sound is by the header, and whether that is said of this very track.
fn duration(
    reader: &dyn FormatReader,
    track: &Track,
    clock: TimeBase,
    placement: Placement,
) -> (Option<MediaTime>, bool) {
    let media = reader.media_info();
    let whole = (media.time_base.zip(media.duration))
        .and_then(|(clock, d)| clock.calc_duration(d))
        .map(|t| t.as_secs_f64())
        .filter(|secs| *secs > 0.0);
    let own = (track.duration)
        .and_then(|d| clock.calc_duration(d))
        .map(|t| t.as_secs_f64())
        .filter(|secs| *secs > 0.0);
    let skip = seconds(clock, placement.skip);
    let own = own.map(|secs| {
        let end = placement.delay + (secs - skip).max(0.0);
        placement.end.map_or(end, |cut| cut.min(end))
    });
    let format = reader.format_info().format;
    // ADTS and MPEG audio without a header only estimate their length.
    let exact = own.is_some()
        && [
            format::FORMAT_ID_ISOMP4,
            format::FORMAT_ID_WAVE,
            format::FORMAT_ID_FLAC,
            format::FORMAT_ID_AIFF,
            format::FORMAT_ID_CAF,
        ]
        .contains(&format);
    (own.or(whole).map(MediaTime::from_secs_f64), exact)
}

/// WAV written to a pipe carries the largest possible length instead of its own.
fn is_placeholder(track: &Track, params: &AudioCodecParameters) -> bool {
    let channels = params.channels.as_ref().map_or(1, |c| c.count() as u64);
    let sample = params.bits_per_sample.map_or(2, |bits| u64::from(bits.div_ceil(8)));
    let bytes = track.num_frames.unwrap_or(0).saturating_mul(channels * sample);
    [0x7FFF_0000..=0x8000_0000, 0xFFFF_0000..=0x1_0000_0000].iter().any(|r| r.contains(&bytes))
}

/// Ticks of a track's clock as seconds.
pub(super) fn seconds(clock: TimeBase, ticks: i64) -> f64 {
    ticks as f64 * f64::from(clock.numer.get()) / f64::from(clock.denom.get())
}

fn codec_name(params: &AudioCodecParameters) -> String {
    let registered = symphonia::default::get_codecs().get_audio_decoder(params.codec);
    match registered {
        Some(decoder) => decoder.codec.info.short_name.to_owned(),
        None if params.codec == codec::CODEC_ID_OPUS => "opus".to_owned(),
        None => params.codec.to_string(),
    }
}

/// A file that ends an endless loop: a damaged file can make a demuxer read the same place, or
/// behind the end, for ever.
struct BoundedFile {
    file: File,
    /// Stands for what the file has before `start`.
    header: Vec<u8>,
    start: u64,
    /// Of what is shown, with the header.
    length: u64,
    /// In what is shown.
    position: u64,
    budget: u64,
}

impl BoundedFile {
    fn open(path: &Path, length: Option<TrueLength>) -> io::Result<Self> {
        let file = File::open(path)?;
        let whole = file.metadata()?.len();
        let (header, start, end) =
            length.map_or((Vec::new(), 0, whole), |l| (l.header, l.start, l.end.min(whole)));
        let length = header.len() as u64 + end.saturating_sub(start);
        // Probing, indexes and metadata at the end are read twice or thrice; nothing is oftener.
        let budget = length.saturating_mul(4).saturating_add(64 << 20);
        Ok(Self { file, header, start, length, position: 0, budget })
    }

    fn spend(&mut self, bytes: u64) -> io::Result<()> {
        self.budget = (self.budget.checked_sub(bytes))
            .ok_or_else(|| io::Error::other("Lesen ohne Fortschritt"))?;
        Ok(())
    }
}

/// A read or a seek costs at least this much, so that empty ones come to an end as well.
const LEAST_COST: u64 = 256;

impl Read for BoundedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let header = self.header.get(self.position as usize..).unwrap_or_default();
        let left = self.length.saturating_sub(self.position).min(buffer.len() as u64) as usize;
        let n = if header.is_empty() {
            self.file.read(&mut buffer[..left])?
        } else {
            let n = header.len().min(left);
            buffer[..n].copy_from_slice(&header[..n]);
            n
        };
        self.spend((n as u64).max(LEAST_COST))?;
        self.position += n as u64;
        if !self.header.is_empty() && self.position == self.header.len() as u64 {
            self.file.seek(SeekFrom::Start(self.start))?;
        }
        Ok(n)
    }
}

impl Seek for BoundedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.spend(LEAST_COST)?;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = at.ok_or(io::ErrorKind::InvalidInput)?;
        let behind = self.position.saturating_sub(self.header.len() as u64);
        self.file.seek(SeekFrom::Start(self.start.saturating_add(behind)))?;
        Ok(self.position)
    }
}

impl MediaSource for BoundedFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}
