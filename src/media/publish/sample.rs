//! A short stretch of one track or one channel of a recording, to be heard before one is chosen, and which
//! tracks there are. Refuses to be exact in time: it is for ears, nothing is made of it.

use std::path::Path;

use super::confined;
use crate::domain::{Error, MediaTime, RecordingSound, Result, SampleWish, SoundTrack};
use crate::media::info::{SAMPLE_RATE, check_file, name};
use crate::media::protocol::ResourceLimits;
use crate::media::{Decoder, ffprobe, stream};

/// Length of a sample in seconds.
const SECONDS: u64 = 20;

/// The tracks of a recording with their channels. Length and picture are as [`crate::media::probe`] says.
///
/// # Errors
/// As of [`crate::media::probe`].
pub fn sound_of(source: &Path, decoder: &Decoder) -> Result<RecordingSound> {
    let info = stream::probe(source, decoder)?;
    let channels = channels(source)?;
    let tracks = info.tracks.into_iter().enumerate().map(|(index, track)| SoundTrack {
        channels: channels.get(index).copied().unwrap_or_default(),
        number: track.number,
        language: track.language,
    });
    Ok(RecordingSound {
        tracks: tracks.collect(),
        duration: info.duration,
        has_video: info.has_video,
    })
}

/// The number of channels of each track; none where ffmpeg is missing.
fn channels(source: &Path) -> Result<Vec<u32>> {
    let limits = ResourceLimits::of_decoding(source);
    let Ok(ended) = confined::run(ffprobe::asking(source), &limits, None, drop) else {
        return Ok(Vec::new());
    };
    let probed = ffprobe::answer(source, &ended.output, &ended.said)?;
    Ok(probed.sounds().map(|track| track.channels.unwrap_or_default()).collect())
}

/// Twenty seconds of it as a WAV file, 16 kHz mono.
///
/// # Errors
/// `Failed` where ffmpeg is missing; `BadInput` where nothing can be heard there.
pub fn sample(source: &Path, wish: SampleWish) -> Result<Vec<u8>> {
    check_file(source)?;
    let silent = |why: &str| {
        Error::bad_input(format!("{}: Hier ist nichts zu hören ({why})", name(source)))
            .remedy("Wählen Sie eine andere Stelle, Spur oder einen anderen Kanal")
    };
    let track = wish.track.saturating_sub(1);
    let mut command = ffprobe::command("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-threads", "1"]);
    command.args(["-ss", &format!("{:.3}", wish.from.as_secs_f64())]).args(ffprobe::input(source));
    command.args(["-t", &SECONDS.to_string(), "-vn", "-sn", "-dn"]);
    command.args(["-map", &format!("0:a:{track}")]);
    match wish.channel {
        Some(channel) => {
            let index = channel.saturating_sub(1);
            command.args(["-af", &format!("pan=mono|c0=c{index}")]);
        }
        None => drop(command.args(["-ac", "1"])),
    }
    command.args(["-ar", &SAMPLE_RATE.to_string(), "-f", "s16le", "-"]);
    let limits = ResourceLimits::of_copying(source, MediaTime::from_millis(SECONDS * 1000));
    let ended = confined::run(command, &limits, None, drop)
        .map_err(|e| ffprobe::missing("ffmpeg", source, e))?;
    if !ended.is_success() {
        return Err(silent(&ended.reason()));
    }
    if ended.output.len() < 2 {
        return Err(silent("hinter dem Ende"));
    }
    Ok(wav(&ended.output))
}

/// Sound of 16 bits a sample as a WAV file.
fn wav(sound: &[u8]) -> Vec<u8> {
    // Twenty seconds are far below 4 GB.
    let length = sound.len() as u32;
    let mut file = Vec::with_capacity(44 + sound.len());
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend((SAMPLE_RATE * 2).to_le_bytes());
    file.extend(2u16.to_le_bytes());
    file.extend(16u16.to_le_bytes());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(sound);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaTime, SampleWish};

    /// Two tracks; in the second, the left channel alone has sound.
    #[test]
    fn each_channel_of_each_track_is_heard_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("zwei.mkv");
        let made = std::process::Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=30"])
            .args(["-f", "lavfi", "-i", "aevalsrc=0.5*sin(880*t)|0:s=16000:d=30"])
            .args(["-map", "0:a", "-map", "1:a", "-c:a", "flac"])
            .arg(&file)
            .status();
        if !made.is_ok_and(|made| made.success()) {
            return crate::shared::skipped("no ffmpeg");
        }
        let sound = sound_of(&file, &Decoder::Here).unwrap();
        let channels: Vec<_> = sound.tracks.iter().map(|t| (t.number, t.channels)).collect();
        assert_eq!(channels, [(1, 1), (2, 2)]);
        let loud = |track, channel| {
            let from = MediaTime::from_millis(2_000);
            let file = sample(&file, SampleWish { track, channel, from }).unwrap();
            assert_eq!(&file[..4], b"RIFF");
            assert_eq!(file.len(), 44 + 20 * 16_000 * 2);
            file[44..].chunks_exact(2).any(|s| i16::from_le_bytes([s[0], s[1]]).abs() > 1_000)
        };
        assert!(!loud(1, None) && loud(2, Some(1)) && !loud(2, Some(2)) && loud(2, None));
        let beyond = MediaTime::from_millis(60_000);
        assert!(sample(&file, SampleWish { track: 1, channel: None, from: beyond }).is_err());
    }
}
