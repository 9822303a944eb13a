//! The audit: who did what to the archive, and when, as a chain in which every entry vouches for the one
//! before it. Owns entries, the chain and how breaks in it are found; refuses words of speech.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, Signature};

/// What was done, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// An account of the desk was made.
    AccountAdded,
    /// Its role was changed.
    AccountChanged,
    /// It was closed, or opened again.
    AccountDisabled,
    /// Its password or second factor was changed.
    PasswordChanged,
    /// Somebody signed in.
    SignedIn,
    /// Somebody failed to.
    SignInRefused,
    /// Somebody signed out.
    SignedOut,
    /// A sign-in was ended by somebody else.
    SignInRevoked,
    /// A meeting was registered, or registered anew.
    MeetingRegistered,
    /// A meeting was removed.
    MeetingRemoved,
    /// A recording came in whole.
    RecordingUploaded,
    /// What of a recording is public was confirmed.
    PublicConfirmed,
    /// An original was cut down to what is public.
    OriginalCut,
    /// A job was queued.
    JobQueued,
    /// A job was done.
    JobDone,
    /// A job failed for good.
    JobFailed,
    /// A job was called off.
    JobCancelled,
    /// The queue was halted, or set going again.
    QueuePaused,
    /// A meeting or an item became draft, checked or published.
    ReviewChanged,
    /// Something was withheld.
    Restricted,
    /// It was released.
    Released,
    /// An item or a speaker was fixed.
    Overruled,
    /// That was taken back.
    OverruleTakenBack,
    /// A text was corrected.
    Corrected,
    /// A correction was taken back.
    CorrectionTakenBack,
    /// A term came into a glossary, or one was found to be misheard another way.
    GlossaryTermAdded,
    /// A term was taken out of a glossary.
    GlossaryTermTakenBack,
    /// A reader's report was closed.
    ReportClosed,
    /// The audit was exported.
    AuditExported,
}

impl Act {
    /// Its code.
    pub fn code(self) -> String {
        // Unit variants are strings.
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// From 1, without gaps.
    pub number: u64,
    /// Who did it, and when.
    #[serde(flatten)]
    pub made: Signature,
    /// What was done.
    pub act: Act,
    /// To what: a meeting, an account, a job; empty where it is the archive.
    pub subject: String,
    /// What else is to be known of it; names, numbers and codes, never words that were spoken.
    pub details: BTreeMap<String, String>,
    /// The hash of the entry before it; of the first, of nothing.
    pub previous: Digest,
    /// Its own.
    pub hash: Digest,
}

impl AuditEntry {
    /// The next entry behind a chain's end.
    pub fn after(
        head: Option<&AuditHead>,
        made: Signature,
        act: Act,
        subject: &str,
        details: &[(&str, &str)],
    ) -> Self {
        let details = details.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut entry = Self {
            number: head.map_or(0, |head| head.number) + 1,
            made,
            act,
            subject: subject.to_owned(),
            details,
            previous: head.map_or_else(|| Digest::of(b""), |head| head.hash.clone()),
            hash: Digest::of(b""),
        };
        entry.hash = entry.computed();
        entry
    }

    /// What its hash must be: of a JSON list of everything else, in this order.
    fn computed(&self) -> Digest {
        let Self { number, made, act, subject, details, previous, hash: _ } = self;
        let content = (previous, number, &made.by, &made.at, act, subject, details);
        // Numbers, texts and maps of texts are always JSON.
        Digest::of(&serde_json::to_vec(&content).unwrap_or_default())
    }
}

/// Where a chain ends: by this an older copy of it is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
}

/// A break in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// The entry of this number is not what was written.
    Changed(u64),
    /// From this number on, so many entries are missing.
    Missing(u64, u64),
    /// The entry of this number stands where another stood.
    Displaced(u64),
    /// The chain is not the one that was known, from this number on: it was written anew.
    Rewritten(u64),
}

