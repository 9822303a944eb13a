//! Accounts of the desk from the command line, as its first operator makes them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::harness::Archive;

const PASSWORD: &str = "vier Tauben im Rathaus\n";

fn archive() -> Archive {
    let archive = Archive::new();
    archive.run(&["ingest", "fixtures/meetings/kreistag-demo/meeting.toml"]).expect(0);
    archive
}

#[test]
fn an_account_is_added_changed_and_closed() {
    let archive = archive();
    let added = archive.fed(&["user", "add", "Chef", "--role", "admin"], PASSWORD).expect(0);
    assert!(added.stdout.contains("otpauth://totp/Mitschnitt:chef?secret="), "{}", added.stdout);
    archive.fed(&["user", "add", "klein", "--role", "clerk", "--no-totp"], PASSWORD).expect(0);
    archive.run(&["user", "role", "klein", "reviewer"]).expect(0);
    archive.fed(&["user", "password", "klein"], "fünf Tauben im Rathaus\n").expect(0);
    archive.run(&["user", "totp", "chef"]).expect(0);
    archive.run(&["user", "disable", "klein"]).expect(0);
    let list = archive.run(&["user", "list"]).expect(0).stdout;
    assert!(list.contains("chef  admin  zweiter Faktor  seit"), "{list}");
    assert!(list.contains("klein  reviewer  nur Passwort, geschlossen"), "{list}");
    archive.run(&["user", "enable", "klein"]).expect(0);
    let audit = archive.run(&["audit", "list"]).expect(0).stdout;
    assert_eq!(audit.matches("account_").count(), 5, "{audit}");
    assert!(!audit.contains("Tauben") && !audit.contains("otpauth"));
    archive.run(&["audit", "verify"]).expect(0);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let archive = archive();
    let add = |arguments: &[&str], input: &str| {
        archive.fed(&[&["user", "add"], arguments].concat(), input)
    };
    add(&["chef", "--role", "admin"], "kurz\n").expect(3).says(&["mindestens 12 Zeichen"]);
    add(&["chef", "--role", "admin"], "").expect(3).says(&["kein Passwort"]);
    add(&["chef", "--role", "chef"], PASSWORD).expect(2).says(&["reviewer"]);
    add(&["a b", "--role", "admin"], PASSWORD).expect(2);
    add(&["chef", "--role", "admin"], PASSWORD).expect(0);
    add(&["chef", "--role", "clerk"], PASSWORD).expect(3).says(&["schon ein Konto"]);
    archive.run(&["user", "disable", "chef"]).expect(3).says(&["niemand mehr"]);
    archive.run(&["user", "role", "wer", "admin"]).expect(4);
    archive.fed(&["user", "password", "wer"], PASSWORD).expect(4);
}

/// Serves an archive with these settings; gives what was said until the site was there, and what it
/// answers at these paths.
fn served(archive: &Archive, settings: &str, paths: &[&str]) -> (String, Vec<u16>) {
    let file = archive.dir().join("desk.toml");
    std::fs::write(&file, settings).unwrap();
    let mut process = archive
        .command(&["--config", file.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines {
        let is_last = line.contains("Strg+C");
        said.push_str(&line);
        if is_last {
            break;
        }
    }
    let address = address.trim().trim_start_matches("http://").trim_end_matches('/');
    let status = |path: &&str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
    };
    let answers = paths.iter().map(status).collect();
    process.kill().unwrap();
    process.wait().unwrap();
    (said, answers)
}

#[test]
fn the_desk_is_where_the_settings_say_and_nowhere_unasked() {
    let archive = archive();
    let paths = ["/", "/arbeitsplatz", "/arbeitsplatz/anmelden", "/verwaltung", "/gibt/es/nicht"];
    let (said, answers) = served(&archive, "", &paths);
    assert_eq!(answers, [200, 404, 404, 404, 404]);
    assert!(!said.contains("Arbeitsplatz"), "{said}");
    let (said, answers) = served(&archive, "[desk]\nenabled = true\n", &paths);
    assert_eq!(answers, [200, 303, 200, 308, 404]);
    assert!(said.contains("mitschnitt user add NAME --role admin"), "{said}");
    let (said, answers) = served(&archive, "[desk]\nlisten = \"127.0.0.1:0\"\n", &paths);
    assert_eq!(answers, [200, 404, 404, 404, 404]);
    assert!(said.contains("/arbeitsplatz"), "{said}");
    // Nor where passwords would cross a network in the clear.
    let settings = archive.dir().join("desk.toml");
    std::fs::write(&settings, "[desk]\nlisten = \"0.0.0.0:0\"\n").unwrap();
    let arguments = ["--config", settings.to_str().unwrap(), "user", "list"];
    archive.run(&arguments).expect(3).says(&["nur über TLS"]);
}
