//! `/sitzung/{id}`: video, agenda, speakers and the whole text of a meeting. Places (`?t=`), the
//! word a hit led to (`w=`) and a search in the meeting (`q=`) work without JavaScript.

pub(super) mod player;
mod timeline;
mod votes;

use std::cmp::Reverse;

use askama::Template;
use axum::Router;
use axum::extract::{self, Path, Query};
use axum::response::{Html, Response};
use axum::routing::get;
use serde_json::json;

use self::player::Player;
use self::timeline::MeetingTimeline;
use self::votes::VoteLine;
use super::transcript::{self, Block, GapBlock, Marks, Section, TextPart, place};
use super::within::Within;
use crate::domain::{
    Engine, Error, ErrorKind, MediaTime, OrganizationId, Result, TextReview, TimeAccuracy, Vote,
};
use crate::edition::{Directory, Edition};
use crate::search::Breadth;
use crate::search::link::LEAD_IN_MS;
use crate::web::public::head::PageHead;
use crate::web::public::links;
use crate::web::public::load;
use crate::web::public::outline::{self, Item, Share, Speaker};
use crate::web::public::place::{PlaceLink, QuoteState, ShownPlace, ShownQuote};
use crate::web::public::preview;
use crate::web::public::query;
use crate::web::public::quoting::{self, Quote};
use crate::web::public::words::MeetingWords;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::headers::FramesFrom;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, State, blocking};

#[derive(Template)]
#[template(path = "meeting.html")]
struct MeetingPage {
    frame: Frame,
    head: PageHead,
    id: String,
    name: String,
    organization: String,
    body: String,
    date: Option<jiff::civil::Date>,
    synthetic: bool,
    player: Player,
    parts: Vec<PartLink>,
    public_copy: Option<String>,
    minutes_url: Option<String>,
    agenda: Vec<AgendaEntry>,
    speakers: Vec<SpeakerRow>,
    /// The page of the organization that meets.
    organization_page: Option<String>,
    parties: Vec<Share>,
    sections: Vec<Section>,
    timeline: Option<MeetingTimeline>,
    /// The first of the marked words, if there are such.
    word: Option<usize>,
    /// The marked words.
    now: String,
    /// The quotation that led here.
    quote: Option<ShownQuote>,
    search: Option<Within>,
    /// Why there is no search where one was asked for.
    search_failure: Option<&'static str>,
    has_text: bool,
    /// Whether the text was put on record elsewhere.
    recorded: bool,
    /// Whether people have checked the text.
    checked: bool,
    /// The Whisper model that heard the text.
    model: Option<String>,
    /// Whether that is good for finding a place, but not for quoting it.
    for_searching: bool,
    /// Whether the times of words are only approximate.
    approximate: bool,
    /// Whether some words are marked as doubtful.
    has_doubts: bool,
    /// Whether clips may be taken away.
    clips: bool,
    /// Whether readers may report faults.
    reports: bool,
}

/// A recording of several.
struct PartLink {
    number: usize,
    start: MediaTime,
    current: bool,
}

/// An agenda item with the links to its places in the text.
struct AgendaEntry {
    item: Item,
    places: Vec<(MediaTime, String)>,
    /// Where its text begins in the page, where no times lead there.
    section: Option<String>,
    /// Results with the links to where they were announced.
    votes: Vec<(Vote, String)>,
    /// Votes as others recorded them.
    recorded: Vec<VoteLine>,
    /// The page of its paper.
    paper: Option<String>,
}

/// Somebody who speaks, with their page where they have one.
struct SpeakerRow {
    speaker: Speaker,
    page: Option<String>,
}

/// Longer queries are cut; nobody types them.
const LONGEST_QUERY: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sitzung/{id}", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let asked = PlaceLink::read(&pairs);
    let q = pairs.into_iter().rev().find(|(name, _)| name == "q").map(|(_, q)| q);
    let q: String = q.as_deref().unwrap_or_default().trim().chars().take(LONGEST_QUERY).collect();
    blocking(move || {
        let edition = load(&app, &id)?;
        let place = asked.resolve(&app.editions, &edition)?;
        let frame = frame.of_bodies([edition.council.body.name.as_str()]);
        let page = MeetingPage::new(&app, frame, &edition, place, &q)?;
        let mut response = page.frame.answer(Html(page.render()?));
        if let Player::Elsewhere(film) = page.player
            && let Some(embed) = film.embed
        {
            response.extensions_mut().insert(FramesFrom(embed.origin));
        }
        Ok::<_, Failure>(response)
    })
    .await
}

