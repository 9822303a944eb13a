//! What is looked for of a query, step by step: whatever was said first, and what only titles, the
//! context or likeness would find when it is wanted.

use std::cell::OnceCell;
use std::sync::Arc;

use tantivy::Term;

use super::ast::{Node, QueryWord};
use super::clause::{Clause, Ground};
use super::context::{Admission, SearchContext, Votes};
use super::limits::FEW;
use super::plan::Planner;
use super::similar;
use crate::model::document::Kind;
use crate::model::error::{Doing, Result};
use crate::model::facet::{Facet, Filters};
use crate::model::request::Breadth;
use crate::model::understood::Remark;
use crate::postings::budget::Budget;
use crate::ranking::bag::{Bag, Depth, Level, Likeness, Meant, ScoreKind};
use crate::segment::schema::SearchField;

/// Weight of a short form that only its initials tell, beside the words themselves.
const INITIALS_WEIGHT: f32 = 0.15;
/// How far apart the words of a name may stand: one small word between two.
const TOGETHER: u32 = 2;

/// A query ready to run: conditions in the order of their ranks. Each finds what those before it
/// have not.
pub(crate) struct Plan {
    /// The query, where its hits are ranked.
    root: Option<Node>,
    /// How many words are asked for together.
    bagged: usize,
    /// Whether the query is a paper's number and nothing else: what was said under its item answers it before
    /// its title does.
    pub by_paper: bool,
    pub tiers: Vec<Tier>,
    /// Whether those of titles and of the context are among the tiers, as far as they have their own.
    whole: bool,
    /// What matches by what is said.
    said: Clause,
    /// What is merely similar, once it is looked for.
    similar: Option<Clause>,
    /// What is found wider around, once it is looked for.
    wider: Vec<Clause>,
    /// How wide was looked.
    pub breadth: Breadth,
    /// The words that hits do without, where most of the words suffice.
    pub missing: Vec<String>,
    /// All that match.
    wide: OnceCell<Clause>,
    /// What is asked for beside the words that can be similar.
    conditions: Vec<Clause>,
    /// Whether what is merely similar was looked for.
    widened: bool,
    /// Whether names were looked for by ear.
    heard: bool,
    /// The words that are asked for, wherever they stand in the query, and what may answer them.
    pub words: Arc<[Meant]>,
    pub depth: Depth,
    /// The same words, as titles and papers answer them.
    written: OnceCell<Vec<Meant>>,
    pub admission: Admission,
    /// Whether the query is words in a row and nothing else: each of them that is there is marked.
    pub plain: bool,
    /// Whether hits have ranks and words to show.
    pub ranked: bool,
    /// What of the query is not searched for.
    pub left_out: Option<Remark>,
    /// Whether time ran out.
    pub cut: bool,
}

/// One step.
pub(crate) struct Tier {
    pub clause: Clause,
    pub holds: Holds,
}

/// What a tier finds, and so what its scores say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// What matches at one level; scores are weights.
    Level,
    /// Words together, and what only the context adds; scores are keys.
    Together,
    /// What is merely similar, likewise.
    Similar,
}

impl Holds {
    /// What its scores are.
    pub(crate) fn scores(self) -> ScoreKind {
        match self {
            Self::Level => ScoreKind::Weight,
            Self::Together | Self::Similar => ScoreKind::Key,
        }
    }
}

/// `clause` and all of `others`.
fn with(clause: Clause, others: &[Clause]) -> Clause {
    Clause::All(std::iter::once(clause).chain(others.iter().cloned()).collect())
}

impl Plan {
    /// Whether several words are asked for together, which need not stand in one passage.
    pub(crate) fn is_row(&self) -> bool {
        self.bagged > 1
    }

    /// The next wider step, where so many hits are few.
    pub(crate) fn wider(&self, hits: u64) -> Option<Breadth> {
        match self.breadth {
            _ if !self.is_row() || hits >= FEW as u64 => None,
            Breadth::Passage => Some(Breadth::Speech),
            Breadth::Speech => Some(Breadth::Item),
            Breadth::Item | Breadth::Most => None,
        }
    }

    /// A condition and what else is asked for beside the words.
    pub(crate) fn with_conditions(&self, clause: Clause) -> Clause {
        with(clause, &self.conditions)
    }

    /// Takes in what is similar to the words. Gives whether there is anything.
    fn add_similar(&mut self, words: Vec<Meant>) -> bool {
        if words.iter().all(|word| word.similar.is_empty()) {
            return false;
        }
        let words: Arc<[Meant]> = words.into();
        let bag = |only| {
            let bag = Clause::Bag(Bag { words: Arc::clone(&words), depth: Depth::Similar, only });
            with(bag, &self.conditions)
        };
        self.similar = Some(bag(false));
        self.tiers.push(Tier { clause: bag(true), holds: Holds::Similar });
        self.wide = OnceCell::new();
        self.words = words;
        self.depth = Depth::Similar;
        true
    }

