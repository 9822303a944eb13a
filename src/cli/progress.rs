//! Progress on standard error: bars on a terminal, plain lines elsewhere.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::domain::MediaTime;
use crate::pipeline::Progress;

/// A line is printed at most this often where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Tells how far a stage has come.
pub struct Display {
    mode: Mode,
    stage: RefCell<String>,
    total: Cell<Option<MediaTime>>,
    began: Cell<Instant>,
    last_line: Cell<Instant>,
    bar: RefCell<Option<ProgressBar>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Silent,
}

impl Display {
    /// For a person at a terminal, a log file, or nobody (`-q`).
    pub fn new(quiet: bool) -> Self {
        let mode = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Silent,
            (_, true) => Mode::Bars,
            _ => Mode::Lines,
        };
        let now = Instant::now();
        Self {
            mode,
            stage: RefCell::default(),
            total: Cell::new(None),
            began: Cell::new(now),
            last_line: Cell::new(now),
            bar: RefCell::default(),
        }
    }

    /// Speed as a multiple of real time, and the time left in whole seconds.
    fn pace(&self, done: MediaTime) -> (f64, Option<u64>) {
        let spent = self.began.get().elapsed().as_secs_f64().max(0.001);
        let speed = done.as_secs_f64() / spent;
        let left = self.total.get().filter(|_| speed > 0.0);
        (speed, left.map(|total| (total.since(done) as f64 / 1000.0 / speed) as u64))
    }
}

impl Progress for Display {
    fn begin(&self, what: &str, total: Option<MediaTime>) {
        *self.stage.borrow_mut() = what.to_owned();
        self.total.set(total);
        self.began.set(Instant::now());
        self.last_line.set(Instant::now());
        match self.mode {
            Mode::Silent => {}
            Mode::Lines => eprintln!("{what} …"),
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

    fn at(&self, done: MediaTime) {
        let (speed, left) = self.pace(done);
        let left = left.map_or(String::new(), |s| format!(", noch {}:{:02} min", s / 60, s % 60));
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_position(done.millis());
            bar.set_message(format!("{speed:.1}× Echtzeit{left}"));
        } else if self.mode == Mode::Lines && self.last_line.get().elapsed() >= LINE_EVERY {
            self.last_line.set(Instant::now());
            let total = self.total.get().map_or(String::new(), |t| format!(" von {}", t.clock()));
            eprintln!(
                "{}: {}{total}, {speed:.1}× Echtzeit{left}",
                self.stage.borrow(),
                done.clock()
            );
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
        if self.mode != Mode::Silent {
            let spent = self.began.get().elapsed().as_secs_f64();
            eprintln!("{}: fertig nach {spent:.1} s", self.stage.borrow());
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; the default is only a fallback.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
