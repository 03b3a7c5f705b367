//! Sentences of words: how many there are.

use crate::chars::{is_alpha, is_unicode_punctuation};

/// The marks beyond ASCII that end a sentence for spaCy 3.8 (`pipeline/sentencizer`), in the order of code points.
const ENDS: &str = "\
     \u{589}\u{61f}\u{6d4}\u{700}\u{701}\u{702}\u{7f9}\u{964}\u{965}\u{104a}\u{104b}\u{1362}\u{1367}\
     \u{1368}\u{166e}\u{1735}\u{1736}\u{1803}\u{1809}\u{1944}\u{1945}\u{1aa8}\u{1aa9}\u{1aaa}\
     \u{1aab}\u{1b5a}\u{1b5b}\u{1b5e}\u{1b5f}\u{1c3b}\u{1c3c}\u{1c7e}\u{1c7f}\u{203c}\u{203d}\
     \u{2047}\u{2048}\u{2049}\u{2e2e}\u{2e3c}\u{3002}\u{a4ff}\u{a60e}\u{a60f}\u{a6f3}\u{a6f7}\
     \u{a876}\u{a877}\u{a8ce}\u{a8cf}\u{a92f}\u{a9c8}\u{a9c9}\u{aa5d}\u{aa5e}\u{aa5f}\u{aaf0}\
     \u{aaf1}\u{abeb}\u{fe52}\u{fe56}\u{fe57}\u{ff01}\u{ff0e}\u{ff1f}\u{ff61}\u{10a56}\u{10a57}\
     \u{11047}\u{11048}\u{110be}\u{110bf}\u{110c0}\u{110c1}\u{11141}\u{11142}\u{11143}\u{111c5}\
     \u{111c6}\u{111cd}\u{111de}\u{111df}\u{11238}\u{11239}\u{1123b}\u{1123c}\u{112a9}\u{1144b}\
     \u{1144c}\u{115c2}\u{115c3}\u{115c9}\u{115ca}\u{115cb}\u{115cc}\u{115cd}\u{115ce}\u{115cf}\
     \u{115d0}\u{115d1}\u{115d2}\u{115d3}\u{115d4}\u{115d5}\u{115d6}\u{115d7}\u{11641}\u{11642}\
     \u{1173c}\u{1173d}\u{1173e}\u{11a42}\u{11a43}\u{11a9b}\u{11a9c}\u{11c41}\u{11c42}\u{16a6e}\
     \u{16a6f}\u{16af5}\u{16b37}\u{16b38}\u{16b44}\u{1bc9f}\u{1da88}";

/// Counts sentences of words as spaCy's sentencizer does, which `datatrove` uses for most languages: one ends at a mark
/// that stands alone, with the marks that follow it.
///
/// Its sentences are ours where the words are; Korean and Hindi have other splitters there.
pub(crate) fn count<'w>(words: impl IntoIterator<Item = &'w str>) -> u64 {
    let (mut count, mut any, mut ended) = (0, false, false);
    for word in words {
        any = true;
        if is_end(word) {
            ended = true;
        } else if ended && !is_punctuation(word) {
            ended = false;
            count += 1;
        }
    }
    count + u64::from(any)
}

fn is_end(word: &str) -> bool {
    match word {
        "." | "!" | "?" => true,
        _ if word.is_ascii() => false,
        _ => {
            let mut chars = word.chars();
            chars.next().is_some_and(|c| ENDS.contains(c)) && chars.next().is_none()
        }
    }
}

fn is_punctuation(word: &str) -> bool {
    !word.starts_with(is_alpha) && word.chars().all(is_unicode_punctuation)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sentence_ends_after_its_marks() {
        let count = |text: &str| super::count(text.split(' '));
        assert_eq!(count("It rains ."), 1);
        assert_eq!(count("It rains . We go"), 2);
        assert_eq!(count("It rains ? ! \u{201d} ) We go . . and on"), 3);
        assert_eq!(count("It rains ... We go"), 1);
        assert_eq!(count("雨です 。 行く 。"), 2);
        assert_eq!(count(". a"), 2);
        assert_eq!(super::count([]), 0);
    }
}
