//! Dates and times as sources write them. Owns that a day is the one in Germany, whatever the offset
//! it was written with; refuses to guess a time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

/// Where the meetings are. Compiled in: the program asks no system for its time zones.
static GERMANY: TimeZone = jiff::tz::get!("Europe/Berlin");

/// A moment of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day in Germany; where the text has no instant, the day that it names.
    pub date: Date,
    /// The day that the text names, in its own offset.
    pub written: Date,
    /// The instant; absent where the text has no time or no time zone.
    pub instant: Option<Timestamp>,
}

/// Reads RFC 3339 or less: "2021-06-21T17:00:00+02:00", "2021-06-20T22:00:00Z", "2021-06-21".
pub fn moment(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text.trim()).ok()?;
    let written = pieces.date();
    let instant = pieces.time().zip(pieces.to_numeric_offset());
    let instant =
        instant.and_then(|(time, zone)| zone.to_timestamp(written.to_datetime(time)).ok());
    let date = instant.map_or(written, |instant| GERMANY.to_datetime(instant).date());
    Some(Moment { date, written, instant })
}

/// The day in Germany of a date or a moment.
pub fn day(text: &str) -> Option<Date> {
    moment(text).map(|moment| moment.date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The day depends on the instant, not on how it is written.
        #[test]
        fn one_instant_has_one_day_in_every_offset(
            second in -2_000_000_000i64..8_000_000_000, offset in -14i32 * 60..=14 * 60,
        ) {
            let instant = Timestamp::from_second(second).unwrap();
            let offset = jiff::tz::Offset::from_seconds(offset * 60).unwrap();
            let written = instant.display_with_offset(offset).to_string();
            let read = moment(&written).unwrap();
            prop_assert_eq!(read.instant, Some(instant));
            prop_assert_eq!(Some(read.date), day(&instant.to_string()));
        }
    }

    #[test]
    fn the_day_is_that_of_the_place_and_the_instant_needs_a_zone() {
        let late = moment("2021-06-21T00:30:00+02:00").unwrap();
        assert_eq!(late.date.to_string(), "2021-06-21");
        assert_eq!(late.instant.unwrap().to_string(), "2021-06-20T22:30:00Z");
        assert_eq!(moment("2021-06-21T17:00:00").unwrap().instant, None);
        assert_eq!(moment("2021-06-21").unwrap().date.to_string(), "2021-06-21");
        assert_eq!(moment("21.06.2021"), None);
    }

    #[test]
    fn summer_and_winter_old_and_coming_years_are_known() {
        for (text, is) in [
            ("2026-06-21T22:00:00Z", "2026-06-22"),
            ("2026-06-21T21:59:59Z", "2026-06-21"),
            ("2026-01-21T22:30:00Z", "2026-01-21"),
            ("2026-01-21T23:00:00+00:00", "2026-01-22"),
            // The nights in which the clocks change.
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:30:00Z", "2026-10-25"),
            // No summer time in Germany then.
            ("1975-06-21T22:30:00Z", "1975-06-21"),
            ("1985-06-21T22:30:00Z", "1985-06-22"),
            ("2049-07-31T22:00:00Z", "2049-08-01"),
            // Servers whose clock knows no summer, or stands elsewhere.
            ("2026-06-22T00:00:00+01:00", "2026-06-22"),
            ("2026-06-21T17:00:00-05:00", "2026-06-22"),
            ("2026-06-22T06:00:00+09:00", "2026-06-21"),
            ("2026-06-21T22:00:00", "2026-06-21"),
        ] {
            assert_eq!(day(text).unwrap().to_string(), is, "{text}");
        }
    }
}
