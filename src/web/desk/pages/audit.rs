//! `/arbeitsplatz/protokoll`: who did what, whether the record is whole, and all of it as a file.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::page;
use crate::domain::{AuditEntry, Result};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// Entries a page.
const PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "desk_audit.html")]
struct AuditPage {
    frame: DeskFrame,
    entries: Vec<AuditEntry>,
    /// Breaks in the chain.
    faults: usize,
    /// From where older ones are listed.
    older: Option<u64>,
}

impl AuditPage {
    fn when(&self, entry: &AuditEntry) -> String {
        texts::when(entry.made.at)
    }

    fn act(&self, entry: &AuditEntry) -> &'static str {
        texts::act(entry.act)
    }

    fn details(&self, entry: &AuditEntry) -> String {
        let details = entry.details.iter().filter(|(_, value)| !value.is_empty());
        details.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Deserialize)]
pub struct Before {
    vor: Option<u64>,
}

/// Shows a page of it, the newest first.
pub async fn show(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Query(Before { vor }): Query<Before>,
) -> std::result::Result<Response, Failure> {
    let (entries, faults) = blocking(move || -> Result<_> {
        Ok((app.store.audit_page(vor, PAGE)?, app.store.audit_faults(&[])?.len()))
    })
    .await?;
    let older = entries.last().map(|last| last.number).filter(|number| *number > 1);
    page(AuditPage { frame, entries, faults, older })
}

/// All of it as lines of JSON.
pub async fn export(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
) -> std::result::Result<Response, Failure> {
    let text = blocking(move || app.store.export_audit(&signed_in.signature())).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"protokoll.jsonl\""),
    ];
    Ok((headers, text).into_response())
}
