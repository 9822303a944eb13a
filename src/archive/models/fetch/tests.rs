//! Downloads from a server of one thread on this machine, which fails where it is told to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::ErrorKind;

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// All that was asked for, honouring ranges.
    Ranges,
    /// Everything from the start, whatever was asked for.
    NoRanges,
    /// Promises all, breaks off after so many bytes; honours ranges.
    BreaksAfter(usize),
    /// Only a status.
    Status(u16),
    /// Look elsewhere, as the published repository says for its files.
    Moved,
}

/// Serves `content`, one answer a connection; gives its address and, as they come, the `Range`
/// headers it was sent.
fn serve(content: Vec<u8>, answers: Vec<Answer>) -> (String, mpsc::Receiver<Option<u64>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, ranges) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let range = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(|line| line.ok().filter(|line| !line.is_empty()))
                .filter_map(|line| {
                    let line = line.to_ascii_lowercase();
                    line.strip_prefix("range: bytes=")?.trim_end_matches('-').parse().ok()
                })
                .last();
            let _ = sender.send(range);
            let from = match answer {
                Answer::NoRanges => 0,
                _ => range.unwrap_or(0) as usize,
            };
            let body = &content[from.min(content.len())..];
            let (status, extra) = match answer {
                Answer::Status(status) => (status, String::new()),
                Answer::Moved => (302, "Location: /elsewhere\r\n".to_owned()),
                _ if from > 0 => {
                    let (last, all) = (content.len() - 1, content.len());
                    (206, format!("Content-Range: bytes {from}-{last}/{all}\r\n"))
                }
                _ => (200, String::new()),
            };
            let bare = matches!(answer, Answer::Status(_) | Answer::Moved);
            let body = if bare { &[][..] } else { body };
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\n{extra}Connection: close\r\n\r\n",
                body.len()
            );
            let sent = match answer {
                Answer::BreaksAfter(n) => &body[..n.min(body.len())],
                _ => body,
            };
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
        }
    });
    (url, ranges)
}

/// A made-up model of `content`. Leaked: specs are of the static table elsewhere.
fn spec_of(content: &[u8]) -> &'static Spec {
    Box::leak(Box::new(Spec {
        name: "tiny",
        file: "ggml-tiny.bin",
        bytes: content.len() as u64,
        sha256: Box::leak(Digest::of(content).to_string().into_boxed_str()),
        origin: Supply::Published,
    }))
}

fn download(spec: &'static Spec, dir: &Path, url: &str) -> Result<PathBuf> {
    let download = Download { spec, base_url: url, pause: Duration::ZERO };
    let mut last = 0;
    let path = download.run(dir, &mut |done, _| last = done)?;
    assert_eq!(last, spec.bytes, "the progress does not end at the end");
    Ok(path)
}

fn content() -> Vec<u8> {
    (0..200_003u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn an_interrupted_download_goes_on_where_it_ended(cut in 1usize..200_000) {
        let content = content();
        let spec = spec_of(&content);
        let dir = tempfile::tempdir().unwrap();
        let answers = vec![Answer::BreaksAfter(cut), Answer::Ranges];
        let (url, ranges) = serve(content.clone(), answers);
        let path = download(spec, dir.path(), &url).unwrap();
        prop_assert_eq!(fs::read(path).unwrap(), content);
        prop_assert_eq!(ranges.recv().unwrap(), None);
        prop_assert_eq!(ranges.recv().unwrap(), Some(cut as u64));
        prop_assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "something was left behind");
    }

    #[test]
    fn what_an_earlier_run_left_is_used(left in 1usize..200_003) {
        let content = content();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("ggml-tiny.bin.part"), &content[..left]).unwrap();
        let (url, ranges) = serve(content.clone(), vec![Answer::Ranges]);
        let path = download(spec_of(&content), dir.path(), &url).unwrap();
        prop_assert_eq!(fs::read(path).unwrap(), content);
        prop_assert_eq!(ranges.recv().unwrap(), Some(left as u64));
    }
}

#[test]
fn a_server_without_ranges_sends_everything_again() {
    let content = content();
    let dir = tempfile::tempdir().unwrap();
    let answers = vec![Answer::BreaksAfter(70_000), Answer::NoRanges];
    let (url, _ranges) = serve(content.clone(), answers);
    let path = download(spec_of(&content), dir.path(), &url).unwrap();
    assert_eq!(fs::read(path).unwrap(), content);
}

#[test]
fn a_file_that_lies_elsewhere_is_resumed_there() {
    let content = content();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("ggml-tiny.bin.part"), &content[..1000]).unwrap();
    let (url, ranges) = serve(content.clone(), vec![Answer::Moved, Answer::Ranges]);
    let path = download(spec_of(&content), dir.path(), &url).unwrap();
    assert_eq!(fs::read(path).unwrap(), content);
    assert_eq!(ranges.iter().collect::<Vec<_>>(), [Some(1000), Some(1000)]);
}

#[test]
fn a_busy_server_is_asked_again() {
    let content = content();
    let dir = tempfile::tempdir().unwrap();
    let (url, _ranges) = serve(content.clone(), vec![Answer::Status(503), Answer::Ranges]);
    assert!(download(spec_of(&content), dir.path(), &url).is_ok());
}

#[test]
fn a_foreign_file_is_refused_and_not_kept() {
    let spec = spec_of(&content());
    let dir = tempfile::tempdir().unwrap();
    let mut other = content();
    other[100_000] ^= 1;
    let (url, _ranges) = serve(other, vec![Answer::Ranges]);
    let error = download(spec, dir.path(), &url).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.to_string().contains("SHA-256"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_model_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (url, ranges) = serve(Vec::new(), vec![Answer::Status(404)]);
    let error = download(spec_of(&content()), dir.path(), &url).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert_eq!(ranges.iter().count(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn no_server_at_all_is_told_after_a_few_tries() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = download(spec_of(&content()), dir.path(), &url).unwrap_err();
    assert!(error.to_string().contains("nicht erreichbar"), "{error}");
}

#[test]
fn a_sound_file_is_kept_and_a_damaged_one_replaced() {
    let content = content();
    let spec = spec_of(&content);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(spec.file);
    fs::write(&path, &content).unwrap();
    download(spec, dir.path(), "http://127.0.0.1:1").unwrap();

    fs::write(&path, b"broken").unwrap();
    let (url, _ranges) = serve(content.clone(), vec![Answer::Ranges]);
    download(spec, dir.path(), &url).unwrap();
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[test]
fn the_bundled_model_is_not_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let bundled = super::super::spec("base").unwrap();
    let error = fetch(bundled, dir.path(), BASE_URL, &mut |_, _| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadInput);
}
