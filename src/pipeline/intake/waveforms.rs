//! Pictures of loudness, made in the background and kept in memory for a while: they show what is not public
//! as well, so nothing of them is ever written. Owns how many are made at once and when they are forgotten.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::{Error, IntakeId, PEAKS_A_SECOND, Peaks, PublicSpans, Result, SoundChoice};
use crate::media::{self, AudioStream, Decoder, SAMPLE_RATE};

/// Nobody who looks at one is silent for so long.
const LOOKED_AWAY: Duration = Duration::from_secs(30 * 60);
/// Recordings of which there is one at once.
const MOST: usize = 3;
/// Samples of a pair.
const WIDTH: usize = (SAMPLE_RATE / PEAKS_A_SECOND) as usize;
/// Pairs of one answer.
const LONGEST_ANSWER: usize = 200_000;

/// By recording and choice of its sound.
type Drawn = HashMap<(IntakeId, SoundChoice), Arc<Mutex<Waveform>>>;

/// The waveforms that somebody looks at.
#[derive(Default)]
pub struct Waveforms {
    drawn: Mutex<Drawn>,
}

/// One of them, as far as it is drawn.
struct Waveform {
    pairs: Vec<i8>,
    ended: Option<Result<(), String>>,
    asked: Instant,
}

impl Waveforms {
    /// What there is of it from pair number `from` on; asking for the first time begins it.
    ///
    /// # Errors
    /// `BadInput` where the sound cannot be read at all.
    pub fn peaks(
        &self,
        id: &IntakeId,
        path: PathBuf,
        choice: &SoundChoice,
        from: usize,
        decoder: &Decoder,
    ) -> Result<Peaks> {
        let key = (id.clone(), choice.clone());
        let known = self.lock().get(&key).cloned();
        let waveform = match known {
            Some(waveform) => waveform,
            None => self.begin(key, path, decoder)?,
        };
        let mut waveform = waveform.lock().unwrap_or_else(PoisonError::into_inner);
        waveform.asked = Instant::now();
        if let (Some(Err(why)), true) = (&waveform.ended, waveform.pairs.is_empty()) {
            return Err(Error::bad_input(why.clone()));
        }
        let all = waveform.pairs.len() / 2;
        let to = all.min(from.saturating_add(LONGEST_ANSWER));
        let pairs = waveform.pairs.get(2 * from.min(to)..2 * to).unwrap_or_default().to_vec();
        Ok(Peaks { pairs, is_complete: waveform.ended.is_some() && to == all })
    }

    /// Forgets those that nobody has looked at for long.
    pub fn forget(&self) {
        self.lock().retain(|_, waveform| {
            let waveform = waveform.lock().unwrap_or_else(PoisonError::into_inner);
            waveform.asked.elapsed() < LOOKED_AWAY
        });
    }

    fn begin(
        &self,
        key: (IntakeId, SoundChoice),
        path: PathBuf,
        decoder: &Decoder,
    ) -> Result<Arc<Mutex<Waveform>>> {
        let new = Waveform { pairs: Vec::new(), ended: None, asked: Instant::now() };
        let new = Arc::new(Mutex::new(new));
        {
            let mut drawn = self.lock();
            let asked = |waveform: &Arc<Mutex<Waveform>>| {
                waveform.lock().unwrap_or_else(PoisonError::into_inner).asked
            };
            while drawn.len() >= MOST {
                let oldest = drawn.iter().min_by_key(|(_, w)| asked(w)).map(|(key, _)| key.clone());
                let Some(oldest) = oldest else { break };
                drawn.remove(&oldest);
            }
            drawn.insert(key.clone(), Arc::clone(&new));
        }
        // The thread ends with the last who holds it.
        let (waveform, decoder) = (Arc::downgrade(&new), decoder.clone());
        let draw = move || {
            let opened = media::open(&path, &PublicSpans::WHOLE, &key.1, &decoder);
            let mut pairs = Pairs::default();
            let mut ended = opened.map_err(|e| e.to_string());
            loop {
                let step = ended
                    .as_mut()
                    .map_err(|e| e.clone())
                    .and_then(|sound| next(sound, &mut pairs).map_err(|e| e.to_string()));
                let Some(waveform) = waveform.upgrade() else { return };
                let mut waveform = waveform.lock().unwrap_or_else(PoisonError::into_inner);
                waveform.pairs.append(&mut pairs.ready);
                match step {
                    Ok(true) => {}
                    Ok(false) => return waveform.ended = Some(Ok(())),
                    Err(why) => return waveform.ended = Some(Err(why)),
                }
            }
        };
        std::thread::Builder::new()
            .name("waveform".to_owned())
            .spawn(draw)
            .map_err(|e| Error::failed("Die Wellenform lässt sich nicht zeichnen").because(e))?;
        Ok(new)
    }

    fn lock(&self) -> MutexGuard<'_, Drawn> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the next block; whether there was one.
fn next(sound: &mut AudioStream, pairs: &mut Pairs) -> Result<bool> {
    let block = sound.next_block()?;
    match &block {
        Some(block) => pairs.push(block),
        None => pairs.finish(),
    }
    Ok(block.is_some())
}

/// Least and greatest of every [`WIDTH`] samples.
#[derive(Default)]
struct Pairs {
    ready: Vec<i8>,
    least: f32,
    greatest: f32,
    samples: usize,
}

impl Pairs {
    fn push(&mut self, block: &[f32]) {
        for sample in block {
            self.least = self.least.min(*sample);
            self.greatest = self.greatest.max(*sample);
            self.samples += 1;
            if self.samples == WIDTH {
                self.finish();
            }
        }
    }

    fn finish(&mut self) {
        if self.samples > 0 {
            self.ready.extend([self.least, self.greatest].map(|s| (s * 127.0).round() as i8));
        }
        (self.least, self.greatest, self.samples) = (0.0, 0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_is_seen_where_it_is() {
        let mut pairs = Pairs::default();
        let mut sound = vec![0.0; 10 * WIDTH + 7];
        sound[3 * WIDTH + 5] = 1.0;
        sound[10 * WIDTH] = -0.5;
        for block in sound.chunks(777) {
            pairs.push(block);
        }
        pairs.finish();
        assert_eq!(pairs.ready.len(), 22);
        let loud: Vec<usize> = (0..22).filter(|i| pairs.ready[*i] != 0).collect();
        assert_eq!((loud, pairs.ready[7], pairs.ready[20]), (vec![7, 20], 127, -64));
    }
}
