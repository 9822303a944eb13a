//! Every address of the desk in one table, with who may ask for it, and the router made of it. Owns that no
//! handler runs before its row's access was checked ([`guard`]): a page that is in no row does not exist.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_request, map_response};
use axum::response::Redirect;
use axum::routing::{MethodFilter, MethodRouter, any, get, on};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use super::guard::{FORM_SIZE, guard};
use super::pages::{
    accounts, audit, change_account, confirm, glossary, intake, intakes, jobs, meeting, meetings,
    own_account, reports, second_factor, sign_in, start, text, text_fixes, text_history,
    text_words, upload,
};
use super::state::{Desk, DeskApp};
use super::{BASE, errors, preview};
use crate::domain::Right::{EditMeetings, ManageAccounts, Publish, ReadAudit};
use crate::web::shared::{REQUEST_LIMIT, assets, body, error, headers, log};

/// Every address. A new page is a file in `pages/` and its rows here; what the navigation shows stands in
/// `frame::SECTIONS`.
pub(super) const ROUTES: &[DeskRoute] = &[
    DeskRoute::new(Get, "/anmelden", Anyone, |m| on(m, sign_in::show)),
    DeskRoute::new(Post, "/anmelden", Anyone, |m| on(m, sign_in::with_password)),
    DeskRoute::new(Get, "/anmelden/code", Anyone, |m| on(m, sign_in::ask_code)),
    DeskRoute::new(Post, "/anmelden/code", Anyone, |m| on(m, sign_in::with_code)),
    DeskRoute::new(Post, "/abmelden", Account, |m| on(m, sign_in::sign_out)),
    DeskRoute::new(Get, "/bestaetigen", Account, |m| on(m, confirm::show)),
    DeskRoute::new(Post, "/bestaetigen", Account, |m| on(m, confirm::confirm)),
    DeskRoute::new(Get, "", Account, |m| on(m, start::show)),
    DeskRoute::new(Get, "/konto", Account, |m| on(m, own_account::show)),
    DeskRoute::new(Post, "/konto/passwort", Account, |m| on(m, own_account::set_password)),
    DeskRoute::new(Post, "/konto/anmeldungen", Account, |m| on(m, own_account::end_sign_in)),
    DeskRoute::new(Get, "/konto/zweiter-faktor", Account, |m| on(m, second_factor::show))
        .confirmed(),
    DeskRoute::new(Post, "/konto/zweiter-faktor", Account, |m| on(m, second_factor::set))
        .confirmed(),
    DeskRoute::new(Get, "/aufnahmen", Right(EditMeetings), |m| on(m, intakes::list)),
    DeskRoute::new(Post, "/aufnahmen/pfad", Right(EditMeetings), |m| on(m, intakes::take_path)),
    DeskRoute::new(Options, "/aufnahmen/hochladen", Right(EditMeetings), |m| {
        on(m, upload::capabilities)
    }),
    DeskRoute::new(Post, "/aufnahmen/hochladen", Right(EditMeetings), |m| on(m, upload::create)),
    DeskRoute::new(Head, "/aufnahmen/hochladen/{aufnahme}", Right(EditMeetings), |m| {
        on(m, upload::progress)
    }),
    DeskRoute::new(Patch, "/aufnahmen/hochladen/{aufnahme}", Right(EditMeetings), |m| {
        on(m, upload::append)
    }),
    DeskRoute::new(Delete, "/aufnahmen/hochladen/{aufnahme}", Right(EditMeetings), |m| {
        on(m, upload::end)
    }),
    DeskRoute::new(Get, "/aufnahmen/{aufnahme}", Right(EditMeetings), |m| on(m, intake::show)),
    DeskRoute::new(Post, "/aufnahmen/{aufnahme}", Right(EditMeetings), |m| on(m, intake::register))
        .with_forms_up_to(DESCRIPTION_SIZE),
    DeskRoute::new(Post, "/aufnahmen/{aufnahme}/verwerfen", Right(EditMeetings), |m| {
        on(m, intakes::discard)
    }),
    DeskRoute::new(Get, "/aufnahmen/{aufnahme}/datei", Right(EditMeetings), |m| {
        on(m, intake::file)
    }),
    DeskRoute::new(Get, "/aufnahmen/{aufnahme}/hoerprobe", Right(EditMeetings), |m| {
        on(m, intake::sample)
    }),
    DeskRoute::new(Get, "/aufnahmen/{aufnahme}/wellenform", Right(EditMeetings), |m| {
        on(m, intake::waveform)
    }),
    DeskRoute::new(Get, "/sitzungen", Right(EditMeetings), |m| on(m, meetings::list)),
    DeskRoute::new(Post, "/sitzungen/auftrag", Right(EditMeetings), |m| on(m, jobs::order_many))
        .with_forms_up_to(DESCRIPTION_SIZE),
    DeskRoute::new(Get, "/sitzungen/{id}", Right(EditMeetings), |m| on(m, meeting::show)),
    DeskRoute::new(Post, "/sitzungen/{id}/pruefstand", Right(EditMeetings), |m| {
        on(m, meeting::take_step)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/beschluss", Right(EditMeetings), |m| {
        on(m, meeting::set_resolution)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/sperre", Right(EditMeetings), |m| {
        on(m, meeting::withhold)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/entsperren", Right(Publish), |m| on(m, meeting::release)),
    DeskRoute::new(Post, "/sitzungen/{id}/auftrag", Right(EditMeetings), |m| on(m, jobs::order)),
    DeskRoute::new(Get, "/sitzungen/{id}/text", Right(EditMeetings), |m| on(m, text::show)),
    DeskRoute::new(Get, "/sitzungen/{id}/text/ton/{teil}", Right(EditMeetings), |m| {
        on(m, text::sound)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/absatz", Right(EditMeetings), |m| {
        on(m, text_words::save)
    })
    .with_forms_up_to(PARAGRAPH_SIZE),
    DeskRoute::new(Post, "/sitzungen/{id}/text/stimmt", Right(EditMeetings), |m| {
        on(m, text_words::confirm)
    })
    .with_forms_up_to(PARAGRAPH_SIZE),
    DeskRoute::new(Post, "/sitzungen/{id}/text/ueberall", Right(EditMeetings), |m| {
        on(m, text_words::everywhere)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/satz", Right(EditMeetings), |m| {
        on(m, text_words::sentence)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/festlegung", Right(EditMeetings), |m| {
        on(m, text_fixes::fix)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/zurueck", Right(EditMeetings), |m| {
        on(m, text_words::undo)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/abschnitt", Right(EditMeetings), |m| {
        on(m, text::claim)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/minute", Right(EditMeetings), |m| {
        on(m, text::minute)
    }),
    DeskRoute::new(Get, "/sitzungen/{id}/text/verlauf", Right(EditMeetings), |m| {
        on(m, text_history::show)
    }),
    DeskRoute::new(Post, "/sitzungen/{id}/text/verlauf", Right(EditMeetings), |m| {
        on(m, text_history::act)
    }),
    DeskRoute::new(Get, "/hinweise", Right(EditMeetings), |m| on(m, reports::list)),
    DeskRoute::new(Post, "/hinweise/{id}", Right(EditMeetings), |m| on(m, reports::close)),
    DeskRoute::new(Get, "/woerterbuch", Right(EditMeetings), |m| on(m, glossary::list)),
    DeskRoute::new(Post, "/woerterbuch", Right(EditMeetings), |m| on(m, glossary::add)),
    DeskRoute::new(Post, "/woerterbuch/{id}", Right(EditMeetings), |m| on(m, glossary::take_back)),
    DeskRoute::new(Get, "/auftraege", Right(EditMeetings), |m| on(m, jobs::list)),
    DeskRoute::new(Post, "/auftraege", Right(EditMeetings), |m| on(m, jobs::switch)),
    DeskRoute::new(Get, "/auftraege/strom", Right(EditMeetings), |m| on(m, jobs::watch)),
    DeskRoute::new(Get, "/auftraege/{id}", Right(EditMeetings), |m| on(m, jobs::show)),
    DeskRoute::new(Post, "/auftraege/{id}", Right(EditMeetings), |m| on(m, jobs::act)),
    DeskRoute::new(Get, "/protokoll", Right(ReadAudit), |m| on(m, audit::show)),
    DeskRoute::new(Post, "/protokoll/ausgabe", Right(ReadAudit), |m| on(m, audit::export)),
    DeskRoute::new(Get, "/konten", Right(ManageAccounts), |m| on(m, accounts::list)),
    DeskRoute::new(Post, "/konten", Right(ManageAccounts), |m| on(m, accounts::add)).confirmed(),
    DeskRoute::new(Get, "/konten/{name}", Right(ManageAccounts), |m| on(m, change_account::show)),
    DeskRoute::new(Post, "/konten/{name}", Right(ManageAccounts), |m| {
        on(m, change_account::change)
    })
    .confirmed(),
];

/// Every other address below [`BASE`]: only who is signed in learns that there is nothing.
const NOWHERE: DeskRoute = DeskRoute::new(Get, "/{*rest}", Account, |_| {
    get(error::no_such_page).post(error::no_such_page)
});
/// Where the desk was promised to be; people and scripts may have it.
const FORMER: &str = "/verwaltung";
/// What stays as it is in the path of an address.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_');
/// Largest paragraph in bytes, with the words it had: forms write letters beyond ASCII at six times their length.
const PARAGRAPH_SIZE: usize = 1 << 20;
/// Largest description of a recording in bytes: an OParl file may be pasted, which forms write at three times
/// its length.
const DESCRIPTION_SIZE: usize = 6 << 20;

/// How an address is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// To read: changes nothing.
    Get,
    /// To read its headers alone.
    Head,
    /// To ask what it can do.
    Options,
    /// To change something: its form must be one of the sign-in's own, as for what follows.
    Post,
    /// To add to something.
    Patch,
    /// To end something.
    Delete,
}

impl Verb {
    /// Whether it changes nothing.
    pub fn reads(self) -> bool {
        matches!(self, Get | Head | Options)
    }
}

/// Who may ask for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Whoever is not signed in, too.
    Anyone,
    /// Whoever is signed in.
    Account,
    /// Whoever is signed in and has this right.
    Right(crate::domain::Right),
}

