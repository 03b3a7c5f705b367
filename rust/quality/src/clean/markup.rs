//! Tags, comments, scripts, bulletin board codes and template braces left in prose, and the references beside them.
//!
//! A text about markup is not broken: code between backticks, in fences or indented is left alone, and so is a block
//! with less prose than tags. A bare opening tag goes only if its closing tag stands in the same block.

use std::ops::Range;

use super::edits::Change;
use super::entities;
use super::kind::Kind;

/// Elements of HTML. Names that stand for placeholders in manuals are among [`BARE`] only.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "label",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
];

/// Elements whose bare opening tag is markup by itself, in a block that has other markup.
const BARE: &[&str] = &["br", "hr", "p", "div", "span", "li", "td", "tr"];

const BBCODES: &[&str] = &[
    "b", "i", "u", "s", "url", "img", "quote", "size", "color", "font", "list", "center", "email",
];

/// A piece of markup.
#[derive(Debug)]
struct Mark<'a> {
    range: Range<usize>,
    /// Its name, in lower case if it is one of the lists.
    name: &'a str,
    kind: MarkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MarkKind {
    Comment,
    /// A script or style with all that it holds.
    Script,
    Close,
    /// An opening tag with attributes, or one that closes itself.
    Open,
    Bare,
    BbOpen,
    BbClose,
    Braces,
}

/// The changes that take markup out of prose.
pub(crate) fn strip(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    if memchr::memchr3(b'<', b'&', b'{', text.as_bytes()).is_none() && !text.contains("[/") {
        return changes;
    }
    let mut fenced = false;
    let mut block: Option<Range<usize>> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let trimmed = line.trim_start();
        let fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        let code = fenced
            || fence
            || line.starts_with('\t')
            || line.starts_with("    ") && looks_like_code(line);
        fenced ^= fence;
        if code || trimmed.is_empty() {
            close(text, block.take(), &mut changes);
        } else {
            block = Some(block.map_or(range.clone(), |block| block.start..range.end));
        }
    }
    close(text, block, &mut changes);
    changes
}

/// An indented line with a sign that prose seldom has; the first line of a paragraph may be indented too.
fn looks_like_code(line: &str) -> bool {
    line.trim_start().starts_with(['<', '{', '}', '/', '#', '$', '&'])
        || line.trim_end().ends_with([';', '{', '>'])
}

fn close(text: &str, block: Option<Range<usize>>, changes: &mut Vec<Change>) {
    let Some(block) = block else { return };
    let quoted = backticked(text, &block);
    let is_quoted = |at: usize| quoted.iter().any(|range| range.contains(&at));
    let mut marks = marks(text, &block);
    marks.retain(|mark| !is_quoted(mark.range.start));
    let sure = |mark: &Mark<'_>| !matches!(mark.kind, MarkKind::Bare | MarkKind::BbOpen);
    let count = marks.iter().filter(|mark| sure(mark)).count();
    let first = changes.len();
    if count > 0 && words_outside(text, &block, &marks) >= 2 * count + 2 {
        let closes =
            |name: &str, kind| marks.iter().any(|mark| mark.kind == kind && mark.name == name);
        let mut last = 0;
        for mark in &marks {
            let goes = match mark.kind {
                MarkKind::Bare => BARE.contains(&mark.name) || closes(mark.name, MarkKind::Close),
                MarkKind::BbOpen => closes(mark.name, MarkKind::BbClose),
                _ => true,
            };
            if goes {
                // Of marks side by side the first leaves the space.
                let by = if last == mark.range.start { "" } else { space(text, &mark.range) };
                changes.push(Change::new(mark.range.clone(), by, Kind::Markup));
                last = mark.range.end;
            }
        }
    }
    let gone: Vec<Range<usize>> =
        changes[first..].iter().map(|change| change.range.clone()).collect();
    let mut references = Vec::new();
    entities::resolve(text, block.start, block.end, &mut references);
    references.retain(|change| !gone.iter().any(|range| range.contains(&change.range.start)));
    // A text that was escaped as a whole was escaped in its code too; one about references has them in code alone.
    let outside = references.iter().filter(|change| !is_quoted(change.range.start)).count();
    if outside < WHOLLY || outside * 2 < references.len() {
        references.retain(|change| !is_quoted(change.range.start));
    }
    changes.extend(references);
    changes[first..].sort_by_key(|change| change.range.start);
}

/// So many references outside of code show that the whole text was escaped.
const WHOLLY: usize = 5;

/// What stays of markup: a space between words that nothing else parts.
fn space(text: &str, range: &Range<usize>) -> &'static str {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let word =
        |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && !matches!(c, '<' | '[' | '{'));
    if word(before) && after.is_some_and(|c| !c.is_whitespace()) { " " } else { "" }
}

/// Stretches between backticks on one line.
fn backticked(text: &str, block: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = None;
    for (offset, byte) in text.as_bytes()[block.clone()].iter().enumerate() {
        match (byte, open) {
            (b'`', None) => open = Some(block.start + offset),
            (b'`', Some(start)) => {
                found.push(start..block.start + offset);
                open = None;
            }
            (b'\n', _) => open = None,
            _ => {}
        }
    }
    found
}

