//! Which bytes of a window of text belong to letters, as bits, found 64 bytes at a time.
//!
//! Only where the processor has AVX-512 with its byte permutations; elsewhere scanners go from character to character.

use std::sync::LazyLock;

use crate::split::class::{CASELESS, Classes, LETTER, LOWER, MARK, NUMBER, UPPER, WHITE, class_of};

/// Bytes of a window.
pub(crate) const WINDOW: usize = 4096;
pub(crate) const WORDS: usize = WINDOW / 64 + 2;

/// `\p{L}`.
pub(crate) const LETTERS: u8 = 1;
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
pub(crate) const LOWERISH: u8 = 2;
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
pub(crate) const UPPERISH: u8 = 4;
/// `\p{N}`.
pub(crate) const NUMBERS: u8 = 8;
/// `\s`.
pub(crate) const WHITES: u8 = 16;
/// Characters of three bytes that begin with the same two are not all alike.
const MIXED: u8 = 0x80;

/// The sets that a class belongs to.
fn sets(class: Classes) -> u8 {
    [
        (LETTERS, LETTER),
        (LOWERISH, LOWER | CASELESS | MARK),
        (UPPERISH, UPPER | CASELESS | MARK),
        (NUMBERS, NUMBER),
        (WHITES, WHITE),
    ]
    .iter()
    .filter(|&&(_, classes)| class & classes != 0)
    .fold(0, |all, (set, _)| all | set)
}

/// The sets of characters by their bytes.
pub(crate) struct Tables {
    supported: bool,
    /// Of characters of two bytes, by the low five bits of the first and the low six bits of the second.
    twos: Box<[[u8; 64]; 32]>,
    /// Of characters of three bytes, by the low four bits of the first and the low six bits of the second.
    threes: Box<[[u8; 64]; 16]>,
    /// Where those that are mixed are in `pages`.
    page: Box<[[u16; 64]; 16]>,
    /// By the low six bits of the third byte.
    pages: Vec<[u8; 64]>,
}

/// The one table of the process.
pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);

impl Tables {
    fn new() -> Self {
        let row = |start: usize| std::array::from_fn(|n| sets(class_of(start + n)));
        let mut tables = Self {
            supported: supported(),
            twos: Box::new(std::array::from_fn(|lead| row(lead << 6))),
            threes: Box::new([[0; 64]; 16]),
            page: Box::new([[0; 64]; 16]),
            pages: Vec::new(),
        };
        for (lead, second) in (0..16).flat_map(|lead| (0..64).map(move |second| (lead, second))) {
            let page: [u8; 64] = row(lead << 12 | second << 6);
            tables.threes[lead][second] = page[0];
            if page.iter().any(|&sets| sets != page[0]) {
                tables.threes[lead][second] = MIXED;
                tables.page[lead][second] = u16::try_from(tables.pages.len()).unwrap_or_default();
                tables.pages.push(page);
            }
        }
        tables
    }
}

/// What single bytes are, of 64.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bytes {
    /// The first bytes of characters of one to four bytes.
    pub(crate) firsts: [u64; 4],
    /// Carriage returns and line feeds.
    pub(crate) lines: u64,
    pub(crate) spaces: u64,
    pub(crate) apostrophes: u64,
}

impl Bytes {
    /// The first bytes of the characters behind which a byte of a set comes, given the set here and in the next 64 bytes.
    #[inline]
    pub(crate) fn before(&self, here: u64, next: u64) -> u64 {
        (1..)
            .zip(self.firsts)
            .fold(0, |all, (width, firsts)| all | firsts & (here >> width | next << (64 - width)))
    }

    /// The places behind characters, and those in the next 64 bytes.
    #[inline]
    pub(crate) fn behind(&self, chars: u64) -> (u64, u64) {
        (1..).zip(self.firsts).fold((0, 0), |(here, next), (width, firsts)| {
            let found = chars & firsts;
            (here | found << width, next | found >> (64 - width))
        })
    }
}

