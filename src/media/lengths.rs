//! Checks the lengths in the headers of WAV, RF64, W64, AIFF and CAF against the file: recorders
//! leave them at zero when they lose power, and 32 bits overflow at 4 GiB. Owns where the sound
//! ends then, and a header that says so; refuses to touch files whose header can be true.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Chunks are a few; a damaged file may claim any number.
const MOST_CHUNKS: usize = 1_000;

/// Headers longer than this are none.
const LONGEST_HEADER: u64 = 1 << 20;

/// Bytes at the end of a file in which chunks behind the sound are looked for.
const TAIL: u64 = 1 << 20;

/// Chunks that recorders write behind the sound.
const BEHIND: [&[u8; 4]; 20] = [
    b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"axml", b"cue ", b"smpl", b"JUNK", b"PAD ",
    b"fact", b"_PMX", b"afsp", b"DISP", b"umid", b"minf", b"elm1", b"regn", b"LGWV", b"MARK",
];

/// Tags of other kinds behind the sound.
const TAGS: [&[u8]; 3] = [b"ID3", b"TAG", b"APETAGEX"];

/// A file whose header is replaced by one with the true length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrueLength {
    /// The container, for people.
    pub(super) container: &'static str,
    /// Stands before the sound.
    pub(super) header: Vec<u8>,
    /// The first byte of the sound in the file.
    pub(super) start: u64,
    /// The byte behind its last.
    pub(super) end: u64,
}

/// What a header says of sound that is not compressed, or of blocks.
#[derive(Clone, Debug)]
struct PcmForm {
    channels: u32,
    rate: f64,
    /// Bytes of a sample of every channel, or of a block.
    block: u64,
    /// Bytes a second.
    bytes_per_second: u64,
    bits: u32,
    sample: Sample,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sample {
    Integer(Order),
    Float(Order),
    /// What only a header of WAV describes.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// Looks for a length that cannot be true; `None` where there is none, or this is another format.
///
/// # Errors
/// Those of reading the file.
pub(super) fn check(path: &Path) -> io::Result<Option<TrueLength>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut start = [0; 40];
    let known = file.read(&mut start)?;
    let is = |at: usize, magic: &[u8]| known >= 40 && start[at..].starts_with(magic);
    let mut chunks = Chunks { file, length };
    let found = if (is(0, b"RIFF") || is(0, b"RF64") || is(0, b"BW64")) && is(8, b"WAVE") {
        chunks.wav()
    } else if is(0, &W64_RIFF) && is(24, &w64(b"wave")) {
        chunks.w64()
    } else if is(0, b"FORM") && (is(8, b"AIFF") || is(8, b"AIFC")) {
        chunks.aiff(is(8, b"AIFC"))
    } else if is(0, b"caff") {
        chunks.caf()
    } else {
        return Ok(None);
    };
    match found {
        // A header that ends early is a matter of whoever reads the file.
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        found => found,
    }
}

/// The first chunk of Sony's Wave64.
const W64_RIFF: [u8; 16] = *b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";

/// The others are called like this.
fn w64(name: &[u8; 4]) -> [u8; 16] {
    let mut id = *b"....\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
    id[..4].copy_from_slice(name);
    id
}

struct Chunks {
    file: File,
    length: u64,
}

/// How sizes of chunks are written.
#[derive(Clone, Copy)]
enum ChunkSizes {
    Little32,
    Big32,
    Big64,
}

impl ChunkSizes {
    /// Bytes of a chunk's head.
    fn head(self) -> u64 {
        match self {
            Self::Little32 | Self::Big32 => 8,
            Self::Big64 => 12,
        }
    }

    /// Where the chunk behind one at `at` starts: all but those of CAF are padded.
    fn next(self, at: u64, size: u64) -> u64 {
        let padding = match self {
            Self::Big64 => 0,
            _ => size & 1,
        };
        at.saturating_add(self.head()).saturating_add(size).saturating_add(padding)
    }
}

impl Chunks {
    fn wav(&mut self) -> io::Result<Option<TrueLength>> {
        let (mut at, mut form, mut wide) = (12, None, None);
        for _ in 0..MOST_CHUNKS {
            let (name, size) = self.head(at, ChunkSizes::Little32)?;
            match &name {
                b"ds64" => wide = Some(little(&self.bytes(at + 16, 8)?)),
                b"fmt " => form = Some(self.bytes(at + 8, size.min(64) as usize)?),
                b"data" => {
                    let Some(bytes) = form else { return Ok(None) };
                    let Some(form) = form_of_wav(&bytes) else { return Ok(None) };
                    let size = wide.filter(|_| size == u64::from(u32::MAX)).unwrap_or(size);
                    return self.judge(at + 8, size, &form, ChunkSizes::Little32, |data| {
                        Some(("wave", header(&form, Some(&bytes), data)?))
                    });
                }
                _ => {}
            }
            at = ChunkSizes::Little32.next(at, size);
        }
        Ok(None)
    }

