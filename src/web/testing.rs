//! For tests only: an archive with one invented meeting, a search that answers by hand, and a
//! visitor without a browser.

mod meeting;
mod records;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::{Method, Request as HttpRequest};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::domain::*;
use crate::edition::{Editions, Viewer};
use crate::inbox::Inbox;
use crate::search::{
    Breadth, Bucket, Completed, Completion, Facet, Facets, GroupBy, HitGroup, HitMeeting, How,
    ItemRef, LinkedHit, LinkedPart, Remark, Results, SearchBackend, SearchRequest, SpeakerRef,
    Understood, Why,
};
use crate::store::{Heard, NewRestriction, Published, Registration, Store};
use crate::web::public::feeds::Subscriptions;
use crate::web::public::{query, router};
use crate::web::shared::{Clips, Reporting, Site, State};

pub use meeting::{attacked, edition_of};

use meeting::{OFFSET, alignment, ordinary, recording, transcript, word_start};

/// What stands in the published file: the head of an MP4 and some bytes to tell apart.
pub const MEDIA: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom 0123456789";

const WORDS: &str = "Ich rufe auf den Tagesordnungspunkt fünf. \
    Wir sprechen über die Einführung eines Livestream aus dem Kreistag. \
    Vielen Dank, Frau Vorsitzende. Der Antrag ist richtig.";

/// What hostile people write into every field.
const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x --> ]]> &amp; \u{7}";

/// An archive in a folder of its own.
pub struct Archive {
    dir: tempfile::TempDir,
    store: Store,
    /// Address of the published file.
    pub media: Digest,
    /// Who runs the site.
    pub site: Site,
    /// Cuts clips.
    pub clips: Option<Arc<dyn Clips>>,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

impl Archive {
    /// With an ordinary meeting.
    pub fn new() -> Self {
        Self::with(&ordinary(), WORDS, &[OFFSET], |_| {})
    }

    /// With a meeting that was recorded in two parts, ten minutes from start to start.
    pub fn in_two_parts() -> Self {
        let offsets = [OFFSET, OFFSET.plus_millis(600_000)];
        Self::with(&ordinary(), WORDS, &offsets, |_| {})
    }

    /// With a meeting whose every text is an attack.
    pub fn hostile() -> Self {
        Self::attacked_with(HOSTILE)
    }

    /// With a meeting whose every text is this one, spoken as well as written.
    pub fn attacked_with(text: &str) -> Self {
        let words = format!("{WORDS} {text} Ende.");
        Self::with(&attacked(text), &words, &[OFFSET], |alignment| {
            for turn in &mut alignment.turns {
                (turn.name, turn.evidence) =
                    (Some(text.to_owned()), vec![FoundBy::Called(text.to_owned())]);
            }
            for item in &mut alignment.items {
                item.evidence = vec![FoundBy::Called(text.to_owned())];
                item.votes.iter_mut().for_each(|vote| vote.words = text.to_owned());
            }
        })
    }

    fn with(
        council: &Council,
        words: &str,
        offsets: &[MediaTime],
        change: impl Fn(&mut Alignment),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let recordings: Vec<Recording> = offsets.iter().map(|offset| recording(*offset)).collect();
        let id = council.meeting.id.clone();
        store.register(&Registration::of(council, &recordings)).unwrap();
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let transcript = transcript(&words, &[6, 11, 4, 100]);
        let key = Digest::of(b"key");
        let media = Digest::of(MEDIA);
        let path = dir.path().join("published.mp4");
        std::fs::write(&path, MEDIA).unwrap();
        let published = Published {
            sha256: media.clone(),
            path,
            bytes: MEDIA.len() as u64,
            shows: PublicSpans::WHOLE,
            made_of: String::new(),
            has_video: true,
        };
        for recording in &recordings {
            let heard = Heard { public: &recording.public, sound: &recording.sound };
            store.put_transcript(&id, &recording.sha256, &key, &transcript, &heard).unwrap();
            store.put_published(&id, &recording.sha256, &published).unwrap();
        }
        let texts = store.shown_transcripts(&id).unwrap();
        let mut alignment = alignment(words.len());
        change(&mut alignment);
        store.put_alignment(&id, &key, &alignment, &texts).unwrap();
        store.note_publication(&id, Some(&key)).unwrap();
        let edition = Editions::new(store.clone(), Viewer::Public).load(&id).unwrap();
        store.note_extent(&id, &edition.extent()).unwrap();
        Self { dir, store, media, site: Site::default(), clips: None }
    }

