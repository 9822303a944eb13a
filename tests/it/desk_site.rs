//! The program with a desk, asked over a socket by a clerk who is signed in. Owns how it is started, asked and
//! killed; what is asked is the tests'.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::credentials::{Password, PasswordHash, SignInToken};
use mitschnitt::domain::{AccountName, DeskRole, Signature};
use mitschnitt::store::{SignInLimits, Store};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::harness::Archive;

/// The settings, in the archive's folder.
const SETTINGS: &str = "mitschnitt.toml";
/// Who is signed in.
pub const CLERK: &str = "klein";

/// The running program.
pub struct DeskSite {
    process: Child,
    pub clerk: Clerk,
}

/// Somebody who is signed in; also asks as whoever passes by.
#[derive(Clone)]
pub struct Clerk {
    address: String,
    pub token: SignInToken,
}

/// An answer, read whole.
pub struct DeskAnswer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl DeskAnswer {
    /// One that no program gave.
    pub fn made_up(status: u16, header: &str) -> Self {
        Self { status, head: header.to_owned(), body: String::new() }
    }

    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, v)| v)
    }
}

/// Writes the settings of an archive with a desk.
pub fn settings(archive: &Archive, of_desk: &str) -> PathBuf {
    let config = archive.dir().join(SETTINGS);
    std::fs::create_dir_all(archive.dir()).unwrap();
    std::fs::write(&config, format!("[desk]\nenabled = true\n{of_desk}")).unwrap();
    config
}

/// Adds an account to the archive, which is made where there is none, and signs it in since that moment.
pub fn signed_in(archive: &Archive, role: DeskRole, since: jiff::Timestamp) -> SignInToken {
    let store = Store::create(archive.dir()).unwrap();
    let name = AccountName::new(CLERK).unwrap();
    let made = Signature { by: "test".to_owned(), at: since };
    let hash = PasswordHash::of(&Password::typed("vier Tauben im Rathaus"));
    store.add_account(&name, role, &hash, None, &made).unwrap();
    let (token, limits) = (SignInToken::made_up(), SignInLimits::default());
    assert!(store.begin_sign_in(&name, &token, "Test", None, &limits, since).unwrap());
    token
}

impl DeskSite {
    /// Without workers, for a clerk.
    pub fn start(archive: &Archive, of_desk: &str) -> Self {
        let config = settings(archive, &format!("workers = 0\n{of_desk}"));
        let token = signed_in(archive, DeskRole::Clerk, jiff::Timestamp::now());
        Self::over(archive, &config, &token, |_| {}).expect("the site does not start")
    }

    /// Once more, for somebody who is still signed in.
    pub fn again(archive: &Archive, token: &SignInToken) -> Self {
        let config = archive.dir().join(SETTINGS);
        Self::over(archive, &config, token, |_| {}).expect("the site does not start again")
    }

    /// Over an archive with these settings; `born` is told the number of the process and of its group before it
    /// has begun. None where it ends before it can be asked.
    pub fn over(
        archive: &Archive,
        config: &Path,
        token: &SignInToken,
        born: impl FnOnce(Pid),
    ) -> Option<Self> {
        let log = archive.dir().join("protokoll");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut process = archive
            .command(&["--config", config.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        born(Pid::from_child(&process));
        let mut line = String::new();
        let _torn = io::BufReader::new(process.stdout.take().unwrap()).read_line(&mut line);
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        let site = Self { process, clerk: Clerk { address, token: token.clone() } };
        line.ends_with('\n').then_some(site)
    }

    /// The number of the process, and of its group.
    pub fn id(&self) -> Pid {
        Pid::from_child(&self.process)
    }
}

impl Drop for DeskSite {
    fn drop(&mut self) {
        // Not waited for yet, so its number is nobody else's.
        let group = self.id();
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.process.wait();
        // Its workers die a moment later, and until then hold what they have open.
        let until = Instant::now() + Duration::from_secs(10);
        while lives(group) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Whether a process of this group still lives.
fn lives(group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    std::fs::read_dir("/proc").unwrap().flatten().any(|process| {
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // After the name in brackets: state, parent, group.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let fields: Vec<&str> = fields.split(' ').take(3).collect();
        let threads = || std::fs::read_dir(process.path().join("task")).map_or(0, Iterator::count);
        // Its first thread may be dead while others still hold what it has open.
        fields.get(2) == Some(&group.as_str()) && (fields[0] != "Z" || threads() > 1)
    })
}

impl Clerk {
    /// Asks for something; an error where the answer does not arrive whole.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<DeskAnswer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(format!("{request}\r\n").as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let torn = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(torn)?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(torn)?;
        let body = String::from_utf8_lossy(&answer[end + 4..]).into_owned();
        let length = answer.len() - end - 4;
        let answer = DeskAnswer { status, head, body };
        let announced = answer.header("content-length").parse::<usize>().ok();
        match announced.is_some_and(|announced| announced != length) && method != "HEAD" {
            true => Err(torn()),
            false => Ok(answer),
        }
    }

    /// As whoever passes by.
    pub fn public(&self, path: &str) -> DeskAnswer {
        self.try_send("GET", path, &[], b"").unwrap()
    }

    /// As the clerk; an error where the answer does not arrive whole.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<DeskAnswer> {
        let cookie = format!("mitschnitt-arbeitsplatz={}", self.token.reveal());
        let form = self.token.form_token().to_string();
        let mut all =
            vec![("Cookie", cookie.as_str()), ("X-Formular", &form), ("Tus-Resumable", "1.0.0")];
        all.extend(headers);
        self.try_send(method, path, &all, body)
    }

    /// As the clerk.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> DeskAnswer {
        self.try_ask(method, path, headers, body).unwrap()
    }

    /// Sends a form as the clerk.
    pub fn form(&self, path: &str, fields: &str) -> DeskAnswer {
        self.ask("POST", path, &[FORM], fields.as_bytes())
    }

    /// Waits until a page says this.
    #[track_caller]
    pub fn wait(&self, page: &str, words: &str) -> DeskAnswer {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let answer = self.ask("GET", page, &[], b"");
            if answer.body.contains(words) {
                return answer;
            }
            assert!(Instant::now() < until, "„{words}“ is not in {}", answer.body);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// What says that a body is a form.
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
/// What says that a body is a part of an upload.
pub const PART: (&str, &str) = ("Content-Type", "application/offset+octet-stream");
