//! Stretches of text of which the words are found, lower-cased and hashed in wide registers, 64 bytes at a time.
//!
//! Characters of one and two bytes, Hangul syllables and the punctuation of U+2000–U+203F; all others, and those whose
//! lower case has another length, end a stretch. Only where the processor has AVX-512 with its byte permutations.

use std::sync::LazyLock;

use crate::class::{CLASSES, Classes};
use crate::wide;
use crate::word_hash::hash_folded;

/// Bytes of text in a stretch, at most: what is kept of it stays in the fastest cache, and places fit 16 bits.
const LENGTH: usize = 8 << 10;
/// What may be written or read behind the last of them.
const SLACK: usize = 128;

/// The bytes of a stretch in lower case, and where its words begin and end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretch {
    folded: Vec<u8>,
    edges: Vec<u16>,
}

/// Where a stretch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The place in the text.
    pub(crate) at: usize,
    /// Where the word begins that goes on there, in the stretch, if one does.
    open: Option<usize>,
    /// Bytes of the stretch.
    length: usize,
}

impl Stretch {
    /// Puts the hashes of all words that end in the stretch from `from` on into `out`; `None` where the processor cannot.
    #[inline]
    pub(crate) fn hash(
        &mut self,
        text: &[u8],
        from: usize,
        folds: &Folds,
        out: &mut Vec<u64>,
    ) -> Option<Stop> {
        let (length, edges) = self.fold(text, from, folds)?;
        let (words, rest) = self.edges[..edges].as_chunks::<2>();
        out.extend(
            words.iter().map(|&[start, end]| {
                hash_folded(&self.folded, usize::from(start), usize::from(end))
            }),
        );
        Some(Stop { at: from + length, open: rest.first().copied().map(usize::from), length })
    }

    /// The lower case of the word that is open where the stretch ended.
    pub(crate) fn open_word(&self, stop: Stop) -> Option<&[u8]> {
        Some(&self.folded[stop.open?..stop.length])
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[expect(unsafe_code, reason = "calls code for the processor that was detected")]
    fn fold(&mut self, text: &[u8], from: usize, folds: &Folds) -> Option<(usize, usize)> {
        if !folds.supported {
            return None;
        }
        if self.folded.is_empty() {
            self.folded.resize(LENGTH + SLACK, 0);
            self.edges.resize(LENGTH + SLACK, 0);
        }
        // SAFETY: `supported` says that the processor has these instructions.
        Some(unsafe { x86::fold(text, from, folds, &mut self.folded, &mut self.edges) })
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn fold(&mut self, _: &[u8], _: usize, _: &Folds) -> Option<(usize, usize)> {
        None
    }
}

/// What becomes of the characters of two bytes, by their first byte and the low six bits of their second.
pub(crate) struct Folds {
    supported: bool,
    /// By the low five bits of the first byte.
    leads: Box<[Lead; 32]>,
}

/// The 64 characters of a first byte.
#[derive(Clone, Copy)]
struct Lead {
    /// The second byte of the lower case.
    second: [u8; 64],
    /// [`WORD`], [`NEXT`] and [`HARD`].
    flags: [u8; 64],
}

/// The character is part of a word.
const WORD: u8 = 1;
/// The first byte of the lower case is the next one.
const NEXT: u8 = 2;
/// The character ends the stretch.
const HARD: u8 = 4;

/// The one table of the process.
pub(crate) static FOLDS: LazyLock<Folds> = LazyLock::new(|| Folds::new(&CLASSES));

impl Folds {
    /// By the table of classes.
    pub(crate) fn new(classes: &Classes) -> Self {
        let mut leads = Box::new([Lead { second: [0; 64], flags: [HARD; 64] }; 32]);
        for code in 0x80..0x800u32 {
            let lead = &mut leads[(code >> 6) as usize];
            let place = (code & 0x3F) as usize;
            let [first, second] = classes.lower(code).to_le_bytes();
            (lead.second[place], lead.flags[place]) = match (first, u32::from(first & 0x1F)) {
                (0, _) if second == 0 => (0, 0),
                (0xC2.., same) if same == code >> 6 => (second, WORD),
                (0xC2.., next) if next == (code >> 6) + 1 => (second, WORD | NEXT),
                _ => (0, HARD),
            };
        }
        Self { supported: wide::supported(), leads }
    }
}

/// True where a stretch may go on after a character that ended one.
#[inline]
pub(crate) fn resumes(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, 0xC2..0xE0 | 0xEA..0xEE)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, __mmask64, _mm512_add_epi16, _mm512_castsi512_si256, _mm512_cmpeq_epi8_mask,
        _mm512_cmpge_epu8_mask, _mm512_cmple_epu8_mask, _mm512_cmplt_epu8_mask,
        _mm512_cvtepu8_epi16, _mm512_extracti64x4_epi64, _mm512_mask_add_epi8,
        _mm512_mask_mov_epi8, _mm512_mask_permutexvar_epi8, _mm512_mask_test_epi8_mask,
        _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_permutexvar_epi8,
        _mm512_set1_epi16, _mm512_storeu_si512, _mm512_sub_epi8,
    };

