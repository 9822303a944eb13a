//! What plays a meeting: its own file, a film elsewhere that is loaded only when somebody wants it, or nothing.

use crate::domain::{FilmAddress, FilmHost, MediaTime};
use crate::edition::{Edition, Part};
use crate::web::public::query::seconds;

/// What plays the place asked for.
pub enum Player {
    /// A file of ours.
    Here(Here),
    /// A film on another site.
    Elsewhere(FilmElsewhere),
    /// Nothing.
    Nothing,
}

/// A file of ours.
pub struct Here {
    /// `/medien/{hash}#t=…`.
    pub source: String,
    /// Where the recording starts on the meeting's clock, in milliseconds.
    pub offset_ms: u64,
    /// Where the next recording starts; empty for the last one.
    pub until_ms: Option<u64>,
    /// Where to start, in seconds of the recording.
    pub start: Option<String>,
    /// Where to stop, in seconds of the recording.
    pub stop: Option<String>,
    /// Its number, from 0.
    pub part: usize,
    /// Whether there is sound only.
    pub audio: bool,
}

/// A film on another site.
pub struct FilmElsewhere {
    /// Who shows it, for people: "YouTube", or the site's host.
    pub provider: String,
    /// How a page of ours shows it; none where it can only be opened there.
    pub embed: Option<Embed>,
    /// Address of the film there, at the place asked for.
    pub link: String,
    /// The meeting's time + this = time in the film, in milliseconds.
    pub shift_ms: i64,
    /// Where to start, in seconds of the film.
    pub start: Option<u64>,
}

/// Another site's player within a page of ours.
pub struct Embed {
    /// Which language it speaks: `youtube` or `peertube`.
    pub kind: &'static str,
    /// Its address, without a place.
    pub address: String,
    /// The origin it comes from, for the page's content security policy.
    pub origin: String,
}

/// What plays the recording with this number at the place asked for.
pub fn player(
    edition: &Edition,
    part: usize,
    at: Option<MediaTime>,
    until: Option<MediaTime>,
) -> Player {
    match edition.parts.get(part) {
        Some(shown) if shown.published.is_some() => here(edition, part, shown, at, until),
        Some(shown) => match &shown.recording.video_url {
            Some(url) => {
                let shift =
                    shown.recording.video_offset_ms - shown.recording.offset.millis() as i64;
                elsewhere(url, shift, at)
            }
            None => Player::Nothing,
        },
        None => match &edition.elsewhere.film {
            Some(film) => elsewhere(&film.url, film.offset_ms, at),
            None => of_speeches(edition, at),
        },
    }
}

fn here(
    edition: &Edition,
    part: usize,
    shown: &Part,
    at: Option<MediaTime>,
    until: Option<MediaTime>,
) -> Player {
    let Some(file) = &shown.published else { return Player::Nothing };
    let offset = shown.recording.offset;
    let within = |t: MediaTime| seconds(t.minus_millis(offset.millis()));
    let (start, stop) = (at.map(within), until.map(within));
    // Browsers stop by themselves at the end of a media fragment.
    let end = stop.as_ref().map(|stop| format!(",{stop}")).unwrap_or_default();
    let fragment = start.as_ref().map(|s| format!("#t={s}{end}")).unwrap_or_default();
    Player::Here(Here {
        source: format!("/medien/{}{fragment}", file.sha256),
        offset_ms: offset.millis(),
        until_ms: edition.parts.get(part + 1).map(|next| next.recording.offset.millis()),
        start,
        stop,
        part,
        audio: !file.has_video,
    })
}

/// Only web addresses become links; `javascript:` and the like never.
fn elsewhere(url: &str, shift_ms: i64, at: Option<MediaTime>) -> Player {
    let Some(film) = FilmAddress::read(url) else { return Player::Nothing };
    let place = at.map(|at| (at.millis() as i64 + shift_ms).max(0));
    let (provider, embed) = match film.host {
        Some(FilmHost::YouTube(id)) => {
            let origin = "https://www.youtube-nocookie.com".to_owned();
            let address = format!("{origin}/embed/{id}");
            ("YouTube".to_owned(), Some(Embed { kind: "youtube", address, origin }))
        }
        Some(FilmHost::PeerTube(host, id)) => {
            let origin = format!("https://{host}");
            let address = format!("{origin}/videos/embed/{id}");
            (host.to_owned(), Some(Embed { kind: "peertube", address, origin }))
        }
        None => (film.site.to_owned(), None),
    };
    Player::Elsewhere(FilmElsewhere {
        provider,
        embed,
        link: place.map_or_else(|| url.to_owned(), |ms| film.at(ms)),
        shift_ms,
        start: place.map(|ms| ms as u64 / 1000),
    })
}

/// The film that most speeches of a record lie in, by their own addresses.
fn of_speeches(edition: &Edition, at: Option<MediaTime>) -> Player {
    let filmed = edition.speeches.iter().find_map(|speech| {
        let (url, start) = (speech.video_url.as_deref()?, speech.start_ms?);
        let there = FilmAddress::read(url)?.start?;
        Some((url, there as i64 * 1000 - start.millis() as i64))
    });
    match filmed {
        Some((url, shift)) => {
            // Without a place, it begins at its beginning.
            elsewhere(url, shift, Some(at.unwrap_or_default()))
        }
        None => Player::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_sites_player_is_told_by_its_address_and_its_place_by_the_time_map() {
        let at = Some(MediaTime::from_millis(60_000));
        let Player::Elsewhere(film) = elsewhere("https://youtu.be/abcDEF_1234", 5_000, at) else {
            panic!("no film")
        };
        assert_eq!(film.link, "https://youtu.be/abcDEF_1234?t=65s");
        assert_eq!(
            film.embed.unwrap().address,
            "https://www.youtube-nocookie.com/embed/abcDEF_1234"
        );
        let Player::Elsewhere(film) =
            elsewhere("https://film.example.de/w/9tuTvxhXzp2G", -90_000, at)
        else {
            panic!("no film")
        };
        assert_eq!((film.start, film.provider.as_str()), (Some(0), "film.example.de"));
        assert!(matches!(elsewhere("javascript:alert(1)", 0, at), Player::Nothing));
    }
}
