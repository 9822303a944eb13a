//! Dates and times as sources write them. Refuses to guess a time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

/// A moment as written: its day in the time zone given, and the instant if one is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// The instant; absent where the text has no time or no time zone.
    pub instant: Option<Timestamp>,
}

/// Reads RFC 3339 or less: "2021-06-21T17:00:00+02:00", "2021-06-21".
pub fn moment(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text.trim()).ok()?;
    let date = pieces.date();
    let instant = pieces.time().zip(pieces.to_numeric_offset());
    let instant = instant.and_then(|(time, zone)| zone.to_timestamp(date.to_datetime(time)).ok());
    Some(Moment { date, instant })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_place_and_the_instant_needs_a_zone() {
        let late = moment("2021-06-21T00:30:00+02:00").unwrap();
        assert_eq!(late.date.to_string(), "2021-06-21");
        assert_eq!(late.instant.unwrap().to_string(), "2021-06-20T22:30:00Z");
        assert_eq!(moment("2021-06-21T17:00:00").unwrap().instant, None);
        assert_eq!(moment("2021-06-21").unwrap().date.to_string(), "2021-06-21");
        assert_eq!(moment("21.06.2021"), None);
    }
}
