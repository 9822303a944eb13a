//! Twenty questions that citizens and journalists put to a council's archive, as templates: who, what and where
//! is filled in from real speeches at run time, and the right answer is found in the same speeches by plain
//! reading. A question is answered where most of its fillings lead to the answer within two steps: a search, and
//! one choice on its page.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use mitschnitt::search::{
    Breadth, Completed, Facet, Filters, GroupBy, Results, SearchBackend, SearchRequest, Searcher,
};
use serde::Deserialize;

use crate::harness::Archive;
use crate::shared::shared;

/// How many of the twenty must be answered.
const WANTED: usize = 15;
/// How many fillings a question gets, and which share of them must lead to the answer.
const FILLINGS: usize = 8;
const MOST: f64 = 0.75;

type Place = (String, u32);

#[derive(Debug, Deserialize)]
struct Line {
    meeting: String,
    date: String,
    order: u32,
    agenda_number: Option<String>,
    agenda_title: Option<String>,
    paper: Option<String>,
    speaker: Option<String>,
    party: Option<String>,
    text: String,
    video_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct VoteLine {
    motion: Option<String>,
    title: Option<String>,
}

/// The speeches as they stand in the file, and the same in an archive.
struct Council {
    lines: Vec<Line>,
    votes: Vec<VoteLine>,
    /// Nouns by the speeches that have them as spelt.
    nouns: BTreeMap<String, BTreeSet<usize>>,
    searcher: Searcher,
    _archive: Archive,
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    zstd::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn parsed<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty())
}

impl Council {
    fn read(folder: &Path) -> Self {
        let speeches = unpacked(&folder.join("speeches.jsonl.zst"));
        let votes = unpacked(&folder.join("votes.jsonl.zst"));
        let archive = Archive::new();
        for (name, text) in [("reden.jsonl", &speeches), ("wahl.jsonl", &votes)] {
            let path = archive.dir().join(name);
            std::fs::write(&path, text).unwrap();
            archive.run(&["-q", "import", path.to_str().unwrap()]).expect(0);
        }
        let lines: Vec<Line> = parsed(&speeches);
        let mut nouns: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (n, line) in lines.iter().enumerate() {
            let long =
                |word: &&str| word.chars().count() > 6 && word.chars().all(char::is_alphabetic);
            let capital = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
            for word in words(&line.text).filter(long).filter(capital) {
                nouns.entry(word.to_owned()).or_default().insert(n);
            }
        }
        nouns.retain(|_, speeches| (3..60).contains(&speeches.len()));
        let index = archive.dir().join("index");
        let searcher = Searcher::open_to_read(&index).unwrap();
        Self { lines, votes: parsed(&votes), nouns, searcher, _archive: archive }
    }

    fn place(&self, n: usize) -> Place {
        (self.lines[n].meeting.clone(), self.lines[n].order)
    }

    fn ask(&self, q: &str) -> Results {
        self.with(q, Filters::default())
    }

    fn with(&self, q: &str, filters: Filters) -> Results {
        let request = SearchRequest { q: q.to_owned(), filters, ..SearchRequest::default() };
        self.searcher.search(&request).unwrap()
    }

    /// Nouns with their speeches, spread over all of them.
    fn some_nouns(&self) -> impl Iterator<Item = (&str, &BTreeSet<usize>)> {
        let step = (self.nouns.len() / (FILLINGS * 5)).max(1);
        self.nouns.iter().step_by(step).map(|(noun, speeches)| (noun.as_str(), speeches))
    }

    /// Some speeches, spread over all of them.
    fn some_speeches(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).step_by((self.lines.len() / 97).max(1))
    }

    /// The speeches in which this stands as written.
    fn saying_exactly(&self, written: &str) -> BTreeSet<Place> {
        let says = |n: &usize| self.lines[*n].text.contains(written);
        (0..self.lines.len()).filter(says).map(|n| self.place(n)).collect()
    }
}

/// The places of the first hits.
fn first(results: &Results, most: usize) -> Vec<Place> {
    let hits = results.all_hits().take(most);
    hits.map(|hit| (hit.meeting.id.to_string(), hit.order)).collect()
}

/// Whether the first hits are among these: what has the word in another form comes behind them.
fn all_in(results: &Results, right: &BTreeSet<Place>) -> bool {
    let first = first(results, right.len().min(3));
    !first.is_empty() && first.iter().all(|place| right.contains(place))
}

fn has_any(results: &Results, most: usize, right: &BTreeSet<Place>) -> bool {
    first(results, most).iter().any(|place| right.contains(place))
}

