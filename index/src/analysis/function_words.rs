//! German function words: a closed class of which every other word of a speech is one. They are
//! indexed, so phrases hold them, but as spelt only: their few other forms are known here, and two
//! of them side by side have a term of their own.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::stem;

/// Those without which a query of other words does, in the spelling of [`super::exact`].
const STOPWORDS: &str = "\
    aber als am an auch auf aus bei beim bin bis bitte da dann das dass dem den denn der des die \
    dies diese diesem diesen dieser dieses doch durch ein eine einem einen einer eines er es \
    fuer haben hat hatte ich ihr ihre im in ins ist ja kann man mit nach noch nun nur ob oder \
    sein sich sie sind so ueber um und uns unter vom von vor war was wegen wenn werden wie wir \
    wird worden wurde zu zum zur";

/// Those that a query keeps.
const KEPT: &str = "\
    alle allem allen aller alles also andere anderem anderen anderer anderes bereits bisher bist \
    dabei dadurch dafuer dagegen daher damit danach daneben daran darauf daraus darf darin \
    darueber darum darunter davon dazu dein deine deinem deinen deiner deines deren deshalb \
    dessen dich dir dort du duerfen duerfte durfte durften eben einige einigem einigen einiger \
    einiges einmal entweder etwa euch euer eure eurem euren eurer eures falls gar gegen \
    gegenueber gerade habe habt haette haetten hast hatten hier hin hinter ihm ihn ihnen ihrem \
    ihren ihrer ihres immer indem irgendwie jede jedem jeden jeder jedes jedoch jemand jene \
    jenem jenen jener jenes jetzt kein keine keinem keinen keiner keines koennen koennte \
    koennten konnte konnten manche manchem manchen mancher manches mehr mein meine meinem meinen \
    meiner meines mich mir moechte moechten moegen muessen muesste muessten muss musste mussten \
    nachdem naemlich nein nicht nichts nie niemand ohne schon sehr sei seid seien seine seinem \
    seinen seiner seines seit selbst sobald sogar solche solchem solchen solcher solches sollen \
    sollte sollten sondern sonst soweit sowie sowohl trotz unser unsere unserem unseren unserer \
    unseres viel viele vielem vielen vieler vieles vielleicht waehrend waere waeren wann warum \
    weil welche welchem welchen welcher welches wem wen wer wessen wieder wieso will wo wobei \
    wodurch wofuer wollen wollte wollten womit worauf worueber worum wozu wurden zumal zwar \
    zwischen";

/// A function word.
struct Known {
    /// Whether a query of other words does without it.
    dropped: bool,
    stem: String,
}

/// All of them, for the version of an index.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    STOPWORDS.split_whitespace().chain(KEPT.split_whitespace())
}

static KNOWN: LazyLock<HashMap<&str, Known>> = LazyLock::new(|| {
    let of = |words: &'static str, dropped| {
        words.split_whitespace().map(move |word| (word, Known { dropped, stem: stem(word) }))
    };
    of(STOPWORDS, true).chain(of(KEPT, false)).collect()
});

/// Whether the normalized word says nothing on its own.
pub(crate) fn is_stopword(exact: &str) -> bool {
    KNOWN.get(exact).is_some_and(|known| known.dropped)
}

/// Whether the normalized word is a function word.
pub(crate) fn is_function(exact: &str) -> bool {
    KNOWN.contains_key(exact)
}

/// The other forms of a function word, in order.
pub(crate) fn other_forms(exact: &str) -> Vec<&'static str> {
    let stem = KNOWN.get(exact).map(|known| known.stem.as_str());
    let others = KNOWN.iter().filter(|(_, known)| Some(known.stem.as_str()) == stem);
    let mut forms: Vec<&str> =
        others.map(|(word, _)| *word).filter(|word| *word != exact).collect();
    forms.sort_unstable();
    forms
}

/// The term of two function words side by side, by which phrases of them are found; `None` for
/// other words. The space keeps it apart from words.
pub(crate) fn gram(first: &str, second: &str) -> Option<String> {
    (is_function(first) && is_function(second)).then(|| format!("{first} {second}"))
}
