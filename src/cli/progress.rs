//! Progress on standard error: bars on a terminal, plain lines elsewhere, JSON lines for programs.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use serde_json::json;

use crate::domain::MediaTime;
use crate::pipeline::{Pace, Progress, Stage};
use crate::transcribe::Reached;

/// A line is printed at most this often where there is no terminal …
const LINE_EVERY: Duration = Duration::from_secs(15);
/// … and this often for programs.
const JSON_EVERY: Duration = Duration::from_secs(1);

/// Shows how far a stage has come.
pub struct Display {
    mode: Mode,
    now: RefCell<Now>,
    bar: RefCell<Option<ProgressBar>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Json,
    Silent,
}

/// The stage that runs.
struct Now {
    stage: Stage,
    what: String,
    pace: Pace,
    last_line: Option<Instant>,
}

impl Now {
    fn new(stage: Stage, what: &str, total: Option<MediaTime>) -> Self {
        Self { stage, what: what.to_owned(), pace: Pace::begin(total), last_line: None }
    }

    fn is_time(&mut self, every: Duration) -> bool {
        let waited = self.last_line.map_or_else(|| self.pace.elapsed(), |last| last.elapsed());
        let due = waited >= every;
        if due {
            self.last_line = Some(Instant::now());
        }
        due
    }

    fn json(&self, event: &str) -> String {
        let reached = self.pace.reached();
        json!({
            "event": event,
            "stage": self.stage.name(),
            "label": self.what,
            "done_ms": reached.map_or(0, |r| r.at.millis()),
            "total_ms": self.pace.total().map(MediaTime::millis),
            "windows": reached.map_or(0, |r| r.windows),
            "recalled": reached.map_or(0, |r| r.recalled),
            "speed": (self.pace.speed() * 100.0).round() / 100.0,
            "left_s": self.pace.left_s(),
            "elapsed_s": (self.pace.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        })
        .to_string()
    }
}

impl Display {
    /// Bars on a terminal, lines elsewhere.
    pub fn for_people() -> Self {
        Self::new(if std::io::stderr().is_terminal() { Mode::Bars } else { Mode::Lines })
    }

    /// JSON lines for programs.
    pub fn json() -> Self {
        Self::new(Mode::Json)
    }

    /// For nobody.
    pub fn silent() -> Self {
        Self::new(Mode::Silent)
    }

    fn new(mode: Mode) -> Self {
        let now = RefCell::new(Now::new(Stage::Checksum, "", None));
        Self { mode, now, bar: RefCell::default() }
    }
}

/// What a stage does, in words.
fn label(stage: Stage, subject: &str) -> String {
    match stage {
        Stage::Checksum => format!("Prüfsumme von {subject}"),
        Stage::Calibration => "Abstimmung auf diesen Rechner".to_owned(),
        Stage::Recognition => format!("Spracherkennung ({subject})"),
        Stage::PublicCopy => "Öffentliche Fassung".to_owned(),
        Stage::Alignment => "Tagesordnung und Redende".to_owned(),
        Stage::Index => "Suchindex".to_owned(),
    }
}

impl Progress for Display {
    fn begin(&self, stage: Stage, subject: &str, total: Option<MediaTime>) {
        let what = &label(stage, subject);
        *self.now.borrow_mut() = Now::new(stage, what, total);
        match self.mode {
            Mode::Silent => {}
            Mode::Lines => note!("{what} …"),
            Mode::Json => note!("{}", self.now.borrow().json("begin")),
            Mode::Bars => {
                let bar = match total {
                    Some(total) => ProgressBar::new(total.millis())
                        .with_style(style("{prefix} {wide_bar} {percent:>3} %  {msg}")),
                    None => {
                        ProgressBar::new_spinner().with_style(style("{spinner} {prefix} {elapsed}"))
                    }
                };
                bar.set_prefix(what.to_owned());
                bar.enable_steady_tick(Duration::from_millis(200));
                *self.bar.borrow_mut() = Some(bar);
            }
        }
    }

    fn at(&self, reached: Reached) {
        let mut now = self.now.borrow_mut();
        now.pace.reach(reached);
        let (speed, left) = (now.pace.speed(), now.pace.left_s());
        let left = left.map_or(String::new(), |s| format!(", noch {}:{:02} min", s / 60, s % 60));
        let Reached { at, windows, recalled } = reached;
        let recalled = match recalled {
            0 => String::new(),
            n => format!(" ({n} von früher)"),
        };
        let pace = format!("{windows} Fenster{recalled}, {speed:.1}× Echtzeit{left}");
        match self.mode {
            Mode::Silent => {}
            Mode::Bars => {
                if let Some(bar) = &*self.bar.borrow() {
                    bar.set_position(at.millis());
                    bar.set_message(pace);
                }
            }
            Mode::Lines if now.is_time(LINE_EVERY) => {
                let total =
                    now.pace.total().map_or(String::new(), |t| format!(" von {}", t.clock()));
                note!("{}: {}{total}, {pace}", now.what, at.clock());
            }
            Mode::Json if now.is_time(JSON_EVERY) => note!("{}", now.json("progress")),
            Mode::Lines | Mode::Json => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
        let now = self.now.borrow();
        match self.mode {
            Mode::Silent => {}
            Mode::Json => note!("{}", now.json("end")),
            Mode::Bars | Mode::Lines => {
                note!("{}: fertig nach {:.1} s", now.what, now.pace.elapsed().as_secs_f64());
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; the default is only a fallback.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