/// The value that most of these have.
fn most_frequent<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|(_, n)| *n).map(|(value, _)| value)
}

/// A question: fillings, each with whether its answer was found.
type Question = (&'static str, fn(&Council) -> Vec<bool>);

const QUESTIONS: [Question; 20] = [
    ("Was sagte Fraktion F zu X?", |c| {
        by_noun(c, |c, noun, speeches| {
            let party = most_frequent(speeches.iter().filter_map(|n| c.lines[*n].party.clone()))?;
            let right = speeches.iter().filter(|n| c.lines[**n].party.as_ref() == Some(&party));
            let right = right.map(|n| c.place(*n)).collect();
            Some(all_in(&c.ask(&format!("{noun} fraktion:\"{party}\"")), &right))
        })
    }),
    ("Was sagte P zu X?", |c| {
        by_noun(c, |c, noun, speeches| {
            let speaker = c.lines[*speeches.first()?].speaker.clone()?;
            let right = speeches.iter().filter(|n| c.lines[**n].speaker.as_ref() == Some(&speaker));
            let right = right.map(|n| c.place(*n)).collect();
            Some(all_in(&c.ask(&format!("{noun} sprecher:\"{speaker}\"")), &right))
        })
    }),
    ("Was sagt P überhaupt? (aus den Vorschlägen)", |c| {
        by_speech(c, |c, n| {
            let speaker = c.lines[n].speaker.as_ref()?;
            let typed: String = speaker.chars().take(speaker.find(' ')? + 3).collect();
            let offered = c.searcher.complete(&typed).unwrap();
            let offered =
                offered.iter().find(|o| o.what == Completed::Person && o.text == *speaker)?;
            let results = c.ask(&offered.query);
            let own = |hit: &mitschnitt::search::LinkedHit| {
                hit.speaker.as_ref().is_some_and(|s| s.name == *speaker)
            };
            Some(results.total > 0 && results.all_hits().all(own))
        })
    }),
    ("Wann wurde die Vorlage V beraten?", |c| {
        by_speech(c, |c, n| {
            let paper = c.lines[n].paper.clone()?;
            let of_paper = |line: &&Line| line.paper.as_ref() == Some(&paper);
            let dates: BTreeSet<&str> =
                c.lines.iter().filter(of_paper).map(|line| line.date.as_str()).collect();
            let results = c.ask(&paper);
            let date = results.hits.first()?.meeting.date.clone()?;
            Some(dates.contains(date.as_str()))
        })
    }),
    ("Dieselbe, wie man ihre Nummer tippt", |c| {
        by_speech(c, |c, n| {
            let paper = c.lines[n].paper.clone()?;
            let typed = paper.to_lowercase().replace('/', " ").replace("ds", "ds ");
            let results = c.ask(&typed);
            let of = results.hits.first()?.agenda_item.as_ref()?.paper.clone()?;
            Some(of.starts_with(&paper) || paper.starts_with(&of))
        })
    }),
    ("Gibt es den Änderungsantrag A?", |c| {
        let amended = |vote: &&VoteLine| {
            vote.motion.as_ref().is_some_and(|motion| motion.matches('/').count() == 2)
        };
        let motions = c.votes.iter().filter(amended).filter_map(|vote| vote.motion.as_ref());
        let found = motions.step_by(17).take(FILLINGS).map(|motion| {
            let results = c.ask(motion);
            let is = |hit: &mitschnitt::search::LinkedHit| {
                let text: String = hit.snippet.iter().map(|part| part.text.as_str()).collect();
                let own = hit.agenda_item.as_ref().and_then(|item| item.paper.as_deref());
                own == Some(motion) || text.contains(motion.as_str())
            };
            results.hits.first().is_some_and(is)
        });
        found.collect()
    }),
    ("Was wurde über die Straße S gesagt? (\"S-str.\")", |c| {
        let streets = c.nouns.iter().filter(|(noun, _)| noun.ends_with("straße"));
        let found = streets.step_by(5).take(FILLINGS).map(|(street, speeches)| {
            let typed = street.replace("straße", "str.").to_lowercase();
            let right = speeches.iter().map(|n| c.place(*n)).collect();
            has_any(&c.ask(&typed), 3, &right)
        });
        found.collect()
    }),
    ("Was wurde über den Platz S gesagt? (in zwei Wörtern)", |c| {
        let places = c.nouns.iter().filter(|(noun, _)| noun.ends_with("platz"));
        let found = places.step_by(3).take(FILLINGS).map(|(place, speeches)| {
            let typed = place.replace("platz", " platz");
            let right = speeches.iter().map(|n| c.place(*n)).collect();
            has_any(&c.ask(&typed), 3, &right)
        });
        found.collect()
    }),
    ("Wer sprach am meisten über X?", |c| {
        by_noun(c, |c, noun, speeches| {
            let named = speeches.iter().filter_map(|n| c.lines[*n].speaker.clone());
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            named.for_each(|name| *counts.entry(name).or_default() += 1);
            let most = *counts.values().max()?;
            let results = c.ask(&format!("\"{noun}\""));
            let told = results.facets.of(Facet::Person).iter().take(3);
            // Of those that are told first, one spoke most often.
            Some(told.map(|bucket| &bucket.label).any(|name| counts.get(name) == Some(&most)))
        })
    }),
    ("In welchem Jahr ging es am meisten um X?", |c| {
        by_noun(c, |c, noun, speeches| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            speeches.iter().for_each(|n| *counts.entry(&c.lines[*n].date[..4]).or_default() += 1);
            let most = *counts.values().max()?;
            let results = c.ask(&format!("\"{noun}\""));
            let told = results.facets.year.iter().max_by_key(|bucket| bucket.count)?;
            Some(counts.get(told.label.as_str()) == Some(&most))
        })
    }),
    ("Was wurde am T zu X gesagt?", |c| {
        by_noun(c, |c, noun, speeches| {
            let date = c.lines[*speeches.first()?].date.clone();
            let right = speeches.iter().filter(|n| c.lines[**n].date == date);
            let right = right.map(|n| c.place(*n)).collect();
            Some(all_in(&c.ask(&format!("{noun} datum:{date}")), &right))
        })
    }),
    ("Wo kommen X und Y in einer Rede vor, weit auseinander?", |c| {
        by_speech(c, |c, n| {
            let said: Vec<&str> = words(&c.lines[n].text).collect();
            let rare = |word: &&&str| c.nouns.get(**word).is_some_and(|all| all.len() < 12);
            let a = said.iter().take(40).find(rare)?;
            let b = said.iter().skip(240).find(rare)?;
            let results = c.ask(&format!("{a} {b}"));
            (results.breadth == Breadth::Speech).then(|| first(&results, 3).contains(&c.place(n)))
        })
    }),
    ("Wer hat das wörtlich gesagt?", |c| {
        by_speech(c, |c, n| {
            let said: Vec<&str> = c.lines[n].text.split_whitespace().collect();
            let quote = said.get(20..27)?.join(" ").replace('"', "");
            let results = c.ask(&format!("\"{quote}\""));
            Some(first(&results, 1).contains(&c.place(n)))
        })
    }),
    ("Was wurde zu A gesagt? (ausgeschrieben, was Titel abkürzen)", |c| {
        let titles: BTreeSet<&str> =
            c.lines.iter().filter_map(|line| line.agenda_title.as_deref()).collect();
        let explained = titles.iter().filter_map(|title| {
            let (before, behind) = title.split_once(" (")?;
            let short = behind.split(')').next()?;
            let is_short =
                (3..6).contains(&short.len()) && short.bytes().all(|b| b.is_ascii_uppercase());
            let long = before.split_whitespace().next_back()?;
            (is_short && long.len() > 12).then_some((short, long))
        });
        let explained: BTreeSet<(&str, &str)> = explained.collect();
        let asked = explained.into_iter().filter_map(|(short, long)| {
            let right: BTreeSet<Place> = (0..c.lines.len())
                .filter(|n| words(&c.lines[*n].text).any(|word| word == short))
                .map(|n| c.place(n))
                .collect();
            (!right.is_empty()).then(|| has_any(&c.ask(long), 20, &right))
        });
        asked.take(FILLINGS).collect()
    }),
    ("Was sagte P zu X? (Name falsch geschrieben)", |c| {
        by_noun(c, |c, noun, speeches| {
            let speaker = c.lines[*speeches.first()?].speaker.as_ref()?;
            let family = speaker.split(' ').next_back()?;
            let double =
                family.char_indices().skip(1).find(|(at, c)| family[..*at].ends_with(*c))?;
            let mut wrong = family.to_owned();
            wrong.remove(double.0);
            let right = speeches.iter().filter(|n| c.lines[**n].speaker.as_ref() == Some(speaker));
            let right = right.map(|n| c.place(*n)).collect();
            Some(has_any(&c.ask(&format!("{wrong} {noun}")), 5, &right))
        })
    }),
    ("Wo fiel die Zahl Z? (anders geschrieben)", |c| {
        by_speech(c, |c, n| {
            let text = &c.lines[n].text;
            let is_sum = |word: &&str| {
                word.split_once('.').is_some_and(|(a, b)| {
                    (1..4).contains(&a.len())
                        && b.len() == 3
                        && format!("{a}{b}").bytes().all(|d| d.is_ascii_digit())
                })
            };
            let sum = text.split_whitespace().find(is_sum)?;
            Some(has_any(&c.ask(&sum.replace('.', " ")), 10, &c.saying_exactly(sum)))
        })
    }),
    ("Worum ging es bei TOP N am T?", |c| {
        by_speech(c, |c, n| {
            let (number, title) =
                (c.lines[n].agenda_number.as_ref()?, c.lines[n].agenda_title.as_ref()?);
            let results = c.ask(&format!("top:{number} datum:{}", c.lines[n].date));
            let is = |hit: &mitschnitt::search::LinkedHit| {
                hit.agenda_item.as_ref().is_some_and(|item| item.title == *title)
            };
            Some(results.total > 0 && results.hits.iter().any(is))
        })
    }),
    ("Worüber wurde abgestimmt? (zwei Wörter des Titels)", |c| {
        let titles: BTreeSet<&str> =
            c.votes.iter().filter_map(|vote| vote.title.as_deref()).collect();
        let asked = titles.into_iter().step_by(13).filter_map(|title| {
            let mut long: Vec<&str> = words(title).filter(|word| word.len() > 7).collect();
            long.sort_by_key(|word| std::cmp::Reverse(word.len()));
            long.truncate(2);
            (long.len() == 2).then(|| {
                let results = c.ask(&long.join(" "));
                results.all_hits().any(|hit| {
                    let text: String = hit.snippet.iter().map(|part| part.text.as_str()).collect();
                    let of = hit.agenda_item.as_ref().map_or("", |item| &item.title);
                    of == title || long.iter().all(|word| text.contains(word))
                })
            })
        });
        asked.take(FILLINGS).collect()
    }),
    ("In welcher Debatte ging es am meisten um X?", |c| {
        by_noun(c, |c, noun, speeches| {
            let under =
                |n: &usize| Some((c.lines[*n].meeting.clone(), c.lines[*n].agenda_title.clone()?));
            let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
            speeches.iter().filter_map(under).for_each(|of| *counts.entry(of).or_default() += 1);
            let most = *counts.values().max()?;
            let request = SearchRequest {
                q: format!("\"{noun}\""),
                group: GroupBy::Debate,
                ..SearchRequest::default()
            };
            let results = c.searcher.search(&request).unwrap();
            let group = results.groups.iter().filter(|g| g.agenda_item.is_some());
            let told = group.max_by_key(|group| group.speeches)?;
            let title = told.agenda_item.as_ref()?.title.clone();
            let of = counts.get(&(told.meeting.id.to_string(), title));
            Some(of == Some(&most) && told.speeches == Some(most))
        })
    }),
    ("Wo hört man das?", |c| {
        by_noun(c, |c, noun, speeches| {
            let hit = c.ask(noun).hits.into_iter().next()?;
            let at = speeches
                .iter()
                .find(|n| c.place(**n) == (hit.meeting.id.to_string(), hit.order))?;
            let published = c.lines[*at].video_url.as_ref()?;
            Some(hit.video_url.as_ref().is_some_and(|url| {
                url.split(['?', '&']).next() == published.split(['?', '&']).next()
            }))
        })
    }),
];