    /// Heads of 24 bytes, which count themselves, at multiples of eight.
    fn w64(&mut self) -> io::Result<Option<TrueLength>> {
        let (mut at, mut form) = (40u64, None);
        for _ in 0..MOST_CHUNKS {
            let head = self.bytes(at, 24)?;
            let size = little(&head[16..]).saturating_sub(24);
            if head[..16] == w64(b"fmt ") {
                form = Some(self.bytes(at + 24, size.min(64) as usize)?);
            } else if head[..16] == w64(b"data") {
                let Some(bytes) = form else { return Ok(None) };
                let Some(form) = form_of_wav(&bytes) else { return Ok(None) };
                return self.judge(at + 24, size, &form, ChunkSizes::Little32, |data| {
                    Some(("w64", header(&form, Some(&bytes), data)?))
                });
            }
            at = at.saturating_add(24).saturating_add(size).next_multiple_of(8);
        }
        Ok(None)
    }

    fn aiff(&mut self, is_compressed: bool) -> io::Result<Option<TrueLength>> {
        let (mut at, mut form) = (12, None);
        for _ in 0..MOST_CHUNKS {
            let (name, size) = self.head(at, ChunkSizes::Big32)?;
            match &name {
                b"COMM" => {
                    let bytes = self.bytes(at + 8, if is_compressed { 22 } else { 18 })?;
                    form = form_of_aiff(&bytes);
                }
                b"SSND" => {
                    let Some(form) = form else { return Ok(None) };
                    let offset = big(&self.bytes(at + 8, 4)?);
                    let (start, size) = (at + 16 + offset, size.saturating_sub(8 + offset));
                    return self.judge(start, size, &form, ChunkSizes::Big32, |data| {
                        Some(("aiff", header(&form, None, data)?))
                    });
                }
                _ => {}
            }
            at = ChunkSizes::Big32.next(at, size);
        }
        Ok(None)
    }

    fn caf(&mut self) -> io::Result<Option<TrueLength>> {
        let (mut at, mut form) = (8, None);
        for _ in 0..MOST_CHUNKS {
            let (name, size) = self.head(at, ChunkSizes::Big64)?;
            match &name {
                b"desc" => form = form_of_caf(&self.bytes(at + 12, 32)?),
                b"data" => {
                    let Some(form) = form else { return Ok(None) };
                    // The edit count comes first; −1 says "to the end".
                    if size > i64::MAX as u64 || at > LONGEST_HEADER {
                        return Ok(None);
                    }
                    let before = self.bytes(0, at as usize + 4)?;
                    let (start, size) = (at + 16, size.saturating_sub(4));
                    return self.judge(start, size, &form, ChunkSizes::Big64, |data| {
                        let size = (data + 4).to_be_bytes();
                        Some(("caf", [&before[..], &size, &[0; 4]].concat()))
                    });
                }
                _ => {}
            }
            at = ChunkSizes::Big64.next(at, size);
        }
        Ok(None)
    }

