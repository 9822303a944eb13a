//! What the public sees, door by door, against the model: pages, captions, API, feeds, suggestions, search. Owns
//! what each must show and must not.

use std::collections::BTreeSet;

use mitschnitt::domain::ReviewStep;
use mitschnitt::store::Store;
use serde_json::Value;

use super::checks::{Rule, Violation};
use super::model::{COMMON, Model, Record, Registered, SPEECHES, word};
use super::steps::Step;
use crate::desk_site::Clerk;

/// So many of the words that are gone are searched for at each look.
const SEARCHED: usize = 40;
/// What a meeting is seen at.
const DOORS: [&str; 6] =
    ["", "/wortlaut.txt", "/wortlaut.json", "/untertitel.vtt", "/untertitel.srt", "/kapitel.vtt"];

/// What must be so at the moment a step was acknowledged, as far as the program still lives.
pub fn at_once(step: &Step, model: &Model, clerk: &Clerk) -> Vec<Violation> {
    let (Step::Withhold { meeting, .. } | Step::Review { meeting, step: ReviewStep::Reopen }) =
        step
    else {
        return Vec::new();
    };
    let Some(record) = model.records.get(meeting) else { return Vec::new() };
    // Of the last version: what went before it is looked for when everything has settled.
    let words = (0..SPEECHES).map(|order| word(meeting, record.version, order));
    let hidden: Vec<String> =
        words.filter(|word| record.gone.contains(word) || !record.is_public()).collect();
    let ask = |path: &str| clerk.try_send("GET", path, &[], b"").map(|answer| answer.body);
    let shown_at =
        |path: &String| ask(path).is_ok_and(|body| hidden.iter().any(|word| body.contains(word)));
    let is_found = |word: &&String| {
        let answer = ask(&format!("/api/v1/search?q={word}"));
        answer.is_ok_and(|body| hits(&body).iter().any(|(_, said)| said.contains(*word)))
    };
    let pages = [format!("/sitzung/{meeting}"), format!("/api/v1/meetings/{meeting}/transcript")];
    let shown = pages.into_iter().filter(shown_at).map(|page| format!("{page} shows it"));
    let found = hidden.iter().take(2).filter(is_found).map(|word| format!("{word} is found"));
    let all = shown.chain(found);
    all.map(|what| Rule::Withdrawn.broken(format!("{what} after the answer"))).collect()
}

/// Everything that the public sees.
pub fn all(model: &Model, store: &Store, clerk: &Clerk) -> Vec<Violation> {
    let mut look = Look { clerk, found: Vec::new() };
    let mut listed: BTreeSet<String> = model.queued.keys().cloned().collect();
    let mut spoken = listed.clone();
    for (meeting, record) in &model.records {
        if record.is_public() {
            listed.insert(meeting.clone());
        }
        if record.is_public() && !record.said.is_empty() {
            spoken.insert(meeting.clone());
        }
        look.record(meeting, record);
    }
    for upload in &model.uploads {
        let is_public = upload.registered == Registered::Acknowledged && upload.review.is_public();
        if is_public {
            listed.insert(upload.meeting.clone());
        }
        look.taken_in(&upload.meeting, is_public);
    }
    for (meeting, versions) in &model.queued {
        look.queued(meeting, versions.values(), store);
    }
    look.lists(&listed, &spoken);
    look.found
}

struct Look<'a> {
    clerk: &'a Clerk,
    found: Vec<Violation>,
}

