//! The picture of a shared link: what stands on it, and how it is drawn, in the colours of the site. Knows no
//! archive.

use serde::Serialize;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

use super::typesetting::{DISPLAY, SetText, TEXT, Typeface};
use super::{HEIGHT, WIDTH};
use crate::domain::{Digest, Error, Result};

/// Raised when the same card would give another picture.
const VERSION: u32 = 1;

// As `--accent`, `--now`, `--mark` and `--ink` of `site.css`.
const GROUND: (u8, u8, u8) = (0x0b, 0x4f, 0x5c);
const WAVE: (u8, u8, u8) = (0x1c, 0x64, 0x72);
const BRIGHT: (u8, u8, u8) = (0xff, 0xff, 0xff);
const SOFT: (u8, u8, u8) = (0xcf, 0xe8, 0xea);
const MARK: (u8, u8, u8) = (0xff, 0xe7, 0x9a);
const INK: (u8, u8, u8) = (0x1a, 0x21, 0x26);

/// Room at the left and right.
const MARGIN: f32 = 72.0;
/// Where the band with the name of the site has its middle.
const BAND: f32 = 92.0;
/// Between what the middle block lies.
const BLOCK: (f32, f32) = (150.0, 545.0);
/// How high the waves stand.
const WAVES: f32 = 74.0;
/// Sizes of the main text with the lines that it may take in each.
const HEADLINE: [(f32, usize); 5] = [(82.0, 2), (72.0, 2), (62.0, 3), (54.0, 3), (47.0, 4)];
const QUOTED: [(f32, usize); 5] = [(58.0, 3), (50.0, 4), (44.0, 4), (38.0, 5), (34.0, 6)];

/// What stands on a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewCard {
    /// The name of the site, beside its mark.
    pub site: String,
    /// A note that nobody may overlook: that a meeting is invented.
    pub note: Option<String>,
    /// Above the main text.
    pub above: String,
    /// What it is all about.
    pub main: MainText,
    /// Below it.
    pub below: String,
}

/// What a picture is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum MainText {
    /// A name.
    Headline(String),
    /// Words that somebody said.
    Quote(String),
}

impl PreviewCard {
    /// Changes with what the picture shows, and only then.
    pub fn key(&self) -> Digest {
        Digest::of(format!("{VERSION} {self:?}").as_bytes())
    }

    /// The picture as a PNG.
    ///
    /// # Errors
    /// `Failed` where there is no memory for it.
    pub fn draw(&self) -> Result<Vec<u8>> {
        let failed = || Error::failed("Ein Vorschaubild lässt sich nicht malen");
        let pixmap = Pixmap::new(WIDTH, HEIGHT).ok_or_else(failed)?;
        let mut canvas = Canvas { pixmap };
        canvas.pixmap.fill(color(GROUND));
        canvas.waves(self.key().as_str());
        canvas.brand();
        canvas.line(&TEXT, &self.site, 30.0, MARGIN + 74.0, BAND + 11.0, BRIGHT);
        if let Some(note) = &self.note {
            canvas.pill(note);
        }
        canvas.block(self);
        canvas.pixmap.encode_png().map_err(|error| failed().because(error))
    }
}

struct Canvas {
    pixmap: Pixmap,
}

impl Canvas {
    fn fill(&mut self, path: Option<Path>, of: (u8, u8, u8)) {
        let mut paint = Paint::default();
        paint.set_color(color(of));
        if let Some(path) = path {
            let whole = Transform::identity();
            self.pixmap.fill_path(&path, &paint, FillRule::Winding, whole, None);
        }
    }

    fn line(&mut self, face: &Typeface, text: &str, size: f32, x: f32, y: f32, of: (u8, u8, u8)) {
        let text = face.fit(text, WIDTH as f32 - MARGIN - x, &[(size, 1)]);
        for line in &text.lines {
            self.fill(face.outlines(line, size, x, y), of);
        }
    }

    /// The mark of the site, as in its head.
    fn brand(&mut self) {
        let bars = [
            (1.0, 9.0, 6.0),
            (6.0, 4.0, 16.0),
            (11.0, 7.0, 10.0),
            (16.0, 2.0, 20.0),
            (21.0, 10.0, 4.0),
        ];
        let scale = 50.0 / 24.0;
        for (x, y, height) in bars {
            let (left, top) = (MARGIN + x * scale, BAND - 25.0 + y * scale);
            self.fill(rounded(left, top, 3.0 * scale, height * scale, 1.5 * scale), BRIGHT);
        }
    }

