//! `mitschnitt overrule`: a clerk fixes what was treated or who spoke in a stretch of a meeting, lists
//! what is fixed, and takes it back. Fixing only records; `run` decodes anew around it.

use jiff::Timestamp;

use super::Context;
use crate::align::{item_meant, person_meant};
use crate::domain::{
    AgendaItemId, Council, Error, Fact, FixedPoint, MediaTime, MeetingId, Overrule, PersonId,
    PlacedOverrule, Result, Role, Signature, Span,
};
use crate::store::Store;

/// Arguments of `overrule`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args([
    "item", "no_item", "speaker", "chair", "unknown_speaker", "list", "take_back",
]))]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Ab dieser Zeit der Sitzung (HH:MM:SS, auch mit Bruchteilen)
    #[arg(long, value_name = "ZEIT", required_unless_present_any = ["list", "take_back"])]
    from: Option<MediaTime>,
    /// Bis zu dieser Zeit
    #[arg(long, value_name = "ZEIT", required_unless_present_any = ["list", "take_back"])]
    to: Option<MediaTime>,
    /// Behandelt wird dieser Punkt (Nummer oder Kennung); mehrfach: gemeinsam aufgerufen
    #[arg(
        long,
        value_name = "NUMMER",
        conflicts_with_all = ["no_item", "speaker", "chair", "unknown_speaker"]
    )]
    item: Vec<String>,
    /// Kein Punkt wird behandelt, etwa in einer Pause
    #[arg(long, conflicts_with_all = ["speaker", "chair", "unknown_speaker"])]
    no_item: bool,
    /// Es spricht diese Person (Name oder Kennung)
    #[arg(long, value_name = "NAME", conflicts_with = "unknown_speaker")]
    speaker: Option<String>,
    /// Es spricht die Sitzungsleitung; mit --speaker: diese Person leitet
    #[arg(long, conflicts_with = "unknown_speaker")]
    chair: bool,
    /// Wer spricht, ist nicht bekannt
    #[arg(long)]
    unknown_speaker: bool,
    /// Wer das festlegt oder zurücknimmt
    #[arg(long, value_name = "NAME", default_value = "Kommandozeile")]
    by: String,
    /// Alles auflisten, auch Zurückgenommenes
    #[arg(long, conflicts_with_all = [
        "from", "to", "item", "no_item", "speaker", "chair", "unknown_speaker", "take_back",
    ])]
    list: bool,
    /// Diese Festlegung zurücknehmen
    #[arg(long, value_name = "N", conflicts_with_all = [
        "from", "to", "item", "no_item", "speaker", "chair", "unknown_speaker",
    ])]
    take_back: Option<u32>,
    /// Als JSON
    #[arg(long, requires = "list")]
    json: bool,
}

/// Does one of the three.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let store = context.open_archive()?.store;
    let council = store.council(&args.meeting)?;
    let signed = Signature { by: args.by.clone(), at: Timestamp::now() };
    if args.list {
        let placed = store.placed_overrules(&args.meeting)?;
        return list(&store.overrules(&args.meeting)?, &placed, &council, args.json);
    }
    if let Some(number) = args.take_back {
        store.take_back_overrule(&args.meeting, number, &signed)?;
        say!("{}: Festlegung {number} ist zurückgenommen", args.meeting);
    } else {
        let fact = fact(args, &council)?;
        let span = span(args, &store)?;
        let point = FixedPoint { span, fact };
        let number = store.add_overrule(&args.meeting, &point, &signed)?;
        say!("{}: Festlegung {number}: {}", args.meeting, describe(&point, &council));
    }
    note!("Wirksam wird das mit `mitschnitt run --meeting {}`", args.meeting);
    Ok(())
}

fn fact(args: &Args, council: &Council) -> Result<Fact> {
    if args.no_item || !args.item.is_empty() {
        let items: Result<_> = args.item.iter().map(|typed| public_item(council, typed)).collect();
        return items.map(Fact::Items);
    }
    let person = args.speaker.as_deref().map(|typed| person_meant(council, typed)).transpose()?;
    let role = if args.chair { Role::Chair } else { Role::Unknown };
    Ok(Fact::Speaker { person: person.map(|p| p.id.clone()), role })
}

