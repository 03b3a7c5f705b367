//! The features of a unit: character n-grams of a word between `<` and `>`, the word whole; of signs one and two.

use super::words::Unit;

/// Letters of the longest n-gram.
pub(crate) const LONGEST: usize = 5;

const WHOLE: u32 = 0x9E37_79B9;
const GRAM: u32 = 0x85EB_CA6B;
const SIGN: u32 = 0xC2B2_AE35;

/// Calls `found` with the hash of each feature of a unit; a feature that occurs twice is found twice.
#[inline]
pub(crate) fn each_feature(unit: Unit<'_>, mut found: impl FnMut(u32)) {
    match unit {
        Unit::Word(word) => {
            found(finish(word.iter().fold(WHOLE, |hash, &c| extend(hash, c))));
            for start in 0..=word.len() {
                let mut hash = GRAM;
                for length in 1..=LONGEST.min(word.len() + 2 - start) {
                    hash = extend(hash, padded(word, start + length - 1));
                    if length > 1 || start > 0 {
                        found(finish(hash));
                    }
                }
            }
        }
        Unit::Sign(before, c) => {
            found(finish(extend(SIGN, c)));
            found(finish(extend(extend(SIGN, before.unwrap_or('<')), c)));
        }
    }
}

/// The character at a place of `<word>`.
#[inline]
fn padded(word: &[char], place: usize) -> char {
    match place {
        0 => '<',
        _ => word.get(place - 1).copied().unwrap_or('>'),
    }
}

#[inline]
fn extend(hash: u32, c: char) -> u32 {
    (hash ^ u32::from(c)).wrapping_mul(0x0100_0193).rotate_left(11)
}

/// The last step of `MurmurHash3`: every bit of the hash depends on all.
#[inline]
fn finish(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(unit: Unit<'_>) -> Vec<u32> {
        let mut all = Vec::new();
        each_feature(unit, |hash| all.push(hash));
        all
    }

    #[test]
    fn a_word_has_its_ngrams_and_itself() {
        // a b, <a ab b>, <ab ab>, <ab>, and ab whole.
        assert_eq!(features(Unit::Word(&['a', 'b'])).len(), 9);
        let (one, other) =
            (features(Unit::Word(&['c', 'a', 'b'])), features(Unit::Word(&['a', 'b'])));
        assert_eq!(
            other.iter().filter(|hash| one.contains(hash)).count(),
            5,
            "a, b, ab, b> and ab>"
        );
    }

    #[test]
    fn a_sign_has_two() {
        let [alone, pair] = features(Unit::Sign(Some('東'), '京'))[..] else { panic!("two") };
        let [same, first] = features(Unit::Sign(None, '京'))[..] else { panic!("two") };
        assert!(alone == same && pair != first);
    }
}
