//! How far people have come with a meeting and its items: draft, checked, published. Owns the states and
//! which step leads from one to another; what they let the public see is the edition's.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AgendaItemId, Digest, Signature};

/// Who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// The desk alone; nobody has checked it.
    Draft,
    /// The desk alone; somebody has checked it, and it waits to be released.
    Checked,
    /// Everybody.
    Published,
}

impl ReviewState {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checked => "checked",
            Self::Published => "published",
        }
    }
}

impl FromStr for ReviewState {
    type Err = UnknownReviewState;

    fn from_str(code: &str) -> Result<Self, UnknownReviewState> {
        let all = [Self::Draft, Self::Checked, Self::Published];
        all.into_iter().find(|state| state.code() == code).ok_or(UnknownReviewState)
    }
}

/// A text that is no state.
#[derive(Debug)]
pub struct UnknownReviewState;

impl fmt::Display for UnknownReviewState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no state of a review")
    }
}

impl std::error::Error for UnknownReviewState {}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStep {
    /// It was read through and is right.
    Check,
    /// It goes to the public.
    Release,
    /// It goes back to where it began, out of sight of the public.
    Reopen,
}

impl ReviewStep {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Release => "release",
            Self::Reopen => "reopen",
        }
    }
}

/// Where a meeting or an item is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who may see it.
    pub state: ReviewState,
    /// Who checked it, and which text; none where nobody did.
    pub checked: Option<Check>,
}

/// That somebody checked a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Who, and when.
    pub made: Signature,
    /// The text that was checked: another one is unchecked again.
    pub text: Digest,
}

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewRefusal {
    /// It was checked already.
    AlreadyChecked,
    /// It is published already.
    AlreadyPublished,
    /// It is a draft already.
    AlreadyDraft,
    /// Nobody has checked it, or the text has changed since.
    Unchecked,
    /// Whoever checked it may not release it too.
    SamePerson,
}

/// Whether two people must have looked before something is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Eyes {
    /// One suffices.
    #[default]
    Two,
    /// Whoever releases it must be another than who checked it.
    Four,
}

impl Review {
    /// A meeting that was taken in by command line, or before there were reviews.
    pub const UNREVIEWED: Self = Self { state: ReviewState::Published, checked: None };
    /// A meeting that begins at the desk.
    pub const BEGUN: Self = Self { state: ReviewState::Draft, checked: None };

    /// Whether the public may see it.
    pub fn is_public(&self) -> bool {
        self.state == ReviewState::Published
    }

    /// Whether somebody checked this text.
    pub fn is_checked(&self, text: &Digest) -> bool {
        self.checked.as_ref().is_some_and(|check| check.text == *text)
    }

    /// What becomes of it by a step that somebody takes while `text` is what stands there.
    ///
    /// # Errors
    /// Why not.
    pub fn after(
        &self,
        step: ReviewStep,
        made: &Signature,
        text: &Digest,
        eyes: Eyes,
    ) -> Result<Self, ReviewRefusal> {
        match step {
            ReviewStep::Check if self.is_checked(text) => Err(ReviewRefusal::AlreadyChecked),
            ReviewStep::Check => Ok(Self {
                // What is public stays so while it is checked.
                state: self.state.max(ReviewState::Checked),
                checked: Some(Check { made: made.clone(), text: text.clone() }),
            }),
            ReviewStep::Release if self.is_public() => Err(ReviewRefusal::AlreadyPublished),
            ReviewStep::Release if !self.is_checked(text) => Err(ReviewRefusal::Unchecked),
            ReviewStep::Release => {
                let by = self.checked.as_ref().map(|check| &check.made.by);
                match eyes == Eyes::Four && by == Some(&made.by) {
                    true => Err(ReviewRefusal::SamePerson),
                    false => {
                        Ok(Self { state: ReviewState::Published, checked: self.checked.clone() })
                    }
                }
            }
            ReviewStep::Reopen if *self == Self::BEGUN => Err(ReviewRefusal::AlreadyDraft),
            ReviewStep::Reopen => Ok(Self::BEGUN),
        }
    }
}

/// The review of a meeting and of those of its items that have one of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MeetingReview {
    /// Of the meeting.
    pub meeting: Review,
    /// Of items that are treated apart from it.
    pub items: BTreeMap<AgendaItemId, Review>,
}

impl MeetingReview {
    /// Of an item: its own, else its meeting's.
    pub fn of(&self, item: &AgendaItemId) -> &Review {
        self.items.get(item).unwrap_or(&self.meeting)
    }

    /// The items that the public may not see though it may see their meeting.
    pub fn unpublished(&self) -> Vec<&AgendaItemId> {
        self.items.iter().filter(|(_, review)| !review.is_public()).map(|(id, _)| id).collect()
    }
}

/// How far the words of a place can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextReview {
    /// A machine made them, and nobody has checked them.
    Automatic,
    /// A machine made them, and somebody has checked them.
    Checked,
    /// They were put on record elsewhere.
    Recorded,
}

impl TextReview {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Checked => "checked",
            Self::Recorded => "recorded",
        }
    }
}

/// How the decision on an item is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionForm {
    /// As it is on record.
    #[default]
    Whole,
    /// In essence, in these words of the clerk.
    Essence(String),
    /// Not at all.
    Withheld,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by(name: &str) -> Signature {
        Signature { by: name.to_owned(), at: jiff::Timestamp::UNIX_EPOCH }
    }

    proptest! {
        /// Whatever is done in whatever order: nothing unchecked is ever released, and with four eyes nothing
        /// that only one person has seen.
        #[test]
        fn nothing_gets_out_unseen(steps in prop::collection::vec((0..3usize, 0..2usize, 0..2u8), 0..30)) {
            let mut review = Review::BEGUN;
            for (step, who, text) in steps {
                let step = [ReviewStep::Check, ReviewStep::Release, ReviewStep::Reopen][step];
                let (who, text) = (["anna", "berta"][who], Digest::of(&[text]));
                let before = review.clone();
                let Ok(after) = review.after(step, &by(who), &text, Eyes::Four) else { continue };
                if after.is_public() && !before.is_public() {
                    let check = before.checked.expect("released without a check");
                    prop_assert_eq!(&check.text, &text);
                    prop_assert_ne!(check.made.by.as_str(), who);
                }
                review = after;
            }
        }
    }

    #[test]
    fn another_text_is_unchecked_again() {
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        let checked = Review::BEGUN.after(ReviewStep::Check, &by("a"), &old, Eyes::Two).unwrap();
        let release = |text| checked.after(ReviewStep::Release, &by("a"), text, Eyes::Two);
        assert_eq!(release(&new), Err(ReviewRefusal::Unchecked));
        assert!(release(&old).unwrap().is_public());
        let public =
            Review::UNREVIEWED.after(ReviewStep::Check, &by("a"), &old, Eyes::Four).unwrap();
        assert!(public.is_public() && public.is_checked(&old) && !public.is_checked(&new));
    }
}
