//! The glossary of a body on the command line.

use crate::harness::Archive;

const BODY: &str = "landkreis musterland (erfunden)";

#[test]
fn a_term_is_added_listed_and_taken_out_by_whoever_says_so() {
    let archive = Archive::new();
    archive.run(&["ingest", "fixtures/meetings/kreistag-demo"]).expect(0);
    let add = ["glossary", BODY, "add", "Gödenroth", "--kind", "place"];
    archive.run(&[&add[..], &["--heard-as", "Göden Rot", "--by", "Amt 10"]].concat()).expect(0);
    archive.run(&[&add[..], &["--heard-as", "Köhlerrot"]].concat()).expect(0);
    let prints = |args: &[&str], text: &str| {
        let output = archive.run(args).expect(0);
        assert!(output.stdout.contains(text), "{text}: {}", output.stdout);
    };
    let list = ["glossary", BODY, "list"];
    prints(&list, "Gödenroth  place  verhört als Göden Rot, Köhlerrot  (Amt 10, ");
    for (args, code, says) in [
        (&["glossary", "Nirgendwo", "list"][..], 4, "Es gibt „Landkreis Musterland (erfunden)“"),
        (&["glossary", BODY, "remove", "Aue"], 4, "steht nicht im Wörterbuch"),
        (&["glossary", BODY, "add", "a b c d e f"], 2, "höchstens 5 Wörter"),
        (&["glossary", BODY, "add", "Aue", "--kind", "quatsch"], 2, "name, place und term"),
    ] {
        archive.run(args).expect(code).says(&[says]);
    }
    archive.run(&["glossary", BODY, "remove", "Gödenroth"]).expect(0);
    prints(&[&list[..], &["--json"]].concat(), "[]");
    prints(&[&list[..], &["--all"]].concat(), "; herausgenommen (");
    prints(&["audit", "list"], "glossary_term_taken_back");
}
