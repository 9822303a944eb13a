//! Addresses of public films elsewhere: which player shows them, and how they name a place. Owns nothing that
//! is fetched; refuses to guess a place where an address has no way to say it.

/// A film on somebody else's site, by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilmAddress<'a> {
    url: &'a str,
    /// The site's host.
    pub site: &'a str,
    /// Who plays it within a page of ours, if we know how.
    pub host: Option<FilmHost<'a>>,
    /// The second at which the address opens it.
    pub start: Option<u64>,
}

/// A site whose player can be shown within a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilmHost<'a> {
    /// YouTube, with the film's id.
    YouTube(&'a str),
    /// An instance of PeerTube: its host, and the film's id there.
    PeerTube(&'a str, &'a str),
}

/// Endings of what browsers play by themselves.
const FILES: [&str; 7] = [".mp4", ".m4v", ".webm", ".ogv", ".mp3", ".m4a", ".ogg"];

/// The names under which addresses carry a time.
const TIMES: [&str; 3] = ["t", "start", "time_continue"];

impl<'a> FilmAddress<'a> {
    /// Reads an address; nothing for what is no web address.
    pub fn read(url: &'a str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
        let (site, path) = place.split_once('/').unwrap_or((place, ""));
        let pairs = || query.split(['&', '#', '?']).filter_map(|pair| pair.split_once('='));
        let start = pairs().find(|(name, _)| TIMES.contains(name)).and_then(|(_, t)| seconds(t));
        let video = || pairs().find(|(name, _)| *name == "v").map(|(_, id)| id);
        Some(Self { url, site, host: host(site, path, video), start })
    }

    /// The address of the place `ms` later than where this one opens, in whole seconds; of one that names no
    /// place, counted from the film's beginning.
    pub fn later(&self, ms: i64) -> String {
        self.at(self.start.unwrap_or(0) as i64 * 1000 + ms)
    }

    /// The address of the place `ms` after the film's beginning, in whole seconds.
    pub fn at(&self, ms: i64) -> String {
        let at = ms.div_euclid(1000).max(0);
        let named =
            |pair: &str| pair.split_once('=').is_some_and(|(name, _)| TIMES.contains(&name));
        let (url, fragment) = self.url.split_once('#').unwrap_or((self.url, ""));
        let (page, query) = url.split_once('?').unwrap_or((url, ""));
        let is_file = FILES.iter().any(|ending| page.to_ascii_lowercase().ends_with(ending));
        if is_file {
            // Browsers play it by themselves, and read media fragments.
            return format!("{url}#t={at}");
        }
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !named(pair));
        let pairs: Vec<String> = kept.map(str::to_owned).chain([format!("t={at}s")]).collect();
        let fragment = match fragment.is_empty() || named(fragment) {
            true => String::new(),
            false => format!("#{fragment}"),
        };
        format!("{page}?{}{fragment}", pairs.join("&"))
    }
}

fn host<'a>(
    site: &'a str,
    path: &'a str,
    video: impl FnOnce() -> Option<&'a str>,
) -> Option<FilmHost<'a>> {
    let is_id = |id: &&str| {
        (6..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    let name = site.strip_prefix("www.").or_else(|| site.strip_prefix("m.")).unwrap_or(site);
    let (first, second, third) = (steps.next(), steps.next(), steps.next());
    match name {
        "youtube.com" | "youtube-nocookie.com" => match first {
            Some("watch") => video(),
            Some("live" | "embed" | "shorts" | "v") => second,
            _ => None,
        }
        .filter(is_id)
        .map(FilmHost::YouTube),
        "youtu.be" => first.filter(is_id).map(FilmHost::YouTube),
        _ if site.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b)) => {
            match (first, second) {
                (Some("w"), Some(id)) if third.is_none() => Some(id),
                (Some("videos"), Some("watch" | "embed")) => third,
                _ => None,
            }
            .filter(is_id)
            .map(|id| FilmHost::PeerTube(site, id))
        }
        _ => None,
    }
}

/// "90", "90s" or "1h2m30s" in seconds.
fn seconds(text: &str) -> Option<u64> {
    let mut all = 0u64;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            // Fractions of a second are no matter here.
            '.' | ',' => break,
            _ => return None,
        };
        all = all.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    match digits.is_empty() {
        true => Some(all).filter(|_| !text.is_empty()),
        false => all.checked_add(digits.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn films_are_known_by_all_their_addresses() {
        let youtube = [
            "https://www.youtube.com/watch?v=abcDEF_1234&t=90s",
            "https://youtu.be/abcDEF_1234?t=90",
            "https://www.youtube.com/live/abcDEF_1234?si=x&t=1m30s",
            "https://www.youtube-nocookie.com/embed/abcDEF_1234?start=90",
            "http://m.youtube.com/watch?app=desktop&v=abcDEF_1234#t=90",
        ];
        for url in youtube {
            let film = FilmAddress::read(url).unwrap();
            assert_eq!(film.host, Some(FilmHost::YouTube("abcDEF_1234")), "{url}");
            assert_eq!(film.start, Some(90), "{url}");
            let later = film.later(30_900);
            let reread = FilmAddress::read(&later).unwrap();
            assert_eq!((reread.host, reread.start), (film.host, Some(120)), "{later}");
        }
        let peertube =
            FilmAddress::read("https://film.example.de/w/9tuTvxhXzp2G?start=5s").unwrap();
        assert_eq!(peertube.host, Some(FilmHost::PeerTube("film.example.de", "9tuTvxhXzp2G")));
        let others = [
            "https://example.de/film.mp4",
            "https://evil.example/w/<script>",
            "https://x\"y/w/abcdefgh",
        ];
        for url in others {
            assert_eq!(FilmAddress::read(url).unwrap().host, None, "{url}");
        }
        assert_eq!(FilmAddress::read("javascript:alert(1)"), None);
    }

    proptest! {
        #[test]
        fn whatever_the_address_a_later_place_is_read_back(
            path in "[a-z/]{0,12}", query in "[a-z0-9=&]{0,20}", fragment in "(#[a-z0-9=]{0,8})?", ms in 0i64..9_000_000,
        ) {
            let url = format!("https://film.example/{path}?{query}{fragment}");
            prop_assert_eq!(FilmAddress::read("https://film.example/a.mp4#t=3").unwrap().later(ms), format!("https://film.example/a.mp4#t={}", 3 + ms / 1000));
            let film = FilmAddress::read(&url).unwrap();
            let later = film.later(ms);
            let start = film.start.unwrap_or(0) + ms as u64 / 1000;
            prop_assert_eq!(FilmAddress::read(&later).unwrap().start, Some(start), "{}", later);
        }

        #[test]
        fn hostile_addresses_are_read_without_harm(url in "\\PC{0,60}") {
            if let Some(film) = FilmAddress::read(&url) {
                film.later(-1);
            }
        }
    }
}