    /// Sound along the lower edge, another one for every card.
    fn waves(&mut self, seed: &str) {
        let (step, width) = (20.0, 8.0);
        let count = (WIDTH as f32 / step) as usize;
        let digits: Vec<f32> =
            seed.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as f32).collect();
        for n in 0..count {
            let digit = |n: usize| digits.get(n % digits.len().max(1)).copied().unwrap_or_default();
            // Speech swells and falls; a bar alone says nothing.
            let swell = 0.55 + 0.45 * (n as f32 * 0.37 + digit(0)).sin();
            let height = 8.0 + (WAVES - 8.0) * swell * (0.25 + digit(n) / 20.0);
            let left = n as f32 * step + (step - width) / 2.0;
            let top = HEIGHT as f32 - height;
            self.fill(rounded(left, top, width, height + width, width / 2.0), WAVE);
        }
    }

    /// The note, at the right of the band.
    fn pill(&mut self, note: &str) {
        let (size, padding) = (22.0, 20.0);
        let note = TEXT.showable(note);
        let width = TEXT.width(&note, size) + 2.0 * padding;
        let left = WIDTH as f32 - MARGIN - width;
        self.fill(rounded(left, BAND - 22.0, width, 44.0, 22.0), MARK);
        self.line(&TEXT, &note, size, left + padding, BAND + 8.0, INK);
    }

    /// The texts in the middle, their block in the middle of its room.
    fn block(&mut self, card: &PreviewCard) {
        let room = WIDTH as f32 - 2.0 * MARGIN;
        let above = TEXT.fit(&card.above, room, &[(31.0, 1), (27.0, 2)]);
        let below = TEXT.fit(&card.below, room, &[(33.0, 1), (29.0, 2)]);
        let (face, main, leading) = match &card.main {
            MainText::Headline(text) => (&*DISPLAY, DISPLAY.fit(text, room, &HEADLINE), 1.12),
            MainText::Quote(text) => (&*TEXT, TEXT.fit(text, room, &QUOTED), 1.28),
        };
        let heights = [height(&above, 1.3), height(&main, leading), height(&below, 1.3)];
        let gaps = [gap(&above, 22.0), gap(&below, 26.0)];
        let all: f32 = heights.iter().chain(&gaps).sum();
        let mut top = BLOCK.0 + ((BLOCK.1 - BLOCK.0 - all) / 2.0).max(0.0);
        let texts =
            [(&*TEXT, above, 1.3, SOFT), (face, main, leading, BRIGHT), (&*TEXT, below, 1.3, SOFT)];
        for ((face, text, leading, of), gap) in texts.into_iter().zip(gaps.into_iter().chain([0.0]))
        {
            for line in &text.lines {
                // The letters stand a little above the middle of what is below them.
                let base = top + text.size * (leading / 2.0 + 0.36);
                self.fill(face.outlines(line, text.size, MARGIN, base), of);
                top += text.size * leading;
            }
            top += gap;
        }
    }
}

fn height(text: &SetText, leading: f32) -> f32 {
    text.lines.len() as f32 * text.size * leading
}

fn gap(text: &SetText, wide: f32) -> f32 {
    if text.lines.is_empty() { 0.0 } else { wide }
}

fn color((red, green, blue): (u8, u8, u8)) -> Color {
    Color::from_rgba8(red, green, blue, 255)
}

/// A rectangle with round corners.
fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Option<Path> {
    let rect = Rect::from_xywh(x, y, width, height)?;
    let r = radius.min(width / 2.0).min(height / 2.0);
    // How far the handles of a quarter of a circle stand off.
    let k = r * 0.447_715;
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    let mut path = PathBuilder::new();
    path.move_to(left + r, top);
    path.line_to(right - r, top);
    path.cubic_to(right - k, top, right, top + k, right, top + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - k, right - k, bottom, right - r, bottom);
    path.line_to(left + r, bottom);
    path.cubic_to(left + k, bottom, left, bottom - k, left, bottom - r);
    path.line_to(left, top + r);
    path.cubic_to(left, top + k, left + k, top, left + r, top);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn card(main: MainText) -> PreviewCard {
        PreviewCard {
            site: "Sitzungen des Landkreises Musterland".into(),
            note: Some("Erfundene Sitzung".into()),
            above: "Kreistag · Landkreis Musterland".into(),
            main,
            below: "21. Juni 2021".into(),
        }
    }

    /// `MITSCHNITT_PREVIEWS=FOLDER` leaves the pictures there, to be looked at.
    #[test]
    fn every_text_gives_a_picture_of_the_size_that_is_announced() {
        let long = "Zweite Änderungssatzung zur Satzung über die Erhebung von Beiträgen ";
        let mains = [
            ("kurz", MainText::Headline("12. Sitzung des Kreistages".into())),
            ("lang", MainText::Headline(long.repeat(5))),
            ("leer", MainText::Headline(String::new())),
            ("wort", MainText::Headline("Donaudampfschifffahrt".repeat(9))),
            ("fremd", MainText::Headline("\u{627}\u{644} \u{1f600} <svg>\u{7}".into())),
            ("zitat", MainText::Quote("„Wir brauchen diese Turnhalle, und zwar jetzt.“".into())),
            ("zitat-lang", MainText::Quote(format!("„{}“", long.repeat(9)))),
        ];
        for (name, main) in mains {
            let card = card(main);
            let began = Instant::now();
            let png = card.draw().unwrap();
            println!("{name}: {} bytes, {:?}", png.len(), began.elapsed());
            let drawn = Pixmap::decode_png(&png).unwrap();
            assert_eq!((drawn.width(), drawn.height()), (WIDTH, HEIGHT), "{name}");
            assert!(png.len() < 150_000, "{name}: {}", png.len());
            if let Ok(folder) = std::env::var("MITSCHNITT_PREVIEWS") {
                std::fs::write(format!("{folder}/{name}.png"), &png).unwrap();
            }
        }
    }

    #[test]
    fn a_picture_is_the_same_as_long_as_its_texts_are() {
        let one = card(MainText::Headline("A".into()));
        let other = PreviewCard { below: "22. Juni 2021".into(), ..one.clone() };
        assert_eq!(one.draw().unwrap(), one.clone().draw().unwrap());
        assert_ne!(one.key(), other.key());
        assert_ne!(one.draw().unwrap(), other.draw().unwrap());
    }
}