impl MeetingPage {
    fn new(
        app: &State,
        frame: Frame,
        edition: &Edition,
        asked: ShownPlace,
        q: &str,
    ) -> Result<Self> {
        let meeting = &edition.council.meeting;
        let words = MeetingWords::of(edition);
        let target = asked.words.unwrap_or_default();
        let word = target.clone().next();
        // Of records the place of a quotation is known by its words alone.
        let estimated = || Some(words.start(word?)?.minus_millis(LEAD_IN_MS));
        let is_quoted = edition.text.is_none() && asked.quote.is_some();
        let at = if is_quoted { estimated().or(asked.time) } else { asked.time };
        let within = |q| Within::search(app, edition, &words, q, word);
        let searched = Some(q).filter(|q| !q.is_empty()).map(within).transpose();
        // The meeting is there, also where nothing can be searched for in it.
        let (search, search_failure) = match searched {
            Ok(search) => (search, None),
            Err(error) => (None, Some(failed_search(&error, frame.t))),
        };
        let places = || search.iter().flat_map(|search| &search.places);
        let marks = Marks {
            target: target.clone(),
            hits: places().flat_map(|place| place.0..=place.1).collect(),
            at,
        };
        let sections = transcript::sections(edition, &marks);
        let part = edition.part_at(at.unwrap_or_default());
        let engine = edition.text.as_ref().map(|(transcript, _)| &transcript.engine);
        let directory = app.editions.directory()?;
        let body = edition.council.body.name.as_str();
        let mut speakers = outline::speakers(edition);
        let parties = outline::parties(&speakers);
        speakers.sort_by_key(|speaker| Reverse(speaker.speaking_ms));
        let speakers = speakers.into_iter().map(|speaker| SpeakerRow {
            page: links::person(&directory, &speaker.id, body),
            speaker,
        });
        let hit_times = places().filter_map(|place| words.start(place.0));
        let player = player::player(edition, part, at, asked.until);
        let is_same = asked.quote.as_ref().is_some_and(|quote| quote.state == QuoteState::Same);
        let head = head(&frame, edition, &player);
        let quoted = Some(target.clone()).filter(|_| is_same);
        let quoted = quoted.and_then(|words| {
            Quote::of(&app.editions, edition, words, &frame.origin, frame.t).ok()
        });
        Ok(Self {
            head: match quoted {
                Some(quote) => head_of_quotation(head, &quote, frame.t),
                None => head,
            },
            id: meeting.id.to_string(),
            name: meeting.name.clone(),
            organization: organization(edition),
            body: edition.council.body.name.clone(),
            date: meeting.date,
            synthetic: meeting.synthetic,
            player,
            parts: part_links(edition, part),
            public_copy: public_copy(edition, part),
            minutes_url: edition.elsewhere.minutes_url.clone(),
            agenda: agenda(edition, &sections, &directory),
            parties,
            speakers: speakers.collect(),
            organization_page: edition.council.meeting.organizations.first().and_then(|_| {
                links::organization(&directory, edition.council.organization_name(), body)
            }),
            has_text: edition.text.is_some(),
            recorded: !edition.speeches.is_empty(),
            checked: edition.text_review(&[]) == TextReview::Checked,
            model: engine.and_then(Engine::whisper_model).map(str::to_owned),
            for_searching: engine.is_some_and(Engine::is_for_searching),
            approximate: edition
                .text
                .as_ref()
                .is_some_and(|(text, _)| text.times == TimeAccuracy::Approximate),
            clips: app.clips.is_some(),
            reports: app.reports.is_some(),
            has_doubts: transcript::has_doubts(&sections),
            timeline: MeetingTimeline::of(edition, &sections, hit_times),
            now: target.map(|word| words.text(word)).collect::<Vec<_>>().join(" "),
            quote: asked.quote,
            sections,
            word,
            search,
            search_failure,
            frame,
        })
    }

    /// The agenda items a section treats.
    fn items(&self, section: &Section) -> Vec<&Item> {
        section.items.iter().filter_map(|order| Some(&self.agenda.get(*order)?.item)).collect()
    }

    /// Address of a time.
    fn at(&self, t: &MediaTime) -> String {
        place(*t)
    }

