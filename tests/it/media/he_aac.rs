//! HE-AAC without an encoder for it: the AAC of ffmpeg, with spectral band replication (SBR) signalled
//! or added here. Bit layouts: ISO/IEC 14496-3, 1.6.2 (config), 4.4.2.8 (SBR), 13818-7 (ADTS).

use std::path::Path;

use crate::harness::ffmpeg;

/// "SBR is not there", as ffmpeg's encoder ends its AudioSpecificConfig: the sync extension 0x2b7, object
/// type 5 and a zero bit.
const WITHOUT_SBR: [u8; 3] = [0x56, 0xe5, 0x00];

/// The same, with "SBR is there, and gives 48 kHz".
const WITH_SBR: [u8; 3] = [0x56, 0xe5, 0x98];

/// Explicit signalling: the header tells of SBR.
pub fn explicit(source: &str, target: &Path) {
    ffmpeg(&["-f", "lavfi", "-i", source, "-ar", "24000", "-c:a", "aac"], target);
    let mut bytes = std::fs::read(target).unwrap();
    let at = bytes.windows(3).position(|w| w == WITHOUT_SBR).expect("an AudioSpecificConfig");
    bytes[at..at + 3].copy_from_slice(&WITH_SBR);
    std::fs::write(target, bytes).unwrap();
}

/// Implicit signalling: every header says plain AAC at 24 kHz, and each packet brings SBR.
pub fn implicit(source: &str, target: &Path) {
    let plain = target.with_extension("plain.aac");
    ffmpeg(&["-f", "lavfi", "-i", source, "-ar", "24000", "-ac", "1", "-c:a", "aac"], &plain);
    let bytes = std::fs::read(&plain).unwrap();
    let mut with_sbr = Vec::new();
    let mut rest = bytes.as_slice();
    while rest.len() > 7 {
        let length =
            usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5] >> 5);
        let (frame, behind) = rest.split_at(length);
        with_sbr.extend(add_sbr(frame));
        rest = behind;
    }
    let adts = target.with_extension("sbr.aac");
    std::fs::write(&adts, with_sbr).unwrap();
    ffmpeg(&["-i", adts.to_str().unwrap(), "-c", "copy"], target);
}

/// An ADTS frame with a fill element before its end.
fn add_sbr(frame: &[u8]) -> Vec<u8> {
    let (head, body) = frame.split_at(7);
    let mut bits: Vec<bool> =
        body.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1 == 1)).collect();
    // The element ID_END is 111; zeros fill up the byte.
    let end = bits.iter().rposition(|bit| *bit).unwrap() - 2;
    bits.truncate(end);
    bits.extend(fill_element());
    bits.extend([true; 3]);
    bits.resize(bits.len().next_multiple_of(8), false);
    let bytes = bits.chunks(8).map(|c| c.iter().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit)));
    let mut whole: Vec<u8> = head.to_vec();
    whole.extend(bytes);
    let length = whole.len();
    whole[3] = whole[3] & !3 | (length >> 11) as u8;
    whole[4] = (length >> 3) as u8;
    whole[5] = whole[5] & 0x1F | ((length & 7) << 5) as u8;
    whole
}

/// The smallest SBR there is: one envelope and one noise floor over one band.
fn fill_element() -> Vec<bool> {
    let mut bits = Vec::new();
    let mut put = |value: u32, width: u32| {
        bits.extend((0..width).rev().map(|n| value >> n & 1 == 1));
    };
    put(0b110, 3); // ID_FIL
    put(6, 4); // bytes of payload
    put(13, 4); // EXT_SBR_DATA
    put(1, 1); // a header follows
    put(0, 1); // bs_amp_res
    put(10, 4); // bs_start_freq: subband 18 at 48 kHz
    put(0, 4); // bs_stop_freq: subband 21; two master bands
    put(1, 3); // bs_xover_band: of which one is replicated
    put(0, 4); // reserved, no extra header
    put(0, 1); // no extra data
    put(0, 2); // FIXFIX
    put(0, 2); // one envelope
    put(0, 1); // low frequency resolution
    put(0, 2); // envelope and noise are coded over frequency
    put(0, 2); // no inverse filtering
    put(0, 7); // the envelope of the one band
    put(31, 5); // its noise
    put(0, 2); // no harmonics, no extended data
    put(0, 3); // to the end of the sixth byte
    bits
}
