//! Accounts of the desk from the command line, as its first operator makes them.

use std::io::BufRead as _;

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

#[test]
fn the_first_start_says_how_somebody_can_sign_in() {
    let archive = archive();
    let settings = archive.dir().join("desk.toml");
    std::fs::write(&settings, "[desk]\nlisten = \"0.0.0.0:0\"\n").unwrap();
    let config = settings.to_str().unwrap();
    archive.run(&["--config", config, "user", "list"]).expect(3).says(&["nur über TLS"]);
    std::fs::write(&settings, "[desk]\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let mut process = archive
        .command(&["--config", config, "serve", "--listen", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(process.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        let is_last = line.contains("/arbeitsplatz");
        said.push(line);
        if is_last {
            break;
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(said.iter().any(|l| l.contains("mitschnitt user add NAME --role admin")), "{said:#?}");
}