    /// Takes in what a wider look has found.
    pub(crate) fn add_wider(&mut self, breadth: Breadth, clause: Clause, holds: Holds) {
        self.breadth = breadth;
        self.wider.push(clause.clone());
        self.tiers.push(Tier { clause, holds });
        self.wide = OnceCell::new();
    }
}

impl SearchContext<'_> {
    /// The plan of a query within filters.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn plan(&self, root: Option<Node>, filters: &Filters) -> Result<Plan> {
        let mut plan = Plan {
            admission: self.admission(root.as_ref(), filters)?,
            root: None,
            bagged: 0,
            by_paper: false,
            tiers: Vec::new(),
            whole: true,
            said: Clause::Everything,
            similar: None,
            wider: Vec::new(),
            breadth: Breadth::Passage,
            missing: Vec::new(),
            wide: OnceCell::new(),
            conditions: Vec::new(),
            widened: true,
            heard: false,
            words: Arc::default(),
            depth: Depth::Context,
            written: OnceCell::new(),
            plain: false,
            ranked: false,
            left_out: None,
            cut: false,
        };
        let Some(root) = root else { return Ok(plan) };
        let root = match plan.admission.votes {
            Votes::Shown if self.columns.have_votes() => root.or_of_votes(),
            Votes::Shown | Votes::Hidden => root,
        };
        let mut spoken = self.planner(Ground::Spoken);
        let (words, conditions) = match root.is_row() {
            true => spoken.bag(&root, Level::Part)?,
            false => Default::default(),
        };
        let words: Arc<[Meant]> = words.into();
        let bag =
            || Clause::Bag(Bag { words: Arc::clone(&words), depth: Depth::Context, only: false });
        // Several words together: one look finds what is said and, behind it, what the context adds.
        if words.len() > 1 {
            plan.said = with(bag(), &conditions);
            plan.tiers.push(Tier { clause: plan.said.clone(), holds: Holds::Together });
        } else {
            let said = spoken.plan(&root, Level::Part)?;
            if !root.asks_for_words() {
                // Only conditions: they hold on either ground.
                let written = self.planner(Ground::Written).plan(&root, Level::Part)?;
                plan.said = Clause::All(vec![said, written]);
                plan.left_out = spoken.left_out();
                return Ok(plan);
            }
            plan.said = match &*words {
                // One word that is said, or names the speaker or the paper: nothing to compare.
                [single] if conditions.is_empty() => {
                    let named = single.speaker.iter().chain(&single.paper);
                    let named = named.map(|term| (term.clone(), 1.0)).collect();
                    Clause::One(vec![Clause::of(single, Level::Part), Clause::Terms(named)])
                }
                [] => said.clone().grounded(self.fields, Ground::Spoken),
                _ => with(bag(), &conditions),
            };
            match root.is_as_spelt() {
                // At other levels it is the same.
                true => {
                    let clause = said.grounded(self.fields, Ground::Spoken);
                    plan.tiers.push(Tier { clause, holds: Holds::Level });
                }
                false => self.levels(&root, &mut spoken, &mut plan.tiers)?,
            }
        }
        let asked = match words.is_empty() {
            true => spoken.leaves(&root)?.into(),
            false => Arc::clone(&words),
        };
        Ok(Plan {
            root: Some(root),
            bagged: words.len(),
            by_paper: matches!(&*words, [single] if !single.paper.is_empty()),
            whole: false,
            words: asked,
            plain: conditions.is_empty() && !words.is_empty(),
            widened: words.is_empty(),
            conditions,
            ranked: true,
            left_out: spoken.left_out(),
            ..plan
        })
    }

    /// What may be a hit. Votes repeat the titles of items and papers, which would be found twice: only those who
    /// ask for votes find them.
    fn admission(&self, root: Option<&Node>, filters: &Filters) -> Result<Admission> {
        let vote = Kind::Vote.as_str();
        let is_asked = root.is_some_and(Node::asks_for_votes)
            || filters.values(Facet::Kind).iter().any(|kind| kind == vote);
        let votes = match is_asked || !self.columns.have_votes() {
            true => Votes::Shown,
            false => Votes::Hidden,
        };
        Ok(Admission { filter: self.filter_clause(filters)?, votes })
    }

    /// Adds to words what their initials are short for, where the words stand together anywhere. A guess, which
    /// comes behind all that is said.
    fn add_initials(&self, node: &Node, words: &mut [Meant]) -> Result<bool> {
        let mut added = false;
        match node {
            Node::LongForm { words: typed, shorts, by_initials: true } => {
                if !self.has_together(typed)? {
                    return Ok(false);
                }
                let exact = self.fields.of(SearchField::Spoken).exact;
                for word in words {
                    if typed.iter().any(|typed| typed.text() == word.asked) {
                        let short = |short: &String| Term::from_field_text(exact, short);
                        let shorts = shorts.iter().map(short);
                        let likely = shorts.map(|term| (Likeness::Related, term, INITIALS_WEIGHT));
                        word.similar.extend(likely);
                        added = true;
                    }
                }
            }
            Node::All(parts) => {
                for part in parts {
                    added |= self.add_initials(part, words)?;
                }
            }
            _ => {}
        }
        Ok(added)
    }

    /// Whether words stand together anywhere, but for small words between them.
    fn has_together(&self, words: &[QueryWord]) -> Result<bool> {
        let (field, words) = (SearchField::Spoken, words.to_vec());
        let near = Node::Near { field, words, distance: TOGETHER };
        for ground in [Ground::Spoken, Ground::Written] {
            let clause = self.planner(ground).plan(&near, Level::Stem)?;
            let query = clause.to_count(self.fields, &self.terms, &Budget::new());
            if query.count(self.searcher()).doing("Abkürzungen prüfen")? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn planner(&self, ground: Ground) -> Planner<'_> {
        Planner::new(
            self.fields,
            self.searcher(),
            self.analyzer,
            self.abbreviations,
            &self.stems,
            ground,
        )
    }

    /// All that match.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn wide<'p>(&self, plan: &'p Plan) -> Result<&'p Clause> {
        if let Some(wide) = plan.wide.get() {
            return Ok(wide);
        }
        let wide = match &plan.root {
            Some(root) => {
                let written = self.planner(Ground::Written).plan(root, Level::Part)?;
                let written = written.grounded(self.fields, Ground::Written);
                let more = plan.similar.iter().chain(&plan.wider).cloned();
                Clause::One([written, plan.said.clone()].into_iter().chain(more).collect())
            }
            None => plan.said.clone(),
        };
        Ok(plan.wide.get_or_init(|| wide))
    }

    /// The words that are asked for, as titles and papers answer them.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn written<'p>(&self, plan: &'p Plan) -> Result<&'p [Meant]> {
        if let Some(written) = plan.written.get() {
            return Ok(written);
        }
        let written = match &plan.root {
            Some(root) => self.planner(Ground::Written).leaves(root)?,
            None => Vec::new(),
        };
        Ok(plan.written.get_or_init(|| written))
    }

    /// Adds the tiers that come behind what was said: titles and papers that say it, then what the
    /// context answers.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn go_on(&self, plan: &mut Plan) -> Result<()> {
        if std::mem::replace(&mut plan.whole, true) {
            return Ok(());
        }
        if plan.by_paper {
            self.add_context(plan);
        }
        if let Some(root) = &plan.root {
            let mut written = self.planner(Ground::Written);
            if self.most(&written.plan(root, Level::Part)?)? > 0 {
                self.levels(root, &mut written, &mut plan.tiers)?;
            }
        }
        // The first tier of several words holds it already.
        if plan.bagged == 1 && !plan.by_paper {
            self.add_context(plan);
        }
        Ok(())
    }

    /// Adds the tier of what the context answers.
    fn add_context(&self, plan: &mut Plan) {
        let words = Arc::clone(&plan.words);
        let bag = Clause::Bag(Bag { words, depth: Depth::Context, only: true });
        let clause = with(bag, &plan.conditions);
        // Titles with a paper's number are found by what they say.
        let clause = match plan.by_paper {
            true => clause.grounded(self.fields, Ground::Spoken),
            false => clause,
        };
        plan.tiers.push(Tier { clause, holds: Holds::Together });
    }

    /// Takes in what is merely similar, if there is anything; gives whether the plan has changed.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn widen(&self, plan: &mut Plan) -> Result<bool> {
        self.go_on(plan)?;
        if std::mem::replace(&mut plan.widened, true) {
            return Ok(false);
        }
        let mut words = similar::of(&plan.words, self.fields, &self.terms, self.analyzer)?;
        // What was looked for by ear has them.
        if plan.similar.is_none()
            && let Some(root) = &plan.root
        {
            self.add_initials(root, &mut words)?;
        }
        Ok(plan.add_similar(words))
    }

    /// Takes in what names answer that sound like those asked for, if there are any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn look_by_ear(&self, plan: &mut Plan) -> Result<bool> {
        // Phrases and nearness are as they were asked for.
        if plan.bagged == 0 || std::mem::replace(&mut plan.heard, true) {
            return Ok(false);
        }
        self.go_on(plan)?;
        let mut words = similar::by_sound(&plan.words, self.fields, &self.terms)?;
        if let Some(root) = &plan.root {
            self.add_initials(root, &mut words)?;
        }
        Ok(plan.add_similar(words))
    }

    /// What `root` finds at each level and not at a better one.
    fn levels(&self, root: &Node, planner: &mut Planner, tiers: &mut Vec<Tier>) -> Result<()> {
        let ground = planner.ground();
        let mut before = None;
        for level in Level::ALL {
            let clause = planner.plan(root, level)?.grounded(self.fields, ground);
            if before.as_ref() == Some(&clause) {
                continue;
            }
            let rest = match before.replace(clause.clone()) {
                Some(better) => Clause::All(vec![clause, Clause::Not(Box::new(better))]),
                None => clause,
            };
            tiers.push(Tier { clause: rest, holds: Holds::Level });
        }
        Ok(())
    }
}
