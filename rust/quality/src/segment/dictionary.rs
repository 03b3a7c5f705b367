//! Words of Chinese and Japanese: ICU4X's dictionary, from which the longest word is taken each time.
//!
//! Gives the breaks of `icu_segmenter` for runs of Hiragana, Katakana and unified ideographs; what follows the first
//! character of a word is looked up once, when the first such run is met. `None` where the data are of another kind: the
//! caller then asks `icu_segmenter` itself.

use std::sync::LazyLock;

use icu_collections::char16trie::Char16TrieCursor;
use icu_provider::prelude::*;
use icu_segmenter::provider::{Baked, DictionaryBreakData, SegmenterDictionaryAutoV2};

/// Bytes of each of these characters.
const BYTES: usize = 3;

/// Hiragana and ideographs: each a grapheme of its own, in words of the dictionary.
const HIRAGANA: std::ops::RangeInclusive<u32> = 0x3041..=0x3096;
const IDEOGRAPHS: std::ops::RangeInclusive<u32> = 0x4e00..=0x9fff;

/// The dictionary, entered by the first character of a word.
struct Dictionary {
    hiragana: Vec<Step>,
    ideographs: Vec<Step>,
}

/// A place in the dictionary.
#[derive(Clone)]
struct Step {
    cursor: Char16TrieCursor<'static>,
    /// A word ends here.
    ends: bool,
    /// None goes on.
    last: bool,
}

static DICTIONARY: LazyLock<Option<Dictionary>> = LazyLock::new(Dictionary::load);

impl Dictionary {
    fn load() -> Option<Self> {
        let id = DataIdentifierBorrowed::for_marker_attributes(
            DataMarkerAttributes::from_str_or_panic("cjdict"),
        );
        let request = DataRequest { id, ..DataRequest::default() };
        let response: DataResponse<SegmenterDictionaryAutoV2> = Baked.load(request).ok()?;
        let DictionaryBreakData::Char16Trie(trie) = response.payload.get_static()? else {
            return None;
        };
        let root = trie.cursor();
        let steps = |range: std::ops::RangeInclusive<u32>| {
            range.map(|code| Step::after(root.clone(), code)).collect()
        };
        Some(Self { hiragana: steps(HIRAGANA), ideographs: steps(IDEOGRAPHS) })
    }

    fn first(&self, code: u32) -> Option<&Step> {
        let (steps, start) = if HIRAGANA.contains(&code) {
            (&self.hiragana, *HIRAGANA.start())
        } else {
            (&self.ideographs, *IDEOGRAPHS.start())
        };
        steps.get(usize::try_from(code.checked_sub(start)?).ok()?)
    }

    /// Bytes of the word that the characters begin with.
    fn word(&self, chars: &[[u8; BYTES]]) -> usize {
        let Some(mut step) = chars.first().and_then(|char| self.first(code(*char))).cloned() else {
            return chars.len().min(1) * BYTES;
        };
        let mut longest = None;
        for length in 1.. {
            if step.ends {
                longest = Some(length);
            }
            if step.last {
                // As `icu_segmenter` does: what was begun and is no word ends with the character that ended it.
                return longest.unwrap_or(length) * BYTES;
            }
            let Some(&next) = chars.get(length) else { break };
            step = Step::after(step.cursor, code(next));
        }
        longest.unwrap_or(chars.len()) * BYTES
    }
}

impl Step {
    fn after(mut cursor: Char16TrieCursor<'static>, code: u32) -> Self {
        cursor.step32(code);
        let (ends, last) = (cursor.value().is_some(), cursor.is_empty());
        Self { cursor, ends, last }
    }
}

/// The code point of a character of three bytes.
fn code([a, b, c]: [u8; BYTES]) -> u32 {
    let [a, b, c] = [a, b, c].map(u32::from);
    (a & 0xF) << 12 | (b & 0x3F) << 6 | c & 0x3F
}

/// How the characters are split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// By the dictionary.
    Words,
    /// Not at all.
    Katakana,
}

fn script(char: [u8; BYTES]) -> Option<Script> {
    match code(char) {
        _ if char[0] < 0xE3 || char[0] > 0xE9 => None,
        code if IDEOGRAPHS.contains(&code) || HIRAGANA.contains(&code) => Some(Script::Words),
        0x30a1..=0x30fa | 0x30fc..=0x30fe => Some(Script::Katakana),
        _ => None,
    }
}

/// Tells where the words of `run` end; `None`, with nothing told, if it has characters that others join or split.
pub(super) fn words(run: &str, mut tell: impl FnMut(usize)) -> Option<()> {
    let (chars, []) = run.as_bytes().as_chunks::<BYTES>() else { return None };
    if !chars.iter().all(|&char| script(char).is_some()) {
        return None;
    }
    let dictionary = DICTIONARY.as_ref()?;
    let mut end = 0;
    for chars in chars.chunk_by(|a, b| script(*a) == script(*b)) {
        let after = end + chars.len() * BYTES;
        if chars.first().and_then(|&char| script(char)) == Some(Script::Katakana) {
            end = after;
            tell(end);
        }
        let start = after - chars.len() * BYTES;
        while end < after {
            end += dictionary.word(&chars[(end - start) / BYTES..]);
            tell(end);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use icu_segmenter::WordSegmenter;
    use icu_segmenter::options::WordBreakInvariantOptions;
    use proptest::prelude::*;

    use super::*;

    fn ends(run: &str) -> Option<Vec<usize>> {
        let mut ends = Vec::new();
        words(run, |end| ends.push(end)).map(|()| ends)
    }

    fn expected(run: &str) -> Vec<usize> {
        let icu = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
        icu.segment_str(run).skip(1).collect()
    }

    /// Common characters in real order, so that words of the dictionary occur.
    const REAL: &str = "中华人民共和国的计算机程序设计语言不但可以用来编写操作系统而且还能处理自然語言研究開発東京都\
         日本語の文章をコンピューターで解析するためにはまず単語に分けなければならないらーめんアイスクリームを食べました";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn breaks_are_those_of_icu(
            pieces in prop::collection::vec((0..REAL.chars().count(), 1..9_usize, "[一-龿ぁ-ゖァ-ヺーヽヾ]{0,3}"), 1..9)
        ) {
            let run: String = pieces
                .iter()
                .map(|(from, length, strange)| {
                    REAL.chars().skip(*from).take(*length).chain(strange.chars()).collect::<String>()
                })
                .collect();
            let run: String = run.chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(ends(&run), Some(expected(&run)), "{}", run);
        }
    }

    #[test]
    fn every_character_alone_and_between_others_breaks_as_in_icu() {
        for c in HIRAGANA.chain(IDEOGRAPHS).chain(0x30a1..=0x30fe).filter_map(char::from_u32) {
            for run in [format!("{c}"), format!("の{c}{c}ー"), format!("カ{c}国{c}")] {
                if let Some(ends) = ends(&run) {
                    assert_eq!(ends, expected(&run), "{run}");
                }
            }
        }
    }

    #[test]
    fn other_characters_are_left_to_icu() {
        for run in ["a", "が\u{3099}", "中・国", "ไทย", "中ｱ", "𠀀𠀀𠀀"] {
            assert_eq!(ends(run), None, "{run}");
        }
        assert!(ends("中国").is_some());
    }
}
