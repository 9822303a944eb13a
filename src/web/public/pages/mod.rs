//! The pages for people, one file each. A new page is a new file and a line here.

pub(super) mod calendar;
mod embed;
mod home;
mod legal;
mod meeting;
pub(super) mod meetings;
mod organization;
mod paper;
mod papers;
mod person;
mod persons;
mod quote;
pub(in crate::web) mod report;
mod search;
pub(super) mod transcript;
pub(super) mod within;

use axum::Router;

use crate::web::shared::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(search::routes())
        .merge(meetings::routes())
        .merge(meeting::routes())
        .merge(embed::routes())
        .merge(calendar::routes())
        .merge(persons::routes())
        .merge(person::routes())
        .merge(organization::routes())
        .merge(papers::routes())
        .merge(paper::routes())
        .merge(quote::routes())
        .merge(report::routes())
        .merge(legal::routes())
}
