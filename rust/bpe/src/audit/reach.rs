//! Whether any text encodes to a token.

use serde::Serialize;

use crate::{EncodeScratch, Tokenizer};

/// What stands before and after a token in the texts that are tried, beside ASCII: characters of other classes and scripts.
/// Split patterns look at the class of a neighbour, merges at the neighbour itself.
const OTHERS: &str = "éЯяاあ中한\u{301}🙂";
/// Characters before and after one in its block that are tried beside it.
const KIN: u32 = 48;
/// Of those, how many are tried beside other characters.
const BESIDE_FILLINGS: usize = 64;
/// Texts that are tried for the unknown ends of characters of which a token has a part.
const FILLINGS: usize = 1 << 15;

/// Why no text encodes to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its bytes are in no UTF-8 text.
    Bytes,
    /// Merging its bytes gives other tokens.
    Merges,
    /// In every text tried its bytes were cut apart by the split pattern, or merged with their neighbours.
    Context,
}

/// Room to try texts in.
pub(crate) struct Tries {
    encode: EncodeScratch,
    ids: Vec<u32>,
    /// What is tried beside a token; nothing first.
    beside: Vec<String>,
}

/// Why no text encodes to this token of text; none if one does.
///
/// What is called reachable was reached. Merging the bytes of a token that occurs anywhere gives that token (merges inside
/// it come in the same order wherever it stands), so what fails that is out of reach. The rest is tried beside other
/// characters, and parts of characters are made whole in up to [`FILLINGS`] ways.
pub(crate) fn unreachable(
    tokenizer: &Tokenizer,
    id: u32,
    bytes: &[u8],
    tries: &mut Tries,
) -> Option<Why> {
    let whole = std::str::from_utf8(bytes).ok();
    if whole.is_some_and(|text| tries.reach(tokenizer, id, text)) {
        return None;
    }
    if !tries.merge(tokenizer, id, bytes) {
        return Some(Why::Merges);
    }
    if let Some(text) = whole {
        return (!tries.beside_both(tokenizer, id, text)).then_some(Why::Context);
    }
    let fillings = Fillings::of(bytes);
    let mut texts = fillings.texts(bytes).take(FILLINGS).peekable();
    if texts.peek().is_none() {
        return Some(Why::Bytes);
    }
    let reached = texts.any(|text| tries.reach(tokenizer, id, &text))
        || fillings
            .texts(bytes)
            .take(BESIDE_FILLINGS)
            .any(|text| tries.beside_either(tokenizer, id, &text));
    (!reached).then_some(Why::Context)
}

impl Tries {
    /// Whether merging these bytes, without splitting them before, gives this token alone.
    fn merge(&mut self, tokenizer: &Tokenizer, id: u32, bytes: &[u8]) -> bool {
        self.ids.clear();
        tokenizer.encode_whole(bytes, &mut self.encode, &mut self.ids);
        self.ids == [id]
    }

    /// A text that the regex of a pattern gives up on reaches nothing.
    fn reach(&mut self, tokenizer: &Tokenizer, id: u32, text: &str) -> bool {
        self.ids.clear();
        let encoded = tokenizer.encode(text, &mut self.encode, &mut self.ids);
        encoded.is_ok() && self.ids.contains(&id)
    }

    /// The text with each pair of neighbours around it.
    fn beside_both(&mut self, tokenizer: &Tokenizer, id: u32, text: &str) -> bool {
        let beside = std::mem::take(&mut self.beside);
        let reached = beside.iter().any(|before| {
            let around = |after| format!("{before}{text}{after}");
            beside.iter().any(|after| self.reach(tokenizer, id, &around(after)))
        });
        self.beside = beside;
        reached
    }

    /// The text with each neighbour, or one like its own ends, before or behind it.
    fn beside_either(&mut self, tokenizer: &Tokenizer, id: u32, text: &str) -> bool {
        let beside = std::mem::take(&mut self.beside);
        let ends = [text.chars().next(), text.chars().next_back()];
        let kin = ends.into_iter().flatten().flat_map(kin).map(String::from);
        let reached = beside.iter().cloned().chain(kin).any(|other| {
            self.reach(tokenizer, id, &format!("{other}{text}"))
                || self.reach(tokenizer, id, &format!("{text}{other}"))
        });
        self.beside = beside;
        reached
    }
}

impl Default for Tries {
    fn default() -> Self {
        let singles = ('\t'..='\r').chain(' '..='~').chain(OTHERS.chars()).map(String::from);
        let marks = ('!'..='~').filter(char::is_ascii_punctuation);
        let doubled = marks.map(|mark| String::from(mark).repeat(2));
        Self {
            encode: EncodeScratch::default(),
            ids: Vec::new(),
            beside: std::iter::once(String::new()).chain(singles).chain(doubled).collect(),
        }
    }
}

/// Characters whose code points are near that of another.
fn kin(one: char) -> impl Iterator<Item = char> {
    let code = u32::from(one);
    (code.saturating_sub(KIN)..=code.saturating_add(KIN)).filter_map(char::from_u32)
}