fn words_outside(text: &str, block: &Range<usize>, marks: &[Mark<'_>]) -> usize {
    let mut words = 0;
    let mut at = block.start;
    let end = block.end..block.end;
    let ends = marks.iter().map(|mark| mark.range.clone()).chain(std::iter::once(end));
    for range in ends {
        let piece = &text[at.min(range.start)..range.start];
        let spaced =
            piece.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
        // Ideographs are not spaced: two of them make a word.
        let wide = piece.chars().filter(|&c| c >= '\u{2E80}').count() / 2;
        words += spaced.max(wide);
        at = range.end;
    }
    words
}

fn marks<'a>(text: &'a str, block: &Range<usize>) -> Vec<Mark<'a>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = block.start;
    while let Some(next) = memchr::memchr3(b'<', b'[', b'{', &bytes[at..block.end]) {
        let start = at + next;
        let rest = &text[start..block.end];
        let mark = match bytes[start] {
            b'<' => comment(rest).or_else(|| tag(rest)),
            b'[' => bbcode(rest),
            _ => braces(rest),
        };
        at = start + 1;
        if let Some((length, name, kind)) = mark {
            at = start + length;
            found.push(Mark { range: start..at, name, kind });
        }
    }
    found
}

type Found<'a> = (usize, &'a str, MarkKind);

fn comment(text: &str) -> Option<Found<'_>> {
    let end = text.strip_prefix("<!--")?.find("-->")?;
    Some((end + 7, "", MarkKind::Comment))
}

fn listed<'l>(list: &[&'l str], name: &str) -> Option<&'l str> {
    list.iter().copied().find(|known| known.eq_ignore_ascii_case(name))
}

fn tag(text: &str) -> Option<Found<'_>> {
    let closing = text.starts_with("</");
    let from = if closing { 2 } else { 1 };
    let length = text[from..].bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &text[from..from + length];
    let after = from + length;
    if !closing && (name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style")) {
        let (open, _) = attributes(&text[after..])?;
        let closing = format!("</{}", name.to_ascii_lowercase());
        let body = &text[after + open..];
        let end = body.to_ascii_lowercase().find(&closing)?;
        let end = after + open + end + body[end..].find('>')? + 1;
        return Some((end, "", MarkKind::Script));
    }
    let name = listed(ELEMENTS, name)?;
    let (end, plain) = attributes(&text[after..])?;
    let kind = match (closing, plain) {
        (true, _) => MarkKind::Close,
        (false, true) => MarkKind::Bare,
        (false, false) => MarkKind::Open,
    };
    Some((after + end, name, kind))
}

/// The length of what follows a tag's name up to its `>`, and whether that is nothing else; `None` if it is no tag.
fn attributes(text: &str) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut plain = true;
    loop {
        at += bytes[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        match bytes.get(at)? {
            b'>' => return Some((at + 1, plain)),
            b'/' if bytes.get(at + 1) == Some(&b'>') => return Some((at + 2, false)),
            _ => {}
        }
        let name = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || b"-_:@".contains(b))
            .count();
        if name == 0 || at == 0 {
            return None;
        }
        at += name;
        plain = false;
        if bytes.get(at) == Some(&b'=') {
            at += 1;
            at += match bytes.get(at)? {
                quote @ (b'"' | b'\'') => memchr::memchr(*quote, &bytes[at + 1..])? + 2,
                _ => bytes[at..]
                    .iter()
                    .take_while(|b| !b.is_ascii_whitespace() && **b != b'>')
                    .count(),
            };
        } else if !matches!(bytes.get(at)?, b'>' | b'/' | b' ' | b'\n' | b'\t') {
            return None;
        }
    }
}

fn bbcode(text: &str) -> Option<Found<'_>> {
    let end = text.bytes().take(200).position(|b| b == b']')?;
    let body = &text[1..end];
    if let Some(name) = body.strip_prefix('/') {
        return Some((end + 1, listed(BBCODES, name)?, MarkKind::BbClose));
    }
    let name = body.split('=').next()?;
    Some((end + 1, listed(BBCODES, name)?, MarkKind::BbOpen))
}

/// `{{ name }}`: a name with dots, as templates write it.
fn braces(text: &str) -> Option<Found<'_>> {
    let body = text.strip_prefix("{{ ")?;
    let end = body.bytes().take(80).position(|b| b == b'}')?;
    let name = body[..end].trim();
    let simple =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._|-".contains(&b));
    (simple && body[end..].starts_with("}}")).then_some((end + 5, "", MarkKind::Braces))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::edits::Cleaned;

    fn stripped(text: &str) -> String {
        let mut cleaned = Cleaned { text: text.to_owned(), edits: Vec::new() };
        cleaned.apply(&strip(text));
        assert_eq!(cleaned.undo(), text);
        cleaned.text
    }

    #[test]
    fn markup_leaves_prose() {
        for (text, expected) in [
            (
                "If you&nbsp;are still stuck,<br/>someone on the mailing list may be able</p> to help",
                "If you are still stuck, someone on the mailing list may be able to help",
            ),
            ("select &#105;tems &amp;mdash; all of them &lt; 5", "select items — all of them < 5"),
            (
                "&#20026;&#20102;&#65292;&#20854;&#20013; `rng64&#40;&#115;eed)` &#20026;&#31181;&#23376;&#65292;&#19981;&#22635;",
                "为了，其中 `rng64(seed)` 为种子，不填",
            ),
            (
                "You have[/b]controls to change the {{ item.title }} aspect of this one thing here",
                "You have controls to change the  aspect of this one thing here",
            ),
        ] {
            assert_eq!(stripped(text), expected);
        }
    }

    #[test]
    fn text_about_markup_and_code_stay() {
        for text in [
            "A Vec<T> holds values; Map<String, List<a>> too. Use the <p> tag.",
            "Write `<br/>` or `&nbsp;` to break the line in the page that you write.",
            "```\n<p class=\"x\">Hello to all of the people in the world</p>\n```",
            "<li><a href=\"x\">Home page</a></li>",
            "&lt;div&gt; is an element, AT&T; is none, and x[i] = a[b] stays",
            "if a < b and c > d then stop",
        ] {
            assert_eq!(stripped(text).replace('>', "&gt;"), text.replace('>', "&gt;"));
        }
    }
}
