//! Reads of an MP4 what symphonia throws away: edit lists, handlers, encryption. Owns a bounded
//! walk over the boxes; refuses to touch samples.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::info::LATEST_START;

/// Boxes are nested six deep on the way to what is read here.
const MAX_DEPTH: u32 = 8;
/// A damaged file may claim any number of boxes.
const MAX_BOXES: u32 = 100_000;

/// What the header says about tracks and their place in time.
#[derive(Debug, Default)]
pub(super) struct Mp4 {
    /// Ticks per second of the movie's clock, in which edits are measured.
    movie_timescale: u32,
    /// Whether samples come in movie fragments.
    pub(super) fragmented: bool,
    /// Whether iTunes' own note on encoder priming is there (`iTunSMPB`).
    itunes_priming: bool,
    /// In file order.
    pub(super) tracks: Vec<Mp4Track>,
}

/// One track.
#[derive(Debug, Default)]
pub(super) struct Mp4Track {
    pub(super) id: u32,
    handler: [u8; 4],
    sample_entry: [u8; 4],
    /// ISO 639-2, or BCP 47 where the longer form is there too.
    pub(super) language: Option<String>,
    edits: Vec<Edit>,
}

/// One entry of an edit list (ISO/IEC 14496-12, 8.6.6).
#[derive(Clone, Copy, Debug)]
struct Edit {
    /// Length in the movie's ticks.
    length: u64,
    /// First media tick shown; −1 shows nothing for `length`.
    media_time: i64,
    /// 1.0 as 16.16 fixed point is normal speed.
    rate: i32,
}

/// Where a track's sound lies on the recording's time line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Placement {
    /// Media ticks before the first sound that is to be heard (encoder priming).
    pub(super) skip: i64,
    /// Seconds of nothing before it.
    pub(super) delay: f64,
    /// Seconds at which the presentation ends, where the edit list says so.
    pub(super) end: Option<f64>,
}

impl Mp4Track {
    pub(super) fn is_audio(&self) -> bool {
        &self.handler == b"soun"
    }

    pub(super) fn is_video(&self) -> bool {
        &self.handler == b"vide"
    }

    /// Common encryption replaces the sample entry's name (ISO/IEC 23001-7).
    pub(super) fn is_encrypted(&self) -> bool {
        &self.sample_entry == b"enca"
    }
}

impl Mp4 {
    /// Reads the header, or `None` where this is no MP4 file at all.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut file = BufReader::new(File::open(path)?);
        let length = file.seek(SeekFrom::End(0))?;
        let mut start = [0; 8];
        file.rewind()?;
        if file.read_exact(&mut start).is_err() || !is_first_box(&start[4..]) {
            return Ok(None);
        }
        let mut walk = Walk { file, mp4: Self::default(), boxes: 0 };
        match walk.children(0, length, 0) {
            Err(e) if e.kind() != io::ErrorKind::UnexpectedEof => Err(e),
            _ => Ok(Some(walk.mp4)),
        }
    }

    /// Where the track's sound lies, counted as browsers do: from zero, also where no track starts
    /// there (but see [`LATEST_START`]). `None` where an edit list does more than shift and cut.
    pub(super) fn placement(&self, track: &Mp4Track) -> Option<Placement> {
        let own = self.own_placement(track)?;
        let mut earliest = own.delay;
        for other in self.tracks.iter().filter(|t| t.is_audio() || t.is_video()) {
            earliest = earliest.min(self.own_placement(other)?.delay);
        }
        let zero = if earliest > LATEST_START { earliest } else { 0.0 };
        let end = own.end.map(|end| end - zero);
        Some(Placement { delay: own.delay - zero, end, ..own })
    }

    /// Whether priming is noted in Apple's old way, without an edit list.
    pub(super) fn has_only_itunes_priming(&self) -> bool {
        self.itunes_priming && self.tracks.iter().all(|t| t.edits.is_empty())
    }

    fn own_placement(&self, track: &Mp4Track) -> Option<Placement> {
        let clock = f64::from(self.movie_timescale.max(1));
        let empty = track.edits.iter().take_while(|e| e.media_time < 0).count();
        let delay = track.edits[..empty].iter().map(|e| e.length as f64 / clock).sum();
        match track.edits[empty..] {
            [] if empty == 0 => Some(Placement::default()),
            [Edit { length, media_time, rate: 0x1_0000 }] => Some(Placement {
                skip: media_time,
                delay,
                end: (length > 0).then(|| delay + length as f64 / clock),
            }),
            _ => None,
        }
    }
}

