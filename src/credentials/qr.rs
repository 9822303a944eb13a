//! QR codes of what a person's phone is to read: as the path of an SVG, and in blocks for a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around a code, which readers need.
const MARGIN: i32 = 4;

/// A text as a QR code.
pub struct QrSymbol(QrCode);

impl QrSymbol {
    /// Encodes a text; nothing where it is longer than any code holds.
    pub fn of(text: &str) -> Option<Self> {
        QrCode::encode_text(text, QrCodeEcc::Medium).ok().map(Self)
    }

    /// Modules of a side, with the margin.
    pub fn side(&self) -> i32 {
        self.0.size() + 2 * MARGIN
    }

    /// The dark modules as an SVG path, one unit each.
    pub fn path(&self) -> String {
        let dark = self.rows().flat_map(|y| self.rows().map(move |x| (x, y)));
        let dark = dark.filter(|(x, y)| self.is_dark(*x, *y));
        dark.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect()
    }

    /// Two rows a line; dark modules are spaces, so that it is right on a dark terminal.
    pub fn for_terminal(&self) -> String {
        let line = |y: i32| -> String {
            self.rows()
                .map(|x| match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                })
                .collect()
        };
        let lines: Vec<String> = self.rows().step_by(2).map(line).collect();
        lines.join("\n")
    }

    fn rows(&self) -> std::ops::Range<i32> {
        0..self.side()
    }

    fn is_dark(&self, x: i32, y: i32) -> bool {
        self.0.get_module(x - MARGIN, y - MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_show_the_same_code() {
        let symbol = QrSymbol::of("otpauth://totp/x").unwrap();
        let lines: Vec<String> = symbol.for_terminal().lines().map(str::to_owned).collect();
        assert_eq!(lines.len() as i32, (symbol.side() + 1) / 2);
        let dark = |c: char| match c {
            ' ' => 2,
            '▀' | '▄' => 1,
            _ => 0,
        };
        let in_terminal: usize = lines.iter().flat_map(|l| l.chars()).map(dark).sum();
        // The row below the last one of an odd number is light.
        assert_eq!(in_terminal, symbol.path().matches('M').count());
        assert!(QrSymbol::of(&"x".repeat(5000)).is_none());
    }
}
