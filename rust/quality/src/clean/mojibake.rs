//! Mojibake: text decoded by the wrong charset, found by how unlikely its letters are and decoded again.
//!
//! A candidate is a pair of charsets: text was written in `right` and read as `wrong`. How likely it is, and what changes,
//! is for [`super::search`] to find; here candidates are tried around suspicious places, and the best is held to a bar.

use super::charset::{Charset, Tables};
use super::edits::Change;
use super::homoglyph;
use super::letters::{self, NAT};
use super::search::Search;
use crate::junk::Kind;

/// Text was written in `right` and read as `wrong`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub wrong: Charset,
    pub right: Charset,
}

const fn pair(wrong: Charset, right: Charset) -> Pair {
    Pair { wrong, right }
}

/// The confusions that are sought, the commonest first.
const PAIRS: [Pair; 46] = {
    use Charset::{
        Arabic, Baltic, Big5, Central, Cyrillic, Dos, EucJp, EucKr, Gbk, Greek, Hebrew, Koi8,
        Latin2, Mac, ShiftJis, Turkish, Utf8, Western,
    };
    [
        pair(Western, Utf8),
        pair(Cyrillic, Utf8),
        pair(Gbk, Utf8),
        pair(Central, Utf8),
        pair(Latin2, Utf8),
        pair(Turkish, Utf8),
        pair(Greek, Utf8),
        pair(Hebrew, Utf8),
        pair(Arabic, Utf8),
        pair(Baltic, Utf8),
        pair(Mac, Utf8),
        pair(Koi8, Utf8),
        pair(Dos, Utf8),
        pair(ShiftJis, Utf8),
        pair(EucKr, Utf8),
        pair(Big5, Utf8),
        pair(EucJp, Utf8),
        pair(Western, Cyrillic),
        pair(Western, Koi8),
        pair(Western, Dos),
        pair(Western, Central),
        pair(Western, Latin2),
        pair(Western, Turkish),
        pair(Western, Arabic),
        pair(Western, Greek),
        pair(Western, Hebrew),
        pair(Western, Baltic),
        pair(Western, Gbk),
        pair(Western, Big5),
        pair(Western, EucJp),
        pair(Western, ShiftJis),
        pair(Western, EucKr),
        pair(Cyrillic, Koi8),
        pair(Cyrillic, Dos),
        pair(Cyrillic, Western),
        pair(Cyrillic, Central),
        pair(Koi8, Cyrillic),
        pair(Koi8, Dos),
        pair(Dos, Cyrillic),
        pair(Dos, Koi8),
        pair(Gbk, Big5),
        pair(Gbk, ShiftJis),
        pair(Gbk, EucKr),
        pair(Big5, Gbk),
        pair(ShiftJis, EucJp),
        pair(ShiftJis, Gbk),
    ]
};

/// What a text must win by.
const WIN: u32 = 14 * NAT;
/// The same where it is read as UTF-8: that bytes happen to be valid is half a proof.
const WIN_VALID: u32 = 9 * NAT;
/// What each changed character must win.
const EACH: u32 = 2 * NAT;

/// Letters become signs: `has³a`, `Ka¿da`.
const POLISH: Pair = pair(Charset::Western, Charset::Central);
/// What each must win there, in so many different words.
const EACH_OF_MANY: u32 = NAT / 2;
const MANY_WORDS: usize = 6;

/// Different words that must be changed.
const WORDS: usize = 2;
/// Or so many characters: not all languages put spaces between words.
const LONG: usize = 12;

/// Broken text was broken again; more often than that is not seen.
const ROUNDS: usize = 4;
/// Bytes of text around a suspicious place that candidates are tried on.
const AROUND: usize = 160;
/// Candidates that are tried on the whole text.
const FINALISTS: usize = 3;
/// Texts are mended in pieces of about that many bytes, cut after line ends or spaces.
const PIECE: usize = 1 << 15;

/// Calls `apply` with the changes that mend the text, once a round, until nothing more is broken.
///
/// `apply` returns the text after the changes. Text that is not broken costs one look at its letters.
pub(crate) fn mend(text: &str, mut apply: impl FnMut(&[Change]) -> String) {
    let mut current = None::<String>;
    for _ in 0..ROUNDS {
        let now = current.as_deref().unwrap_or(text);
        let mut changes = Vec::new();
        mend_once(now, &mut changes);
        if changes.is_empty() {
            return;
        }
        current = Some(apply(&changes));
    }
}

