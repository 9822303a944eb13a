//! The protocol over the router, with real files behind it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::credentials::{Password, PasswordHash, SignInToken};
use crate::domain::{
    AccountName, DeskRole, Error, Intake, IntakeId, IntakeStage, Peaks, RecordingDescription,
    RecordingSound, Result, SampleWish, Signature, SoundChoice, UploadPart, UploadRefusal,
};
use crate::pipeline::IntakeFiles;
use crate::store::{SignInLimits, Store};
use crate::web::desk::intake::{RecognisedBy, RecordingIntake};
use crate::web::desk::{Desk, DeskSettings, routes};

/// Receives as the program does, and can do nothing else.
struct Receiving(Store, IntakeFiles);

impl RecordingIntake for Receiving {
    fn list(&self) -> Result<Vec<(Intake, IntakeStage)>> {
        let all = self.0.intakes()?.into_iter();
        Ok(all.map(|intake| (intake, IntakeStage::Ready)).collect())
    }

    fn get(&self, id: &IntakeId) -> Result<(Intake, IntakeStage)> {
        Ok((self.0.intake(id)?, IntakeStage::Ready))
    }

    fn begin(&self, sent_name: &str, bytes: u64, made: &Signature) -> Result<Intake> {
        self.1.begin(sent_name, bytes, made)
    }

    fn append(&self, id: &IntakeId, part: UploadPart<'_>) -> Result<Result<u64, UploadRefusal>> {
        self.1.append(id, part)
    }

    fn discard(&self, id: &IntakeId) -> Result<()> {
        self.1.discard(id)
    }

    fn take_path(&self, _: &str, _: &Signature) -> Result<Intake> {
        Err(Error::failed("not here"))
    }

    fn folders(&self) -> Vec<String> {
        Vec::new()
    }

    fn watched(&self) -> Option<String> {
        None
    }

    fn sound(&self, _: &IntakeId) -> Result<RecordingSound> {
        Err(Error::bad_input("Zufall ist kein Ton"))
    }

    fn sample(&self, _: &IntakeId, _: SampleWish) -> Result<Vec<u8>> {
        Ok(b"RIFF".to_vec())
    }

    fn peaks(&self, _: &IntakeId, _: &SoundChoice, from: usize) -> Result<Peaks> {
        let pairs = [-1i8, 1, -2, 2].get(2 * from.min(2)..).unwrap_or_default().to_vec();
        Ok(Peaks { pairs, is_complete: true })
    }

    fn keep_form(&self, _: &IntakeId, _: &str) -> Result<()> {
        Ok(())
    }

    fn kept_form(&self, _: &IntakeId) -> Option<String> {
        None
    }

    fn register(&self, _: &IntakeId, _: RecordingDescription, _: Signature) -> Result<()> {
        Err(Error::failed("not here"))
    }

    fn recognised_by(&self) -> RecognisedBy {
        RecognisedBy::Command
    }
}

/// A desk that receives, and a clerk who is signed in.
struct Uploading {
    _dir: tempfile::TempDir,
    router: Router,
    token: SignInToken,
}

const UPLOADS: &str = "/arbeitsplatz/aufnahmen/hochladen";

impl Uploading {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let made = Signature { by: "test".to_owned(), at: Timestamp::now() };
        let name = AccountName::new("klein").unwrap();
        let hash = PasswordHash::of(&Password::typed("vier Tauben im Rathaus"));
        store.add_account(&name, DeskRole::Clerk, &hash, None, &made).unwrap();
        let (token, limits) = (SignInToken::made_up(), SignInLimits::default());
        assert!(
            store.begin_sign_in(&name, &token, "Test", None, &limits, Timestamp::now()).unwrap()
        );
        let files = IntakeFiles::new(store.clone(), dir.path().join("intake"));
        let desk = Desk::new(store.clone(), DeskSettings::default()).unwrap();
        let desk = desk.with_intake(Arc::new(Receiving(store, files)));
        Self { _dir: dir, router: routes::alone(desk, Router::new()), token }
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response<Body> {
        let cookie = format!("mitschnitt-arbeitsplatz={}", self.token.reveal());
        let mut request = Request::builder().method(method).uri(address).header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
    }

    /// As the page's script sends it.
    async fn tus(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response<Body> {
        let token = self.token.form_token().to_string();
        let mut all = vec![("tus-resumable", "1.0.0"), ("x-formular", token.as_str())];
        all.extend(headers);
        self.send(method, address, &all, body).await
    }

    async fn begin(&self, bytes: usize) -> String {
        let name = BASE64.encode("Rat & Ausschuss.mp4");
        let (length, name) = (bytes.to_string(), format!("filetype x,filename {name}"));
        let headers = [("upload-length", length.as_str()), ("upload-metadata", &name)];
        let answer = self.tus(Method::POST, UPLOADS, &headers, "").await;
        assert_eq!(answer.status(), 201);
        header(&answer, "location").to_owned()
    }

    async fn patch(&self, address: &str, offset: u64, bytes: &[u8]) -> Response<Body> {
        let (offset, sum) = (offset.to_string(), sum(bytes));
        let headers = [
            ("content-type", "application/offset+octet-stream"),
            ("upload-offset", offset.as_str()),
            ("upload-checksum", sum.as_str()),
        ];
        self.tus(Method::PATCH, address, &headers, bytes.to_vec()).await
    }
}

fn sum(bytes: &[u8]) -> String {
    format!("sha256 {}", BASE64.encode(Sha256::digest(bytes)))
}

fn header<'a>(answer: &'a Response<Body>, name: &str) -> &'a str {
    answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8_lossy(&answer.into_body().collect().await.unwrap().to_bytes()).into_owned()
}