    /// Takes the meeting away: out of the archive, or from sight.
    pub fn withdraw(&self, removed: bool) {
        let id = MeetingId::new("kt-1").unwrap();
        let by = Signature { by: "test".to_owned(), at: jiff::Timestamp::now() };
        if removed {
            assert!(self.store.remove_meeting(&id, &by).unwrap());
            return;
        }
        let new = NewRestriction {
            scope: Scope::Meeting,
            covers: Covers::default(),
            origin: Origin::Clerk,
            why: "test".to_owned(),
            withdrew: true,
            made: by,
            unplaced: false,
        };
        self.store.restrict(&id, &new, &[], None).unwrap();
    }

    /// Hears the meeting again, with another word in one's place.
    pub fn hear_again(&self, word: &str, other: &str) {
        let id = MeetingId::new("kt-1").unwrap();
        let recording = &self.store.recordings(&id).unwrap()[0];
        let mut transcript =
            self.store.transcript(&id, &recording.sha256).unwrap().unwrap().transcript;
        for found in transcript.words.iter_mut().filter(|found| found.text == word) {
            found.text = other.to_owned();
        }
        let key = Digest::of(other.as_bytes());
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        self.store.put_transcript(&id, &recording.sha256, &key, &transcript, &heard).unwrap();
        let texts = self.store.shown_transcripts(&id).unwrap();
        self.store.put_alignment(&id, &key, &alignment(transcript.words.len()), &texts).unwrap();
    }

    /// Withdraws a stretch of the meeting's clock.
    pub fn withhold(&self, span: Span) {
        let new = NewRestriction {
            scope: Scope::Span,
            covers: Covers::Everything,
            origin: Origin::Clerk,
            why: "asked for".into(),
            withdrew: true,
            made: Signature { by: "clerk".into(), at: jiff::Timestamp::UNIX_EPOCH },
            unplaced: false,
        };
        self.store.restrict(&MeetingId::new("kt-1").unwrap(), &new, &[span], None).unwrap();
    }

    pub fn media_file(&self) -> PathBuf {
        self.dir.path().join("published.mp4")
    }

    pub fn state(&self) -> State {
        let council = self.store.council(&MeetingId::new("kt-1").unwrap()).ok();
        let searcher = Arc::new(HandMade { council });
        State {
            editions: Editions::new(self.store.clone(), Viewer::Public),
            searcher,
            site: self.site.clone(),
            clips: self.clips.clone(),
            reports: Some(Reporting::new(self.inbox(), Vec::new(), 90)),
        }
    }

    /// Where its readers' reports go.
    pub fn inbox(&self) -> Inbox {
        Inbox::beside(self.dir.path())
    }

    /// The archive, to be written.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What is found at an address.
    pub async fn found(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.text()
    }

    /// One address of every kind of page.
    pub fn all_pages(&self) -> Vec<String> {
        let directory = self.directory();
        let persons = directory.persons.iter().map(|person| query::person_page(&person.address));
        let papers = directory.papers.iter().map(|paper| query::paper_page(&paper.address));
        let listed = directory.organizations.iter();
        let organizations = listed.map(|o| query::organization_page(&o.address));
        let own = persons.chain(papers).chain(organizations);
        let own = own.flat_map(|page| [format!("{page}?lang=en"), page]);
        let own: Vec<String> = own.collect();
        [
            "/",
            "/suche",
            "/suche?q=Livestream",
            "/suche?q=Livestream&party=SPD",
            "/suche?q=Xylophon",
            "/sitzungen",
            "/kalender/2021-06",
            "/kalender/1999-02",
            "/personen",
            "/personen?q=muster",
            "/vorlagen",
            "/sitzung/kt-1",
            "/sitzung/kt-1?t=9.5&w=12",
            "/sitzung/kt-1?q=Livestream",
            "/sitzung/kt-1/zitat?w=12-18",
            "/sitzung/kt-1/fehler?w=12-18",
            "/sitzung/kt-1/fehler",
            "/sitzung/kt-1/fehler?danke=9.5",
            "/barrierefreiheit",
            "/datenschutz",
            "/impressum",
            "/?lang=en",
            "/sitzung/kt-1?lang=en",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain(own)
        .collect()
    }

    /// The feeds of every person, paper and organization.
    pub fn own_feeds(&self) -> Vec<String> {
        let directory = self.directory();
        let persons = directory.persons.iter().map(Subscriptions::of_person);
        let papers = directory.papers.iter().map(Subscriptions::of_paper);
        let organizations = directory.organizations.iter().map(Subscriptions::of_organization);
        let all = persons.chain(papers).chain(organizations);
        all.filter_map(|subscriptions| subscriptions.feed).collect()
    }

    /// The one hit that its search finds.
    pub fn a_hit(&self) -> LinkedHit {
        hit(&self.store.council(&MeetingId::new("kt-1").unwrap()).unwrap())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers).await
    }

