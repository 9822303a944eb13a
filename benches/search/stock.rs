//! Tantivy with its stock German analyzer, the text and the speaker's name in two fields.

use std::path::{Path, PathBuf};

use tantivy::collector::TopDocs;
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer,
};
use tantivy::{Index, IndexReader, TantivyDocument, Term};

use mitschnitt_index::MeetingDoc;

use crate::corpus::spaced;
use crate::queries::plain;
use crate::{Anyhow, Engine};

const ANALYZER: &str = "german";
/// As much as ours has.
const THREADS: usize = 2;
const MEMORY: usize = 96_000_000;

pub struct Stock {
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    analyzer: TextAnalyzer,
    meeting: Field,
    speech: Field,
    text: Field,
    speaker: Field,
}

impl Stock {
    pub fn new(folder: &Path) -> Anyhow<Self> {
        let folder = folder.join("stock");
        std::fs::create_dir_all(&folder)?;
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing).set_stored();
        let meeting = schema.add_text_field("meeting", STRING | STORED);
        let speech = schema.add_u64_field("speech", STORED | FAST);
        let text = schema.add_text_field("text", options.clone());
        let speaker = schema.add_text_field("speaker", options);
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(RemoveLongFilter::limit(40))
            .filter(LowerCaser)
            .filter(Stemmer::new(Language::German))
            .build();
        let index = Index::open_or_create(MmapDirectory::open(&folder)?, schema.build())?;
        index.tokenizers().register(ANALYZER, analyzer.clone());
        let reader = index.reader()?;
        Ok(Self { folder, index, reader, analyzer, meeting, speech, text, speaker })
    }

    fn terms(&self, field: Field, text: &str) -> Vec<Term> {
        let mut analyzer = self.analyzer.clone();
        let mut stream = analyzer.token_stream(text);
        let mut terms = Vec::new();
        while stream.advance() {
            terms.push(Term::from_field_text(field, &stream.token().text));
        }
        terms
    }

    fn query(&self, query: &str, occur: Occur) -> Box<dyn Query> {
        let part = |part: &String| -> Box<dyn Query> {
            let in_field = |field: Field| -> Option<(Occur, Box<dyn Query>)> {
                let mut terms = self.terms(field, part);
                let query: Box<dyn Query> = match terms.len() {
                    0 => return None,
                    1 => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::WithFreqs)),
                    _ => Box::new(PhraseQuery::new(terms)),
                };
                Some((Occur::Should, query))
            };
            Box::new(BooleanQuery::new(
                [self.text, self.speaker].into_iter().filter_map(in_field).collect(),
            ))
        };
        Box::new(BooleanQuery::new(plain(query).iter().map(|p| (occur, part(p))).collect()))
    }
}

impl Engine for Stock {
    fn name(&self) -> &'static str {
        "Tantivy, stock German"
    }

    fn fill(&mut self, meetings: Vec<MeetingDoc>) -> Anyhow<()> {
        let mut writer = self.index.writer_with_num_threads(THREADS, MEMORY)?;
        for meeting in meetings {
            for p in &meeting.passages {
                let mut document = TantivyDocument::new();
                document.add_text(self.meeting, &meeting.id);
                document.add_u64(self.speech, p.order.into());
                document.add_text(self.text, spaced(&p.words));
                if let Some(speaker) = &p.speaker {
                    document.add_text(self.speaker, &speaker.name);
                }
                writer.add_document(document)?;
            }
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(self.reader.reload()?)
    }

    fn bytes(&self) -> Anyhow<u64> {
        crate::ours::folder_bytes(&self.folder)
    }

    fn top(&self, query: &str) -> Anyhow<usize> {
        let query = self.query(query, Occur::Must);
        let top = TopDocs::with_limit(10).order_by_score();
        Ok(self.reader.searcher().search(&*query, &top)?.len())
    }

    fn ranking(&self, query: &str) -> Anyhow<Vec<(String, u32)>> {
        let searcher = self.reader.searcher();
        let mut ranking = Vec::new();
        // All words first; where that finds little, any of them.
        for occur in [Occur::Must, Occur::Should] {
            let top = TopDocs::with_limit(400).order_by_score();
            for (_, address) in searcher.search(&*self.query(query, occur), &top)? {
                let document: TantivyDocument = searcher.doc(address)?;
                let meeting = document.get_first(self.meeting).and_then(|v| v.as_str());
                let speech = document.get_first(self.speech).and_then(|v| v.as_u64());
                let place = (meeting.unwrap_or_default().to_owned(), speech.unwrap_or(0) as u32);
                if !ranking.contains(&place) {
                    ranking.push(place);
                }
            }
        }
        Ok(ranking)
    }
}