    /// Whether sound of `size` bytes from `start` can be true, and if not, what is.
    fn judge(
        &mut self,
        start: u64,
        size: u64,
        form: &PcmForm,
        sizes: ChunkSizes,
        write: impl FnOnce(u64) -> Option<(&'static str, Vec<u8>)>,
    ) -> io::Result<Option<TrueLength>> {
        let end = start.saturating_add(size);
        let is_placeholder = is_placeholder(size);
        if start >= self.length || form.block == 0 || (end > self.length && !is_placeholder) {
            return Ok(None); // cut short: whoever reads it says so
        }
        if !is_placeholder || end <= self.length {
            let behind = end + (size & 1);
            // Less than a second is what was appended by mistake.
            let is_little = self.length.saturating_sub(behind) < form.bytes_per_second.max(1);
            if is_little || self.is_told(behind, sizes)? || self.is_told(end, sizes)? {
                return Ok(None);
            }
        }
        let from = if is_placeholder { start } else { end };
        let end = self.end_of_sound(from, sizes)?;
        let end = start + (end - start) / form.block * form.block;
        let Some((container, header)) = write(end - start) else { return Ok(None) };
        Ok(Some(TrueLength { container, header, start, end }))
    }

    /// Whether what lies from `at` on is known: chunks to the end of the file, or a tag.
    fn is_told(&mut self, mut at: u64, sizes: ChunkSizes) -> io::Result<bool> {
        for n in 0..MOST_CHUNKS {
            if at >= self.length {
                return Ok(n > 0 && at <= self.length + 1);
            }
            let start = self.bytes(at, (self.length - at).min(12) as usize)?;
            let is_w64 = start.get(4..) == Some(&w64(b"data")[4..12]);
            if is_w64 || TAGS.iter().any(|tag| start.starts_with(tag)) {
                return Ok(true);
            }
            if self.length - at < sizes.head() {
                return Ok(n > 0);
            }
            let (name, size) = self.head(at, sizes)?;
            if !name.iter().all(|b| (0x20..0x7F).contains(b)) {
                return Ok(false);
            }
            at = sizes.next(at, size);
        }
        Ok(false)
    }

    /// Where the sound ends that starts at `from` and goes on to the end of the file, but for chunks
    /// and tags.
    fn end_of_sound(&mut self, from: u64, sizes: ChunkSizes) -> io::Result<u64> {
        let tail = from.max(self.length.saturating_sub(TAIL));
        let bytes = self.bytes(tail, (self.length - tail) as usize)?;
        for (n, name) in bytes.windows(4).enumerate() {
            let at = tail + n as u64;
            let is_chunk = BEHIND.iter().any(|known| name == *known);
            if is_chunk && self.is_told(at, sizes)? {
                return Ok(at);
            }
            if name.starts_with(b"TAG") && at + 128 == self.length {
                return Ok(at);
            }
        }
        Ok(self.length)
    }

    fn head(&mut self, at: u64, sizes: ChunkSizes) -> io::Result<([u8; 4], u64)> {
        let bytes = self.bytes(at, sizes.head() as usize)?;
        let mut name = [0; 4];
        name.copy_from_slice(&bytes[..4]);
        let size = match sizes {
            ChunkSizes::Little32 => little(&bytes[4..]),
            ChunkSizes::Big32 | ChunkSizes::Big64 => big(&bytes[4..]),
        };
        Ok((name, size))
    }

    fn bytes(&mut self, at: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Whether a length is what is written where it is not known yet.
fn is_placeholder(size: u64) -> bool {
    size == 0
        || size >= i64::MAX as u64 - (1 << 20)
        || [0x7FFF_0000..=0x8000_0000, 0xFFFF_0000..=0x1_0000_0000]
            .iter()
            .any(|r| r.contains(&size))
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn form_of_wav(bytes: &[u8]) -> Option<PcmForm> {
    let field = |at: usize, count: usize| bytes.get(at..at + count).map(little);
    let (tag, bits) = (field(0, 2)?, field(14, 2)? as u32);
    let tag = if tag == 0xFFFE { field(24, 2)? } else { tag };
    let channels = field(2, 2)? as u32;
    let block = field(12, 2)?;
    let is_packed = block == u64::from(channels * bits.div_ceil(8));
    let sample = match tag {
        // Of eight bits and fewer, WAV alone has no sign.
        1 if bits > 8 && is_packed => Sample::Integer(Order::Little),
        3 if is_packed => Sample::Float(Order::Little),
        _ => Sample::Other,
    };
    let rate = field(4, 4)? as f64;
    Some(PcmForm { channels, rate, block, bytes_per_second: field(8, 4)?, bits, sample })
}

fn form_of_aiff(bytes: &[u8]) -> Option<PcmForm> {
    let (channels, bits) = (big(&bytes[..2]) as u32, big(&bytes[6..8]) as u32);
    let sample = match bytes.get(18..22) {
        None | Some(b"NONE" | b"twos") => Sample::Integer(Order::Big),
        Some(b"sowt") => Sample::Integer(Order::Little),
        Some(b"fl32" | b"FL32" | b"fl64" | b"FL64") => Sample::Float(Order::Big),
        _ => return None,
    };
    // Of 80 bits the fraction has its leading one written out.
    let exponent = (big(&bytes[8..10]) & 0x7FFF) as i32 - 16_383 - 63;
    let rate = big(&bytes[10..18]) as f64 * 2f64.powi(exponent);
    Some(packed(channels, rate, bits, sample))
}

fn form_of_caf(bytes: &[u8]) -> Option<PcmForm> {
    if &bytes[8..12] != b"lpcm" {
        return None;
    }
    let rate = f64::from_bits(big(&bytes[..8]));
    let (channels, bits) = (big(&bytes[24..28]) as u32, big(&bytes[28..32]) as u32);
    let form = packed(channels, rate, bits, Sample::Other);
    (form.block == big(&bytes[16..20])).then_some(form)
}

fn packed(channels: u32, rate: f64, bits: u32, sample: Sample) -> PcmForm {
    let block = u64::from(channels) * u64::from(bits.div_ceil(8));
    // The cast saturates.
    PcmForm { channels, rate, block, bytes_per_second: (rate * block as f64) as u64, bits, sample }
}

/// A header for so many bytes of sound: of CAF, whose lengths have 64 bits, where that describes
/// it; else of WAV, with its `fmt ` chunk; `None` where that is too short for the length.
fn header(form: &PcmForm, fmt: Option<&[u8]>, data: u64) -> Option<Vec<u8>> {
    let flags: Option<u32> = match form.sample {
        Sample::Integer(Order::Big) => Some(0),
        Sample::Float(Order::Big) => Some(1),
        Sample::Integer(Order::Little) => Some(2),
        Sample::Float(Order::Little) => Some(3),
        Sample::Other => None,
    };
    if let Some(flags) = flags {
        let mut header = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
        header.extend(form.rate.to_be_bytes());
        header.extend(b"lpcm");
        header.extend(flags.to_be_bytes());
        header.extend((form.block as u32).to_be_bytes());
        header.extend(1u32.to_be_bytes());
        header.extend(form.channels.to_be_bytes());
        header.extend(form.bits.to_be_bytes());
        header.extend(b"data");
        header.extend((data + 4).to_be_bytes());
        header.extend([0; 4]);
        return Some(header);
    }
    let (fmt, data) = (fmt?, u32::try_from(data).ok()?);
    let mut header = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt ".to_vec();
    header.extend((fmt.len() as u32).to_le_bytes());
    header.extend(fmt);
    header.extend(b"data");
    header.extend(data.to_le_bytes());
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: u64 = 44;

    /// Two seconds of 8 kHz, 16 bits, mono, whose `data` says `size`; behind it stands `behind`.
    fn wav(size: u32, behind: &[u8]) -> Option<(u64, u64)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut bytes =
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data"
                .to_vec();
        bytes.extend(size.to_le_bytes());
        bytes.extend([7u8; 32_000]);
        bytes.extend(behind);
        std::fs::write(&path, bytes).unwrap();
        check(&path).unwrap().map(|t| (t.start, t.end))
    }

    #[test]
    fn a_length_of_32_bits_that_overflowed_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        // Five GiB of 48 kHz, stereo, 16 bits; the file takes no room.
        let (data, size) = (5u64 << 30, 1u32 << 30);
        let mut bytes = b"RIFF\x24\0\0\x40WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xBB\0\0\0\xEE\x02\0\x04\0\x10\0data".to_vec();
        bytes.extend(size.to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(BEFORE + data).unwrap();
        let found = check(&path).unwrap().unwrap();
        assert_eq!((found.start, found.end, found.container), (BEFORE, BEFORE + data, "wave"));
        assert!(found.header.starts_with(b"caff"), "lengths of 64 bits");
    }

    #[test]
    fn lengths_that_cannot_be_true_are_replaced_and_no_others() {
        let list = b"LIST\x04\0\0\0INFO";
        let mut id3 = b"id3 \x05\0\0\0ID3\x04\0\0".to_vec();
        let whole = Some((BEFORE, BEFORE + 32_000));
        for behind in [&b""[..], list, &id3] {
            assert_eq!(wav(32_000, behind), None, "true");
            for untrue in [0, 4_000, u32::MAX, 0x7FFF_FFFF] {
                assert_eq!(wav(untrue, behind), whole, "{untrue}, {behind:?}");
            }
        }
        assert_eq!(wav(40_000, b""), None, "cut short");
        assert_eq!(wav(31_000, b""), None, "less than a second");
        id3.truncate(9);
        let tag = [&b"ID3\x04"[..], &[3; 40_000]].concat();
        assert_eq!(wav(32_000, &tag), None, "a tag of another kind");
    }
}