impl Look<'_> {
    fn note(&mut self, is_broken: bool, rule: Rule, what: impl FnOnce() -> String) {
        if is_broken {
            self.found.push(rule.broken(what()));
        }
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.clerk.public(path).body).unwrap_or_default()
    }

    /// Whether a word is found in a meeting.
    fn finds(&self, word: &str, meeting: &str) -> bool {
        let answer = self.clerk.public(&format!("/api/v1/search?q={word}"));
        hits(&answer.body).iter().any(|(of, said)| of == meeting && said.contains(word))
    }

    /// A meeting shows what may be said of it and nothing else, and is found by it.
    fn record(&mut self, meeting: &str, record: &Record) {
        let is_public = record.is_public();
        for door in DOORS {
            let path = format!("/sitzung/{meeting}{door}");
            let answer = self.clerk.public(&path);
            let is_open = answer.status == 200;
            self.note(is_open && !is_public, Rule::Withdrawn, || format!("{path} is open"));
            if door.is_empty() {
                let what = || format!("{path} answers {}", answer.status);
                self.note(is_public != is_open, Rule::Found, what);
                let missing = record.said.values().find(|word| !answer.body.contains(*word));
                let is_missing = is_public && missing.is_some();
                self.note(is_missing, Rule::Found, || format!("{path} lacks {missing:?}"));
            }
            let shown = record.gone.iter().find(|word| answer.body.contains(*word));
            self.note(shown.is_some(), Rule::Withdrawn, || format!("{path} shows {shown:?}"));
        }
        for word in record.said.values() {
            let is_found = self.finds(word, meeting);
            let what = || format!("{word} of {meeting} is found: {is_found}, public: {is_public}");
            let rule = if is_public { Rule::Found } else { Rule::Withdrawn };
            self.note(is_found != is_public, rule, what);
        }
        let every = record.gone.len() / SEARCHED + 1;
        for word in record.gone.iter().step_by(every) {
            let is_found = self.finds(word, meeting);
            self.note(is_found, Rule::Withdrawn, || format!("{word} of {meeting} is found"));
            let path = format!("/api/v1/suggest?q={}", &word[..6]);
            let is_suggested = self.clerk.public(&path).body.contains(word.as_str());
            self.note(is_suggested, Rule::Withdrawn, || format!("{word} is suggested"));
        }
    }

    /// A meeting that came in by an upload is seen once it is published; it is known by its agenda.
    fn taken_in(&mut self, meeting: &str, is_public: bool) {
        let path = format!("/sitzung/{meeting}");
        let answer = self.clerk.public(&path);
        let title = word(meeting, 0, 0);
        let is_shown = answer.status == 200 && answer.body.contains(&title);
        let what = || format!("{path} answers {}, public: {is_public}", answer.status);
        let rule = if is_public { Rule::Found } else { Rule::Withdrawn };
        self.note(is_shown != is_public, rule, what);
        let is_found = self.finds(&title, meeting);
        let what = || format!("{title} of {meeting} is found: {is_found}, public: {is_public}");
        self.note(is_found != is_public, rule, what);
    }

    /// A meeting that jobs import is found by what they have imported last.
    fn queued<'v>(
        &mut self,
        meeting: &str,
        versions: impl Iterator<Item = &'v u32>,
        store: &Store,
    ) {
        let id = mitschnitt::domain::MeetingId::new(meeting).unwrap();
        let stored: String = store.speeches(&id).unwrap().into_iter().map(|s| s.text).collect();
        for version in versions {
            let word = word(meeting, *version, SPEECHES - 1);
            let (is_found, should) = (self.finds(&word, meeting), stored.contains(&word));
            let rule = if should { Rule::Found } else { Rule::Withdrawn };
            let what = || format!("version {version} of {meeting} is found: {is_found}");
            self.note(is_found != should, rule, what);
        }
    }

    /// Lists and the search name just what is published.
    fn lists(&mut self, listed: &BTreeSet<String>, spoken: &BTreeSet<String>) {
        let all = self.json("/api/v1/meetings");
        let is = names(all["meetings"].as_array(), |meeting| &meeting["id"]);
        self.note(is != *listed, Rule::Found, || format!("listed: {is:?}, not {listed:?}"));
        let (mut found, mut page) = (BTreeSet::new(), 1);
        loop {
            let path = format!("/api/v1/search?q={COMMON}&group=meeting&page={page}");
            let results = self.json(&path);
            found.extend(names(results["groups"].as_array(), |group| &group["meeting"]["id"]));
            if results["pages"].as_u64().unwrap_or_default() <= page {
                break;
            }
            page += 1;
        }
        self.note(found != *spoken, Rule::Found, || format!("found: {found:?}, not {spoken:?}"));
        for path in ["/sitzungen.atom", "/sitemap.xml", "/"] {
            let told = self.clerk.public(path).body;
            let ids = told.split("/sitzung/").skip(1);
            let ids =
                ids.map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '-')).next());
            for other in ids.flatten().filter(|id| !listed.contains(*id)) {
                self.found.push(Rule::Withdrawn.broken(format!("{path} names {other}")));
            }
        }
    }
}

fn names(all: Option<&Vec<Value>>, of: impl Fn(&Value) -> &Value) -> BTreeSet<String> {
    all.into_iter().flatten().filter_map(|one| of(one).as_str().map(str::to_owned)).collect()
}

/// The meetings of all hits of an answer of the search, with their excerpts.
fn hits(answer: &str) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let hits = answer["hits"].as_array().into_iter().flatten();
    let hit = |hit: &Value| {
        let parts = hit["snippet"].as_array().into_iter().flatten();
        let said: String = parts.filter_map(|part| part["text"].as_str()).collect();
        (hit["meeting"]["id"].as_str().unwrap_or_default().to_owned(), said)
    };
    hits.map(hit).collect()
}