/// One round of that: adds the changes.
pub(crate) fn mend_once(text: &str, changes: &mut Vec<Change>) {
    for (start, piece) in pieces(text) {
        changes.extend(mended(piece).into_iter().map(|mut change| {
            change.range = change.range.start + start..change.range.end + start;
            change
        }));
    }
}

fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.floor_char_boundary(PIECE);
        if end < rest.len() {
            let head = &rest[..end];
            end = head.rfind('\n').or_else(|| head.rfind(' ')).map_or(end, |cut| cut + 1);
        }
        let piece = (at, &rest[..end]);
        at += end;
        Some(piece)
    })
}

/// The best changes to one piece.
fn mended(text: &str) -> Vec<Change> {
    let places = letters::suspicious(text);
    if places.is_empty() {
        return Vec::new();
    }
    let sample = sample(text, &places);
    let odd: Vec<char> = places.iter().filter_map(|&place| text[place..].chars().next()).collect();
    let mut tried: Vec<(u32, Pair)> = PAIRS
        .iter()
        .filter(|pair| has_half(pair.wrong.tables(), &odd))
        .map(|&pair| (weighed(Search::of(&sample, pair).gain(), pair), pair))
        .collect();
    tried.retain(|(gain, _)| *gain > 0);
    // The sort is stable: of equals the commonest confusion wins.
    tried.sort_by_key(|(gain, _)| std::cmp::Reverse(*gain));
    let mut best = None::<(u32, Vec<Change>)>;
    for (_, pair) in tried.into_iter().take(FINALISTS) {
        let search = Search::of(text, pair);
        let gain = search.gain();
        let weight = weighed(gain, pair);
        if gain < win(pair)
            || search.is_lost()
            || best.as_ref().is_some_and(|(most, _)| weight <= *most)
        {
            continue;
        }
        let changes = search.changes(text);
        if pair.right.is_double() && are_inside_words(text, &changes) || break_words(text, &changes)
        {
            continue;
        }
        // That bytes happen to be valid UTF-8 is a proof; other charsets have a character for nearly all.
        if pair.right == Charset::Utf8 || is_enough(gain, pair, text, &changes) {
            best = Some((weight, changes));
        }
    }
    best.map_or_else(Vec::new, |(_, changes)| changes)
}

/// Whether changes that are no proof win enough, for each character and in enough words.
fn is_enough(gain: u32, pair: Pair, text: &str, changes: &[Change]) -> bool {
    let words = words(text, changes);
    // Signs such as `³` and `¿` may stand beside any letter: Polish that was read so wins little by each, but in many words.
    let signs = pair == POLISH && words >= MANY_WORDS;
    // What stands between two letters that change counts where those may be put there to look alike.
    let between = look_alike(text, changes);
    let counts = |c: &char| between || !c.is_ascii();
    let read = |change: &Change| text[change.range.clone()].chars().filter(counts).count();
    let characters: usize = changes.iter().map(read).sum();
    let each = if signs { EACH_OF_MANY } else { EACH };
    let least = u32::try_from(characters).unwrap_or(u32::MAX).saturating_mul(each);
    gain >= least && (characters >= LONG || words >= WORDS)
}

/// Whether a quarter of what changes beyond ASCII looks like Latin letters.
fn look_alike(text: &str, changes: &[Change]) -> bool {
    let (mut alike, mut all) = (0_usize, 0_usize);
    for change in changes {
        for c in text[change.range.clone()].chars().filter(|c| !c.is_ascii()) {
            all += 1;
            alike += usize::from(homoglyph::to_latin(c).is_some());
        }
    }
    alike * 4 > all
}

/// Whether reading is a proof: few texts of single bytes are valid UTF-8.
pub(crate) fn is_proof(pair: Pair) -> bool {
    pair.right == Charset::Utf8 && !pair.wrong.is_double()
}

/// A gain as candidates are compared by it: a proof counts twice.
fn weighed(gain: u32, pair: Pair) -> u32 {
    if is_proof(pair) { gain.saturating_mul(2) } else { gain }
}

/// Whether the charset has at least half of these characters.
fn has_half(wrong: &Tables, odd: &[char]) -> bool {
    let has =
        odd.iter().filter(|&&c| c.is_ascii() || c == '\u{FFFD}' || wrong.bytes_of(c).is_some());
    has.count() * 2 >= odd.len()
}

