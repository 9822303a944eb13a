//! Who may use whom, in one table. A module that reaches up or sideways fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::harness::{files, root};

/// Module, or a part of one, and what it may use of this crate besides itself; `domain` is free for all but
/// the index.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("child", &[]),
    ("credentials", &[]),
    ("inbox", &[]),
    ("config", &[]),
    ("telemetry", &[]),
    ("archive", &[]),
    ("ingest", &[]),
    ("media", &["child"]),
    ("vad", &[]),
    ("transcribe", &["child", "vad"]),
    ("align", &[]),
    ("store", &["credentials"]),
    ("edition", &["store"]),
    ("search", &["edition"]),
    ("export", &["edition"]),
    ("eval", &[]),
    ("pipeline", STAGES),
    ("jobs", &["archive", "inbox", "pipeline", "store", "transcribe"]),
    ("web", &["edition"]),
    ("web/shared", PAGES),
    ("web/public", PAGES),
    ("web/desk", &["credentials", "edition", "inbox", "store", "jobs", "search", "export"]),
    ("cli", ALL),
];

/// What the public sees is what these give; what it writes goes into the inbox.
const PAGES: &[&str] = &["edition", "search", "export", "inbox"];

/// What the order of the stages puts together.
const STAGES: &[&str] = &[
    "archive",
    "child",
    "inbox",
    "ingest",
    "media",
    "transcribe",
    "align",
    "store",
    "edition",
    "search",
];

/// What commands put together.
const ALL: &[&str] = &[
    "archive",
    "child",
    "credentials",
    "inbox",
    "config",
    "telemetry",
    "ingest",
    "media",
    "transcribe",
    "align",
    "store",
    "edition",
    "search",
    "export",
    "eval",
    "pipeline",
    "jobs",
    "web",
];

/// Folders of a module and what files in them may not name: what pages share knows no page, and neither of
/// those who share it knows the other.
const NEVER_NAMES: &[(&str, &str)] = &[
    ("src/web/shared", "web::public"),
    ("src/web/shared", "web::desk"),
    ("src/web/public", "web::desk"),
    ("src/web/desk", "web::public"),
];

/// Crates that only one module may name. What is known of German, `mitschnitt_german`, is for all.
const ONLY_IN: &[(&str, &str)] = &[
    ("symphonia", "media"),
    ("rubato", "media"),
    ("realfft", "vad"),
    ("earshot", "vad"),
    ("whisper_rs", "transcribe"),
    ("rusqlite", "store"),
    ("mitschnitt_index", "search"),
    ("axum", "web"),
    ("askama", "web"),
    ("rustybuzz", "web"),
    ("tiny_skia", "web"),
    ("ureq", "archive"),
    ("clap", "cli"),
    ("argon2", "credentials"),
    ("getrandom", "credentials"),
    ("qrcodegen", "credentials"),
];

