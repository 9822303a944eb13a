//! Text as outlines: which glyphs stand where, and where a line ends. Owns the fonts; knows no picture.

use std::sync::LazyLock;

use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use rustybuzz::{Direction, Face, ShapePlan, UnicodeBuffer, script, shape_with_plan};
use tiny_skia::{Path, PathBuilder};
use unicode_normalization::UnicodeNormalization as _;

/// Where a text that is too long ends.
const CUT: char = '…';
/// A word of this width may be wider than a line; in heights of its letters.
const LONG: f32 = 5.0;

/// A font of the pictures, with how its letters are set.
pub struct Typeface {
    face: Face<'static>,
    plan: ShapePlan,
}

/// For what is to be read from afar.
pub static DISPLAY: LazyLock<Typeface> =
    LazyLock::new(|| Typeface::of(include_bytes!("../../../../web/fonts/inter-display-bold.ttf")));
/// For all else.
pub static TEXT: LazyLock<Typeface> =
    LazyLock::new(|| Typeface::of(include_bytes!("../../../../web/fonts/inter-medium.ttf")));

/// A text on lines of one size.
#[derive(Debug, PartialEq)]
pub struct SetText {
    /// The lines, from above.
    pub lines: Vec<String>,
    /// The height of the letters in pixels.
    pub size: f32,
}

impl Typeface {
    fn of(font: &'static [u8]) -> Self {
        let face =
            Face::from_slice(font, 0).expect("it lies beside the source, and a test reads it");
        // What it can show is Latin, and to plan its setting takes longer than to set a line.
        let plan = ShapePlan::new(&face, Direction::LeftToRight, Some(script::LATIN), None, &[]);
        Self { face, plan }
    }

    /// What of a text this font can show, on one line.
    pub fn showable(&self, text: &str) -> String {
        let known = |c: &char| c.is_whitespace() || self.face.glyph_index(*c).is_some();
        let shown: String = text.nfc().filter(known).collect();
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How wide a line is.
    pub fn width(&self, line: &str, size: f32) -> f32 {
        self.glyphs(line).iter().map(|glyph| glyph.2).sum::<f32>() * self.scale(size)
    }

    /// Its outlines, beginning at `x`, its letters standing on `y`; nothing of blanks alone.
    pub fn outlines(&self, line: &str, size: f32, x: f32, y: f32) -> Option<Path> {
        let scale = self.scale(size);
        let mut pen = GlyphPen { path: PathBuilder::new(), x, y, scale };
        for (glyph, shift, advance) in self.glyphs(line) {
            let at = pen.x;
            pen.x += shift * scale;
            self.face.outline_glyph(glyph, &mut pen);
            pen.x = at + advance * scale;
        }
        pen.path.finish()
    }

    /// Sets a text into a width, in the first of these sizes in which it takes no more lines than are said;
    /// in the last one it is cut.
    pub fn fit(&self, text: &str, width: f32, sizes: &[(f32, usize)]) -> SetText {
        let pieces = self.pieces(&self.showable(text));
        let mut set = SetText { lines: Vec::new(), size: 0.0 };
        for (size, most) in sizes.iter().copied() {
            let room = width / size;
            set = SetText { lines: broken(&pieces, room), size };
            if set.lines.len() <= most {
                set.lines = balanced(&pieces, room, set.lines.len());
                return set;
            }
        }
        let most = sizes.last().map_or(0, |(_, most)| *most);
        set.lines.truncate(most);
        if let Some(last) = set.lines.last_mut() {
            while self.width(&format!("{last}{CUT}"), set.size) > width && last.pop().is_some() {}
            let kept = last.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
            last.truncate(kept);
            last.push(CUT);
        }
        set
    }

    /// The words of a text, also parts of words behind hyphens, each with its width in size 1 and that of the blank
    /// behind it.
    fn pieces(&self, text: &str) -> Vec<LinePiece> {
        let blank = self.width(" ", 1.0);
        let words = text.split_inclusive([' ', '-', '–', '/']);
        let piece = |word: &str| {
            let bare = word.trim_end();
            let letters = || bare.chars().map(|c| (c, self.width(c.encode_utf8(&mut [0; 4]), 1.0)));
            let width = self.width(bare, 1.0);
            LinePiece {
                width,
                blank: if bare.len() < word.len() { blank } else { 0.0 },
                letters: if width > LONG { letters().collect() } else { Vec::new() },
                text: word.to_owned(),
            }
        };
        words.map(piece).collect()
    }

    fn scale(&self, size: f32) -> f32 {
        size / self.face.units_per_em() as f32
    }

    /// Each glyph of a line, how far it stands off its place, and how far it is to the next.
    fn glyphs(&self, line: &str) -> Vec<(GlyphId, f32, f32)> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(line);
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        let shaped = shape_with_plan(&self.face, &self.plan, buffer);
        let places = shaped.glyph_positions().iter();
        (shaped.glyph_infos().iter().zip(places))
            .map(|(info, place)| {
                (GlyphId(info.glyph_id as u16), place.x_offset as f32, place.x_advance as f32)
            })
            .collect()
    }
}

