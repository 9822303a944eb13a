//! The table of STYLE: who may use whom. A module that reaches up or sideways fails here.

use std::path::Path;

use crate::harness::{files, root};

/// Module and what it may use of this crate besides itself; `domain` is free for all but the index.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("child", &[]),
    ("locks", &[]),
    ("inbox", &[]),
    ("config", &[]),
    ("telemetry", &[]),
    ("ingest", &[]),
    ("media", &["child"]),
    ("vad", &[]),
    ("models", &[]),
    ("transcribe", &["child", "vad"]),
    ("align", &[]),
    ("store", &[]),
    ("edition", &["store"]),
    ("search", &["edition"]),
    ("export", &["edition"]),
    ("eval", &[]),
    (
        "pipeline",
        &[
            "child",
            "locks",
            "ingest",
            "media",
            "models",
            "transcribe",
            "align",
            "store",
            "edition",
            "search",
        ],
    ),
    ("web", &["edition", "search", "export"]),
    (
        "cli",
        &[
            "child",
            "locks",
            "inbox",
            "config",
            "telemetry",
            "ingest",
            "media",
            "models",
            "transcribe",
            "align",
            "store",
            "edition",
            "search",
            "export",
            "eval",
            "pipeline",
            "web",
        ],
    ),
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
    ("ureq", "models"),
    ("clap", "cli"),
];

/// The first path segment of a file below `src/`: `store/mod.rs` and `vad.rs` are `store`, `vad`.
fn module(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules of this crate that a source names as `crate::x` (also `crate::{x, y}`).
fn used(source: &str) -> Vec<String> {
    let name = |s: &str| -> String {
        s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let line_start = source[..at].rfind('\n').map_or(0, |n| n + 1);
        let line = source[line_start..at].trim_start();
        if line.starts_with("//") && !line.contains("use ") {
            continue;
        }
        let rest = &source[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push(name(rest)),
            Some(list) => {
                let mut depth = 1;
                let mut item = String::new();
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
            }
        }
    }
    found.retain(|m| !m.is_empty());
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
        let row = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = row.unwrap_or_else(|| panic!("{module} has no row in the table"));
        let known = |m: &String| MAY_USE.iter().any(|(name, _)| name == m);
        // Tests of a module may measure it against others.
        let name = path.file_stem().unwrap().to_str().unwrap();
        if ["tests", "testing"].contains(&name) || path.iter().any(|p| p == "tests") {
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
fn used_files(folder: &str, path: &str, source: &str, known: &[String]) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|l| l.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
    let parent = |path: &str| path.rsplit_once('/').map_or(path, |(up, _)| up).to_owned();
    let absolute = format!("crate::{}::", folder.replace('/', "::"));
    let relative =
        code.match_indices("super::").map(|(at, _)| (at + "super::".len(), parent(path)));
    let absolute =
        code.match_indices(&absolute).map(|(at, name)| (at + name.len(), folder.to_owned()));
    let mut found = Vec::new();
    for (at, from) in relative.chain(absolute) {
        let rest = &code[at..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let file = format!("{from}/{name}");
        found.push(if known.contains(&file) { file } else { from });
    }
    found.retain(|file| file != path);
    found
}

/// A file may use those of a lower layer and is used by those of a higher one, never both.
#[test]
fn files_of_alignment_use_one_another_one_way() {
    let folder = "align";
    let of = |path: &Path| {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap();
        relative.trim_end_matches(".rs").trim_end_matches("/mod").to_owned()
    };
    let files: Vec<(String, String)> = sources()
        .into_iter()
        .filter(|(module, path, _)| module == folder && !path.ends_with("tests.rs"))
        .map(|(_, path, source)| (of(&path), source))
        .collect();
    let known: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
    let mut uses: Vec<(String, Vec<String>)> = files
        .iter()
        .map(|(path, source)| {
            let below = known.iter().filter(|file| file.starts_with(&format!("{path}/")));
            let used = used_files(folder, path, source, &known);
            (path.clone(), below.cloned().chain(used).collect())
        })
        .collect();
    // Whoever uses nobody that is left is in no circle.
    loop {
        let left: Vec<String> = uses.iter().map(|(path, _)| path.clone()).collect();
        uses.retain(|(_, used)| used.iter().any(|file| left.contains(file)));
        if uses.len() == left.len() {
            break;
        }
    }
    assert!(uses.is_empty(), "these use one another in a circle: {uses:#?}");
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
            if names && module != *home && !telemetry {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_open_with_what_they_own_and_stay_readable() {
    let mut wrong = Vec::new();
    for (_, path, source) in sources() {
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
