//! German function words: a closed class of which every other word of a speech is one. Says which
//! words are of it and which of these say nothing at all; what follows from that, their users decide.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::folding::fold;

/// Those without which a query of other words does, words of questions among them. A star marks words said so often that they are
/// never taken for a name that was misheard.
const DROPPED: &str = "\
    aber* als* am* an* auch* auf* aus* bei* beim bin* bis bitte* da* dann* das* dass* dem* den* \
    denn der* des* die* dies diese* diesem diesen dieser* dieses* doch durch ein* eine* einem \
    einen* einer eines er es* für* haben* hat* hatte ich* ihr* ihre* im* in* ins ist* ja* kann \
    man* mit* nach* noch* nun* nur* ob oder* sein sich sie* sind* so* über um und* uns* unter vom* \
    von* vor* wann war* warum was* wegen welche welchem welchen welcher welches wenn* wer* werden* \
    weshalb wie* wieso wir* wird* wo worden wozu wurde* zu* zum zur";

/// Those that a query keeps; a star as above.
const KEPT: &str = "\
    alle* allem allen aller alles also* andere anderem anderen anderer anderes bereits bisher bist \
    dabei dadurch dafür dagegen daher damit* danach daneben daran darauf daraus darf darin darüber \
    darum darunter davon dazu dein deine deinem deinen deiner deines deren deshalb dessen dich dir \
    dort du dürfen dürfte durfte durften eben einige einigem einigen einiger einiges einmal \
    entweder etwa euch euer eure eurem euren eurer eures falls gar gegen gegenüber gerade habe* \
    habt hätte hätten hast hatten hier* hin hinter ihm ihn ihnen* ihrem ihren ihrer ihres immer \
    indem irgendwie jede jedem jeden jeder jedes jedoch jemand jene jenem jenen jener jenes jetzt* \
    kein* keine* keinem keinen keiner keines können könnte könnten konnte konnten manche manchem \
    manchen mancher manches mehr* mein meine meinem meinen meiner meines mich mir möchte möchten \
    mögen müssen müsste müssten muss musste mussten nachdem nämlich nein* nicht* nichts nie \
    niemand ohne schon* sehr* sei seid seien seine seinem seinen seiner seines seit selbst sobald \
    sogar solche solchem solchen solcher solches sollen sollte sollten sondern sonst soweit sowie \
    sowohl trotz unser unsere unserem unseren unserer unseres viel viele vielem vielen* vieler \
    vieles vielleicht während wäre wären* weil wem wen wessen wieder will wobei wodurch wofür \
    wollen* wollte wollten womit worauf worüber worum wurden zumal zwar zwischen";

/// A word of the class.
#[derive(Debug, PartialEq, Eq)]
pub struct FunctionWord {
    /// Folded.
    pub word: String,
    /// Whether a query of other words does without it.
    pub dropped: bool,
    /// Whether it is said so often that it is never a name that was misheard.
    pub common: bool,
}

/// All of them, those that a query does without first; the order is part of the index's version.
pub fn all() -> &'static [FunctionWord] {
    static ALL: LazyLock<Vec<FunctionWord>> = LazyLock::new(|| {
        let of = |list: &'static str, dropped: bool| {
            list.split_whitespace().map(move |marked| FunctionWord {
                word: fold(marked),
                dropped,
                common: marked.ends_with('*'),
            })
        };
        of(DROPPED, true).chain(of(KEPT, false)).collect()
    });
    &ALL
}

/// Whether a folded word is a function word far too common to be taken for a misheard name.
pub fn is_common(folded: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        all().iter().filter(|word| word.common).map(|word| word.word.as_str()).collect()
    });
    COMMON.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_once_and_in_order() {
        let words = |dropped: bool| -> Vec<&str> {
            all().iter().filter(|w| w.dropped == dropped).map(|w| w.word.as_str()).collect()
        };
        assert!(words(true).is_sorted() && words(false).is_sorted());
        let distinct: HashSet<&str> = all().iter().map(|w| w.word.as_str()).collect();
        assert_eq!(distinct.len(), all().len());
    }

    #[test]
    fn common_words_are_no_names() {
        assert!(is_common("fuer") && is_common("nicht"));
        assert!(!is_common("will"), "a family name as well");
    }
}
