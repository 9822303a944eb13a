//! Who may use whom in this crate: folders lie upon each other, and no files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The folders from the lowest to the highest: each uses itself and those before it.
const LAYERS: [&str; 8] =
    ["model", "analysis", "segment", "postings", "ranking", "query", "answer", "index"];

/// A file by its module path, such as "query::plan"; a `mod.rs` by that of its folder.
type Module = String;

/// The code of all files without their tests and comments.
fn sources() -> BTreeMap<Module, String> {
    let mut found = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if ["tests", "tests.rs", "lib.rs"].contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Some(stem) =
                path.strip_prefix(&root).unwrap().to_str().unwrap().strip_suffix(".rs")
            {
                let module = stem.trim_end_matches("/mod").replace('/', "::");
                found.insert(module, code(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The paths in a tree such as `a::{b::C, d}`, and what follows it.
fn paths(tree: &str) -> (Vec<Vec<String>>, &str) {
    let tree = tree.trim_start();
    if let Some(mut rest) = tree.strip_prefix('{') {
        let mut all = Vec::new();
        while !rest.trim_start().starts_with('}') {
            let (some, behind) = paths(rest);
            all.extend(some);
            // Behind "as other" and the comma.
            rest = &behind[behind.find([',', '}']).expect("a closing bracket")..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        return (all, rest.trim_start().strip_prefix('}').unwrap_or_default());
    }
    let end =
        tree.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*').unwrap_or(tree.len());
    let (name, rest) = tree.split_at(end);
    match rest.strip_prefix("::") {
        Some(rest) => {
            let (mut all, rest) = paths(rest);
            all.iter_mut().for_each(|path| path.insert(0, name.to_owned()));
            (all, rest)
        }
        None => (vec![vec![name.to_owned()]], rest),
    }
}

/// What a file names of this crate, as paths from its root. What a `mod.rs` shows of its own files is not
/// used by it.
fn named(module: &str, code: &str, all: &BTreeMap<Module, String>) -> Vec<Vec<String>> {
    let own: Vec<String> = module.split("::").map(str::to_owned).collect();
    let mut named = Vec::new();
    let is_shown = |at: usize| {
        let before = code[..at].rsplit(';').next().unwrap_or_default();
        before.contains("pub use ")
            || before.contains("pub(crate) use ")
            || before.contains("pub(super) use ")
    };
    let is_word =
        |at: usize| code[..at].ends_with(|c: char| c.is_alphanumeric() || ['_', ':'].contains(&c));
    for (at, found) in code.match_indices("crate::").filter(|(at, _)| !is_word(*at)) {
        named.extend(paths(&code[at + found.len()..]).0);
    }
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !is_word(*at)) {
        let (mut rest, mut from) = (&code[at..], own.clone());
        while let Some(behind) = rest.strip_prefix("super::") {
            rest = behind;
            from.pop();
        }
        named.extend(paths(rest).0.into_iter().map(|path| [from.clone(), path].concat()));
    }
    let below = format!("{module}::");
    let children = all
        .keys()
        .filter_map(|other| other.strip_prefix(&below))
        .filter(|child| !child.contains("::"));
    for child in children {
        let begins = format!("{child}::");
        let found = code.match_indices(&begins).filter(|(at, _)| !is_word(*at) && !is_shown(*at));
        named.extend(found.map(|_| [own.clone(), vec![child.to_owned()]].concat()));
    }
    named
}

/// The file in which a path ends: what a `mod.rs` shows of a file of its folder is of that file.
fn file_of(path: &[String], all: &BTreeMap<Module, String>) -> Option<Module> {
    let known = (1..=path.len()).rev().find(|n| all.contains_key(&path[..*n].join("::")))?;
    let (module, name) = (path[..known].join("::"), path.get(known));
    let shown =
        all[&module].split(';').filter_map(|statement| statement.trim().split_once(" use "));
    for (_, tree) in shown.filter(|(visibility, _)| visibility.starts_with("pub")) {
        for mut shown in paths(tree).0 {
            let last = shown.last().cloned();
            shown.splice(0..0, module.split("::").map(str::to_owned));
            if last.as_ref() == name && all.contains_key(&shown[..known + 1].join("::")) {
                return file_of(&shown, all);
            }
        }
    }
    Some(module)
}

fn uses() -> BTreeMap<Module, BTreeSet<Module>> {
    let all = sources();
    let used = |(module, code): (&Module, &String)| {
        let used = named(module, code, &all).into_iter().filter_map(|path| file_of(&path, &all));
        (module.clone(), used.filter(|used| used != module).collect())
    };
    all.iter().map(used).collect()
}

fn layer(module: &str) -> usize {
    let folder = module.split("::").next().unwrap_or_default();
    LAYERS
        .iter()
        .position(|layer| *layer == folder)
        .unwrap_or_else(|| panic!("{folder} is no layer"))
}

#[test]
fn folders_use_only_those_below_them() {
    let uses = uses();
    let all = uses.iter().flat_map(|(module, used)| used.iter().map(move |used| (module, used)));
    let upwards: Vec<_> = all.filter(|(module, used)| layer(module) < layer(used)).collect();
    assert!(upwards.is_empty(), "these use what lies above them: {upwards:#?}");
}

#[test]
fn files_use_one_another_one_way() {
    let mut uses = uses();
    // Whoever uses nobody that is left is in no circle.
    loop {
        let left: BTreeSet<Module> = uses.keys().cloned().collect();
        uses.values_mut().for_each(|used| used.retain(|used| left.contains(used)));
        uses.retain(|_, used| !used.is_empty());
        if uses.len() == left.len() {
            break;
        }
    }
    assert!(uses.is_empty(), "these use one another in a circle, or use such: {uses:#?}");
}

#[test]
fn the_check_sees_every_form_of_use() {
    let all: BTreeMap<Module, String> = [
        ("model", "pub(crate) use word::{Word, Other as Another};"),
        ("model::word", ""),
        ("query", "mod plan;\npub(crate) use plan::Plan;\nuse plan::Step;"),
        (
            "query::plan",
            "use super::super::model::{self, Word};\nlet x = crate::query::Plan::new();",
        ),
    ]
    .map(|(module, code)| (module.to_owned(), code.to_owned()))
    .into();
    let of = |module: &str| -> Vec<Module> {
        named(module, &all[module], &all).iter().filter_map(|path| file_of(path, &all)).collect()
    };
    assert_eq!(of("query"), ["query::plan"], "and what it only shows is not used");
    assert_eq!(of("query::plan"), ["query::plan", "model", "model::word"]);
    assert_eq!(of("model"), [""; 0]);
}