/// Whether somebody must have shown the password in the last minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    NotAsked,
    Recent,
}

use Access::{Account, Anyone, Right};
use Verb::{Delete, Get, Head, Options, Patch, Post};

/// An address of the desk.
#[derive(Clone, Copy)]
pub(super) struct DeskRoute {
    /// How it is asked for.
    pub verb: Verb,
    /// Below [`BASE`].
    pub path: &'static str,
    /// Who may ask for it.
    pub access: Access,
    /// Whether the password must have been shown again.
    pub confirmation: Confirmation,
    /// Largest form in bytes.
    pub form_size: usize,
    handler: fn(MethodFilter) -> MethodRouter<DeskApp>,
}

impl DeskRoute {
    const fn new(
        verb: Verb,
        path: &'static str,
        access: Access,
        handler: fn(MethodFilter) -> MethodRouter<DeskApp>,
    ) -> Self {
        let (confirmation, form_size) = (Confirmation::NotAsked, FORM_SIZE);
        Self { verb, path, access, confirmation, form_size, handler }
    }

    /// Only for whoever has shown the password in the last minutes.
    const fn confirmed(self) -> Self {
        Self { confirmation: Confirmation::Recent, ..self }
    }

    /// With forms that are larger than others.
    const fn with_forms_up_to(self, form_size: usize) -> Self {
        Self { form_size, ..self }
    }