/// What a line is not broken within, unless it is wider than a line.
struct LinePiece {
    text: String,
    width: f32,
    /// The blank behind it.
    blank: f32,
    /// Its letters with their widths, of a long one.
    letters: Vec<(char, f32)>,
}

/// The lines of a text in so much room.
fn broken(pieces: &[LinePiece], room: f32) -> Vec<String> {
    let (mut lines, mut line, mut at) = (Vec::new(), String::new(), 0.0);
    for piece in pieces {
        if at + piece.width > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            at = 0.0;
        }
        if piece.width <= room || piece.letters.is_empty() {
            line += &piece.text;
            at += piece.width + piece.blank;
            continue;
        }
        for (letter, width) in &piece.letters {
            if at + width > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                at = 0.0;
            }
            line.push(*letter);
            at += width;
        }
        if piece.blank > 0.0 {
            line.push(' ');
            at += piece.blank;
        }
    }
    lines.push(line);
    let trimmed = lines.into_iter().map(|line| line.trim().to_owned());
    trimmed.filter(|line| !line.is_empty()).collect()
}

/// The same number of lines, about as wide as one another: no word stands alone in the last one.
fn balanced(pieces: &[LinePiece], room: f32, lines: usize) -> Vec<String> {
    let (mut narrow, mut wide) = (room / 2.0, room);
    let widest = pieces.iter().map(|piece| piece.width).fold(0.0, f32::max).min(room);
    narrow = narrow.max(widest);
    for _ in 0..12 {
        let middle = (narrow + wide) / 2.0;
        match broken(pieces, middle).len() <= lines {
            true => wide = middle,
            false => narrow = middle,
        }
    }
    broken(pieces, wide)
}

/// Draws outlines where they belong: fonts count upwards, pictures downwards.
struct GlyphPen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl GlyphPen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for GlyphPen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZES: [(f32, usize); 2] = [(60.0, 2), (40.0, 3)];

    #[test]
    fn the_fonts_have_the_letters_of_the_council() {
        for face in [&*DISPLAY, &*TEXT] {
            let text = "ÄÖÜäöüß ẞ éèçłśžőğİ „Zitat“ ‚x‘ – … § € 1½ №";
            assert_eq!(face.showable(text), text.trim_end_matches(" №"));
            // A letter and its dots in two characters are one glyph.
            assert_eq!(face.showable("u\u{308}"), "ü");
        }
    }

    #[test]
    fn a_text_takes_the_greatest_size_and_is_cut_in_the_smallest() {
        let few = DISPLAY.fit("12. Sitzung des Kreistages", 1000.0, &SIZES);
        assert_eq!((few.lines.len(), few.size), (1, 60.0));
        let two =
            DISPLAY.fit("Wir brauchen diese Turnhalle im Kreis, und zwar jetzt", 1000.0, &SIZES);
        assert_eq!(two.lines, ["Wir brauchen diese Turnhalle", "im Kreis, und zwar jetzt"]);
        let more = DISPLAY.fit(&"Haushalt und Finanzen ".repeat(5), 1000.0, &SIZES);
        assert_eq!(more.size, 40.0);
        let cut = DISPLAY.fit(&"Haushalt, ".repeat(40), 1000.0, &SIZES);
        assert_eq!(cut.lines.len(), 3);
        assert!(cut.lines[2].ends_with("Haushalt…"), "{cut:?}");
        let kerned = DISPLAY.width("To", 100.0);
        assert!(kerned < DISPLAY.width("T", 100.0) + DISPLAY.width("o", 100.0));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_room(text in "[a-zäöüß W-]{0,30}( [A-Z]{0,60}){0,4}|\\PC{0,60}") {
            let set = TEXT.fit(&text, 400.0, &SIZES);
            prop_assert!(set.lines.len() <= 3);
            for line in &set.lines {
                prop_assert!(TEXT.width(line, set.size) <= 404.0, "{line}");
            }
            if set.size == 60.0 {
                let plain = |text: &str| text.replace(' ', "");
                prop_assert_eq!(plain(&set.lines.concat()), plain(&TEXT.showable(&text)));
            }
        }
    }
}