    /// Why nothing can be read in a place, and how much of it.
    fn gap(&self, gap: &GapBlock) -> String {
        self.frame.t.gap(gap.reason, gap.length_ms)
    }

    /// How much of the meeting's speech a share is, in percent of the greatest.
    fn bar(&self, ms: &u64) -> u64 {
        let most = self.speakers.iter().map(|row| row.speaker.speaking_ms).max().unwrap_or(1);
        (ms * 100).div_ceil(most.max(1))
    }

    /// The same among parties.
    fn party_bar(&self, ms: &u64) -> u64 {
        let most = self.parties.iter().map(|party| party.speaking_ms).max().unwrap_or(1);
        (ms * 100).div_ceil(most.max(1))
    }
}

/// What the page says of itself to machines: the meeting, and its film with the items as clips.
fn head(frame: &Frame, edition: &Edition, player: &Player) -> PageHead {
    let meeting = &edition.council.meeting;
    let path = query::meeting_page(&meeting.id);
    let body = edition.council.body.name.as_str();
    let day = meeting.date.map(|date| frame.t.date(&date));
    let what =
        [Some(organization(edition)).filter(|name| !name.is_empty()), Some(body.to_owned()), day];
    let description = what.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let picture_text = frame.t.preview_text(&meeting.name, &description);
    let picture = preview::of(meeting.id.as_str());
    let head = PageHead::new(frame, &path, &meeting.name, &description);
    let head = head.pictured(frame, &picture, picture_text);
    let address = |t: MediaTime| format!("{}{path}?t={}", frame.origin, query::seconds(t));
    if !matches!(player, Player::Here(file) if !file.audio) {
        let more = json!({ "startDate": meeting.date.map(|date| date.to_string()) });
        return head.about("article", "Event", more);
    }
    let items = edition.council.meeting.agenda.iter().filter(|item| item.public);
    let places = edition.text.iter().flat_map(|(_, alignment)| &alignment.items);
    let places: Vec<_> = places.filter_map(|item| Some((&item.id, item.spans.first()?))).collect();
    let clips = items.filter_map(|item| {
        let (_, span) = places.iter().find(|(id, _)| **id == item.id)?;
        Some(json!({
            "@type": "Clip",
            "name": item.title,
            "startOffset": span.start().millis() / 1000,
            "endOffset": span.end().millis() / 1000,
            "url": address(span.start()),
        }))
    });
    let more = json!({
        "description": description,
        "uploadDate": meeting.date.map(|date| date.to_string()),
        "thumbnailUrl": head.picture,
        "embedUrl": format!("{}/einbetten/{}", frame.origin, meeting.id),
        "hasPart": clips.collect::<Vec<_>>(),
    });
    head.about("video.other", "VideoObject", more)
}

/// Whoever shares the address of a quotation shares its words.
fn head_of_quotation(head: PageHead, quote: &Quote, t: &Texts) -> PageHead {
    let who = quote.speeches.iter().map(|speech| quoting::who(speech, t)).collect::<Vec<_>>();
    let words = format!("„{}“ ({})", quote.text, who.join("; "));
    PageHead {
        description: words.clone(),
        picture: preview::of_quotation(&quote.url),
        picture_text: words,
        shared: quote.url.clone(),
        ..head
    }
}

/// What stands in the place of hits.
fn failed_search(error: &Error, t: &Texts) -> &'static str {
    tracing::error!(%error, "search within a meeting failed");
    match error.kind() {
        ErrorKind::Rebuilding => t.error_rebuilding,
        _ => t.error_ours,
    }
}

fn organization(edition: &Edition) -> String {
    let council = &edition.council;
    let known = |id: &OrganizationId| {
        council.organizations.iter().find(|o| o.id == *id).map(|o| o.name.clone())
    };
    let names: Vec<String> = council.meeting.organizations.iter().filter_map(known).collect();
    names.join(", ")
}

fn part_links(edition: &Edition, current: usize) -> Vec<PartLink> {
    let parts = edition.parts.iter().enumerate();
    let links = parts.map(|(i, part)| PartLink {
        number: i + 1,
        start: part.recording.offset,
        current: i == current,
    });
    if edition.parts.len() > 1 { links.collect() } else { Vec::new() }
}