/// The first path segment of a file below `src/`: `store/mod.rs` and `vad.rs` are `store`, `vad`.
fn module(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The row that a file stands in: that of its module, or of its part of it where that has one.
fn row(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let part = relative.iter().take(2).map(|name| name.to_str().unwrap());
    let part = part.collect::<Vec<_>>().join("/").trim_end_matches(".rs").to_owned();
    if MAY_USE.iter().any(|(name, _)| *name == part) { part } else { module(path) }
}

/// The first names of what follows `crate::` or `super::`: one, or all of a list in braces.
fn names(rest: &str) -> Vec<String> {
    let name = |s: &str| -> String {
        s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(list) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut found, mut depth, mut item) = (Vec::new(), 1, String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || c == ',' && depth == 1 {
            found.push(name(&item));
            item.clear();
        } else {
            item.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    found.retain(|m| !m.is_empty());
    found
}

/// The modules of this crate that a source names as `crate::x` (also `crate::{x, y}`).
fn used(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let line_start = source[..at].rfind('\n').map_or(0, |n| n + 1);
        let line = source[line_start..at].trim_start();
        if !line.starts_with("//") || line.contains("use ") {
            found.extend(names(&source[at + "crate::".len()..]));
        }
    }
    found
}

fn sources() -> Vec<(String, std::path::PathBuf, String)> {
    files(&root().join("src"))
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .filter(|p| !["lib.rs", "main.rs"].contains(&p.file_name().unwrap().to_str().unwrap()))
        .map(|p| (module(&p), p.clone(), std::fs::read_to_string(&p).unwrap()))
        .collect()
}

#[test]
fn modules_use_only_what_their_row_allows() {
    let mut wrong = Vec::new();
    for (module, path, source) in sources() {
        let row = row(&path);
        let found = MAY_USE.iter().find(|(name, _)| *name == row);
        let (_, allowed) = found.unwrap_or_else(|| panic!("{row} has no row in the table"));
        let known = |m: &String| MAY_USE.iter().any(|(name, _)| name == m);
        // Tests of a module may measure it against others.
        let name = path.file_stem().unwrap().to_str().unwrap();
        if ["tests", "testing"].contains(&name)
            || path.iter().any(|p| p == "tests" || p == "testing")
        {
            continue;
        }
        for used in used(&source).into_iter().filter(known) {
            if used != module && used != "domain" && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The files below `folder` that a file uses, as paths without ".rs": `super::x` and
/// `crate::align::x`; the folder itself, which is its `mod.rs`, for what is no file.
fn used_files(
    folder: &str,
    path: &str,
    source: &str,
    known: &BTreeMap<String, String>,
) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|l| l.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
    let parent = |path: &str| path.rsplit_once('/').map_or(path, |(up, _)| up).to_owned();
    let absolute = format!("crate::{}::", folder.replace('/', "::"));
    // Of `super::super::x` the first counts, with as many steps up as there are.
    let begins = |at: &usize| !code[..*at].ends_with("super::");
    let relative = code.match_indices("super::").map(|(at, _)| at).filter(begins).map(|at| {
        let (mut end, mut from) = (at, path.to_owned());
        while let Some(rest) = code[end..].strip_prefix("super::") {
            (end, from) = (code.len() - rest.len(), parent(&from));
        }
        (end, from)
    });
    let absolute =
        code.match_indices(&absolute).map(|(at, name)| (at + name.len(), folder.to_owned()));
    let mut found = Vec::new();
    for (at, from) in relative.chain(absolute) {
        for name in names(&code[at..]) {
            let shown = known.get(&from).and_then(|source| shown_from(source, &name));
            let file = format!("{from}/{}", shown.unwrap_or(name));
            found.push(if known.contains_key(&file) { file } else { from.clone() });
        }
    }
    found.retain(|file| file != path);
    found
}

/// The file from which a module shows a name as its own: `pub use file::{Name, …}`.
fn shown_from(source: &str, name: &str) -> Option<String> {
    source.split("pub use ").skip(1).find_map(|rest| {
        let (file, shown) = rest.split_once(';')?.0.split_once("::")?;
        let all = names(shown);
        all.iter().any(|n| n == name).then(|| file.to_owned())
    })
}

/// A file may use those of a lower layer and is used by those of a higher one, never both.
#[test]
fn files_of_stages_use_one_another_one_way() {
    for folder in ["align", "media", "transcribe", "vad"] {
        let circle = circle(folder);
        assert!(circle.is_empty(), "these use one another in a circle: {circle:#?}");
    }
}

/// The files of a folder that use one another in a circle, or use such, with what they use.
fn circle(folder: &str) -> Vec<(String, Vec<String>)> {
    let of = |path: &Path| {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap();
        relative.trim_end_matches(".rs").trim_end_matches("/mod").to_owned()
    };
    let known: BTreeMap<String, String> = sources()
        .into_iter()
        .filter(|(module, path, _)| {
            module == folder && !path.iter().any(|p| p == "tests" || p == "tests.rs")
        })
        .map(|(_, path, source)| (of(&path), source))
        .collect();
    let mut uses: Vec<(String, Vec<String>)> = known
        .iter()
        .map(|(path, source)| {
            // One that only lists and shows its files uses none of them.
            let works = source.contains("fn ");
            let below = known.keys().filter(|file| file.starts_with(&format!("{path}/")) && works);
            let used = used_files(folder, path, source, &known);
            (path.clone(), below.cloned().chain(used).collect())
        })
        .collect();
    // Whoever uses nobody that is left is in no circle.
    loop {
        let left: Vec<String> = uses.iter().map(|(path, _)| path.clone()).collect();
        uses.retain(|(_, used)| used.iter().any(|file| left.contains(file)));
        if uses.len() == left.len() {
            return uses;
        }
    }
}

#[test]
fn what_is_shared_knows_none_of_those_who_share_it() {
    let mut wrong = Vec::new();
    for (folder, name) in NEVER_NAMES {
        for path in files(&root().join(folder)) {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            if code.contains(name) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_stay_in_their_module() {
    let mut wrong = Vec::new();
    for (module, path, source) in sources() {
        let code = source.lines().filter(|l| !l.trim_start().starts_with("//"));
        let code: String = code.flat_map(|l| [l, "\n"]).collect();
        for (name, home) in ONLY_IN {
            let names =
                code.contains(&format!("{name}::")) || code.contains(&format!("use {name}"));
            let telemetry = *name == "clap" && module == "telemetry"; // its colour choice
            let inbox = *name == "rusqlite" && module == "inbox"; // a database of its own
            if names && module != *home && !telemetry && !inbox {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_open_with_what_they_own_and_stay_readable() {
    let own = sources().into_iter().map(|(_, path, source)| (path, source));
    let members = ["index/src", "index/german/src"].map(|folder| root().join(folder));
    let members = members.iter().filter(|folder| folder.exists()).flat_map(|folder| files(folder));
    let members = members.filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let members = members.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()));
    let mut wrong = Vec::new();
    for (path, source) in own.chain(members) {
        if !source.starts_with("//!") {
            wrong.push(format!("{} does not say what it owns", path.display()));
        }
        if source.lines().count() > 600 {
            wrong.push(format!("{} has more than 600 lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn async_stays_in_the_site() {
    let asynchronous = |s: &str| s.contains("async fn") || s.contains(".await");
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(module, _, source)| module != "web" && asynchronous(source))
        .map(|(_, path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_check_itself_sees_every_form_of_use() {
    let source = "use crate::domain::{A, B};\nuse crate::{store, web::State};\nlet x = crate::media::open();\n// crate::cli is only mentioned\n";
    assert_eq!(used(source), ["domain", "store", "web", "media"]);
}

/// The types that a source declares, without its unit tests and without associated types.
fn types(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let declared = |line: &str| -> Option<String> {
        let mut words = line.split_whitespace();
        let mut word = words.next()?;
        if word.starts_with("pub") {
            word = words.find(|w| !w.ends_with(')'))?;
        }
        let kind = ["struct", "enum", "trait"].contains(&word);
        let alias = word == "type" && !line.starts_with(' ');
        let name: String = words.next()?.chars().take_while(|c| c.is_alphanumeric()).collect();
        ((kind || alias) && name.starts_with(char::is_uppercase)).then_some(name)
    };
    code.lines().filter_map(declared).collect()
}

/// Every command has its `Args`, every crate its `Error` and `Result`.
const SHARED_NAMES: [&str; 3] = ["Args", "Error", "Result"];

#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    let folders = ["src", "index/src", "index/german/src"];
    let all = folders.iter().flat_map(|folder| files(&root().join(folder)));
    for path in all.filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let tests = |p: &std::ffi::OsStr| p == "tests" || p == "testing";
        if ["tests", "testing"].contains(&stem) || path.iter().any(tests) {
            continue;
        }
        for name in types(&std::fs::read_to_string(&path).unwrap()) {
            places.entry(name).or_default().insert(path.clone());
        }
    }
    places.retain(|name, paths| paths.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    assert!(places.is_empty(), "{places:#?}");
}