fn win(pair: Pair) -> u32 {
    if is_proof(pair) { WIN_VALID } else { WIN }
}

/// Whether most changes put letters beside letters of another script: bytes that happen to be valid, as `ة”` of Windows-1256.
fn break_words(text: &str, changes: &[Change]) -> bool {
    let differ = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => script(a) != 0 && script(b) != 0 && script(a) != script(b),
        _ => false,
    };
    let breaks = |change: &&Change| {
        let before = text[..change.range.start].chars().next_back();
        let after = text[change.range.end..].chars().next();
        differ(before, change.by.chars().next()) || differ(change.by.chars().next_back(), after)
    };
    changes.iter().filter(breaks).count() * 2 > changes.len()
}

/// The script of a letter; 0 for what is none.
fn script(c: char) -> u8 {
    if c.is_alphabetic() { Kind::of(c).script() } else { 0 }
}

/// Whether most changes stand between small letters of ASCII: `f脙录r` is no text of East Asia, but text broken twice.
fn are_inside_words(text: &str, changes: &[Change]) -> bool {
    let bytes = text.as_bytes();
    let inside = |change: &&Change| {
        let (start, end) = (change.range.start, change.range.end);
        start > 0
            && bytes[start - 1].is_ascii_lowercase()
            && bytes.get(end).is_some_and(u8::is_ascii_lowercase)
    };
    changes.iter().filter(inside).count() * 2 > changes.len()
}

/// How many different words are changed.
fn words(text: &str, changes: &[Change]) -> usize {
    let word = |change: &Change| {
        let start = text[..change.range.start].rfind([' ', '\n']).map_or(0, |at| at + 1);
        let rest = &text[change.range.end..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        &text[start..change.range.end + end]
    };
    let mut words: Vec<&str> = changes.iter().take(64).map(word).collect();
    words.sort_unstable();
    words.dedup();
    words.len()
}

/// The text around the suspicious places.
fn sample(text: &str, places: &[usize]) -> String {
    let mut out = String::new();
    let mut end = 0;
    for &place in places {
        let from = text.floor_char_boundary(place.saturating_sub(AROUND)).max(end);
        let to = text.ceil_char_boundary((place + AROUND).min(text.len()));
        if from < to {
            out.push_str(&text[from..to]);
            end = to;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend_all(text: &str) -> String {
        let mut cleaned = super::super::edits::Cleaned { text: text.to_owned(), edits: Vec::new() };
        mend(text, |changes| {
            cleaned.apply(changes);
            cleaned.text.clone()
        });
        assert_eq!(cleaned.undo(), text);
        cleaned.text
    }

    #[test]
    fn bytes_that_happen_to_be_valid_stay() {
        for text in [
            "فيلم “الغيرة القاتلة” عام 1982 وتمثيليات كفلامه مثل “التخشيبة” و”الزمار” عام 1984 وله",
            "2 – „Filtry rozostření“\n\n4 – „Filtry vylepšení“\n\n6 – „Filtry zkreslení“\n",
        ] {
            assert_eq!(mend_all(text), text);
        }
    }

    #[test]
    fn common_confusions_are_mended() {
        for (broken, right) in [
            (
                "Ka¿da osoba u¿ywaj¹ca komputera powinna mieæ swoje konto u¿ytkownika, w³asne i wymagaj¹ce has³a",
                "Każda osoba używająca komputera powinna mieć swoje konto użytkownika, własne i wymagające hasła",
            ),
            (
                "we donâ€™t open the â€œImage Propertiesâ€\u{9d} dialog",
                "we don’t open the “Image Properties” dialog",
            ),
            (
                "Ð¡Ñ\u{82}Ð°Ð½Ð´Ð°Ñ\u{80}Ñ\u{82}Ð½Ñ\u{8b}Ð¹ Ð°Ð»Ð³Ð¾Ñ\u{80}Ð¸Ñ\u{82}Ð¼",
                "Стандартный алгоритм",
            ),
            (
                "Åñëè âû õîòèòå èçáåæàòü ñîçäàíèÿ ïðîôèëÿ",
                "Если вы хотите избежать создания профиля",
            ),
            (
                "ist fьr ISO 8601-Daten in ihren Formaten mцglich. Das wьrde reichen",
                "ist für ISO 8601-Daten in ihren Formaten möglich. Das würde reichen",
            ),
        ] {
            assert_eq!(mend_all(broken), right);
        }
    }
}
