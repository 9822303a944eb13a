//! Nouns that stand on any council's agenda, told from names of places, people and firms, which begin with a
//! capital as all nouns do. Owns the two lists; refuses to say what a name names.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::folding::fold;
use crate::function_words;

/// Words that are everyday by themselves, while what they end may be a name ("Lindenplatz").
const WORDS: &str = "\
    abend absatz akten allee alt alte alten alter amt angebot angebote anfang april arbeit artikel asyl august \
    bad bahn bedarf beginn behoerde beirat beispiel beitrag beitraege bereich beruf betrieb bezirk bildung \
    brand bruecke bueche bund buerger buergerinnen campus corona dank datum denkmal deutsche deutschen \
    deutscher deutschland dezember dienst digitalpakt doktor dorf drucksache ebene eigentum einwohner ende \
    energie entgelt entgelte entwurf erlass ernst europa fahrrad fall familie familien februar feld ferien \
    festival feuerwehr flaeche flaechen form forum fragen frage frau frauen friedhof frist funktion fuss \
    gaeste garten gas gast gebaeude gegenstand geld gemeinde gemeinden gemeinsam gericht geschaeft gesetz \
    gesundheit gewaesser gewerbe grenze gruppe gut gutachten hafen halbinsel halbjahr hand haus haushalt heft \
    herbst herr herrn hilfe hilfen hof hort inhalt insel jahr jahre jahren jahres januar jugend juli juni kasse \
    kauf kind kinder kindern kita kitas klima kosten kraft krankenhaus kreis kultur kunst kuenstler land \
    landes landkreis landrat landraetin lage lauf leben lehrer leistung leistungen linie liste loesung maerz \
    maerkte mai mann markt medien mensch menschen miete minute mitglied mitglieder mittel monat montag \
    morgen museum musik muster natur netz neu neue neuen neuer nord norden november nummer ober objekt \
    oktober ort orte osten ost otto papier park partei partner person personal pflege plan platz politik preis \
    presse programm projekt projekte protokoll punkt quartal quartier rad rahmen rat rates rathaus recht regel \
    regeln region rente ring ruhe saal sache schloss schule schulen schueler schuelerinnen schutz see seite \
    senioren september sicht sitzung sommer sonder sonne sonntag sozial soziale spiel sport sprache staat \
    stadt stadtrat stadtraete stadtraetin stand standort stelle stellen steuer steuern stimme stoff strasse \
    strassen strom stufe stunde sued sueden tag tage tagen technik teil teile termin text thema themen tier \
    tiere titel tod tourismus treff tunnel turm uhr umland umwelt unternehmen ursache verein vereine verkehr \
    vertrag vertraege viertel volk vorsitz vorstand wache wahl wahlen wald wasser weg wege wehr welt werk west \
    westen wetter wiese winter wirtschaft woche wochen wohl wort zahl zahlen zeit ziel ziele zone zugang zukunft \
    zustand zweck abbruch abschluss anlass anschluss aufbruch ausbau ausgleich beschluss bezug einsatz eintritt \
    einwand entscheid erwerb fortschritt hinweis nachtrag nachweis schaden umbau umgang umzug unterhalt verbrauch \
    verkauf verlauf verzicht vollzug vorgehen vorhaben vorschlag wechsel widerspruch zuschuss zuwachs verbleib \
    ankauf antrag aufwand bericht eilantrag anfrage anfragen vorlage vorlagen information informationen";

/// What everyday nouns and adjectives end in, whatever stands before.
const ENDINGS: &str = "\
    ung ungen ungs heit heiten keit keiten schaft schaften tion tionen taet taeten ismus plan plans planes plaene \
    plaenen satzung beschluss beschlusses beschluesse antrag antrags antrages antraege bericht berichts berichte \
    konzept konzepts konzepte konzeptes verfahren verfahrens massnahme massnahmen ausschuss ausschusses \
    ausschuesse ausbau neubau umbau rueckbau wegebau hochbau tiefbau strassenbau wohnungsbau verkehr verkehrs wesen \
    gebiet gebiets gebietes gebiete stelle stellen betrieb betriebe betriebs betriebes ordnung gebuehr gebuehren \
    mittel mitteln kosten anlage anlagen jahr jahrs jahres jahre gesetz gesetzes richtlinie richtlinien vertrag \
    vertrages vertraege stunde stunden schrift schriften programm programms leitung leiter leiterin zentrum haus \
    haeuser schule schulen halle hallen feuerwehr feuerwehren dienst dienste dienstes arbeit hilfe hilfen rat \
    rates rats raete amt amtes aemter fonds wettbewerb projekt projekte projekts vorhaben vorhabens standort \
    standorte flaeche flaechen wirtschaft versicherung verwaltung verband verbandes verbaende verein vereins \
    vereine buero bueros freiheit sicherheit beauftragte beauftragter beauftragten staette staetten einrichtung \
    einrichtungen vorlage vorlagen anfrage anfragen mitglied mitglieder mitglieds meister meisterin wahl wahlen \
    system systeme systems modell modelle netz netze reisen reise wege wanderwege raum raeume raeumen parkplaetze \
    plaetze zeit zeiten lage last stand nutzung wohnungen angebot angebote bedarf frage fragen liste listen \
    abschluss zuschuss zuschuesse beitrag beitraege steuer steuern rechnung entwurf entwurfs kraft kraefte \
    liche licher lichen liches ige iger igen iges ische ischer ischen isches bare barer baren massige maessige \
    maessiger maessigen maessiges";

static COMMON: LazyLock<HashSet<String>> =
    LazyLock::new(|| WORDS.split_whitespace().map(fold).collect());
static COMMON_ENDINGS: LazyLock<Vec<String>> =
    LazyLock::new(|| ENDINGS.split_whitespace().map(fold).collect());

/// Whether a word, as it is written, is one that any agenda may hold: no name of its own, as far as lists can
/// tell. Of words with hyphens each part must be.
pub fn is_everyday(word: &str) -> bool {
    word.split('-').filter(|part| !part.is_empty()).all(|part| {
        let folded = fold(part);
        COMMON.contains(&folded)
            || function_words::all().iter().any(|known| known.word == folded)
            || COMMON_ENDINGS.iter().any(|ending| folded.ends_with(ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_the_nouns_of_agendas() {
        let title = "Beschluss zur Aufstellung des Bebauungsplans Lindenweg in Musterhüsen, Überplanmäßige \
                     Aufwendungen, Kita-Ausbau und Straßenbau in der Gemeinde Otepää am Naratsch-See";
        let names: Vec<&str> = title
            .split([' ', ','])
            .filter(|w| w.chars().next().is_some_and(char::is_uppercase) && !is_everyday(w))
            .collect();
        assert_eq!(names, ["Lindenweg", "Musterhüsen", "Otepää", "Naratsch-See"]);
    }
}