/// What may stand around bytes that are no whole characters, so that the first and the last one are.
struct Fillings {
    /// Beginnings of the first character; and ends, where all bytes are the middle of one.
    heads: Vec<(Vec<u8>, Vec<u8>)>,
    /// Ends of the last character.
    tails: Vec<Vec<u8>>,
}

impl Fillings {
    fn of(bytes: &[u8]) -> Self {
        let continued = bytes.iter().take_while(|&&byte| is_continuation(byte)).count();
        if continued == bytes.len() {
            return Self { heads: around(continued), tails: vec![Vec::new()] };
        }
        Self { heads: heads(continued), tails: tails(bytes) }
    }

    /// The texts, in an order that goes through heads and tails evenly.
    fn texts(&self, bytes: &[u8]) -> impl Iterator<Item = String> {
        let number = self.heads.len() * self.tails.len();
        let stride =
            (number * 5 / 8..=number + 1).find(|&stride| gcd(stride, number) == 1).unwrap_or(1);
        (0..number).filter_map(move |n| {
            let at = n * stride % number;
            let (head, pad) = &self.heads[at / self.tails.len()];
            let tail = &self.tails[at % self.tails.len()];
            String::from_utf8([head, bytes, tail, pad].concat()).ok()
        })
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Bytes of the character that begins so; 0 if none does.
fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => 0,
    }
}

/// Beginnings of characters that end with so many continuation bytes.
fn heads(continued: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    if continued == 0 {
        return vec![(Vec::new(), Vec::new())];
    }
    let lacks = |first: u8| width(first).checked_sub(1 + continued);
    started(lacks).map(|head| (head, Vec::new())).collect()
}

/// Beginnings, and ends, of characters of which so many continuation bytes are the middle.
fn around(continued: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    for end in 0..=2 {
        let lacks = |first: u8| width(first).checked_sub(1 + continued + end);
        found.extend(started(lacks).map(|head| (head, vec![0x80; end])));
    }
    found
}

/// Each first byte with the continuation bytes that it `lacks`.
fn started(lacks: impl Fn(u8) -> Option<usize>) -> impl Iterator<Item = Vec<u8>> {
    let firsts = (0xC2..0xF5u8).filter_map(move |first| Some((first, lacks(first)?)));
    firsts.flat_map(|(first, own)| runs(own).map(move |run| [vec![first], run].concat()))
}

/// Ends of the last character; none if nothing makes it whole.
fn tails(bytes: &[u8]) -> Vec<Vec<u8>> {
    let last = bytes.iter().rposition(|&byte| !is_continuation(byte));
    let lacks = last.and_then(|at| width(bytes[at]).checked_sub(bytes.len() - at));
    lacks.map_or_else(Vec::new, |missing| runs(missing).collect())
}

/// Runs of continuation bytes: each value of the last two, a few of one before them.
fn runs(len: usize) -> impl Iterator<Item = Vec<u8>> {
    let all: Vec<u8> = (0x80..0xC0).collect();
    let few: Vec<u8> = (0x80..0xC0).step_by(16).collect();
    let choices: Vec<Vec<u8>> =
        (0..len).map(|place| if place + 2 < len { few.clone() } else { all.clone() }).collect();
    let number: usize = choices.iter().map(Vec::len).product();
    (0..number).map(move |mut rest| {
        let mut run = Vec::with_capacity(choices.len());
        for choice in &choices {
            run.push(choice[rest % choice.len()]);
            rest /= choice.len();
        }
        run
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first few thousand: some parts have millions.
    fn texts(part: &[u8]) -> Vec<String> {
        Fillings::of(part).texts(part).take(5000).collect()
    }

    #[test]
    fn parts_are_made_whole() {
        for (part, example) in [
            (b"\xE4\xB8".as_slice(), "中"),
            (b"\xB8\xAD", "中"),
            (b"\xB8", "中"),
            (b"\xAD", "中"),
            (b"\xF0\x9F", "😀"),
            (b"\x9F\x98", "😀"),
            (b"\x98\x80", "😀"),
            (b"\xD0", "ж"),
            (b"\xAD\xE5", "中国"),
        ] {
            let found = texts(part);
            assert!(!found.is_empty());
            assert!(
                found.iter().all(|text| text.as_bytes().windows(part.len()).any(|w| w == part))
            );
            let chars = |text: &str| text.chars().count();
            assert!(found.iter().all(|text| chars(text) == chars(example)), "{part:x?}");
        }
        // Where one byte is missing, all texts are tried.
        assert!(texts(b"\xE4\xB8").contains(&"中".to_owned()));
        assert!(texts(b"\xB8\xAD").contains(&"中".to_owned()));
    }

    #[test]
    fn bytes_of_no_text_have_no_fillings() {
        for part in
            [b"\xFF".as_slice(), b"\xC0", b"\x80\x80\x80\x80", b"\xE4a", b"a\xF8", b"\xED\xA0"]
        {
            assert!(texts(part).is_empty(), "{part:x?}");
        }
    }
}
