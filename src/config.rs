//! Settings from `mitschnitt.toml`: read once, checked at the edge. Owns names and defaults.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::domain::{Cutting, DecodingSettings, Error, Eyes, Result};

/// Everything that can be set; each value has a default that works.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The model for meetings that have no transcript yet.
    pub model: String,
    /// Where the site listens.
    pub listen: SocketAddr,
    /// The file with everything that was ever restricted; beside the archive where it is not named.
    /// Elsewhere, it also protects an archive that is put back from an older backup.
    pub restrictions_file: Option<PathBuf>,
    /// How recordings are cut into windows for the recogniser.
    pub windows: Cutting,
    /// How the recogniser looks for words.
    pub decoding: DecodingSettings,
    /// Abbreviations and what they stand for, in place of what the program and the archive know of them; an
    /// empty text takes one out.
    pub abbreviations: BTreeMap<String, String>,
    /// What the site says of itself.
    pub site: SiteConfig,
    /// The clerk's desk.
    pub desk: DeskConfig,
    /// What readers may report.
    pub reports: ReportsConfig,
}

/// Whether readers may report faults, and how long that is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportsConfig {
    /// Whether they may; without a word about it, where there is a desk at which somebody reads it.
    pub enabled: Option<bool>,
    /// Days after which a closed report is deleted.
    pub keep_days: u32,
}

impl Default for ReportsConfig {
    fn default() -> Self {
        Self { enabled: None, keep_days: 90 }
    }
}

impl ReportsConfig {
    /// How long a closed report is kept.
    pub fn kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days) * 24 * 60 * 60)
    }

    /// What is wrong with it.
    fn complaint(&self, desk: &DeskConfig) -> Option<String> {
        if !(1..=3650).contains(&self.keep_days) {
            Some("[reports] keep_days: zwischen 1 und 3650".to_owned())
        } else if self.enabled == Some(true) && !desk.is_on() {
            Some(
                "[reports] enabled: ohne Arbeitsplatz ([desk]) liest niemand, was gemeldet wird"
                    .to_owned(),
            )
        } else {
            None
        }
    }
}

/// Where the clerk's desk is, and how long somebody stays signed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeskConfig {
    /// Whether there is one; with an address of its own, there is unless this says no.
    pub enabled: Option<bool>,
    /// An address of its own; without one it is where the site is.
    pub listen: Option<SocketAddr>,
    /// The address that clerks type: `https://arbeitsplatz.example.de`.
    pub url: Option<String>,
    /// Servers in front of this one, which say truly who asks (`X-Forwarded-For`).
    pub proxies: Vec<IpAddr>,
    /// Minutes without a request after which a sign-in ends.
    pub idle_minutes: u32,
    /// Hours after which it ends in any case.
    pub longest_hours: u32,
    /// Whether whoever releases something must be another than who checked it.
    pub four_eyes: bool,
    /// So many processes work the queue off beside the site; without a number one where there is a desk.
    pub workers: Option<u32>,
    /// How long a process may be silent before its job is given to another, in seconds.
    pub lease_seconds: u64,
    /// A folder in which recordings appear: whatever lies there is listed at the desk.
    pub watch: Option<PathBuf>,
    /// Folders with recordings that may be named at the desk.
    pub recordings: Vec<PathBuf>,
    /// Whether the minutes that people work on a meeting's text are counted; never for a person.
    pub count_work: bool,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self {
            enabled: None,
            listen: None,
            url: None,
            proxies: Vec::new(),
            idle_minutes: 120,
            longest_hours: 12,
            four_eyes: false,
            workers: None,
            lease_seconds: 60,
            watch: None,
            recordings: Vec::new(),
            count_work: false,
        }
    }
}

impl DeskConfig {
    /// More processes than this have more than their machine's memory.
    const MOST_WORKERS: u32 = 64;

    /// How many people must have looked before something is published.
    pub fn eyes(&self) -> Eyes {
        if self.four_eyes { Eyes::Four } else { Eyes::Two }
    }

    /// How many processes work the queue off beside the site.
    pub fn workers(&self) -> u32 {
        self.workers.unwrap_or(u32::from(self.is_on()))
    }

    /// How long a process may be silent.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    /// Whether there is a desk.
    pub fn is_on(&self) -> bool {
        self.enabled.unwrap_or(self.listen.is_some())
    }

    /// What is wrong with it, where the site listens here.
    fn complaint(&self, site: SocketAddr) -> Option<String> {
        let secure = self.url.as_ref().is_some_and(|url| url.starts_with("https://"));
        let sound = |b: u8| b.is_ascii_alphanumeric() || b".-:/".contains(&b);
        let is_url = |url: &String| {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(sound))
        };
        if self.url.as_ref().is_some_and(|url| !is_url(url)) {
            Some("[desk] url: keine Adresse wie https://arbeitsplatz.example.de".to_owned())
        } else if self.idle_minutes == 0 || self.longest_hours == 0 {
            Some("[desk] idle_minutes und longest_hours: mindestens 1".to_owned())
        } else if self.workers() > Self::MOST_WORKERS {
            Some(format!("[desk] workers: höchstens {}", Self::MOST_WORKERS))
        } else if !(1..=86_400).contains(&self.lease_seconds) {
            Some("[desk] lease_seconds: zwischen 1 und 86400".to_owned())
        } else if self.is_on() && !secure && !self.listen.unwrap_or(site).ip().is_loopback() {
            // Passwords would cross a network in the clear.
            Some(
                "[desk]: außerhalb dieses Rechners nur über TLS; nennen Sie url = \"https://…\" oder \
                 lauschen Sie an 127.0.0.1"
                    .to_owned(),
            )
        } else {
            None
        }
    }
}