#[tokio::test]
async fn an_upload_goes_on_where_it_stood() {
    let desk = Uploading::new();
    let able = desk.send(Method::OPTIONS, UPLOADS, &[], "").await;
    assert_eq!((able.status().as_u16(), header(&able, "tus-version")), (204, "1.0.0"));
    assert_eq!(header(&able, "tus-extension"), "creation,expiration,termination,checksum");
    assert_eq!(header(&able, "tus-checksum-algorithm"), "sha256");

    let address = desk.begin(10).await;
    let first = desk.patch(&address, 0, b"01234").await;
    assert_eq!((first.status().as_u16(), header(&first, "upload-offset")), (204, "5"));
    assert!(header(&first, "upload-expires").ends_with(" GMT"));
    let stands = desk.tus(Method::HEAD, &address, &[], "").await;
    assert_eq!((stands.status().as_u16(), header(&stands, "upload-offset")), (200, "5"));
    assert_eq!(
        (header(&stands, "upload-length"), header(&stands, "cache-control")),
        ("10", "no-store")
    );
    assert_eq!(header(&stands, "tus-resumable"), "1.0.0");
    let again = desk.patch(&address, 0, b"01234").await;
    assert_eq!((again.status().as_u16(), header(&again, "upload-offset")), (409, "5"));
    let last = desk.patch(&address, 5, b"56789").await;
    assert_eq!((last.status().as_u16(), header(&last, "upload-offset")), (204, "10"));

    let page = desk.send(Method::GET, "/arbeitsplatz/aufnahmen", &[], "").await;
    assert!(text(page).await.contains("Rat &#38; Ausschuss.mp4"));
    let file = address.replace("/hochladen", "") + "/datei";
    let part = desk.send(Method::GET, &file, &[("range", "bytes=3-5")], "").await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 3-5/10"));
    assert_eq!(header(&part, "cache-control"), "no-store");
    assert_eq!(text(part).await, "345");
}

#[tokio::test]
async fn what_does_not_belong_is_refused_and_changes_nothing() {
    let desk = Uploading::new();
    let address = desk.begin(10).await;
    let kind = ("content-type", "application/offset+octet-stream");
    let (from, good) = (("upload-offset", "0"), sum(b"01234"));
    let old = desk.send(Method::HEAD, &address, &[("tus-resumable", "0.2.2")], "").await;
    assert_eq!((old.status().as_u16(), header(&old, "tus-version")), (412, "1.0.0"));
    let long = vec![0; super::LONGEST_PART + 1];
    for (headers, body, status) in [
        (vec![from], b"01234".to_vec(), 415),
        (vec![kind], b"01234".to_vec(), 400),
        (vec![kind, ("upload-offset", "-1")], b"01234".to_vec(), 400),
        (vec![kind, ("upload-offset", "+0")], b"01234".to_vec(), 400),
        (vec![kind, ("upload-offset", "3")], b"01234".to_vec(), 409),
        (vec![kind, from, ("upload-checksum", good.as_str())], b"01235".to_vec(), 460),
        (vec![kind, from, ("upload-checksum", "md5 AAAA")], b"01234".to_vec(), 400),
        (vec![kind, from, ("upload-checksum", "sha256 !")], b"01234".to_vec(), 400),
        (vec![kind, from], b"0123456789a".to_vec(), 413),
        (vec![kind, from], long, 413),
    ] {
        let answer = desk.tus(Method::PATCH, &address, &headers, body).await;
        assert_eq!(answer.status(), status, "{headers:?}");
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
        assert!(header(&answer, "content-type").starts_with("text/plain"), "{headers:?}");
    }
    for wrong in [vec![], vec![("upload-length", "0")], vec![("upload-defer-length", "1")]] {
        let answer = desk.tus(Method::POST, UPLOADS, &wrong, "").await;
        assert_eq!(answer.status(), 400, "{wrong:?}");
    }
    let much =
        desk.tus(Method::POST, UPLOADS, &[("upload-length", "9000000000000000000")], "").await;
    assert_eq!(much.status(), 507);
    assert!(text(much).await.contains("nicht genug Platz"));
    let stands = desk.tus(Method::HEAD, &address, &[], "").await;
    assert_eq!(header(&stands, "upload-offset"), "0");
    assert_eq!(desk.tus(Method::DELETE, &address, &[], "").await.status(), 204);
    for method in [Method::HEAD, Method::DELETE] {
        assert_eq!(desk.tus(method, &address, &[], "").await.status(), 404);
    }
    assert_eq!(desk.patch(&address, 0, b"01234").await.status(), 404);
    let odd = format!("{UPLOADS}/..%2f..%2farchive.sqlite");
    assert_eq!(desk.patch(&odd, 0, b"01234").await.status(), 404);
}

/// Somebody else's page cannot send anything, nor can who is not signed in.
#[tokio::test]
async fn only_a_page_of_this_sign_in_uploads() {
    let desk = Uploading::new();
    let address = desk.begin(10).await;
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("content-type", "application/offset+octet-stream"),
        ("upload-offset", "0"),
    ];
    let other = SignInToken::made_up().form_token().to_string();
    for form in [None, Some(("x-formular", other.as_str()))] {
        let headers: Vec<_> = headers.into_iter().chain(form).collect();
        for method in [Method::PATCH, Method::DELETE] {
            let answer = desk.send(method, &address, &headers, "0").await;
            assert_eq!(answer.status(), 403);
        }
    }
    let stranger = Uploading { token: SignInToken::made_up(), ..Uploading::new() };
    for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
        assert_eq!(stranger.tus(method, &address, &headers, "0").await.status(), 401);
    }
    assert_eq!(desk.patch(&address, 0, b"01234").await.status(), 204, "it was there all the time");
}
