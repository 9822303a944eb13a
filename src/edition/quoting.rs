//! What of a meeting can be quoted, and whether words that it no longer has may still be seen. Owns that
//! what is withdrawn stays withdrawn, whatever an address says.

use super::{Edition, Editions};
use crate::domain::{
    FormKey, Located, PublicSpans, QuotableWord, Quotation, QuoteSeal, Recording, Result,
    SealedQuotation, Span,
};

impl Edition {
    /// Every word that is shown, numbered as on the meeting's page: those of the text, or where it was put
    /// on record elsewhere, those of all speeches, each with the time of its speech.
    pub fn quotable_words(&self) -> Vec<QuotableWord<'_>> {
        match &self.text {
            Some((transcript, _)) => (transcript.words.iter())
                .map(|w| QuotableWord { text: &w.text, span: Span::new(w.start_ms, w.end_ms) })
                .collect(),
            None => (self.speeches.iter())
                .flat_map(|speech| {
                    let span = speech.span();
                    speech.text.split_whitespace().map(move |text| QuotableWord { text, span })
                })
                .collect(),
        }
    }

    /// What of the meeting's clock may be seen of its recordings.
    fn open(&self) -> PublicSpans {
        let recordings = self.parts.iter().map(|part| &part.recording);
        PublicSpans::only(recordings.flat_map(|r| r.public.on_meeting_clock(r.offset)).collect())
    }

    /// The recording on whose clock a quotation lies.
    fn recording_of(&self, quotation: &Quotation) -> Option<&Recording> {
        let part = self.parts.get(self.part_at(quotation.span()?.start()))?;
        Some(&part.recording)
    }
}

impl Editions {
    /// Seals a quotation that is given out.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn seal_of(&self, edition: &Edition, quotation: &Quotation) -> Result<QuoteSeal> {
        let meeting = &edition.council.meeting.id;
        let key = self.store.quote_seal_key()?;
        Ok(key.seal(meeting, edition.recording_of(quotation), quotation))
    }

    /// What forms are stamped with that anybody may fill in.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn form_key(&self) -> Result<FormKey> {
        self.store.form_key()
    }

    /// Where the words of a quotation that was given out are now; `None` where they may not be seen any more:
    /// neither stand there as they were, nor may be shown beside what stands there.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn still_shown(
        &self,
        edition: &Edition,
        words: &SealedQuotation,
    ) -> Result<Option<Located>> {
        let SealedQuotation { quotation, seal } = words;
        let located = quotation.locate(&edition.quotable_words());
        let shown = matches!(located, Located::Same(_))
            || self.may_show_then(edition, quotation, seal, &located)?;
        Ok(shown.then_some(located))
    }

    /// Whether the words of a quotation may be shown though the meeting has other words at its place now, or
    /// none. Only what this archive gave out may be, of a stretch that is public as it was, on the same
    /// clock. Of a record of speeches, only where the speech is still there and nothing of the meeting is
    /// restricted: where its words went, nobody knows.
    ///
    /// # Errors
    /// Those of the archive.
    pub fn may_show_then(
        &self,
        edition: &Edition,
        quotation: &Quotation,
        seal: &QuoteSeal,
        located: &Located,
    ) -> Result<bool> {
        let meeting = &edition.council.meeting.id;
        let key = self.store.quote_seal_key()?;
        if !key.fits(seal, meeting, edition.recording_of(quotation), quotation) {
            return Ok(false);
        }
        let limits = self.limits(meeting)?;
        if limits.is_gone || limits.is_unpublished || limits.is_held_back {
            return Ok(false);
        }
        Ok(match (&edition.text, quotation.span()) {
            (Some(_), Some(span)) => !limits.hidden.touches(span) && edition.open().covers(span),
            (Some(_), None) => false,
            (None, span) => {
                let is_hidden = span.is_some_and(|span| limits.hidden.touches(span));
                let is_there = !edition.speeches.is_empty() && *located != Located::Lost;
                is_there && !is_hidden && limits.in_force.is_empty()
            }
        })
    }
}
