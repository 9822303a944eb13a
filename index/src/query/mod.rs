//! The query language (CONTRACT.md, "Query language"): our own small grammar, read leniently, never
//! failing. Text → tokens → tree → conditions on the index → Tantivy's queries.

mod ast;
mod clause;
mod context;
mod date;
mod describe;
mod filter;
mod lexer;
mod limits;
mod parse;
mod plan;
mod role;
mod similar;
mod steps;
mod variants;
mod wider;
mod word;

pub(crate) use clause::Clause;
pub(crate) use context::{Admission, SearchContext, Votes};
pub(crate) use lexer::{Minus, has_minus};
pub(crate) use limits::FEW;
pub use limits::{LOOKAHEAD, MAX_CHARS, MAX_TERMS};
pub(crate) use parse::{Reading, read};
pub(crate) use similar::suggestion;
pub(crate) use steps::{Holds, Plan};
pub(crate) use wider::Answers;
pub(crate) use word::Stems;
