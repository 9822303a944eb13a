//! The server over real sockets: silent, slow and too many visitors.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::routing::get;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use super::*;
use crate::web::testing::Archive;

/// Sockets that are held open to keep people out.
const HELD: u64 = 1100;
/// What a person waits for a page at most; far above what is measured, for slow machines.
const PATIENCE: Duration = Duration::from_secs(5);

const QUICK: ConnectionLimits = ConnectionLimits {
    connections: 16,
    head: Duration::from_millis(200),
    idle: Duration::from_millis(600),
    stalled: Duration::from_secs(1),
    grace: Duration::from_millis(100),
};

fn start(router: Router, limits: ConnectionLimits) -> SocketAddr {
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_on(listener, router, limits, std::future::pending()));
    address
}

/// A large answer.
fn film() -> Router {
    Router::new().route("/", get(|| async { Body::from(vec![0; 8_000_000]) }))
}

async fn ask(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// What is received until the server closes; whether it was cut off does not matter.
async fn all(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8_lossy(&received).into_owned()
}

/// Opens its socket again whenever it is closed, and sends a head drop by drop or nothing.
async fn hold(address: SocketAddr, drops: bool) {
    loop {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (mut reading, mut writing) = stream.split();
        let drop_by_drop = async {
            for byte in b"GET / HTTP/1.1\r\nx: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter() {
                if writing.write_all(&[*byte]).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(300)).await;
            }
        };
        let closed = async { drop(reading.read_to_end(&mut Vec::new()).await) };
        match drops {
            true => tokio::select! { () = closed => {}, () = drop_by_drop => {} },
            false => closed.await,
        }
    }
}

/// How many sockets this process can hold besides those of the server, up to [`HELD`].
fn held() -> u64 {
    const OTHERS: u64 = 512 + 400;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let files = maximum.map_or(HELD + OTHERS, |most| most.min(HELD + OTHERS));
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).unwrap();
    files - OTHERS
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_answered_while_others_hold_more_sockets_than_there_may_be() {
    let held = held();
    let archive = Archive::new();
    let limits = ConnectionLimits { connections: 512, ..ConnectionLimits::of_this_process() };
    let address = start(router(archive.state()), limits);
    for n in 0..held {
        tokio::spawn(hold(address, n % 2 == 0));
    }
    sleep(Duration::from_secs(1)).await;
    let (began, mut worst, mut pages) = (Instant::now(), Duration::ZERO, 0);
    while began.elapsed() < Duration::from_secs(9) {
        for path in ["/", "/suche?q=Livestream", "/sitzung/kt-1"] {
            let asked = Instant::now();
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            let stream = tokio::time::timeout(PATIENCE, ask(address, &request)).await.unwrap();
            let page = tokio::time::timeout(PATIENCE, all(stream)).await.unwrap();
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
            assert!(page.contains("</html>"), "cut off: {page}");
            worst = worst.max(asked.elapsed());
            pages += 1;
        }
        sleep(Duration::from_millis(100)).await;
    }
    println!("{held} sockets held open: {pages} pages, the slowest after {worst:?}");
    assert!(worst < PATIENCE, "{worst:?}");
}

#[tokio::test]
async fn heads_and_idle_connections_come_to_an_end() {
    let archive = Archive::new();
    let address = start(router(archive.state()), QUICK);
    let silent = ask(address, "").await;
    let half = ask(address, "GET / HTTP/1.1\r\nhos").await;
    let answered = ask(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let whole = tokio::time::timeout(PATIENCE, async {
        assert_eq!(all(silent).await, "");
        assert_eq!(all(half).await, "");
        all(answered).await
    });
    assert!(whole.await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_keeps_no_connection_open() {
    let archive = Archive::new();
    let address = start(router(archive.state()), QUICK);
    let request = "POST /suche HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nq=";
    let answer = tokio::time::timeout(PATIENCE, async { all(ask(address, request).await).await });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn whoever_takes_nothing_is_dropped_and_whoever_is_slow_is_not() {
    let address = start(film(), QUICK);
    let request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let slow = async {
        let (mut stream, mut taken) = (ask(address, request).await, 0);
        let mut piece = vec![0; 200_000];
        let began = Instant::now();
        loop {
            match stream.read(&mut piece).await.unwrap() {
                0 => return (taken, began.elapsed()),
                read => taken += read,
            }
            sleep(Duration::from_millis(60)).await;
        }
    };
    let stalled = async {
        let stream = ask(address, request).await;
        sleep(Duration::from_secs(3)).await;
        all(stream).await.len()
    };
    let ((taken, took), stalled) = tokio::join!(slow, stalled);
    assert!(taken > 8_000_000, "the slow one has only {taken} bytes after {took:?}");
    assert!(stalled < 8_000_000, "the stalled one got all");
}

#[tokio::test]
async fn what_is_being_answered_when_the_server_stops_is_answered() {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    let slow = || async {
        BEGUN.store(true, Ordering::Relaxed);
        sleep(Duration::from_millis(300)).await;
        "to the end"
    };
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let limits = ConnectionLimits { idle: Duration::from_secs(60), ..QUICK };
    let router = Router::new().route("/", get(slow));
    let server = tokio::spawn(serve_on(listener, router, limits, async { drop(stopped.await) }));
    let idle = ask(address, "").await;
    let asking = ask(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    while !BEGUN.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(10)).await;
    }
    stop.send(()).unwrap();
    assert!(all(asking).await.ends_with("to the end"));
    assert_eq!(all(idle).await, "");
    tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap();
}