fn by_noun(
    council: &Council,
    ask: impl Fn(&Council, &str, &BTreeSet<usize>) -> Option<bool>,
) -> Vec<bool> {
    let asked = council.some_nouns().filter_map(|(noun, speeches)| ask(council, noun, speeches));
    asked.take(FILLINGS).collect()
}

fn by_speech(council: &Council, ask: impl Fn(&Council, usize) -> Option<bool>) -> Vec<bool> {
    council.some_speeches().filter_map(|n| ask(council, n)).take(FILLINGS).collect()
}

#[test]
fn most_questions_of_citizens_and_journalists_are_answered_in_two_steps() {
    let Some(folder) = shared("data/magdeburg") else { return };
    let council = Council::read(&folder);
    let mut answered = 0;
    for (question, fillings) in QUESTIONS {
        let found = fillings(&council);
        let right = found.iter().filter(|right| **right).count();
        let is_answered = !found.is_empty() && right as f64 >= MOST * found.len() as f64;
        answered += usize::from(is_answered);
        println!("{right}/{} {} {question}", found.len(), if is_answered { "ja " } else { "NEIN" });
    }
    println!("{answered} von {}", QUESTIONS.len());
    assert!(answered >= WANTED, "{answered} of {} questions are answered", QUESTIONS.len());
}