/// Only web addresses become links; `javascript:` and the like never.
fn public_copy(edition: &Edition, part: usize) -> Option<String> {
    let url = edition.parts.get(part)?.recording.video_url.clone()?;
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// The agenda, each item with the links to the places where it is treated.
fn agenda(edition: &Edition, sections: &[Section], directory: &Directory) -> Vec<AgendaEntry> {
    let meeting = &edition.council.meeting;
    let known = directory.listed.iter().position(|listed| listed.id == meeting.id);
    let known = known.map(|place| &directory.meetings[place]);
    let entry = |item: Item| {
        let announced = |vote: &Vote| (vote.clone(), place(vote.start_ms));
        let own = |s: &&Section| edition.text.is_none() && s.items.contains(&item.order);
        AgendaEntry {
            section: sections.iter().find(own).map(|s| s.anchor.clone()),
            places: item.spans.iter().map(|span| (span.start(), place(span.start()))).collect(),
            votes: item.votes.iter().map(announced).collect(),
            recorded: known.map(|m| votes::of_item(directory, m, item.order)).unwrap_or_default(),
            paper: item.paper.as_deref().and_then(|reference| {
                links::paper(directory, reference, &edition.council.body.name)
            }),
            item,
        }
    };
    outline::agenda(edition).into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_link_to_a_word_sets_the_video_and_marks_the_word() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1?t=9.5&w=12").await.text();
        assert!(html.contains(&format!("/medien/{}#t=4.5", archive.media)), "video not set");
        let marked = html.split(r#"<mark id="w12""#).nth(1).expect("no marked word");
        assert!(marked.split("</mark>").next().unwrap().ends_with(">Livestream"), "{marked:.80}");
    }

    #[tokio::test]
    async fn the_recording_that_runs_at_the_time_is_shown_on_its_own_clock() {
        let archive = Archive::in_two_parts();
        let html = archive.get("/sitzung/kt-1?t=610,612.5").await.text();
        assert!(html.contains("#t=5,7.5\"") && html.contains("data-offset=\"605000\""), "{html}");
        assert!(html.contains("untertitel.vtt?teil=2") && html.contains("href=\"?t=5#stelle\""));
        let first = archive.get("/sitzung/kt-1?t=20").await.text();
        assert!(first.contains("#t=15\"") && first.contains("data-until=\"605000\""));
        let captions = archive.get("/sitzung/kt-1/untertitel.vtt?teil=2").await.text();
        assert!(captions.contains("00:00:00.000 -->"), "{captions}");
    }

    #[tokio::test]
    async fn hidden_items_say_nothing_but_that() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1").await.text();
        assert!(html.contains("Nicht öffentlich"));
        assert!(!html.contains("MV-0666/21"), "paper of a hidden item is shown");
        assert!(!html.contains("abgelehnt"), "result of a hidden item is shown");
    }

    #[tokio::test]
    async fn a_result_leads_to_where_it_was_announced() {
        let archive = Archive::new();
        let link = r#"href="?t=15.5#stelle">einstimmig angenommen (2 Enthaltungen)</a>"#;
        let html = archive.get("/sitzung/kt-1").await.text();
        assert!(html.contains(link), "{html}");
        let html = archive.get("/sitzung/kt-1?lang=en").await.text();
        assert!(html.contains(">adopted unanimously (2 abstentions)</a>"), "{html}");
    }

    #[tokio::test]
    async fn speakers_are_named_and_guesses_say_so() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1").await.text();
        let guess = html.split("Bernd Beispiel").last().unwrap();
        assert!(guess[..300].contains("(vermutlich)"), "{guess:.300}");
        assert!(html.contains("Automatisch erstellt, ungeprüft, nicht amtlich."));
        assert!(html.contains("Erfundene Sitzung mit synthetischen Stimmen"));
        assert!(html.contains("Whisper base. Der Text taugt zum Suchen."));
    }

    #[tokio::test]
    async fn the_interface_changes_its_language_and_the_text_keeps_its_own() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1?lang=en").await.text();
        assert!(html.contains(r#"<html lang="en">"#) && html.contains("Agenda"));
        assert!(html.contains(r#"id="wortlaut-text" lang="de""#), "text has no language");
    }

    #[tokio::test]
    async fn nonsense_in_the_address_is_left_out() {
        let archive = Archive::new();
        for path in ["?t=quatsch&w=-1", "?t=1e400&w=99999999999999999999", "?w=100000", "?%FF=%FF"]
        {
            assert_eq!(archive.get(&format!("/sitzung/kt-1{path}")).await.status, 200, "{path}");
        }
    }
}