fn is_first_box(name: &[u8]) -> bool {
    [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"].iter().any(|n| &n[..] == name)
}

/// Three letters of five bits each (ISO/IEC 14496-12, 8.4.2); below that lie Apple's own codes.
fn unpack(packed: u16) -> Option<String> {
    let letters = [10, 5, 0].map(|shift| ((packed >> shift & 0x1F) as u8 + 0x60) as char);
    let is_code = packed >= 0x400 && letters.iter().all(char::is_ascii_lowercase);
    is_code.then(|| letters.iter().collect())
}

struct Walk {
    file: BufReader<File>,
    mp4: Mp4,
    boxes: u32,
}

impl Walk {
    fn children(&mut self, mut at: u64, end: u64, depth: u32) -> io::Result<()> {
        while at.saturating_add(8) <= end && depth < MAX_DEPTH && self.boxes < MAX_BOXES {
            self.boxes += 1;
            self.file.seek(SeekFrom::Start(at))?;
            let short = self.u32()?;
            let name = self.name()?;
            let (head, size) = match short {
                0 => (8, end - at),
                1 => (16, self.u64()?),
                n => (8, u64::from(n)),
            };
            if size < head {
                return Ok(());
            }
            let next = at.saturating_add(size);
            self.one(name, at + head, next.min(end), depth)?;
            at = next;
        }
        Ok(())
    }

    fn one(&mut self, name: [u8; 4], at: u64, end: u64, depth: u32) -> io::Result<()> {
        match &name {
            b"moov" | b"edts" | b"mdia" | b"minf" | b"stbl" | b"udta" | b"ilst" => {
                self.children(at, end, depth + 1)
            }
            b"meta" => self.children(at + 4, end, depth + 1),
            b"----" => {
                let mut note = Vec::new();
                self.file.by_ref().take((end - at).min(200)).read_to_end(&mut note)?;
                self.mp4.itunes_priming |= note.windows(8).any(|w| w == b"iTunSMPB");
                Ok(())
            }
            b"trak" => {
                self.mp4.tracks.push(Mp4Track::default());
                self.children(at, end, depth + 1)
            }
            b"mvex" => {
                self.mp4.fragmented = true;
                Ok(())
            }
            b"mvhd" => {
                let wide = self.full_box_is_wide()?;
                self.skip(if wide { 16 } else { 8 })?;
                self.mp4.movie_timescale = self.u32()?;
                Ok(())
            }
            b"tkhd" | b"mdhd" | b"elng" | b"hdlr" | b"stsd" | b"elst" => self.of_track(name, end),
            _ => Ok(()),
        }
    }

    fn of_track(&mut self, name: [u8; 4], end: u64) -> io::Result<()> {
        let wide = self.full_box_is_wide()?;
        match &name {
            b"tkhd" => {
                self.skip(if wide { 16 } else { 8 })?;
                let id = self.u32()?;
                self.track(|t| t.id = id);
            }
            b"mdhd" => {
                self.skip(if wide { 28 } else { 16 })?;
                let packed = (self.u32()? >> 16) as u16;
                self.track(|t| {
                    if t.language.is_none() {
                        t.language = unpack(packed)
                    }
                });
            }
            b"elng" => {
                let at = self.file.stream_position()?;
                let mut text = Vec::new();
                self.file.by_ref().take(end.saturating_sub(at).min(36)).read_to_end(&mut text)?;
                let text = text.split(|b| *b == 0).next().unwrap_or_default();
                let text = std::str::from_utf8(text).ok().filter(|t| t.is_ascii());
                self.track(|t| t.language = text.map(str::to_owned).or(t.language.take()));
            }
            b"hdlr" => {
                self.skip(4)?;
                let handler = self.name()?;
                // QuickTime has a second one (of the data), inside `minf`.
                self.track(|t| {
                    if t.handler == [0; 4] {
                        t.handler = handler
                    }
                });
            }
            b"stsd" => {
                self.skip(8)?;
                let entry = self.name()?;
                self.track(|t| t.sample_entry = entry);
            }
            _ => self.edits(wide)?,
        }
        Ok(())
    }

    fn edits(&mut self, wide: bool) -> io::Result<()> {
        let count = self.u32()?.min(10_000);
        for _ in 0..count {
            let (length, media_time) = if wide {
                (self.u64()?, self.u64()? as i64)
            } else {
                (u64::from(self.u32()?), i64::from(self.u32()? as i32))
            };
            let rate = self.u32()? as i32;
            self.track(|t| t.edits.push(Edit { length, media_time, rate }));
        }
        Ok(())
    }

    fn track(&mut self, change: impl FnOnce(&mut Mp4Track)) {
        if let Some(track) = self.mp4.tracks.last_mut() {
            change(track);
        }
    }

    /// Version 1 of a box has 64-bit times.
    fn full_box_is_wide(&mut self) -> io::Result<bool> {
        Ok(self.u32()? >> 24 == 1)
    }

    fn skip(&mut self, bytes: i64) -> io::Result<()> {
        self.file.seek_relative(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.name().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        Ok(u64::from(self.u32()?) << 32 | u64::from(self.u32()?))
    }

    fn name(&mut self) -> io::Result<[u8; 4]> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
