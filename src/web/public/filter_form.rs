//! What a plain form asks a list for, and which page of it. Reads leniently: nonsense is left out.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::web::public::query::encode;
use crate::web::shared::App;

/// Longer values are cut.
const LONGEST: usize = 100;

/// The fields of a form in an address; empty ones are left out.
#[derive(Clone, Debug, Default)]
pub struct FilterForm {
    fields: Vec<(String, String)>,
}

impl FromRequestParts<App> for FilterForm {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let pairs = pairs.map_or_else(|_| Vec::new(), |Query(pairs)| pairs);
        let cut = |text: &str| text.trim().chars().take(LONGEST).collect::<String>();
        let fields = pairs.into_iter().map(|(key, value)| (key, cut(&value)));
        Ok(Self {
            fields: fields.filter(|(key, value)| !value.is_empty() && key != "lang").collect(),
        })
    }
}

impl FilterForm {
    /// The value of a field; empty where it has none.
    pub fn value(&self, key: &str) -> &str {
        self.fields.iter().find(|(k, _)| k == key).map_or("", |(_, value)| value)
    }

    /// The address of `path` with this form, and one field as said; an empty value leaves it out.
    pub fn address(&self, path: &str, key: &str, value: &str) -> String {
        let kept =
            self.fields.iter().filter(|(k, _)| k != key).map(|(k, v)| (k.as_str(), v.as_str()));
        let set = Some((key, value)).filter(|(_, value)| !value.is_empty());
        let pairs = kept.chain(set).map(|(k, v)| format!("{}={}", encode(k), encode(v)));
        match pairs.collect::<Vec<_>>().join("&") {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The page of a list that is asked for by this field.
    pub fn page(&self, key: &str, size: usize, total: usize) -> ListPage {
        let pages = total.div_ceil(size).max(1);
        let number = self.value(key).parse().unwrap_or(1).clamp(1, pages);
        ListPage { number, pages, size, total }
    }

    /// The links around a page of the list at `path`.
    pub fn paging(&self, path: &str, key: &str, page: ListPage) -> Paging {
        let link = |number: usize| {
            let text = if number == 1 { String::new() } else { number.to_string() };
            self.address(path, key, &text)
        };
        Paging {
            page,
            of: "",
            previous: (page.number > 1).then(|| link(page.number - 1)),
            next: (page.number < page.pages).then(|| link(page.number + 1)),
        }
    }
}

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPage {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub pages: usize,
    /// How many rows it has.
    pub size: usize,
    /// How many rows the list has.
    pub total: usize,
}

impl ListPage {
    /// What of the list stands there.
    pub fn of<'l, T>(&self, list: &'l [T]) -> &'l [T] {
        let start = ((self.number - 1) * self.size).min(list.len());
        &list[start..(start + self.size).min(list.len())]
    }
}

/// A page with the addresses beside it.
pub struct Paging {
    /// The page.
    pub page: ListPage,
    /// Of which list, where a page has several.
    pub of: &'static str,
    /// The one before.
    pub previous: Option<String>,
    /// The one behind.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_within_their_list() {
        let form = |page: &str| FilterForm {
            fields: vec![("q".into(), "a&b".into()), ("page".into(), page.into())],
        };
        let all: Vec<u32> = (0..25).collect();
        for (asked, number, first) in
            [("2", 2, 10), ("0", 1, 0), ("999", 3, 20), ("x", 1, 0), ("-1", 1, 0)]
        {
            let page = form(asked).page("page", 10, all.len());
            assert_eq!((page.number, page.of(&all)[0]), (number, first), "{asked}");
        }
        let paging = form("2").paging("/p", "page", form("2").page("page", 10, 25));
        assert_eq!(paging.previous.as_deref(), Some("/p?q=a%26b"));
        assert_eq!(paging.next.as_deref(), Some("/p?q=a%26b&page=3"));
        assert!(form("1").page("page", 10, 0).of::<u32>(&[]).is_empty());
    }
}