    /// As asked of a site that has been running for a while.
    pub async fn get_of(&self, state: &State, path: &str) -> Answer {
        send_to(state.clone(), Method::GET, path, &[]).await
    }

    /// Sends a form, as a page of the site would.
    pub async fn post_to(
        &self,
        state: &State,
        path: &str,
        form: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let pairs = form.iter().map(|(name, value)| format!("{name}={}", query::encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = [kind].iter().chain(headers).copied().collect();
        let request = request(Method::POST, path, &headers);
        answer(state.clone(), request.body(body.into()).unwrap()).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        send_to(self.state(), method, path, headers).await
    }
}

async fn send_to(state: State, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = request(method, path, headers);
    answer(state, request.body(axum::body::Body::empty()).unwrap()).await
}

fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> axum::http::request::Builder {
    let request = HttpRequest::builder().method(method).uri(path);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn answer(state: State, request: HttpRequest<axum::body::Body>) -> Answer {
    let response = router(state).oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    Answer { status, headers, body }
}

/// Not a search: finds "Livestream" in the invented meeting and nothing else.
struct HandMade {
    /// The meeting, unless it was taken away.
    council: Option<Council>,
}

impl SearchBackend for HandMade {
    fn search(&self, request: &SearchRequest) -> Result<Results> {
        let hit = self.council.as_ref().filter(|_| request.q.contains("Livestream")).map(hit);
        let found = hit.is_some();
        let total = if found { 41 } else { 0 };
        Ok(Results {
            query: request.q.clone(),
            understood: found.then(|| HOSTILE.to_owned()),
            reading: Understood {
                asked: None,
                remarks: found.then(|| Remark::NoDate(HOSTILE.to_owned())).into_iter().collect(),
            },
            total,
            similar: 0,
            breadth: Breadth::Passage,
            wider: None,
            missing: Vec::new(),
            meetings: u64::from(found),
            took_ms: 1,
            page: request.page.max(1),
            pages: if found { 3 } else { 0 },
            hits: match request.group {
                GroupBy::Nothing => hit.iter().cloned().collect(),
                _ => Vec::new(),
            },
            groups: match request.group {
                GroupBy::Nothing => Vec::new(),
                _ => hit
                    .into_iter()
                    .map(|hit| HitGroup {
                        meeting: hit.meeting.clone(),
                        agenda_item: hit.agenda_item.clone(),
                        total,
                        speeches: Some(1),
                        passage: hit.passage.clone(),
                        hits: vec![hit],
                    })
                    .collect(),
            },
            facets: if found { facets() } else { Facets::default() },
            suggestion: (!found).then(|| "Livestream".to_owned()),
        })
    }

    fn search_meeting(&self, _: &MeetingId, q: &str) -> Result<Results> {
        self.search(&SearchRequest { q: q.to_owned(), ..SearchRequest::default() })
    }

    fn complete(&self, beginning: &str) -> Result<Vec<Completion>> {
        let found = "Livestream".starts_with(beginning);
        let completion = Completion {
            text: "Livestream".to_owned(),
            what: Completed::Word,
            query: "Livestream".to_owned(),
            id: String::new(),
        };
        Ok(found.then_some(completion).into_iter().collect())
    }
}

fn facets() -> Facets {
    let bucket =
        |id: &str, label: &str, count| Bucket { id: id.into(), label: label.into(), count };
    let of = |facet, id: &str, label: &str| (facet, vec![bucket(id, label, 41)]);
    let mut values = BTreeMap::from([
        of(Facet::Organization, "Kreistag", "Kreistag"),
        of(Facet::Person, "p/1", "Erika Muster"),
    ]);
    let parties = vec![bucket("SPD", "SPD", 30), bucket("Grüne", "Grüne", 11)];
    values.insert(Facet::Party, parties);
    let kinds = vec![bucket("spoken", "spoken", 40), bucket("item", "item", 1)];
    values.insert(Facet::Kind, kinds);
    Facets {
        values,
        year: vec![bucket("2021", "2021", 40), bucket("2019", "2019", 1)],
        month: Vec::new(),
    }
}

fn hit(council: &Council) -> LinkedHit {
    let meeting = &council.meeting;
    let start = word_start(12);
    let link = format!(
        "{}?t={}&w=12-Livestream",
        query::meeting_page(&meeting.id),
        query::seconds(start.minus_millis(1500))
    );
    let plain = |text: &str| LinkedPart {
        text: text.into(),
        hit: false,
        start_ms: None,
        end_ms: None,
        url: None,
    };
    let word = LinkedPart {
        text: "Livestream".into(),
        hit: true,
        start_ms: Some(start),
        end_ms: Some(start.plus_millis(400)),
        url: Some(link.clone()),
    };
    LinkedHit {
        kind: crate::search::Kind::Spoken,
        meeting: HitMeeting {
            id: meeting.id.clone(),
            name: meeting.name.clone(),
            date: Some("2021-06-21".into()),
            organization: "Kreistag".into(),
            body: council.body.name.clone(),
            synthetic: meeting.synthetic,
        },
        passage: format!("kt-1/1 {HOSTILE}"),
        order: 1,
        start_ms: Some(word_start(6)),
        end_ms: Some(word_start(17)),
        agenda_item: Some(ItemRef {
            number: Some("5".into()),
            title: meeting.agenda[0].title.clone(),
            paper: Some("MV-0029/21".into()),
        }),
        speaker: Some(SpeakerRef {
            id: "p/1".into(),
            name: council.persons[0].name.clone(),
            party: Some("SPD".into()),
        }),
        vote: None,
        snippet: vec![plain("Einführung eines "), word, plain(HOSTILE)],
        words: vec![12],
        at: Some(start),
        why: vec![Why {
            asked: "Livestreams".into(),
            how: How::WordForm,
            found: vec!["Livestream".into()],
        }],
        url: link,
        video_url: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::markup;

    /// Addresses of our own that a page links to.
    fn links(html: &str) -> BTreeSet<String> {
        let attributes = [" href=\"", " src=\"", " action=\""];
        let values = attributes.iter().flat_map(|a| html.split(a).skip(1));
        let values = values.filter_map(|rest| rest.split('"').next());
        let values = values.map(|v| v.split('#').next().unwrap_or_default().to_owned());
        let unescaped = html_values(html).into_iter().chain(values);
        unescaped.filter(|v| v.starts_with('/')).collect()
    }

    /// As above with `&` written back; a fragment is cut only after that.
    fn html_values(html: &str) -> Vec<String> {
        let values = html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let unescaped = values.map(|v| v.replace("&#38;", "&").replace("&amp;", "&"));
        unescaped.map(|v| v.split('#').next().unwrap_or_default().to_owned()).collect()
    }

    #[tokio::test]
    async fn every_link_of_every_page_leads_somewhere() {
        let archive = Archive::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<String> = archive.all_pages();
        while let Some(path) = open.pop() {
            if seen.len() > 400 || !seen.insert(path.clone()) {
                continue;
            }
            let answer = archive.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            if answer.header("content-type").starts_with("text/html") {
                open.extend(links(&answer.text()));
            }
        }
        assert!(seen.len() > 30, "only {} addresses", seen.len());
    }

    #[tokio::test]
    async fn hostile_texts_stay_texts() {
        let payloads = markup::payloads();
        // Ten in a field: each text is an attack on what the one before has opened.
        for attack in payloads.chunks(10).map(|some| some.join(" ")).chain([HOSTILE.to_owned()]) {
            let archive = Archive::attacked_with(&attack);
            for path in archive.all_pages() {
                markup::assert_harmless_html(&path, &archive.found(&path).await);
            }
            let xml =
                ["/suche.atom?q=Livestream", "/sitzungen.atom", "/sitemap.xml", "/opensearch.xml"];
            for path in xml.map(str::to_owned).into_iter().chain(archive.own_feeds()) {
                markup::assert_well_formed_xml(&path, &archive.found(&path).await);
            }
            for file in ["untertitel.vtt", "untertitel.srt", "kapitel.vtt"] {
                let path = format!("/sitzung/kt-1/{file}");
                markup::assert_harmless_captions(&path, &archive.found(&path).await);
            }
            let json =
                ["search?q=Livestream", "meetings", "meetings/kt-1", "meetings/kt-1/transcript"];
            for path in json.map(|end| format!("/api/v1/{end}")) {
                let answer: serde_json::Value =
                    serde_json::from_str(&archive.found(&path).await).unwrap();
                assert!(answer.is_object(), "{path}");
            }
        }
    }
}
