//! Words whose stem the stemmer does not know: those that it confounds with others in council and
//! parliament speech, and signs with their names. Each group has a stem of its own.

/// A stem, and the normalized forms (see [`super::exact`]) that have it.
/// The "=" keeps it apart from every stem the algorithm makes.
const GROUPS: &[(&str, &[&str])] = &[
    ("kita=", &["kita", "kitas"]),
    ("schueler=", &["schueler", "schuelern", "schuelers", "schuelerin", "schuelerinnen"]),
    ("bauer=", &["bauer", "bauern", "bauers", "baeuerin", "baeuerinnen"]),
    ("mauer=", &["mauer", "mauern"]),
    ("schoen=", &["schoen", "schoene", "schoenem", "schoenen", "schoener", "schoenes"]),
    ("foerdern=", &["foerdere", "foerdern", "foerdert", "foerderte", "foerderten", "gefoerdert"]),
    ("foerderung=", &["foerderung", "foerderungen"]),
    ("gueter=", &["gueter", "guetern"]),
    ("aendern=", &["aendere", "aendern", "aendert", "aenderte", "aenderten", "geaendert"]),
    ("loesen=", &["loese", "loesen", "loest", "loeste", "geloest"]),
    ("waehrung=", &["waehrung", "waehrungen"]),
    ("zustaendig=", &["zustaendig", "zustaendige", "zustaendigen", "zustaendiger"]),
    ("natuerlich=", &["natuerlich", "natuerliche", "natuerlichen", "natuerlicher"]),
    ("app=", &["app", "apps"]),
    ("etwas=", &["etwas"]),
    ("wille=", &["wille", "willen", "willens"]),
    (
        "sicher=",
        &[
            "sicher",
            "sichere",
            "sicherem",
            "sicheren",
            "sicherer",
            "sicheres",
            "sicherste",
            "sichersten",
        ],
    ),
    ("sicherheit=", &["sicherheit", "sicherheiten"]),
    (
        "vorgaenger=",
        &["vorgaenger", "vorgaengern", "vorgaengers", "vorgaengerin", "vorgaengerinnen"],
    ),
    ("bonus=", &["bonus", "boni", "bonusse"]),
    // Signs and their names.
    (
        "paragraf=",
        &[
            "§",
            "§§",
            "paragraf",
            "paragrafen",
            "paragrafs",
            "paragraph",
            "paragraphen",
            "paragraphs",
        ],
    ),
    ("prozent=", &["%", "prozent", "prozente", "prozenten", "prozents"]),
    ("euro=", &["€", "eur", "euro", "euros"]),
];

/// The stem set for `exact`, if any.
pub(super) fn lookup(exact: &str) -> Option<&'static str> {
    GROUPS.iter().find(|(_, forms)| forms.contains(&exact)).map(|(stem, _)| *stem)
}

/// FNV-1a over the list and `others`, so that a changed list rebuilds the index.
pub(super) fn fingerprint(others: impl Iterator<Item = &'static str>) -> u32 {
    let texts = GROUPS.iter().flat_map(|(stem, forms)| std::iter::once(stem).chain(forms.iter()));
    let texts = texts.copied().chain(others);
    texts
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