/// Every break in a chain, in its order. `head` is where it ends by what the archive remembers, `known` what is
/// known of it from elsewhere, an earlier export.
pub fn audit_faults(
    entries: &[AuditEntry],
    head: Option<&AuditHead>,
    known: &[AuditEntry],
) -> Vec<AuditFault> {
    let mut faults = Vec::new();
    let mut before: Option<&AuditEntry> = None;
    let nothing = Digest::of(b"");
    for entry in entries {
        let last = before.map_or(0, |b| b.number);
        if entry.number > last + 1 {
            faults.push(AuditFault::Missing(last + 1, entry.number - last - 1));
        } else if entry.number <= last {
            faults.push(AuditFault::Displaced(entry.number));
        }
        let follows = before.map_or(&nothing, |b| &b.hash) == &entry.previous;
        if entry.computed() != entry.hash {
            faults.push(AuditFault::Changed(entry.number));
        } else if entry.number == last + 1 && !follows {
            faults.push(AuditFault::Displaced(entry.number));
        }
        before = Some(entry);
    }
    let last = before.map_or(0, |b| b.number);
    if let Some(head) = head {
        if head.number > last {
            faults.push(AuditFault::Missing(last + 1, head.number - last));
        } else if head.number < last || before.is_some_and(|b| b.hash != head.hash) {
            faults.push(AuditFault::Rewritten(head.number.min(last)));
        }
    } else if last > 0 {
        faults.push(AuditFault::Rewritten(1));
    }
    let differs = |known: &&AuditEntry| {
        let own = entries.iter().find(|entry| entry.number == known.number);
        own.is_some_and(|own| own.hash != known.hash)
    };
    if let Some(first) = known.iter().find(differs) {
        faults.push(AuditFault::Rewritten(first.number));
    }
    if let Some(longest) = known.iter().map(|k| k.number).max().filter(|n| *n > last) {
        faults.push(AuditFault::Missing(last + 1, longest - last));
    }
    faults.dedup();
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain(length: u64) -> (Vec<AuditEntry>, AuditHead) {
        let mut entries: Vec<AuditEntry> = Vec::new();
        for n in 0..length {
            let head = entries.last().map(head_of);
            let made =
                Signature { by: format!("konto-{}", n % 3), at: jiff::Timestamp::UNIX_EPOCH };
            let number = n.to_string();
            let details = [("number", number.as_str())];
            entries.push(AuditEntry::after(head.as_ref(), made, Act::JobQueued, "kt-1", &details));
        }
        let head = entries.last().map(head_of).expect("a chain of at least one");
        (entries, head)
    }

    fn head_of(entry: &AuditEntry) -> AuditHead {
        AuditHead { number: entry.number, hash: entry.hash.clone() }
    }

    #[test]
    fn an_untouched_chain_is_whole_and_survives_its_export() {
        let (entries, head) = chain(20);
        assert_eq!(audit_faults(&entries, Some(&head), &[]), []);
        let text = serde_json::to_string(&entries).unwrap();
        let read: Vec<AuditEntry> = serde_json::from_str(&text).unwrap();
        assert_eq!(audit_faults(&read, Some(&head), &entries[..9]), []);
        assert_eq!(audit_faults(&[], None, &[]), []);
    }

    proptest! {
        /// Whatever one entry says is changed, taken out or moved: it is found.
        #[test]
        fn every_tampering_is_found(length in 2u64..30, at in 0usize..30, to in 0usize..30, how in 0..8) {
            let (mut entries, head) = chain(length);
            let known = entries.clone();
            let (at, to) = (at % entries.len(), to % entries.len());
            match how {
                0 => entries[at].made.by.push('x'),
                1 => entries[at].subject.clear(),
                2 => entries[at].act = Act::JobFailed,
                3 => { entries[at].details.insert("number".to_owned(), "anders".to_owned()); }
                4 => { entries.remove(at); }
                5 if at != to => entries.swap(at, to),
                // Numbered anew, as somebody would who knows that gaps are found.
                6 => {
                    entries.remove(at);
                    for (n, entry) in entries.iter_mut().enumerate() { entry.number = n as u64 + 1; }
                }
                // The whole chain computed anew, head and all: only who knows the old one finds it.
                7 => {
                    let mut anew: Vec<AuditEntry> = Vec::new();
                    for (n, e) in entries.iter().enumerate() {
                        let subject = if n == at { "kt-2" } else { &e.subject };
                        let head = anew.last().map(head_of);
                        anew.push(AuditEntry::after(head.as_ref(), e.made.clone(), e.act, subject, &[]));
                    }
                    let head = head_of(anew.last().expect("as many as before"));
                    prop_assert_ne!(audit_faults(&anew, Some(&head), &known), []);
                    return Ok(());
                }
                _ => return Ok(()),
            }
            prop_assert_ne!(audit_faults(&entries, Some(&head), &[]), []);
        }
    }
}