/// The bits of one window.
pub(crate) struct Masks {
    /// Where the window begins in the text.
    from: usize,
    /// Where what is known ends: the end of the text or of the window.
    end: usize,
    /// Ends below this are known: no run that reaches the end of the window is, but at the end of the text.
    sure: usize,
    first: [u64; WORDS],
    second: [u64; WORDS],
    third: [u64; WORDS],
}

impl Masks {
    pub(crate) fn new() -> Self {
        let none = [0; WORDS];
        Self { from: 0, end: 0, sure: 0, first: none, second: none, third: none }
    }

    /// Looks at the text from `from` on, where a character must begin: which bytes are of the sets `A`, and of `B` and
    /// `C` unless that is 0. False where the processor cannot.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[expect(unsafe_code, reason = "calls code for the processor that was detected")]
    pub(crate) fn fill<const A: u8, const B: u8, const C: u8>(
        &mut self,
        text: &[u8],
        from: usize,
    ) -> bool {
        let tables = &*TABLES;
        if tables.supported {
            self.from = from;
            self.end = text.len().min(from + WINDOW);
            self.sure = if self.end == text.len() { usize::MAX } else { self.end };
            // SAFETY: `supported` says that the processor has these instructions.
            unsafe { x86::fill::<A, B, C>(self, text, tables) };
        }
        tables.supported
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn fill<const A: u8, const B: u8, const C: u8>(
        &mut self,
        _: &[u8],
        _: usize,
    ) -> bool {
        false
    }

    /// The bits of the three sets for each 64 bytes of the window, and of one word more.
    pub(crate) fn words(&self) -> [&[u64; WORDS]; 3] {
        [&self.first, &self.second, &self.third]
    }

    /// What the bytes of a word of these bits are. None where the processor could not fill them.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[expect(unsafe_code, reason = "calls code for the processor that was detected")]
    pub(crate) fn bytes(&self, text: &[u8], word: usize) -> Bytes {
        if !TABLES.supported {
            return Bytes::default();
        }
        // SAFETY: `supported` says that the processor has these instructions.
        unsafe { x86::bytes(text, self.from + word * 64) }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn bytes(&self, _: &[u8], _: usize) -> Bytes {
        Bytes::default()
    }

    /// Adds what lies behind the end of what is known to the third sets, 64 bytes at least.
    pub(crate) fn end_with_third(&mut self) {
        let len = self.end - self.from;
        self.third[len / 64] |= u64::MAX << (len % 64);
        self.third[len / 64 + 1] = u64::MAX;
    }

    /// Where the window begins.
    pub(crate) fn from(&self) -> usize {
        self.from
    }

    /// Where what is known ends.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// The end of a run, unless it may go on behind what is known.
    #[inline]
    pub(crate) fn sure(&self, end: usize) -> Option<usize> {
        (end < self.sure).then_some(end)
    }

    /// The bits of the first sets for 64 bytes from a place in the window on.
    #[inline]
    pub(crate) fn first(&self, at: usize) -> u64 {
        bits(&self.first, at - self.from)
    }

    /// Where the run of the first sets ends that begins at a place; there if none begins.
    #[inline]
    pub(crate) fn first_run(&self, at: usize) -> usize {
        run(&self.first, at - self.from) + self.from
    }

    /// Where the run of the second sets ends.
    #[inline]
    pub(crate) fn second_run(&self, at: usize) -> usize {
        run(&self.second, at - self.from) + self.from
    }
}

#[inline]
fn bits(words: &[u64; WORDS], at: usize) -> u64 {
    let (word, shift) = (at / 64, at % 64);
    let low = words.get(word).copied().unwrap_or(0);
    let high = words.get(word + 1).copied().unwrap_or(0);
    low >> shift | high << 1 << (63 - shift)
}

#[inline]
fn run(words: &[u64; WORDS], mut at: usize) -> usize {
    loop {
        let ones = (!bits(words, at)).trailing_zeros();
        at += ones as usize;
        if ones < 64 {
            return at;
        }
    }
}

/// The processor permutes bytes of 64 lanes (Ice Lake and later, Zen 4 and later).
#[cfg(target_arch = "x86_64")]
fn supported() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("bmi2")
}

#[cfg(not(target_arch = "x86_64"))]
fn supported() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _bzhi_u64, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask, _mm512_cmplt_epu8_mask,
        _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_movepi8_mask, _mm512_permutexvar_epi8,
        _mm512_set1_epi8, _mm512_sub_epi8, _mm512_test_epi8_mask,
    };

    use super::{Bytes, LETTERS, LOWERISH, MIXED, Masks, NUMBERS, Tables, UPPERISH, WHITES, sets};
    use crate::split::class::class_of;

    /// Found sets of bytes, and what of them reaches into the next block.
    #[derive(Clone, Copy, Default)]
    struct Found {
        bits: [u64; 3],
        carried: [u64; 3],
    }

    impl Found {
        /// Adds characters of `width` bytes that begin at these bits.
        #[inline]
        fn add(&mut self, which: usize, starts: u64, width: u32) {
            self.bits[which] |= starts;
            for step in 1..width {
                self.bits[which] |= starts << step;
                self.carried[which] |= starts >> (64 - step);
            }
        }

        /// Adds characters by the sets that each may be in.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn add_flagged<const A: u8, const B: u8, const C: u8>(
            &mut self,
            starts: u64,
            flags: __m512i,
            width: u32,
        ) {
            self.add(0, starts & _mm512_test_epi8_mask(flags, lanes(A)), width);
            if B != 0 {
                self.add(1, starts & _mm512_test_epi8_mask(flags, lanes(B)), width);
            }
            if C != 0 {
                self.add(2, starts & _mm512_test_epi8_mask(flags, lanes(C)), width);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
    pub(super) fn fill<const A: u8, const B: u8, const C: u8>(
        masks: &mut Masks,
        text: &[u8],
        tables: &Tables,
    ) {
        let window = &text[masks.from..masks.end];
        let mut carried = [0; 3];
        let mut word = 0;
        while word * 64 < window.len() {
            let at = masks.from + word * 64;
            let block = Block { bytes: load(text, at), text, at };
            let mut found = Found { bits: carried, carried: [0; 3] };
            found.bits[0] |= block.ascii(A);
            if B != 0 {
                found.bits[1] |= block.ascii(B);
            }
            if C != 0 {
                found.bits[2] |= block.ascii(C);
            }
            if _mm512_movepi8_mask(block.bytes) != 0 {
                block.beyond_ascii::<A, B, C>(tables, &mut found);
            }
            (masks.first[word], masks.second[word]) = (found.bits[0], found.bits[1]);
            masks.third[word] = found.bits[2];
            carried = found.carried;
            word += 1;
        }
        (masks.first[word], masks.second[word], masks.third[word]) = (0, 0, 0);
    }

    /// What 64 bytes from `at` on are.
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(super) fn bytes(text: &[u8], at: usize) -> Bytes {
        let bytes = load(text, at);
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, lanes(byte));
        let from = |byte: u8| _mm512_cmpge_epu8_mask(bytes, lanes(byte));
        let (twos, threes, fours) = (from(0xC0), from(0xE0), from(0xF0));
        Bytes {
            firsts: [!_mm512_movepi8_mask(bytes), twos & !threes, threes & !fours, fours],
            lines: is(b'\n') | is(b'\r'),
            spaces: is(b' '),
            apostrophes: is(b'\''),
        }
    }

    struct Block<'t> {
        bytes: __m512i,
        text: &'t [u8],
        at: usize,
    }

    impl Block<'_> {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn ascii(&self, set: u8) -> u64 {
            let between = |first: u8, count: u8| {
                _mm512_cmplt_epu8_mask(_mm512_sub_epi8(self.bytes, lanes(first)), lanes(count))
            };
            let lower = if set & (LETTERS | LOWERISH) == 0 { 0 } else { between(b'a', 26) };
            let upper = if set & (LETTERS | UPPERISH) == 0 { 0 } else { between(b'A', 26) };
            let digit = if set & NUMBERS == 0 { 0 } else { between(b'0', 10) };
            let white = if set & WHITES == 0 { 0 } else { between(b'\t', 5) | self.equal(b' ') };
            lower | upper | digit | white
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
        fn beyond_ascii<const A: u8, const B: u8, const C: u8>(
            &self,
            tables: &Tables,
            found: &mut Found,
        ) {
            let next = load(self.text, self.at + 1);
            let long = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xE0));
            let mut twos = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xC0)) & !long;
            while twos != 0 {
                let lead = self.text[self.at + twos.trailing_zeros() as usize];
                let starts = self.equal(lead);
                let table = load_table(&tables.twos[usize::from(lead & 0x1F)]);
                found.add_flagged::<A, B, C>(starts, _mm512_permutexvar_epi8(next, table), 2);
                twos &= !starts;
            }
            if long != 0 {
                self.long::<A, B, C>(long, next, tables, found);
            }
        }

        /// The characters of found and four bytes.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
        fn long<const A: u8, const B: u8, const C: u8>(
            &self,
            long: u64,
            next: __m512i,
            tables: &Tables,
            found: &mut Found,
        ) {
            let mut fours = _mm512_cmpge_epu8_mask(self.bytes, lanes(0xF0));
            let (mut threes, mut mixed) = (long & !fours, 0);
            while threes != 0 {
                let lead = self.text[self.at + threes.trailing_zeros() as usize];
                let starts = self.equal(lead);
                let table = load_table(&tables.threes[usize::from(lead & 0x0F)]);
                let flags = _mm512_permutexvar_epi8(next, table);
                found.add_flagged::<A, B, C>(starts, flags, 3);
                mixed |= starts & _mm512_test_epi8_mask(flags, lanes(MIXED));
                threes &= !starts;
            }
            if mixed != 0 {
                self.mixed::<A, B, C>(mixed, next, tables, found);
            }
            while fours != 0 {
                let place = fours.trailing_zeros();
                let sets = sets(class_of(code_of_four(self.text, self.at + place as usize)));
                for (which, set) in [A, B, C].into_iter().enumerate() {
                    found.add(which, u64::from(sets & set != 0) << place, 4);
                }
                fours &= fours - 1;
            }
        }

        /// The characters of found bytes that the first two do not tell.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi2")]
        fn mixed<const A: u8, const B: u8, const C: u8>(
            &self,
            mut mixed: u64,
            next: __m512i,
            tables: &Tables,
            found: &mut Found,
        ) {
            let third = load(self.text, self.at + 2);
            while mixed != 0 {
                let place = self.at + mixed.trailing_zeros() as usize;
                let lead = self.text[place];
                let second = self.text.get(place + 1).copied().unwrap_or_default();
                let starts = self.equal(lead) & _mm512_cmpeq_epi8_mask(next, lanes(second));
                let page = tables.page[usize::from(lead & 0x0F)][usize::from(second & 0x3F)];
                let table = load_table(&tables.pages[usize::from(page)]);
                found.add_flagged::<A, B, C>(starts, _mm512_permutexvar_epi8(third, table), 3);
                mixed &= !starts;
            }
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw")]
        fn equal(&self, byte: u8) -> u64 {
            _mm512_cmpeq_epi8_mask(self.bytes, lanes(byte))
        }
    }

    fn code_of_four(text: &[u8], at: usize) -> usize {
        let bits = |n: usize| usize::from(text.get(at + n).copied().unwrap_or_default() & 0x3F);
        (bits(0) & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3)
    }

    /// 64 bytes from `at` on; zeros behind the end.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    #[expect(unsafe_code, reason = "a load of no more bytes than there are")]
    fn load(bytes: &[u8], at: usize) -> __m512i {
        let left = bytes.len().saturating_sub(at).min(64);
        let mask = _bzhi_u64(u64::MAX, u32::try_from(left).unwrap_or(64));
        let start = bytes.as_ptr().cast::<i8>().wrapping_add(at);
        // SAFETY: the mask selects bytes of the slice only, and others are not touched.
        unsafe { _mm512_maskz_loadu_epi8(mask, start) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a load of the length of its array")]
    fn load_table(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    /// This byte in all lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn lanes(byte: u8) -> __m512i {
        _mm512_set1_epi8(byte.cast_signed())
    }
}
