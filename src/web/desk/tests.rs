//! Who gets in, and where: every row of the table is walked, so that a new page is tested by being in it.

use std::time::{Duration, Instant};

use axum::http::Method;
use jiff::Timestamp;

use super::BASE;
use super::routes::{Access, Confirmation, DeskRoute, ROUTES, Verb};
use super::state::DeskSettings;
use super::testing::{Browser, PASSWORD, TestDesk, account};
use crate::credentials::{Password, PasswordHash, SignInToken, TotpSecret, TotpStep};
use crate::domain::{AccountName, Act, DeskRole, Right, Signature};
use crate::shared::soak;

impl DeskRoute {
    /// An address of it that is there.
    fn address(&self) -> String {
        let address = self
            .path
            .replace("{name}", "clerk")
            .replace("{id}", "1")
            .replace("{teil}", "0")
            .replace("{aufnahme}", "abcd1234");
        assert!(!address.contains('{'), "{} needs an example", self.path);
        address
    }

    fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
            Verb::Options => Method::OPTIONS,
            Verb::Post => Method::POST,
            Verb::Patch => Method::PATCH,
            Verb::Delete => Method::DELETE,
        }
    }

    fn admits(&self, role: DeskRole) -> bool {
        match self.access {
            Access::Anyone | Access::Account => true,
            Access::Right(right) => role.may(right),
        }
    }
}

fn guarded() -> impl Iterator<Item = &'static DeskRoute> {
    ROUTES.iter().filter(|row| row.access != Access::Anyone)
}

#[test]
fn only_the_way_in_is_open_to_anyone() {
    let open = ROUTES.iter().filter(|row| row.access == Access::Anyone).map(|row| row.path);
    assert!(open.into_iter().all(|path| path.starts_with("/anmelden")));
}

