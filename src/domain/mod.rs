//! The words of the trade as types: councils, recordings, transcripts, alignments, times and ids.
//! Owns values and their rules; refuses all IO.

mod account;
mod alignment;
mod audit;
mod council;
mod cutting;
mod decoding;
mod error;
mod extent;
mod film;
mod form_stamp;
mod found_by;
mod glossary;
mod id;
mod intake;
mod job;
mod language;
mod loose;
mod outside;
mod overrule;
mod passage;
mod plain_number;
mod quotation;
mod reader_report;
mod recording;
mod redaction;
mod restriction;
mod review;
mod revision;
mod seal;
mod sound;
mod speech;
mod time;
mod transcript;

pub use account::{
    Account, AccountName, DeskRole, InvalidAccountName, Right, SignIn, UnknownDeskRole,
};
pub use alignment::{
    ALIGNMENT_FORMAT, Alignment, ItemAlignment, Majority, Outcome, Role, Turn, Vote,
};
pub use audit::{Act, AuditEntry, AuditFault, AuditHead, audit_faults};
pub use council::{
    AgendaItem, Body, Consultation, Council, Meeting, Membership, Organization, Paper, Person,
    made_up_name,
};
pub use cutting::Cutting;
pub use decoding::DecodingSettings;
pub use error::{Error, ErrorKind, Result};
pub use extent::TextExtent;
pub use film::{FilmAddress, FilmHost};
pub use form_stamp::{FormKey, FormStamp};
pub use found_by::FoundBy;
pub use glossary::{
    GlossaryKind, GlossaryTerm, HeardAs, InvalidTerm, NewGlossaryTerm, TermSpelling,
    UnknownGlossaryKind,
};
pub use id::{
    AgendaItemId, BodyId, Digest, IntakeId, InvalidId, MeetingId, OrganizationId, PaperId, PersonId,
};
pub use intake::{
    AgendaLine, DescribedMeeting, FileName, Intake, IntakeSource, IntakeStage, MeetingForm,
    OriginalFate, PEAKS_A_SECOND, Peaks, RecordingDescription, RecordingSound, SampleWish,
    SoundTrack, UnknownIntakeSource, UploadPart, UploadRefusal,
};
pub use job::{
    FirstStage, Job, JobEvent, JobFailure, JobId, JobKind, JobLease, JobLine, JobPriority,
    JobProgress, JobState, JobWork, MOST_ATTEMPTS, QueueState, TranscriptionOrder, pause_after,
};
pub use language::{Language, UnknownLanguage};
pub use loose::{
    LooseNumber, paper_forms, papers_in_title, papers_meant, title_form, titles_meant,
};
pub use outside::{
    MeetingRecord, MemberVote, OutsideEvidence, OutsideFacts, RecordedItem, RecordedVote,
    SegmentSource, SpeakerSegment, TimeBase, VoteCast, VoteCounts, VoteSource,
};
pub use overrule::{Fact, FixedPoint, Overrule, OverruleAnchor, PlacedOverrule, Signature};
pub use passage::Passage;
pub use plain_number::{PlainNumber, plain_reference};
pub use quotation::{Located, QuotableWord, Quotation};
pub use reader_report::{
    Contact, FaultKind, FaultPlace, InvalidReport, LONGEST_CONTACT, LONGEST_REPORT, NewReport,
    ReaderReport, ReportEnd, ReportText, SealedQuotation,
};
pub use recording::{LONGEST_RECORDING, PublicSpans, Recording, ShownAs};
pub use restriction::{
    Covers, Hidden, IncomingItem, ItemIdentity, Origin, Restriction, Scope, SourceTitles,
    TitleHash, plain_title, same_items,
};
pub use review::{
    Check, Eyes, MeetingReview, ResolutionForm, Review, ReviewRefusal, ReviewState, ReviewStep,
    TextReview, UnknownReviewState,
};
pub use revision::{
    Anchor, AnchorPlace, AnchorText, AnchorWord, Corrected, EditRefusal, KnownPlaces, OfRecording,
    ParagraphEdit, PlacedRevision, Revision, TextChange, TextEdit, UnplacedRevision,
};
pub use seal::{QuoteSeal, QuoteSealKey};
pub use sound::{ChannelNumber, Channels, InvalidSound, SoundChoice, Track};
pub use speech::{FormerReading, RecordedSpeaker, Speech};
pub use time::{InvalidTime, MediaTime, Span};
pub use transcript::{
    DOUBTFUL_BELOW, Engine, Gap, GapReason, MediaRef, SpeakerLabel, TRANSCRIPT_FORMAT,
    TimeAccuracy, Transcript, Utterance, WHISPER, Warning, WarningKind, Word,
};
