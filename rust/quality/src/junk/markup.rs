//! Leftovers of HTML: tags of pages and character references.

use memchr::memchr2_iter;

/// Names of tags that pages have and prose does not.
const TAGS: &[&str] = &[
    "a", "b", "br", "body", "button", "div", "em", "font", "footer", "form", "h1", "h2", "h3",
    "head", "header", "hr", "html", "i", "iframe", "img", "input", "li", "link", "meta", "nav",
    "ol", "option", "p", "script", "section", "select", "small", "span", "strong", "style", "sub",
    "sup", "table", "tbody", "td", "th", "tr", "u", "ul",
];
/// A tag or reference is not longer than this, in bytes.
const LONGEST: usize = 300;

/// Characters of tags, comments and references.
pub(crate) fn characters(text: &str) -> u64 {
    let (mut found, mut after) = (0, 0);
    for at in memchr2_iter(b'<', b'&', text.as_bytes()) {
        if at < after {
            continue;
        }
        let end = text.floor_char_boundary((at + LONGEST).min(text.len()));
        let rest = &text[at..end];
        let length = if rest.starts_with('<') { tag(rest) } else { reference(rest) };
        if let Some(length) = length {
            found += rest[..length].chars().count() as u64;
            after = at + length;
        }
    }
    found
}

/// Bytes of the tag or comment that `text` begins with.
fn tag(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|at| at + 3);
    }
    let inner = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let known = TAGS.contains(&inner[..length].to_ascii_lowercase().as_str());
    known.then(|| text.find('>').map(|at| at + 1)).flatten()
}

/// Bytes of the character reference that `text` begins with.
fn reference(text: &str) -> Option<usize> {
    let end = text.find(';').filter(|&end| (2..=12).contains(&end))?;
    let name = &text[1..end];
    let digits =
        name.strip_prefix('#').map(|digits| digits.strip_prefix(['x', 'X']).unwrap_or(digits));
    let valid = match digits {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => name.bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    valid.then_some(end + 1)
}