    /// Its handler behind the guard.
    fn guarded(&self, app: &DeskApp) -> MethodRouter<DeskApp> {
        let filter = match self.verb {
            Get => MethodFilter::GET,
            Head => MethodFilter::HEAD,
            Options => MethodFilter::OPTIONS,
            Post => MethodFilter::POST,
            Patch => MethodFilter::PATCH,
            Delete => MethodFilter::DELETE,
        };
        let guard = from_fn_with_state((app.clone(), *self), guard);
        (self.handler)(filter).layer(DefaultBodyLimit::max(self.form_size)).route_layer(guard)
    }
}

/// The desk for a router that serves other addresses, among them [`assets`], too.
pub fn beside(desk: Desk) -> Router {
    let app: DeskApp = Arc::new(desk);
    layered(table(&app), &app)
}

/// The desk for an address of its own, where the public pages are a preview of what they will be.
pub fn alone(desk: Desk, public: Router) -> Router {
    let app: DeskApp = Arc::new(desk);
    let all = table(&app).route("/", get(|| async { Redirect::to(BASE) })).merge(assets::routes());
    let preview = public.layer(from_fn_with_state(app.clone(), preview::guard));
    layered(all, &app).fallback_service(preview)
}

/// What is below [`BASE`].
fn table(app: &DeskApp) -> Router<DeskApp> {
    let rows = ROUTES.iter().fold(Router::new(), |router, row| {
        router.route(&format!("{BASE}{}", row.path), row.guarded(app))
    });
    rows.route(&format!("{BASE}/"), any(error::no_such_page))
        .route(&format!("{BASE}{}", NOWHERE.path), NOWHERE.guarded(app))
        .route(FORMER, get(|| async { Redirect::permanent(BASE) }))
        .route(&format!("{FORMER}/{{*rest}}"), any(moved))
}

/// The address that was named before there was a desk.
async fn moved(Path(rest): Path<String>) -> Redirect {
    let rest = utf8_percent_encode(&rest, IN_PATHS);
    Redirect::permanent(&format!("{BASE}/{rest}"))
}

fn layered(router: Router<DeskApp>, app: &DeskApp) -> Router {
    let own = app.settings.origin().and_then(|own| CsrfLayer::new().add_trusted_origin(own).ok());
    let router = router
        .layer(own.unwrap_or_default())
        .layer(map_request(body::in_time))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), errors::explain))
        .layer(map_response(headers::keep_to_yourself))
        .layer(map_response(headers::secure));
    log::requests(router).with_state(app.clone())
}
