//! `/barrierefreiheit`, `/datenschutz`, `/impressum`: what every public site must say. The texts
//! describe what this program does; what only the operator knows comes from the settings.

use askama::Template;
use axum::Router;
use axum::extract;
use axum::response::Html;
use axum::routing::get;

use crate::web::shared::App;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Lang;

#[derive(Template)]
#[template(path = "barrierefreiheit.html")]
struct AccessibilityPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "datenschutz.html")]
struct PrivacyPage {
    frame: Frame,
    /// Whether readers may report faults.
    reports: bool,
}

#[derive(Template)]
#[template(path = "impressum.html")]
struct ImprintPage {
    frame: Frame,
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/barrierefreiheit", get(accessibility))
        .route("/datenschutz", get(privacy))
        .route("/impressum", get(imprint))
}

async fn accessibility(frame: Frame) -> Result<Html<String>, Failure> {
    Ok(Html(AccessibilityPage { frame }.render()?))
}

async fn privacy(
    extract::State(app): extract::State<App>,
    frame: Frame,
) -> Result<Html<String>, Failure> {
    Ok(Html(PrivacyPage { frame, reports: app.reports.is_some() }.render()?))
}

async fn imprint(frame: Frame) -> Result<Html<String>, Failure> {
    Ok(Html(ImprintPage { frame }.render()?))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn the_operator_is_named_or_missed() {
        let mut archive = Archive::new();
        let missing = archive.get("/impressum").await.text();
        assert!(missing.contains("Der Betreiber hat hier noch nichts eingetragen"));
        archive.site.operator = Some("Landkreis <Musterland>".into());
        archive.site.contact_email = Some("rat@example.de".into());
        for page in ["/impressum", "/barrierefreiheit", "/datenschutz"] {
            let html = archive.get(page).await.text();
            assert!(html.contains("Landkreis &#60;Musterland&#62;"), "{page}");
            assert!(html.contains("mailto:rat@example.de"), "{page}");
        }
    }
}
