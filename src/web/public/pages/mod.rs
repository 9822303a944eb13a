//! The pages for people, one file each. A new page is a new file and a line here.

mod home;
mod legal;
mod meeting;
mod meetings;
mod quote;
mod search;
mod transcript;
mod within;

use axum::Router;

use crate::web::shared::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(search::routes())
        .merge(meetings::routes())
        .merge(meeting::routes())
        .merge(quote::routes())
        .merge(legal::routes())
}
