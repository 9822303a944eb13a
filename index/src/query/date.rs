//! Spans of days as typed: `2021`, `2021-06`, `2021-06-21`, `21.06.2021`, `2020-01..2021-06`,
//! open at either end. Knows no calendar beyond 12 months of 31 days.

use jiff::civil::Date;

use crate::model::document::day_number;
use crate::model::facet::Filters;

/// From the first to the last day, both included, as YYYYMMDD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub first: u64,
    pub last: u64,
}

/// Later than any day that is recorded.
const LAST_DAY: u64 = 99_991_231;

impl Days {
    /// Reads a span; `None` where nothing of it is a date.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches([',', ';']);
        let Some((from, to)) = text.split_once("..") else {
            return Self::point(text);
        };
        let to = to.trim_start_matches('.');
        if from.is_empty() && to.is_empty() {
            return None;
        }
        let first = if from.is_empty() { 0 } else { Self::point(from)?.first };
        let last = if to.is_empty() { LAST_DAY } else { Self::point(to)?.last };
        if last < first {
            return Self::read(&format!("{to}..{from}"));
        }
        Some(Self { first, last })
    }

    /// A day with its year, such as "21.06.2021"; `None` for anything else.
    pub(crate) fn whole_day(text: &str) -> Option<Self> {
        Self::point(text.trim_end_matches([',', ';'])).filter(|days| days.first == days.last)
    }

    /// The day or month at the end of normalized words, and of how many words it is: "4 mai 2023",
    /// "mai 2023".
    pub(crate) fn spelt(words: &[Option<&str>]) -> Option<(Self, usize)> {
        const MONTHS: [&str; 12] = [
            "januar",
            "februar",
            "maerz",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "dezember",
        ];
        let (year, before) = words.split_last()?;
        let year = (*year)?;
        if year.len() != 4 {
            return None;
        }
        let (month, before) = before.split_last()?;
        let month = (*month)?;
        let month = 1 + MONTHS.iter().position(|name| *name == month)?;
        let day = before.last().copied().flatten().map(|day| day.trim_end_matches('.'));
        let day = day.and_then(|day| Self::point(&format!("{year}-{month}-{day}")));
        match day {
            Some(day) => Some((day, 3)),
            None => Some((Self::point(&format!("{year}-{month}"))?, 2)),
        }
    }

    /// A year, a month or a day.
    fn point(text: &str) -> Option<Self> {
        let mut parts: Vec<&str> = text.split(['-', '.', '/']).collect();
        if parts.last().is_some_and(|part| part.len() == 4) && parts.len() > 1 {
            parts.reverse();
        }
        let number = |part: &str, digits: usize| {
            let right = part.len() <= digits && part.bytes().all(|b| b.is_ascii_digit());
            right.then(|| part.parse::<u64>().ok()).flatten()
        };
        let year = number(parts.first()?, 4).filter(|year| (1000..=9999).contains(year))?;
        let unit = |index: usize, most: u64| match parts.get(index) {
            None => Some((1, most)),
            Some(part) => number(part, 2).filter(|n| (1..=most).contains(n)).map(|n| (n, n)),
        };
        let (first_month, last_month) = unit(1, 12)?;
        let (first_day, last_day) = unit(2, 31)?;
        (parts.len() <= 3).then_some(Self {
            first: year * 10_000 + first_month * 100 + first_day,
            last: year * 10_000 + last_month * 100 + last_day,
        })
    }

    /// A year.
    pub(crate) fn of_year(year: i16) -> Self {
        let first = u64::try_from(year).unwrap_or(0) * 10_000;
        Self { first, last: first + 9_999 }
    }

    /// The first and last day of filters; `None` where none is set.
    pub(crate) fn of_filters(filters: &Filters) -> Option<Self> {
        let number = |day: Date| day_number(day).unwrap_or(0);
        let from = filters.from.map(|day| Self { first: number(day), last: LAST_DAY });
        let to = filters.to.map(|day| Self { first: 0, last: number(day) });
        [from, to]
            .into_iter()
            .flatten()
            .reduce(|a, b| Self { first: a.first.max(b.first), last: a.last.min(b.last) })
    }

    /// Whether `day` is one of them.
    pub(crate) fn contains(self, day: u64) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_words() {
        let spelt = |words: &[&'static str]| {
            let words: Vec<Option<&str>> = words.iter().map(|word| Some(*word)).collect();
            Days::spelt(&words)
        };
        let (day, month) = (Days::read("2023-05-04"), Days::read("2023-05"));
        assert_eq!(spelt(&["am", "4", "mai", "2023"]), day.map(|day| (day, 3)));
        assert_eq!(spelt(&["im", "mai", "2023"]), month.map(|month| (month, 2)));
        assert_eq!(spelt(&["32", "mai", "2023"]), month.map(|month| (month, 2)));
        for wrong in [&["4", "mai"][..], &["mai", "23"], &["2023"], &["mai", "2023", "jahr"]] {
            assert_eq!(spelt(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn spans_of_days() {
        let days = |first, last| Some(Days { first, last });
        assert_eq!(Days::read("2021"), days(20_210_101, 20_211_231));
        assert_eq!(Days::read("2020-01..2021-06"), days(20_200_101, 20_210_631));
        assert_eq!(Days::read("21.6.2021"), days(20_210_621, 20_210_621));
        assert_eq!(Days::read("2021-06-21.."), days(20_210_621, 99_991_231));
        assert_eq!(Days::read("2021..2020"), Days::read("2020..2021"));
        for wrong in ["", "..", "gestern", "2021-13", "21", "2021-06-21-01", "-", "٢٠٢١"] {
            assert_eq!(Days::read(wrong), None, "{wrong}");
        }
    }
}