#[tokio::test]
async fn nobody_is_let_in_who_is_not_signed_in() {
    let desk = TestDesk::new();
    let forged = Browser { token: Some(SignInToken::made_up()), ..Browser::default() };
    let idle = desk.signed_in_since(DeskRole::Admin, 2 * 3600 + 1);
    for row in guarded() {
        for browser in [&Browser::default(), &forged, &idle] {
            let answer = match row.verb {
                Verb::Post => desk.post(browser, &row.address(), "").await,
                _ => desk.send(browser, row.method(), &row.address(), String::new()).await,
            };
            match row.verb {
                Verb::Get => {
                    assert_eq!(answer.status, 303, "{}", row.path);
                    let place = answer.header("location");
                    assert!(place.starts_with("/arbeitsplatz/anmelden"), "{place}");
                }
                _ => assert_eq!(answer.status, 401, "{}", row.path),
            }
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn nobody_is_let_where_the_role_does_not_reach() {
    let desk = TestDesk::new();
    for role in DeskRole::ALL {
        let browser = desk.signed_in(role);
        for row in guarded() {
            // Without a form token: who may, is told of the form, and nothing happens.
            let refused = desk.send(&browser, row.method(), &row.address(), String::new()).await;
            match (row.admits(role), row.verb) {
                (false, _) => {
                    assert_eq!(refused.status, 403, "{role:?} {}", row.path);
                    let says = refused.text.contains("Ihre Rolle erlaubt das nicht");
                    assert!(says || row.verb == Verb::Head, "{}", row.path);
                }
                // Of what there is none, the page says so; uploads ask for the version of their protocol first.
                (true, verb) if verb.reads() => {
                    assert!(
                        [200, 204, 404, 412].contains(&refused.status),
                        "{role:?} {}",
                        row.path
                    );
                }
                (true, _) => assert_eq!(refused.status, 403, "{role:?} {}", row.path),
            }
        }
    }
    let acts: Vec<Act> = desk.store.audit().unwrap().into_iter().map(|entry| entry.act).collect();
    assert!(acts.iter().all(|act| [Act::AccountAdded, Act::SignedIn].contains(act)), "{acts:?}");
}

#[tokio::test]
async fn no_form_of_another_site_or_another_sign_in_is_taken() {
    let desk = TestDesk::new();
    let own = desk.signed_in(DeskRole::Admin);
    let other = desk.signed_in(DeskRole::Admin).token.unwrap().form_token();
    for row in ROUTES.iter().filter(|row| row.verb == Verb::Post) {
        let origins = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://boese.example"),
        ];
        for (name, value) in origins {
            let browser = Browser { headers: vec![(name, value.to_owned())], ..own.clone() };
            let answer = desk.post(&browser, &row.address(), "was=schliessen").await;
            assert_eq!(answer.status, 403, "{name}: {value} at {}", row.path);
        }
        if row.access != Access::Anyone {
            let form = format!("formular={other}&was=schliessen&passwort={PASSWORD}");
            let answer = desk.send(&own, Method::POST, &row.address(), form).await;
            assert_eq!(answer.status, 403, "{}", row.path);
        }
    }
    assert!(!desk.store.account(&account(DeskRole::Clerk)).unwrap().unwrap().disabled);
    // The site's own pages are let in.
    let origin = ("origin", "https://rat.example".to_owned());
    let browser = Browser { headers: vec![origin], ..own };
    assert_eq!(desk.post(&browser, "/abmelden", "").await.status, 303);
}

#[tokio::test]
async fn what_is_grave_asks_for_the_password_again() {
    let desk = TestDesk::new();
    let browser = desk.signed_in_since(DeskRole::Admin, 600);
    for row in guarded().filter(|row| row.confirmation == Confirmation::Recent) {
        let answer = match row.verb {
            verb if verb.reads() => desk.get(&browser, &row.address()).await,
            _ => desk.post(&browser, &row.address(), "was=schliessen").await,
        };
        let place = answer.header("location").to_owned();
        assert!(answer.status == 303 && place.contains("/bestaetigen?weiter="), "{}", row.path);
    }
    let page = desk.get(&browser, "/konten/clerk").await.text;
    assert!(!page.contains("schliessen") && page.contains("/bestaetigen"));
    let wrong = desk.post(&browser, "/bestaetigen", "passwort=falsch").await;
    assert_eq!(wrong.status, 422);
    let fields = format!("passwort={PASSWORD}&weiter=/arbeitsplatz/konten/clerk");
    let right = desk.post(&browser, "/bestaetigen", &fields.replace(' ', "+")).await;
    assert_eq!(right.header("location"), "/arbeitsplatz/konten/clerk");
    let clerk = desk.signed_in(DeskRole::Clerk);
    assert_eq!(desk.get(&clerk, "/sitzungen").await.status, 200);
    assert_eq!(desk.post(&browser, "/konten/clerk", "was=abmelden").await.status, 303);
    assert_ne!(desk.get(&clerk, "/sitzungen").await.status, 200);
    let closed = desk.post(&browser, "/konten/clerk", "was=schliessen").await;
    assert_eq!(closed.status, 303);
    assert!(desk.store.account(&account(DeskRole::Clerk)).unwrap().unwrap().disabled);
}

async fn sign_in(desk: &TestDesk, name: &str, password: &str) -> super::testing::Answer {
    let fields = format!("name={name}&passwort={}", password.replace(' ', "+"));
    desk.post(&Browser::default(), "/anmelden", &fields).await
}

#[tokio::test]
async fn the_password_opens_and_the_cookie_is_fit_for_it() {
    for (url, name, flags) in [
        (None, "mitschnitt-arbeitsplatz=", "Path=/; HttpOnly; SameSite=Lax"),
        (
            Some("https://rat.example"),
            "__Host-mitschnitt-arbeitsplatz=",
            "Path=/; HttpOnly; SameSite=Lax; Secure",
        ),
    ] {
        let desk =
            TestDesk::with(DeskSettings { url: url.map(str::to_owned), ..Default::default() });
        let answer = sign_in(&desk, " Clerk ", PASSWORD).await;
        assert_eq!((answer.status, answer.header("location")), (303, BASE));
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with(name) && cookie.ends_with(flags), "{cookie}");
        let browser = Browser { token: answer.token(), headers: Vec::new() };
        assert_eq!(desk.get(&browser, "").await.status, 200);
        let out = desk.post(&browser, "/abmelden", "").await;
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(desk.get(&browser, "").await.status, 303, "the token is worth nothing any more");
    }
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    let desk = TestDesk::new();
    let code = desk.second_factor(DeskRole::Clerk);
    let half = sign_in(&desk, "clerk", PASSWORD).await;
    assert_eq!(half.header("location"), "/arbeitsplatz/anmelden/code");
    let browser = Browser { token: half.token(), headers: Vec::new() };
    assert_eq!(desk.get(&browser, "").await.status, 303);
    let wrong = desk.post(&browser, "/anmelden/code", &format!("code={}", code(7))).await;
    assert!(wrong.status == 401 && wrong.text.contains("Der Code stimmt nicht"));
    let used = code(0);
    let answer = desk.post(&browser, "/anmelden/code", &format!("code={used}")).await;
    let signed_in = Browser { token: answer.token(), headers: Vec::new() };
    assert!(signed_in.token != browser.token, "another id than before");
    assert_eq!(desk.get(&signed_in, "").await.status, 200);
    // The same code again, as somebody would who looked over a shoulder.
    let half = sign_in(&desk, "clerk", PASSWORD).await;
    let browser = Browser { token: half.token(), headers: Vec::new() };
    let again = desk.post(&browser, "/anmelden/code", &format!("code={used}")).await;
    assert_eq!(again.status, 401);
}

/// An account that is there, one that is closed, one that is not, one that cannot be: the same answer.
#[tokio::test]
async fn nobody_learns_which_accounts_there_are() {
    let desk = TestDesk::new();
    let admin = desk.signed_in(DeskRole::Admin);
    assert_eq!(desk.post(&admin, "/konten/auditor", "was=schliessen").await.status, 303);
    let mut answers = Vec::new();
    for name in ["clerk", "auditor", "niemand", "un+m%C3%B6glich/"] {
        let mut answer = sign_in(&desk, name, "ein falsches Passwort").await;
        answer.headers.remove("date");
        answers.push((answer.status, format!("{:?}", answer.headers), answer.text));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    // A closed account stays closed to its password too, and looks like any other.
    let closed = sign_in(&desk, "auditor", PASSWORD).await;
    assert_eq!((closed.status, closed.text), (401, answers[0].2.clone()));
    // What was typed in vain is nowhere.
    let audit = serde_json::to_string(&desk.store.audit().unwrap()).unwrap();
    assert!(!audit.contains("niemand") && !audit.contains("glich"));
    let refused = desk.store.audit().unwrap().into_iter().filter(|e| e.act == Act::SignInRefused);
    assert_eq!(refused.count(), 5);
}

#[tokio::test]
async fn who_tries_too_often_has_to_wait_whoever_it_is() {
    let desk = TestDesk::new();
    for name in ["clerk", "niemand"] {
        let mut last = sign_in(&desk, name, "falsch").await;
        for _ in 0..5 {
            last = sign_in(&desk, name, "falsch").await;
        }
        assert_eq!(last.status, 429, "{name}");
        assert!(!last.header("retry-after").is_empty() && last.text.contains("Zu viele Versuche"));
    }
}

/// Medians of 200 tries each within a tenth; only in the long form, since other work disturbs it.
#[tokio::test]
async fn the_time_tells_nobody_either() {
    if !soak() {
        return;
    }
    let proxies = vec![std::net::Ipv4Addr::LOCALHOST.into()];
    let desk = TestDesk::with(DeskSettings { proxies, ..DeskSettings::default() });
    let proxied = |n: u32| {
        let address = format!("10.{}.{}.1", n / 256, n % 256);
        Browser { headers: vec![("x-forwarded-for", address)], ..Browser::default() }
    };
    let name = |n: u32| format!("konto-{n}");
    let made = Signature { by: "test".to_owned(), at: Timestamp::now() };
    let hash = PasswordHash::of(&Password::typed(PASSWORD));
    // Names that differ, since each may be tried five times; every other one is an account.
    for n in (0..400).step_by(2) {
        let name = AccountName::new(&name(n)).unwrap();
        desk.store.add_account(&name, DeskRole::Clerk, &hash, None, &made).unwrap();
    }
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..400 {
        let form = format!("name={}&passwort=y", name(n));
        let began = Instant::now();
        assert_eq!(desk.post(&proxied(n), "/anmelden", &form).await.status, 401);
        times[usize::from(n.is_multiple_of(2))].push(began.elapsed());
    }
    let [unknown, known] = times.map(|mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    });
    println!("unknown {:.2} ms, known {:.2} ms", unknown * 1e3, known * 1e3);
    assert!((unknown / known - 1.0).abs() < 0.1, "unknown {unknown}, known {known}");
}

#[tokio::test]
async fn an_account_is_made_with_what_its_owner_needs() {
    let desk = TestDesk::new();
    let admin = desk.signed_in(DeskRole::Admin);
    let made = desk.post(&admin, "/konten", "name=Neumann&rolle=reviewer").await;
    assert_eq!(made.status, 200);
    let shown = |marks: (&str, &str)| -> Vec<String> {
        let parts = made.text.split(marks.0).skip(1);
        parts.map(|part| part.split(marks.1).next().unwrap().to_owned()).collect()
    };
    let secrets = shown(("<code class=\"secret\">", "</code>"));
    let [password, key] = secrets.as_slice() else { panic!("{secrets:?}") };
    assert!(made.text.contains("<svg class=\"qr\""));
    let half = sign_in(&desk, "neumann", password).await;
    let secret = TotpSecret::read(key).unwrap();
    let step = TotpStep(Timestamp::now().as_second() / 30);
    let browser = Browser { token: half.token(), headers: Vec::new() };
    let fields = format!("code={}", secret.code(step));
    assert_eq!(desk.post(&browser, "/anmelden/code", &fields).await.header("location"), BASE);
    // Nothing of it is shown again, or stands in the audit.
    let audit = serde_json::to_string(&desk.store.audit().unwrap()).unwrap();
    let page = desk.get(&admin, "/konten/neumann").await.text;
    assert!([password, key].iter().all(|s| !audit.contains(*s) && !page.contains(*s)));
    let again = desk.post(&admin, "/konten", "name=neumann&rolle=clerk").await;
    assert!(again.status == 422 && again.text.contains("Es gibt schon ein Konto"));
}

#[tokio::test]
async fn one_changes_ones_password_and_ends_ones_sign_ins() {
    let desk = TestDesk::new();
    let (here, there) = (desk.signed_in(DeskRole::Clerk), desk.signed_in(DeskRole::Clerk));
    let change = |bisher: &str, neu: &str, nochmal: &str| {
        format!("bisher={bisher}&neu={neu}&nochmal={nochmal}").replace(' ', "+")
    };
    for (fields, complaint) in [
        (change("falsch", "ein gutes neues", "ein gutes neues"), "Das Passwort stimmt nicht"),
        (change(PASSWORD, "kurz", "kurz"), "mindestens 12 Zeichen"),
        (change(PASSWORD, "ein gutes neues", "ein anderes neues"), "nicht gleich"),
    ] {
        let answer = desk.post(&here, "/konto/passwort", &fields).await;
        assert!(answer.status == 422 && answer.text.contains(complaint), "{complaint}");
    }
    let fields = change(PASSWORD, "ein gutes neues", "ein gutes neues");
    assert_eq!(desk.post(&here, "/konto/passwort", &fields).await.status, 303);
    assert_eq!(desk.get(&here, "/konto").await.status, 200);
    assert_eq!(desk.get(&there, "/konto").await.status, 303);
    assert_eq!(sign_in(&desk, "clerk", PASSWORD).await.status, 401);
    let third = sign_in(&desk, "clerk", "ein gutes neues").await;
    let third = Browser { token: third.token(), headers: Vec::new() };
    let page = desk.get(&here, "/konto").await.text;
    let number = page.split("name=\"nummer\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let ended = desk.post(&here, "/konto/anmeldungen", &format!("nummer={number}")).await;
    assert_eq!(ended.status, 303);
    assert_eq!(desk.get(&third, "").await.status, 303);
    // Nobody ends those of others.
    let other = desk.signed_in(DeskRole::Reviewer);
    let own = desk.store.sign_ins(&account(DeskRole::Clerk), &Default::default(), Timestamp::now());
    let fields = format!("nummer={}", own.unwrap()[0].number);
    assert_eq!(desk.post(&other, "/konto/anmeldungen", &fields).await.status, 404);
    assert_eq!(desk.get(&here, "").await.status, 200);
}

#[tokio::test]
async fn a_second_factor_counts_once_its_code_was_shown() {
    let desk = TestDesk::new();
    let browser = desk.signed_in(DeskRole::Auditor);
    let page = desk.get(&browser, "/konto/zweiter-faktor").await.text;
    let key = page.split("name=\"geheimnis\" value=\"").nth(1).unwrap();
    let key = key.split('"').next().unwrap();
    let fields = format!("geheimnis={key}&code=000000");
    let wrong = desk.post(&browser, "/konto/zweiter-faktor", &fields).await;
    assert!(wrong.status == 422 && wrong.text.contains(key), "the same secret is offered again");
    let has_factor =
        || desk.store.account(&account(DeskRole::Auditor)).unwrap().unwrap().second_factor;
    assert!(!has_factor());
    let secret = TotpSecret::read(key).unwrap();
    let step = TotpStep(Timestamp::now().as_second() / 30);
    let fields = format!("geheimnis={key}&code={}", secret.code(step));
    assert_eq!(desk.post(&browser, "/konto/zweiter-faktor", &fields).await.status, 303);
    assert!(has_factor());
    assert_eq!(desk.post(&browser, "/konto/zweiter-faktor", "").await.status, 303);
    assert!(!has_factor());
}

#[tokio::test]
async fn the_last_who_manages_accounts_stays_one() {
    let desk = TestDesk::new();
    let admin = desk.signed_in(DeskRole::Admin);
    let answer = desk.post(&admin, "/konten/admin", "was=rolle&rolle=clerk").await;
    assert!(answer.status == 400 && answer.text.contains("verwaltete niemand mehr"));
    let left = desk.store.account(&account(DeskRole::Admin)).unwrap().unwrap();
    assert!(left.role.may(Right::ManageAccounts));
}

#[tokio::test]
async fn other_addresses_lead_to_the_desk_or_nowhere() {
    let desk = TestDesk::new();
    for (address, status, place) in [
        ("/", 303, BASE),
        ("/verwaltung", 308, BASE),
        ("/verwaltung/anmelden", 308, "/arbeitsplatz/anmelden"),
        ("/verwaltung//boese.example", 308, "/arbeitsplatz//boese.example"),
        ("/arbeitsplatz/", 308, BASE),
        // A preview of the site, for those who work on it.
        ("/sitzungen", 303, "/arbeitsplatz/anmelden?weiter=%2Fsitzungen"),
    ] {
        let answer = desk.get_outside(address).await;
        assert_eq!((answer.status, answer.header("location")), (status, place), "{address}");
    }
    // Nobody else learns which addresses there are.
    assert_eq!(desk.get(&Browser::default(), "/gibt/es/nicht").await.status, 303);
    let missing = desk.get(&desk.signed_in(DeskRole::Clerk), "/gibt/es/nicht").await;
    assert!(missing.status == 404 && missing.text.contains("/arbeitsplatz/abmelden"));
}

/// Every page that is only looked at, without barriers of markup, inline code or anything to be kept.
#[tokio::test]
async fn every_page_is_sound_and_nobody_keeps_it() {
    let desk = TestDesk::new();
    let admin = desk.signed_in(DeskRole::Admin);
    let pages = ROUTES.iter().filter(|row| row.verb == Verb::Get).map(DeskRoute::address);
    for page in pages.chain(["/gibt/es/nicht".to_owned(), "/".to_owned()]) {
        for browser in [&admin, &Browser::default()] {
            let answer = desk.get(browser, &page).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{page}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{page}");
            if answer.status != 200 {
                continue;
            }
            crate::markup::assert_harmless_html(&page, &answer.text);
            for tag in answer.text.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
                let inline =
                    tag.contains(" style=") || tag.contains(" on") || tag.starts_with("style");
                assert!(!inline, "<{tag}> in {page}");
            }
        }
    }
    let styles = crate::web::shared::assets::address("desk.css");
    assert!(desk.get(&admin, "").await.text.contains(&styles));
}
