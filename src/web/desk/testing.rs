//! For tests only: a desk with an account of every role, and browsers that come to it.

use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use tower::ServiceExt as _;

use super::state::{Desk, DeskSettings};
use super::{BASE, routes};
use crate::credentials::{Password, PasswordHash, SignInToken, TotpSecret, TotpStep};
use crate::domain::{AccountName, DeskRole, Signature};
use crate::inbox::Inbox;
use crate::store::{SignInLimits, Store};

/// The password of every account.
pub const PASSWORD: &str = "vier Tauben im Rathaus";

/// A desk over an archive of its own. Its router lives as long as it, as in a running server.
pub struct TestDesk {
    _dir: tempfile::TempDir,
    pub store: Store,
    router: axum::Router,
}

/// A browser: what it shows of itself.
#[derive(Clone, Default)]
pub struct Browser {
    pub token: Option<SignInToken>,
    /// Headers that it sends besides.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The token that the browser is to show from now on.
    pub fn token(&self) -> Option<SignInToken> {
        let cookie = self.header("set-cookie").split(';').next()?;
        SignInToken::sent(cookie.split_once('=')?.1)
    }
}

/// The account of a role: its code.
pub fn account(role: DeskRole) -> AccountName {
    AccountName::new(role.code()).unwrap()
}

impl TestDesk {
    pub fn new() -> Self {
        Self::with(DeskSettings { title: "Rat".to_owned(), ..DeskSettings::default() })
    }

    pub fn with(settings: DeskSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        Self::over(dir, store, settings)
    }

    /// A desk of an archive that lies elsewhere.
    pub fn of(store: &Store) -> Self {
        Self::over(tempfile::tempdir().unwrap(), store.clone(), DeskSettings::default())
    }

    fn over(dir: tempfile::TempDir, store: Store, settings: DeskSettings) -> Self {
        let made = Signature { by: "test".to_owned(), at: Timestamp::now() };
        let hash = PasswordHash::of(&Password::typed(PASSWORD));
        for role in DeskRole::ALL {
            store.add_account(&account(role), role, &hash, None, &made).unwrap();
        }
        let router =
            routes::alone(Desk::new(store.clone(), settings).unwrap(), axum::Router::new());
        Self { _dir: dir, store, router }
    }

    /// What readers have reported.
    pub fn inbox(&self) -> Inbox {
        Inbox::beside(self.store.data_dir())
    }

    /// A browser in which the account of a role is signed in since `ago` seconds.
    pub fn signed_in_since(&self, role: DeskRole, ago: i64) -> Browser {
        let token = SignInToken::made_up();
        let begun = Timestamp::from_second(Timestamp::now().as_second() - ago).unwrap();
        let limits = SignInLimits::default();
        assert!(
            self.store.begin_sign_in(&account(role), &token, "Test", None, &limits, begun).unwrap()
        );
        Browser { token: Some(token), headers: Vec::new() }
    }

    pub fn signed_in(&self, role: DeskRole) -> Browser {
        self.signed_in_since(role, 0)
    }

    pub async fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.send(browser, Method::GET, path, String::new()).await
    }

    /// Sends a form as a page of the browser's sign-in would.
    pub async fn post(&self, browser: &Browser, path: &str, fields: &str) -> Answer {
        let token = browser.token.as_ref().map(|token| token.form_token().to_string());
        let form = format!("formular={}&{fields}", token.unwrap_or_default());
        self.send(browser, Method::POST, path, form).await
    }

    /// What is answered at an address outside of the desk.
    pub async fn get_outside(&self, address: &str) -> Answer {
        let request = Request::builder().uri(address).body(Body::empty()).unwrap();
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn send(
        &self,
        browser: &Browser,
        method: Method,
        path: &str,
        body: String,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header(header::HOST, "rat.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(token) = &browser.token {
            let cookies = ["__Host-mitschnitt-arbeitsplatz", "mitschnitt-arbeitsplatz"];
            let cookies = cookies.map(|name| format!("{name}={}", token.reveal()));
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in &browser.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).unwrap();
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Gives an account a second factor; the code of the present step and some around it.
    pub fn second_factor(&self, role: DeskRole) -> impl Fn(i64) -> String + use<> {
        let (secret, now) = (TotpSecret::made_up(), Timestamp::now());
        let made = Signature { by: "test".to_owned(), at: now };
        self.store.set_totp(&account(role), Some(&secret), &made).unwrap();
        move |offset| secret.code(TotpStep(Timestamp::now().as_second() / 30 + offset))
    }
}

async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}