/// What the site says of itself: the operator's duty, so the operator's words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SiteConfig {
    /// Name of the site.
    pub title: Option<String>,
    /// Who runs it: name of the body.
    pub operator: Option<String>,
    /// Postal address for the imprint.
    pub address: Option<String>,
    /// Where complaints and corrections go.
    pub contact_email: Option<String>,
    /// Public address of the site, `https://sitzungen.example.de`.
    pub url: Option<String>,
    /// What search engines are asked to stay away from.
    pub noindex: Noindex,
    /// Whether clips of recordings may be taken away.
    pub downloads: bool,
    /// Origins whose pages may show the player in a frame (`https://zeitung.example`); absent: all, empty: none.
    pub embed_on: Option<Vec<String>>,
}

/// What search engines are asked to stay away from: `true` of all, else the names of bodies.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged, expecting = "erwartet wird true, false oder eine Liste von Körperschaften")]
pub enum Noindex {
    /// The whole site, or nothing.
    Site(bool),
    /// What is of these bodies.
    Bodies(Vec<String>),
}

impl Default for Noindex {
    fn default() -> Self {
        Self::Site(false)
    }
}

impl SiteConfig {
    /// What is wrong with it.
    fn complaint(&self) -> Option<String> {
        let is_origin = |origin: &str| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let sound = |b: u8| b.is_ascii_alphanumeric() || b".-:*".contains(&b);
            origin == "*" || host.is_some_and(|host| !host.is_empty() && host.bytes().all(sound))
        };
        let wrong = self.embed_on.iter().flatten().find(|origin| !is_origin(origin))?;
        Some(format!("[site] embed_on: „{wrong}“ ist keine Herkunft wie https://zeitung.example"))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: "base".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            restrictions_file: None,
            windows: Cutting::default(),
            decoding: DecodingSettings::default(),
            abbreviations: BTreeMap::new(),
            site: SiteConfig::default(),
            desk: DeskConfig::default(),
            reports: ReportsConfig::default(),
        }
    }
}

impl Config {
    /// Whether readers may report faults.
    pub fn takes_reports(&self) -> bool {
        self.reports.enabled.unwrap_or(self.desk.is_on())
    }

    /// Reads the given file, or `mitschnitt.toml` where there is one.
    ///
    /// # Errors
    /// `BadInput` naming the file and the line.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let default = Path::new("mitschnitt.toml");
        let path = match path {
            Some(path) => path,
            None if default.is_file() => default,
            None => return Ok(Self::default()),
        };
        let remedy = "In docs/operating.md steht, was sich einstellen lässt";
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::bad_input(format!("Einstellungen {} sind nicht lesbar", path.display()))
                .because(e)
                .remedy(remedy)
        })?;
        let config: Self = toml::from_str(&text).map_err(|e| {
            Error::bad_input(format!("Fehler in {}", path.display())).because(e).remedy(remedy)
        })?;
        let windows = config.windows.complaint().map(|what| format!("[windows]: {what}"));
        let decoding = config.decoding.complaint().map(|what| format!("[decoding]: {what}"));
        let desk = || config.desk.complaint(config.listen);
        let reports = || config.reports.complaint(&config.desk);
        let own = || config.site.complaint().or_else(desk).or_else(reports);
        match windows.or(decoding).or_else(own) {
            None => Ok(config),
            Some(what) => {
                let place = format!("Fehler in {}, {what}", path.display());
                Err(Error::bad_input(place).remedy(remedy))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_may_report_where_somebody_reads_it() {
        let read = |text: &str| toml::from_str::<Config>(text).unwrap();
        let complaint = |config: &Config| config.reports.complaint(&config.desk);
        let desk = "[desk]\nlisten = \"127.0.0.1:8081\"\n";
        for (text, takes, wrong) in [
            (String::new(), false, false),
            (desk.to_owned(), true, false),
            (format!("{desk}[reports]\nenabled = false\n"), false, false),
            ("[reports]\nenabled = true\n".to_owned(), true, true),
            (format!("{desk}[reports]\nkeep_days = 0\n"), true, true),
        ] {
            let config = read(&text);
            assert_eq!(
                (config.takes_reports(), complaint(&config).is_some()),
                (takes, wrong),
                "{text}"
            );
        }
    }

    #[test]
    fn search_engines_are_kept_from_all_or_from_bodies() {
        let read = |value: &str| {
            toml::from_str::<Config>(&format!("[site]\nnoindex = {value}")).map(|c| c.site.noindex)
        };
        assert_eq!(read("true").unwrap(), Noindex::Site(true));
        assert_eq!(read("[\"Stadt X\"]").unwrap(), Noindex::Bodies(vec!["Stadt X".into()]));
        assert_eq!(Config::default().site.noindex, Noindex::Site(false));
        let wrong = read("\"Stadt X\"").unwrap_err().to_string();
        assert!(wrong.contains("Liste von Körperschaften"), "{wrong}");
    }
}
