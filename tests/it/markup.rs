//! What hostile people write into fields, and strict readers of what is made of it: HTML, XML, captions.
//! Also compiled into the library's own tests.

/// What they try, five ways each.
#[allow(dead_code)] // Both kinds of tests use some of it each.
pub fn payloads() -> Vec<String> {
    let tried = [
        "<script>alert(1)</script>",
        "<xss onpointerenter=alert(1)>",
        "\"><svg onload=alert(1)><xss>",
        "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
        "javascript:alert(1)",
        "]]><xss/><![CDATA[",
        "--><xss> 00:00:01.000 --> 00:00:09.000 <v xss>",
        "</title></summary></textarea></style></script><xss>",
        "{{7*7}}${7*7}<% xss %>&xss;&#0;&#x1F;",
        "\r\nX-Injected: xss\r\n\r\nEND:VEVENT\r\nNOTE xss\u{0}\u{b}\u{2028}\u{202e}\u{fffe}",
    ];
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let coded =
        |text: &str| text.replace('<', "&#60;").replace('>', "&#x3e;").replace('"', "&quot;");
    tried
        .iter()
        .flat_map(|text| {
            let upper = text.to_uppercase();
            [(*text).to_owned(), escaped(text), escaped(&escaped(text)), coded(text), upper]
        })
        .collect()
}

/// A tag: its name, with a slash where it closes, and its attributes.
type Tag = (String, Vec<(String, String)>);

/// The tags of a page, as a browser finds them.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            tags.push(tag(rest));
        }
    }
    tags
}

fn tag(rest: &str) -> Tag {
    let ends = |c: char| c.is_whitespace() || c == '>';
    let (name, mut rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (name.to_lowercase(), attributes);
        }
        let end = rest.find(|c: char| ends(c) || c == '=').unwrap_or(rest.len()).max(1);
        let (attribute, behind) = rest.split_at(end);
        let mut value = "";
        rest = behind;
        if let Some(behind) = behind.strip_prefix('=') {
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
            let inside = if quote.is_some() { &behind[1..] } else { behind };
            let end = match quote {
                Some(quote) => inside.find(quote),
                None => inside.find(ends),
            };
            let end = end.unwrap_or(inside.len());
            value = &inside[..end];
            rest = &inside[(end + usize::from(quote.is_some())).min(inside.len())..];
        }
        attributes.push((attribute.to_lowercase(), value.to_owned()));
    }
}

/// Nothing of a page runs or leads where it should not.
#[allow(dead_code)]
#[track_caller]
pub fn assert_harmless_html(page: &str, html: &str) {
    for (name, attributes) in tags(html) {
        assert!(!name.contains("xss"), "<{name}> on {page}");
        let value = |of: &str| attributes.iter().find(|(a, _)| a == of).map(|(_, v)| v.as_str());
        let is_data = value("type") == Some("application/ld+json");
        let is_ours = value("src").is_some_and(|src| src.starts_with("/static/"));
        assert!(name != "script" || is_data || is_ours, "a script on {page}");
        for (attribute, value) in &attributes {
            assert!(!attribute.starts_with("on") && attribute != "style", "{attribute} on {page}");
            let leads =
                ["href", "src", "action", "poster", "formaction"].contains(&attribute.as_str());
            let sound = ["/", "#", "?", "https://", "http://", "mailto:"];
            let is_sound = value.is_empty() || sound.iter().any(|start| value.starts_with(start));
            assert!(!leads || is_sound, "{attribute}={value} on {page}");
        }
    }
}

/// A document is well-formed XML 1.0, without what we do not write: comments, CDATA, doctypes.
#[allow(dead_code)]
#[track_caller]
pub fn assert_well_formed_xml(page: &str, xml: &str) {
    if let Err(why) = well_formed(xml) {
        panic!("{page}: {why}\n{xml}");
    }
}

fn well_formed(xml: &str) -> Result<(), String> {
    let holds = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if let Some(c) = xml.chars().find(|c| !holds(*c)) {
        return Err(format!("the character {c:?}"));
    }
    let mut rest = xml;
    if let Some(behind) = rest.strip_prefix("<?xml ") {
        rest = behind.split_once("?>").ok_or("no end of the declaration")?.1;
    }
    let (mut open, mut roots): (Vec<String>, usize) = (Vec::new(), 0);
    while !rest.is_empty() {
        let (text, behind) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        references(text)?;
        if text.contains("]]>") || open.is_empty() && !text.trim().is_empty() {
            return Err(format!("the text {text:?}"));
        }
        let Some(behind) = behind.strip_prefix('<') else { break };
        let (tag, behind) = behind.split_once('>').ok_or("no end of a tag")?;
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name.trim_end()) {
                return Err(format!("</{name}> closes another"));
            }
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
        let sound = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        if name.is_empty() || !name.chars().all(sound) {
            return Err(format!("the tag <{name}>"));
        }
        self::attributes(attributes)?;
        roots += usize::from(open.is_empty());
        if !is_empty {
            open.push(name.to_owned());
        }
    }
    match (open.is_empty(), roots) {
        (true, 1) => Ok(()),
        _ => Err(format!("{roots} roots, open: {open:?}")),
    }
}

/// `>` stands in no value that we write, so that a tag ends at the first.
fn attributes(text: &str) -> Result<(), String> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once("=\"").ok_or(format!("the attribute {rest:?}"))?;
        let (value, behind) = behind.split_once('"').ok_or("no end of a value")?;
        references(value)?;
        let sound = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c));
        if !sound
            || names.contains(&name)
            || !(behind.is_empty() || behind.starts_with(char::is_whitespace))
        {
            return Err(format!("the attribute {name:?}"));
        }
        names.push(name);
        rest = behind.trim_start();
    }
    Ok(())
}

fn references(text: &str) -> Result<(), String> {
    for behind in text.split('&').skip(1) {
        let name = behind.split_once(';').map(|(name, _)| name).unwrap_or_default();
        let number = name.strip_prefix('#').map(|n| match n.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => n.parse(),
        });
        let known = ["amp", "lt", "gt", "quot", "apos"].contains(&name);
        if !known && !number.is_some_and(|n| n.is_ok_and(|n| n >= 32)) {
            return Err(format!("the reference &{name:.20}"));
        }
    }
    Ok(())
}

/// Captions have a line of times a block, and no markup but a voice.
#[allow(dead_code)]
#[track_caller]
pub fn assert_harmless_captions(page: &str, text: &str) {
    for block in text.trim_end().split("\n\n").skip(1) {
        let mut lines = block.lines().skip_while(|line| line.parse::<u32>().is_ok());
        let first = lines.next().unwrap_or_default();
        assert!(first == "NOTE" || first.contains(" --> "), "{page}: {block}");
        for line in lines {
            let text = line.strip_prefix("<v ").map_or(line, |v| v.split_once('>').unwrap().1);
            assert!(!text.contains(['<', '>', '\r']), "{page}: {block}");
        }
    }
}
