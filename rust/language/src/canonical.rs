//! One name for a language, whatever the model that found it calls it.

use std::borrow::Cow;

use crate::iso639::{MEMBERS, TWO_LETTERS};

/// The ISO 639-1 code of a label, where its language has one; other labels stay as they are.
///
/// Takes ISO 639-3 codes, alone (`rus`) or with a script (`rus_Cyrl`, `zho-Hans`), and the member languages that stand
/// for a macrolanguage in common models (`cmn`, `arb`, `npi`).
///
/// ```
/// use gamayun_language::canonical;
///
/// assert_eq!(canonical("rus_Cyrl"), "ru");
/// assert_eq!(canonical("cmn_Hani"), "zh");
/// assert_eq!(canonical("en"), "en");
/// assert_eq!(canonical("yue_Hant"), "yue_Hant");
/// ```
#[must_use]
pub fn canonical(label: &str) -> Cow<'_, str> {
    let (language, script) = match label.split_once(['_', '-']) {
        Some((language, script)) if is_script(script) => (language, true),
        Some(_) => return Cow::Borrowed(label),
        None => (label, false),
    };
    if language.len() == 2 {
        return Cow::Borrowed(language);
    }
    if language == "als" && !script {
        // Wikipedia's code, and so lid.176's, for Alemannic; the ISO code is of an Albanian language.
        return Cow::Borrowed(label);
    }
    match find(TWO_LETTERS, language).or_else(|| find(MEMBERS, language)) {
        Some(two) => Cow::Borrowed(two),
        None => Cow::Borrowed(label),
    }
}

fn is_script(subtag: &str) -> bool {
    subtag.len() == 4 && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn find(table: &[(&str, &'static str)], language: &str) -> Option<&'static str> {
    let at = table.binary_search_by_key(&language, |entry| entry.0).ok()?;
    Some(table[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_apart() {
        for table in [TWO_LETTERS, MEMBERS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
            assert!(table.iter().all(|(three, two)| three.len() == 3 && two.len() == 2));
        }
        assert!(MEMBERS.iter().all(|(member, _)| find(TWO_LETTERS, member).is_none()));
        assert!(MEMBERS.iter().all(|(_, two)| TWO_LETTERS.iter().any(|entry| entry.1 == *two)));
        assert_eq!(TWO_LETTERS.len(), 184);
    }

    #[test]
    fn labels_of_common_models() {
        for (label, expected) in [
            ("eng_Latn", "en"),
            ("eng", "en"),
            ("arb_Arab", "ar"),
            ("zho_Hans", "zh"),
            ("zho_Hant", "zh"),
            ("als", "als"),
            ("als_Latn", "sq"),
            ("nob_Latn", "nb"),
            ("azb_Arab", "azb_Arab"),
            ("azj_Latn", "az"),
            ("ceb", "ceb"),
            ("zh", "zh"),
            ("sr-latn", "sr"),
            ("zxx_Zzzz", "zxx_Zzzz"),
            ("", ""),
        ] {
            assert_eq!(canonical(label), expected, "{label}");
        }
    }
}