/// What belongs to an item that is not public does not belong into the archive at all.
pub(super) fn public_item(council: &Council, typed: &str) -> Result<AgendaItemId> {
    let item = item_meant(council, typed)?;
    if item.public {
        return Ok(item.id.clone());
    }
    Err(Error::bad_input(format!("Der Tagesordnungspunkt „{typed}“ ist nicht öffentlich")).remedy(
        "Nehmen Sie seine Zeit mit `public` in meeting.toml aus der Aufnahme, \
         und lesen Sie die Sitzung neu ein",
    ))
}

fn span(args: &Args, store: &Store) -> Result<Span> {
    let Some(transcript) = store.meeting_transcript(&args.meeting)? else {
        return Err(Error::not_found(format!(
            "Die Sitzung {} ist noch nicht verschriftet",
            args.meeting
        ))
        .remedy("`mitschnitt run` holt das nach"));
    };
    let (from, to) = (args.from.unwrap_or_default(), args.to.unwrap_or_default());
    let span = Span::new(from, to).filter(|span| span.millis() > 0).ok_or_else(|| {
        Error::bad_input(format!("--to {} liegt nicht hinter --from {}", to.clock(), from.clock()))
    })?;
    within(span, transcript.media.duration_ms)?;
    Ok(span)
}

/// Refuses a stretch that leaves the recording; the second in which that ends is part of it.
pub(super) fn within(span: Span, duration: MediaTime) -> Result<()> {
    if span.end().millis() <= duration.millis().div_ceil(1000) * 1000 {
        return Ok(());
    }
    let (at, end) = (span.end().clock(), duration.clock());
    Err(Error::bad_input(format!("Die Zeit {at} liegt hinter dem Ende der Aufnahme ({end})")))
}

/// Tells the history, oldest first; what holds, where it lies now.
fn list(
    overrules: &[Overrule],
    placed: &[PlacedOverrule],
    council: &Council,
    json: bool,
) -> Result<()> {
    if json {
        let json = serde_json::to_string_pretty(overrules)
            .map_err(|e| Error::failed("Die Liste lässt sich nicht schreiben").because(e))?;
        return super::write_out(&(json + "\n"), None);
    }
    let signed = |s: &Signature| format!("{}, {}", s.by, s.at.strftime("%Y-%m-%d %H:%M UTC"));
    let line = |o: &Overrule| {
        let now = placed.iter().find(|placed| placed.overrule.number == o.number);
        let span = now.map_or(o.point.span, |placed| placed.span);
        let point = FixedPoint { span, fact: o.point.fact.clone() };
        let unsure = match now.is_some_and(|placed| !placed.is_sure) {
            true => "; bitte prüfen: die Worte dort sind andere",
            false => "",
        };
        let taken_back = o.taken_back.as_ref().map(|s| format!("; zurückgenommen ({})", signed(s)));
        format!(
            "{}  {}  ({}{unsure}){}\n",
            o.number,
            describe(&point, council),
            signed(&o.made),
            taken_back.unwrap_or_default()
        )
    };
    super::write_out(&overrules.iter().map(line).collect::<String>(), None)
}

/// A fixed point in words.
fn describe(point: &FixedPoint, council: &Council) -> String {
    let what = match &point.fact {
        Fact::Items(items) if items.is_empty() => "kein Tagesordnungspunkt".to_owned(),
        Fact::Items(items) => {
            items.iter().map(|id| item(id, council)).collect::<Vec<_>>().join(" und ")
        }
        Fact::Speaker { person: None, role: Role::Chair } => "Sitzungsleitung".to_owned(),
        Fact::Speaker { person: None, .. } => "unbekannte Person".to_owned(),
        Fact::Speaker { person: Some(id), role: Role::Chair } => {
            format!("{} (Sitzungsleitung)", person(id, council))
        }
        Fact::Speaker { person: Some(id), .. } => person(id, council),
    };
    format!("{}–{} {what}", point.span.start().clock(), point.span.end().clock())
}

fn item(id: &AgendaItemId, council: &Council) -> String {
    match council.meeting.agenda.iter().find(|item| item.id == *id) {
        Some(item) => {
            let number = item.number.as_deref().map(|n| format!("TOP {n} ")).unwrap_or_default();
            format!("{number}„{}“", item.title)
        }
        None => format!("{id} (nicht mehr auf der Tagesordnung)"),
    }
}

fn person(id: &PersonId, council: &Council) -> String {
    match council.person(id) {
        Some(person) => person.name.clone(),
        None => format!("{id} (nicht mehr unter den Personen)"),
    }
}