    use crate::wide::x86::{lanes, load, load_table};

    use super::{Folds, HARD, LENGTH, Lead, NEXT, WORD};

    const IOTA: [u8; 64] = {
        let mut bytes = [0; 64];
        let mut i = 0;
        while i < 64 {
            bytes[i as usize] = i;
            i += 1;
        }
        bytes
    };

    /// Writes the lower case of the stretch and its edges; returns its bytes and how many edges there are.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    pub(super) fn fold(
        text: &[u8],
        from: usize,
        folds: &Folds,
        folded: &mut [u8],
        edges: &mut [u16],
    ) -> (usize, usize) {
        let rest = &text[from..];
        let limit = rest.len().min(LENGTH);
        // Word bits of the next block that characters of the last one reach into; whether a word is open.
        let (mut carried, mut open) = (0, 0);
        let (mut at, mut count) = (0, 0);
        while at < limit {
            let block = Block { bytes: load(rest, at), next: load(rest, at + 1) };
            let found = block.classify(rest, at, carried, folds);
            let out = folded[at..].first_chunk_mut::<64>();
            let Some(out) = out else { break };
            store(out, found.folded);
            if let Some((place, second)) = second_of(rest, at, folds) {
                folded[place] = second;
            }
            let hard = found.hard.trailing_zeros();
            let change = (found.words ^ (found.words << 1 | open)) & below(hard);
            count += write_edges(change, at, &mut edges[count..]);
            if hard < 64 {
                return (at + hard as usize, count);
            }
            (open, carried) = (found.words >> 63, found.carried);
            at += 64;
        }
        finish(rest, limit, count, edges)
    }

    /// Closes a word that ends with the text, or goes back to the end of the last whole character.
    fn finish(rest: &[u8], limit: usize, mut count: usize, edges: &mut [u16]) -> (usize, usize) {
        let mut at = limit;
        if at == rest.len() {
            // A block beyond the end has no words, so that a word that ends before is closed.
            if count % 2 == 1 {
                edges[count] = u16::try_from(at).unwrap_or(0);
                count += 1;
            }
            return (at, count);
        }
        while at > 0 && rest[at] & 0xC0 == 0x80 {
            at -= 1;
        }
        while count > 0 && usize::from(edges[count - 1]) >= at {
            count -= 1;
        }
        (at, count)
    }

    /// The bits below this one.
    #[inline]
    fn below(bit: u32) -> u64 {
        1u64.checked_shl(bit).map_or(u64::MAX, |bit| bit - 1)
    }

    /// The place and the lower case of the second byte of a character that begins with the last byte of a block before.
    fn second_of(rest: &[u8], at: usize, folds: &Folds) -> Option<(usize, u8)> {
        let lead = *rest.get(at.wrapping_sub(1))?;
        let second = *rest.get(at)?;
        let lead = folds.leads.get(usize::from(lead.checked_sub(0xC0)?))?;
        Some((at, lead.second[usize::from(second & 0x3F)]))
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a store of the length of its array")]
    fn store(out: &mut [u8; 64], vector: __m512i) {
        // SAFETY: the array has the 64 bytes that are stored, at any alignment.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), vector) };
    }

    /// Appends the places of the bits; returns how many.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    #[expect(unsafe_code, reason = "stores of the length of their arrays")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "a place in a stretch fits 15 bits"
    )]
    fn write_edges(bits: u64, at: usize, out: &mut [u16]) -> usize {
        // SAFETY: the constant has the 64 bytes that are loaded.
        let iota = unsafe { std::mem::transmute::<[u8; 64], __m512i>(IOTA) };
        let places = _mm512_maskz_compress_epi8(bits, iota);
        let base = _mm512_set1_epi16(at as i16);
        let count = bits.count_ones() as usize;
        if let Some(out) = out.first_chunk_mut::<32>() {
            let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
            // SAFETY: the array has the 64 bytes that are stored, at any alignment.
            unsafe {
                _mm512_storeu_si512(out.as_mut_ptr().cast(), _mm512_add_epi16(low, base));
            }
        }
        if count > 32
            && let Some(out) = out[32..].first_chunk_mut::<32>()
        {
            let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(places));
            // SAFETY: as above.
            unsafe {
                _mm512_storeu_si512(out.as_mut_ptr().cast(), _mm512_add_epi16(high, base));
            }
        }
        count
    }

    /// 64 bytes of text, and those one place further.
    struct Block {
        bytes: __m512i,
        next: __m512i,
    }

    /// What is in a block.
    struct Found {
        folded: __m512i,
        /// Bytes of words.
        words: u64,
        /// First bytes of characters that end the stretch.
        hard: u64,
        /// Word bits of the block behind.
        carried: u64,
    }

    impl Block {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
        fn classify(&self, rest: &[u8], at: usize, carried: u64, folds: &Folds) -> Found {
            let lower = _mm512_or_si512(self.bytes, lanes(0x20));
            let letters = _mm512_sub_epi8(lower, lanes(0x61));
            let digits = _mm512_sub_epi8(self.bytes, lanes(0x30));
            let ascii = _mm512_cmplt_epu8_mask(letters, lanes(26))
                | _mm512_cmplt_epu8_mask(digits, lanes(10));
            let high = _mm512_movepi8_mask(self.bytes);
            let mut found = Found { folded: lower, words: ascii | carried, hard: 0, carried: 0 };
            if high != 0 {
                self.beyond_ascii(rest, at, high, folds, &mut found);
            }
            found
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
        fn beyond_ascii(
            &self,
            rest: &[u8],
            at: usize,
            high: __mmask64,
            folds: &Folds,
            found: &mut Found,
        ) {
            // ASCII alone is lower-cased by a bit.
            found.folded = _mm512_mask_mov_epi8(found.folded, high, self.bytes);
            let long = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xE0));
            let mut twos = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xC0)) & !long;
            while twos != 0 {
                let lead = rest[at + twos.trailing_zeros() as usize];
                twos &= !self.two(lead, &folds.leads[usize::from(lead & 0x1F)], found);
            }
            if long != 0 {
                self.three(long, found);
            }
        }

        /// The characters that begin with this byte; returns where.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
        fn two(&self, lead: u8, table: &Lead, found: &mut Found) -> __mmask64 {
            let leads = _mm512_cmpeq_epi8_mask(self.bytes, lanes(lead));
            let flags = _mm512_permutexvar_epi8(self.next, load_table(&table.flags));
            let flagged = |flag: u8| _mm512_mask_test_epi8_mask(leads, flags, lanes(flag));
            let words = flagged(WORD);
            found.words |= words | words << 1;
            found.carried |= words >> 63;
            found.hard |= flagged(HARD);
            let folded = _mm512_mask_add_epi8(found.folded, flagged(NEXT), found.folded, lanes(1));
            found.folded = _mm512_mask_permutexvar_epi8(
                folded,
                leads << 1,
                self.bytes,
                load_table(&table.second),
            );
            leads
        }

        /// The characters of three bytes and more: syllables of Hangul, U+AC00 to U+D77F, are letters; U+2000 to U+203F
        /// are none; all others are hard.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn three(&self, long: __mmask64, found: &mut Found) {
            let is = |byte: u8| _mm512_cmpeq_epi8_mask(self.bytes, lanes(byte));
            let hangul = is(0xEB)
                | is(0xEC)
                | is(0xEA) & _mm512_cmpge_epu8_mask(self.next, lanes(0xB0))
                | is(0xED) & _mm512_cmple_epu8_mask(self.next, lanes(0x9D));
            let marks = is(0xE2) & _mm512_cmpeq_epi8_mask(self.next, lanes(0x80));
            found.words |= hangul | hangul << 1 | hangul << 2;
            found.carried |= hangul >> 63 | hangul >> 62;
            found.hard |= long & !(hangul | marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::word_hash::WordHasher;
    use crate::words::{word_hashes, words};

    /// The words are told to strings without stretches, and hashed byte by byte.
    fn slow(text: &str) -> Vec<u64> {
        let hash = |word: &String| {
            let mut hasher = WordHasher::default();
            hasher.push_folded(word.as_bytes());
            hasher.finish()
        };
        words(text).iter().map(hash).collect()
    }

    fn fast(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        word_hashes(text, &mut Stretch::default(), &mut out);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn hashes_are_those_of_the_words_one_by_one(
            pieces in prop::collection::vec(prop_oneof![
                6 => "[a-zA-Z0-9 .,]{0,40}",
                4 => "[а-яА-ЯёЁ -]{0,40}",
                3 => "[à-ÿÀ-Þ×÷ĂăĐđğĞıŞşœŒÿŸ ]{0,20}",
                2 => "[α-ωΑ-ΡΤ-Ω ]{0,20}",
                2 => "[ء-ي\u{64b}-\u{655}א-ת ]{0,30}",
                2 => "[가-힣 ]{0,20}",
                1 => "[‘’“”…–\u{2000}-\u{206f}]{0,5}",
                1 => "[İΣ\u{345}Kẞ𝐀𐐀À̀]{0,3}",
                1 => "[一-龥ぁ-んก-๙]{0,3}",
                1 => "\\PC{0,5}",
            ], 0..30),
            repeat in prop_oneof![9 => 1usize..3, 1 => 20usize..60],
        ) {
            let text = pieces.concat().repeat(repeat);
            prop_assert_eq!(fast(&text), slow(&text));
        }
    }

    #[test]
    fn every_character_is_told_at_every_place_of_a_block() {
        for c in (0..=0xFFFF).step_by(3).chain(0..0x900).filter_map(char::from_u32) {
            let text =
                format!("{}q{c}R {c}{c}", " a".repeat((u32::from(c) % 64) as usize / 2 + 16));
            let text = &text[usize::from(u32::from(c) % 2 == 1)..];
            assert_eq!(fast(text), slow(text), "{text}");
        }
        for (before, c) in (0..70).flat_map(|n| "éЯя中힣œ—½😀ÞİĿ".chars().map(move |c| (n, c)))
        {
            let text = format!("{}{c}z{c}{c} {c}", "b".repeat(before));
            assert_eq!(fast(&text), slow(&text), "{text}");
        }
    }

    #[test]
    fn words_longer_than_a_stretch_and_cut_by_its_end_are_whole() {
        for piece in ["ab", "жЖ", "éa", "힣", "x y", "ё х"] {
            for before in 0..5 {
                let text = format!("{}{}", "-".repeat(before), piece.repeat(3 * LENGTH));
                assert_eq!(fast(&text), slow(&text), "{piece}");
            }
        }
    }

    /// What ends stretches is rare: no letter of the languages that are written with two bytes a letter.
    #[test]
    fn letters_of_two_bytes_seldom_end_a_stretch() {
        let hard: String = (0x80..0x800)
            .filter_map(char::from_u32)
            .filter(|c| {
                FOLDS.leads[(u32::from(*c) >> 6) as usize].flags[(u32::from(*c) & 0x3F) as usize]
                    == HARD
            })
            .collect();
        assert_eq!(hard, "İŸƁƆƉƊƏƐƓƔƖƗƜƝƟƦƩƮƱƲƷǶǷȠȺȽȾɃͿΣϴϽϾϿ");
    }
}
