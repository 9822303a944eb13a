//! What the log says of a request: method, route, status, and the time until the answer began, as a
//! span around everything else that is logged of it. Owns nothing else; refuses whatever identifies
//! the visitor or is theirs: addresses, queries, and the parts of a path that they wrote.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;

use crate::domain::MeetingId;

/// Logs the requests to these routes. What tower-http would log by itself, among it the query, it does
/// not.
pub fn requests<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let layer = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(answered)
        .on_body_chunk(())
        .on_eos(())
        // Failures are logged with their cause, in `error`.
        .on_failure(());
    routes.layer(layer)
}

/// Of the highest level, so that it is there whenever something is logged within it.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::error_span!("request", method = %request.method(), route, meeting = Empty)
}

fn answered(response: &Response, latency: Duration, _: &Span) {
    let ms = latency.as_millis() as u64;
    tracing::debug!(status = response.status().as_u16(), ms, "answered");
}

/// Notes in the span which meeting is shown: one that exists, not whatever stands in the address.
pub fn note_meeting(id: &MeetingId) {
    Span::current().record("meeting", id.as_str());
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use tower::ServiceExt as _;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::domain::{Error, Result};
    use crate::search::{Completion, Results, SearchBackend, SearchRequest};
    use crate::web::public::router;
    use crate::web::testing::Archive;

    /// Everything that the program and the crates under its site log in this process from now on, at
    /// every level.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn begin() -> Self {
            let log = Self::default();
            // For the threads that do the blocking work too.
            let crates = ["mitschnitt", "axum", "tower", "hyper", "tantivy", "tokio"];
            tracing_subscriber::fmt()
                .with_env_filter(crates.map(|name| format!("{name}=trace")).join(","))
                .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
                .with_ansi(false)
                .with_writer(log.clone())
                .try_init()
                .unwrap();
            log
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// Fails at everything, and crashes over some.
    struct Broken;

    impl SearchBackend for Broken {
        fn search(&self, request: &SearchRequest) -> Result<Results> {
            assert!(!request.q.contains("Absturz"), "what is said of a panic: {}", request.q);
            Err(Error::archive("Der Suchindex ist beschädigt"))
        }

        fn search_meeting(&self, _: &MeetingId, _: &str) -> Result<Results> {
            Err(Error::archive("Der Suchindex ist beschädigt"))
        }

        fn complete(&self, _: &str) -> Result<Vec<Completion>> {
            Err(Error::archive("Der Suchindex ist beschädigt"))
        }
    }

    #[tokio::test]
    async fn requests_are_logged_without_their_queries_visitors_and_words() {
        let log = Log::begin();
        let archive = Archive::new();
        let headers = [
            ("x-forwarded-for", "203.0.113.77"),
            ("forwarded", "for=203.0.113.77"),
            ("referer", "https://rat.example/suche?q=Geheimwort"),
            ("user-agent", "Geheimwort/1.0"),
            ("cookie", "lang=de; sid=Geheimwort"),
            ("accept-language", "Geheimwort"),
        ];
        let asked = [
            "/suche?q=Geheimwort",
            "/suche?q=Livestream&person=Geheimwort&year=Geheimwort",
            "/suche?Geheimwort=%FF",
            "/suche.atom?q=Geheimwort",
            "/sitzung/kt-1?q=Geheimwort&t=9.5",
            "/sitzung/kt-1/wortlaut.txt?teil=Geheimwort",
            "/api/v1/search?q=Geheimwort&page=Geheimwort",
            "/api/v1/suggest?q=Geheimwort",
            // What somebody types into the address bar is a query as well.
            "/Geheimwort",
            "/sitzung/Geheimwort",
            "/sitzung/geheimwort",
            "/sitzung/kt-1/Geheimwort",
            "/medien/Geheimwort?Geheimwort",
            "/static/Geheimwort/Geheimwort",
            "/api/v1/meetings/geheimwort/transcript",
        ];
        for path in asked {
            archive.get_with(path, &headers).await;
        }
        archive.get(&format!("/medien/{}", archive.media)).await;
        // Who reports a fault, taken or not.
        let report = ["text", "kontakt", "art", "zitat", "stempel", "website"];
        let report = report.map(|name| (name.to_owned(), "Geheimwort".to_owned()));
        for fields in [&report[..], &report[..3]] {
            archive.post_to(&archive.state(), "/sitzung/kt-1/fehler", fields, &headers).await;
        }
        // And where it fails.
        let mut state = archive.state();
        state.searcher = Arc::new(Broken);
        let broken = router(state);
        for path in ["/suche?q=Geheimwort", "/suche?q=Absturz+Geheimwort", asked[4], asked[7]] {
            let mut request = Request::builder().uri(path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let response = broken.clone().oneshot(request.body(Body::empty()).unwrap()).await;
            assert!(path == asked[4] || response.unwrap().status().is_server_error(), "{path}");
        }

        let text = log.text();
        for line in [
            r#"request{method=GET route="/suche"}: mitschnitt::web::shared::log: answered status=200 ms="#,
            r#"request{method=GET route="/sitzung/{id}" meeting="kt-1"}: mitschnitt::web::shared::log: answered"#,
            r#"request{method=GET route="none"}: mitschnitt::web::shared::log: answered status=404"#,
            r#"request{method=GET route="/suche"}: mitschnitt::web::shared::error: request failed status=503 error="Der Suchindex"#,
            r#"request{method=GET route="/suche"}: mitschnitt::web::shared::error: request failed status=500 error="Eine Anfrage ist abgest"#,
            r#"request{method=GET route="/sitzung/{id}" meeting="kt-1"}: mitschnitt::web::public::pages::meeting: search within a meeting failed"#,
        ] {
            assert!(text.contains(line), "nothing says {line}:\n{text}");
        }
        let text = text.to_lowercase();
        for secret in ["geheimwort", "203.0.113.77", "livestream", "tagesordnungspunkt"] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is in the log");
        }
    }
}
