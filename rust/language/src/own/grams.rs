//! The features of a unit: character n-grams of a word between `<` and `>`, the word whole; of signs one and two.

use super::words::Unit;

/// Letters of the longest n-gram.
pub(crate) const LONGEST: usize = 5;

/// Bits of a hash.
pub(crate) const BITS: u32 = 30;

pub(crate) const WHOLE: u32 = 0x9E37_79B9;
pub(crate) const GRAM: u32 = 0x85EB_CA6B;
pub(crate) const SIGN: u32 = 0xC2B2_AE35;

/// Calls `found` with the hash of each feature of a unit; a feature that occurs twice is found twice.
#[inline]
pub(crate) fn each_feature(unit: Unit<'_>, mut found: impl FnMut(u32)) {
    match unit {
        Unit::Word(word) => {
            found(finish(word.iter().fold(WHOLE, |hash, &c| extend(hash, c.into()))));
            for start in 0..=word.len() {
                let mut hash = GRAM;
                for length in 1..=LONGEST.min(word.len() + 2 - start) {
                    hash = extend(hash, padded(word, start + length - 1).into());
                    if length > 1 || start > 0 {
                        found(finish(hash));
                    }
                }
            }
        }
        Unit::Sign(before, c) => {
            found(finish(extend(SIGN, c.into())));
            found(finish(extend(extend(SIGN, before.unwrap_or('<').into()), c.into())));
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

/// The hash of what is longer by a letter.
#[inline]
pub(crate) fn extend(hash: u32, letter: u32) -> u32 {
    (hash ^ letter).wrapping_mul(0x0100_0193).rotate_left(11)
}

/// The last step of `MurmurHash3`, where every bit depends on all; its upper bits.
#[inline]
pub(crate) fn finish(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    (hash ^ (hash >> 16)) >> (32 - BITS)
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
