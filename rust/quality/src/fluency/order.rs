//! Whether words stand in an order: which classes of words follow each other, beside what the same words would do shuffled.
//!
//! A word's class is the word itself if it is frequent, else its ending; so a few classes serve words never seen. Each
//! pair of classes has a weight, the logarithm of how much more often than by chance it occurs. The mean weight of
//! neighbours is compared with that of words of the same text that stand some way apart: whatever the text speaks of, in
//! a shuffled one the two are alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Classes of words, at most.
pub(crate) const CLASSES: usize = 254;
/// Kinds of ends of a word (see [`end_of`]) and of beginnings (see [`Begin`]).
pub(crate) const KINDS: usize = 6;
/// Beginnings of words that are told apart: 0 stands for all others.
pub(crate) const STARTS: usize = 64;
/// Weights are stored in this many steps for a unit of the natural logarithm.
const STEPS: f64 = 24.0;
/// Words that stand this far apart are as good as strangers.
const FAR: std::ops::Range<usize> = 3..11;
/// A text of fewer words has no order to speak of.
const FEWEST: usize = 10;

/// Classes for what is no word.
const NUMBER: u8 = 0;
const SIGNS: u8 = 1;
const OTHER: u8 = 2;
/// The first class that has a name.
const NAMED: u8 = 3;

/// A word as its neighbours see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Class of the word.
    class: u8,
    /// Number of its first two letters.
    start: u8,
    /// How it ends: 0 in a letter or digit, else the kind of sign.
    end: u8,
    /// How it begins: small, with a capital, all capitals, digit, opening sign, other.
    begin: u8,
}

/// Names of classes and weights of pairs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    /// Frequent words, each after a `=`, and endings; class `NAMED + n`.
    names: Vec<String>,
    classes: BTreeMap<String, u8>,
    /// Frequent beginnings; number `n + 1`.
    starts: Vec<String>,
    beginnings: BTreeMap<String, u8>,
    /// Weights of (left, right) neighbours: `left * CLASSES + right`.
    near: Vec<i8>,
    /// Weights of words with one between them.
    next: Vec<i8>,
    /// Weights of (end of the left, beginning of the right).
    joints: Vec<i8>,
    /// Weights of (beginning of the left, beginning of the right).
    heads: Vec<i8>,
    /// What the four weights count for.
    shares: [i32; 4],
}

/// Bytes of the four tables.
pub(crate) const TABLES: usize = 2 * CLASSES * CLASSES + KINDS * KINDS + STARTS * STARTS;

/// What an order is made of, beside its tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    /// Frequent words, each after a `=`, and endings.
    pub(crate) classes: Vec<String>,
    /// Frequent beginnings.
    pub(crate) starts: Vec<String>,
    /// What the tables count for.
    pub(crate) shares: [i32; 4],
}

impl Order {
    /// An order of these names and tables; `None` if they do not fit.
    pub(crate) fn new(names: Names, tables: &[u8]) -> Option<Self> {
        let most = CLASSES - usize::from(NAMED);
        if names.classes.len() > most || names.starts.len() >= STARTS || tables.len() != TABLES {
            return None;
        }
        let numbered = |first: u8, names: &[String]| {
            (first..).zip(names).map(|(number, name)| (name.clone(), number)).collect()
        };
        let weights: Vec<i8> = tables.iter().map(|byte| byte.cast_signed()).collect();
        let (near, rest) = weights.split_at(CLASSES * CLASSES);
        let (next, rest) = rest.split_at(CLASSES * CLASSES);
        let (joints, heads) = rest.split_at(KINDS * KINDS);
        Some(Self {
            classes: numbered(NAMED, &names.classes),
            beginnings: numbered(1, &names.starts),
            names: names.classes,
            starts: names.starts,
            near: near.to_vec(),
            next: next.to_vec(),
            joints: joints.to_vec(),
            heads: heads.to_vec(),
            shares: names.shares,
        })
    }

    pub(crate) fn names(&self) -> Names {
        Names { classes: self.names.clone(), starts: self.starts.clone(), shares: self.shares }
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = u8> {
        let tables = [&self.near, &self.next, &self.joints, &self.heads];
        tables.into_iter().flatten().map(|weight| weight.cast_unsigned())
    }

    /// Adds the words of `text` to `out`.
    pub(crate) fn tokens(&self, text: &str, word: &mut String, out: &mut Vec<Token>) {
        out.extend(text.split_whitespace().map(|chunk| self.token(chunk, word)));
    }

    fn token(&self, chunk: &str, word: &mut String) -> Token {
        let inner = chunk.trim_matches(|c: char| !c.is_alphanumeric());
        let end = chunk.chars().next_back().map_or(0, end_of);
        let begin = begin_of(chunk, inner);
        word.clear();
        word.push('=');
        word.extend(inner.chars().flat_map(char::to_lowercase));
        let start = self.start(&word[1..]);
        Token { class: self.class(word), start, end, begin }
    }

    /// The class of `=word`.
    fn class(&self, word: &str) -> u8 {
        let bare = &word[1..];
        if bare.is_empty() {
            return SIGNS;
        }
        if bare.chars().any(char::is_numeric) {
            return NUMBER;
        }
        let endings = bare.char_indices().rev().take(3).map(|(at, _)| &bare[at..]);
        let longest = endings.filter_map(|ending| self.classes.get(ending)).last();
        self.classes.get(word).or(longest).copied().unwrap_or(OTHER)
    }

    /// The number of the first two letters.
    fn start(&self, word: &str) -> u8 {
        let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
        self.beginnings.get(&word[..end]).copied().unwrap_or(0)
    }

    fn weights(&self, left: Token, middle: Token, right: Token) -> [i32; 4] {
        let pair = |a: Token, b: Token| usize::from(a.class) * CLASSES + usize::from(b.class);
        let joint = usize::from(left.end) * KINDS + usize::from(middle.begin);
        let head = usize::from(left.start) * STARTS + usize::from(middle.start);
        [
            i32::from(self.near[pair(left, middle)]),
            i32::from(self.next[pair(left, right)]),
            i32::from(self.joints[joint]),
            i32::from(self.heads[head]),
        ]
    }

    fn weight(&self, left: Token, middle: Token, right: Token) -> i32 {
        let weights = self.weights(left, middle, right);
        weights.iter().zip(self.shares).map(|(weight, share)| weight * share).sum()
    }

    /// How many standard deviations the neighbours' mean weight is above that of strangers; `None` for a short text.
    ///
    /// About 0 in a shuffled text, whatever its words.
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand words, of small weights")]
    pub(crate) fn score(&self, tokens: &[Token]) -> Option<f64> {
        let n = tokens.len();
        if n < FEWEST {
            return None;
        }
        let at = |i: usize| tokens[i % n];
        let near: i64 =
            (0..n - 2).map(|i| i64::from(self.weight(at(i), at(i + 1), at(i + 2)))).sum();
        let (mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_i64);
        for i in 0..n {
            // Far apart in a ring of the words, so that short texts have strangers too.
            for far in FAR.filter(|far| far + 2 < n) {
                let weight = i64::from(self.weight(at(i), at(i + far), at(i + far + 1)));
                (sum, squares, count) = (sum + weight, squares + weight * weight, count + 1);
            }
        }
        let (near, mean) = (near as f64 / (n - 2) as f64, sum as f64 / count as f64);
        let variance = (squares as f64 / count as f64 - mean * mean).max(1.0);
        Some((near - mean) / variance.sqrt())
    }
}

/// The kind of a word's last character.
fn end_of(c: char) -> u8 {
    match c {
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔' => 1,
        ',' | ';' | ':' | '،' | '؛' | '、' => 2,
        _ if c.is_alphanumeric() => 0,
        '-' | '–' | '—' => 3,
        ')' | ']' | '»' | '”' | '’' | '"' | '\'' | '」' | '』' => 4,
        // Marks of vowels and the like are part of the word.
        _ if c as u32 >= 0x300 && !is_sign(c) => 0,
        _ => 5,
    }
}

/// General punctuation, arrows, symbols and forms.
fn is_sign(c: char) -> bool {
    matches!(c as u32, 0x2000..=0x2bff | 0x3000..=0x303f | 0xfe30..=0xffff)
}

/// The kind of a word's beginning.
fn begin_of(chunk: &str, inner: &str) -> u8 {
    let Some(first) = inner.chars().next() else { return 5 };
    if !chunk.starts_with(inner) {
        return 4;
    }
    if first.is_numeric() {
        return 3;
    }
    if !first.is_uppercase() {
        return 0;
    }
    if inner.chars().nth(1).is_some_and(char::is_uppercase) { 2 } else { 1 }
}

/// Counts for training.
pub(crate) mod training {
    use super::{CLASSES, FAR, KINDS, NAMED, Names, Order, STARTS, STEPS, TABLES, Token};
    use std::collections::BTreeMap;

    /// Frequent words that get a class of their own.
    const WORDS: usize = 127;
    /// Pairs are pulled towards chance as if seen this often.
    const DOUBT: f64 = 3.0;

    /// The names of the classes of these texts.
    fn names(texts: &[String]) -> Names {
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        for chunk in texts.iter().flat_map(|text| text.split_whitespace()) {
            let inner = chunk.trim_matches(|c: char| !c.is_alphanumeric());
            if !inner.is_empty() && !inner.chars().any(char::is_numeric) {
                *words.entry(inner.to_lowercase()).or_default() += 1;
            }
        }
        let mut ranked: Vec<(&String, u64)> = words.iter().map(|(word, &n)| (word, n)).collect();
        ranked.sort_by_key(|&(word, n)| (std::cmp::Reverse(n), word));
        let mut names: Vec<String> =
            ranked.iter().take(WORDS).map(|(word, _)| format!("={word}")).collect();
        let mut endings: BTreeMap<&str, u64> = BTreeMap::new();
        for &(word, n) in ranked.iter().skip(WORDS) {
            for (length, (at, _)) in word.char_indices().rev().take(3).enumerate() {
                // A longer ending says more: it is chosen before a shorter one that is up to thrice as frequent.
                *endings.entry(&word[at..]).or_default() += n * [1, 2, 3][length];
            }
        }
        let mut endings: Vec<(&str, u64)> = endings.into_iter().collect();
        endings.sort_by_key(|&(ending, n)| (std::cmp::Reverse(n), ending));
        let rest = CLASSES - usize::from(NAMED) - names.len();
        names.extend(endings.iter().take(rest).map(|(ending, _)| (*ending).to_owned()));
        Names { classes: names, starts: starts(&ranked), shares: [1; 4] }
    }

    /// The most frequent beginnings of two letters.
    fn starts(words: &[(&String, u64)]) -> Vec<String> {
        let mut starts: BTreeMap<&str, u64> = BTreeMap::new();
        for &(word, n) in words {
            let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
            *starts.entry(&word[..end]).or_default() += n;
        }
        let mut starts: Vec<(&str, u64)> = starts.into_iter().collect();
        starts.sort_by_key(|&(start, n)| (std::cmp::Reverse(n), start));
        starts.iter().take(STARTS - 1).map(|(start, _)| (*start).to_owned()).collect()
    }

    /// An order of these texts: seven blocks of eight are counted, the eighth says what each table is worth.
    pub(crate) fn order(texts: &[String]) -> Option<Order> {
        let names = names(texts);
        let blank = Order::new(names.clone(), &vec![0; TABLES])?;
        let blocks: Vec<Vec<Token>> = texts
            .iter()
            .flat_map(|text| text.split("\n\n"))
            .map(|block| {
                let (mut word, mut tokens) = (String::new(), Vec::new());
                blank.tokens(block, &mut word, &mut tokens);
                tokens
            })
            .collect();
        let mut counts = Counts::default();
        for (_, block) in blocks.iter().enumerate().filter(|(n, _)| n % 8 != 0) {
            counts.add(block);
        }
        let order = Order::new(names.clone(), &counts.tables())?;
        let shares = shares(&order, blocks.iter().step_by(8));
        Order::new(Names { shares, ..names }, &counts.tables())
    }

    /// Difference of the means of neighbours and strangers over the strangers' variance, for each table by itself
    /// (Fisher's discriminant of independent features), the greatest as 32.
    #[expect(clippy::cast_precision_loss, reason = "sums of small weights")]
    #[expect(clippy::cast_possible_truncation, reason = "at most 32")]
    fn shares<'b>(order: &Order, blocks: impl Iterator<Item = &'b Vec<Token>>) -> [i32; 4] {
        let (mut near, mut far, mut squares) = ([0_i64; 4], [0_i64; 4], [0_i64; 4]);
        let mut count = 0_i64;
        for tokens in blocks {
            for i in 0..tokens.len().saturating_sub(FAR.end + 1) {
                count += 1;
                let strangers = i + FAR.start + i % FAR.len();
                let here = order.weights(tokens[i], tokens[i + 1], tokens[i + 2]);
                let there = order.weights(tokens[i], tokens[strangers], tokens[strangers + 1]);
                for table in 0..4 {
                    near[table] += i64::from(here[table]);
                    far[table] += i64::from(there[table]);
                    squares[table] += i64::from(there[table]).pow(2);
                }
            }
        }
        let n = count.max(1) as f64;
        let worth: [f64; 4] = std::array::from_fn(|table| {
            let mean = far[table] as f64 / n;
            let variance = (squares[table] as f64 / n - mean * mean).max(1.0);
            ((near[table] as f64 / n - mean) / variance).max(0.0)
        });
        let greatest = worth.into_iter().fold(f64::MIN_POSITIVE, f64::max);
        worth.map(|worth| (worth / greatest * 32.0).round() as i32)
    }

    struct Counts {
        near: Vec<u64>,
        next: Vec<u64>,
        joints: Vec<u64>,
        heads: Vec<u64>,
    }

    impl Default for Counts {
        fn default() -> Self {
            let pairs = vec![0; CLASSES * CLASSES];
            let (joints, heads) = (vec![0; KINDS * KINDS], vec![0; STARTS * STARTS]);
            Self { near: pairs.clone(), next: pairs, joints, heads }
        }
    }

    impl Counts {
        fn add(&mut self, tokens: &[Token]) {
            for pair in tokens.windows(2) {
                self.near[usize::from(pair[0].class) * CLASSES + usize::from(pair[1].class)] += 1;
                self.joints[usize::from(pair[0].end) * KINDS + usize::from(pair[1].begin)] += 1;
                self.heads[usize::from(pair[0].start) * STARTS + usize::from(pair[1].start)] += 1;
            }
            for pair in tokens.windows(3) {
                self.next[usize::from(pair[0].class) * CLASSES + usize::from(pair[2].class)] += 1;
            }
        }

        fn tables(&self) -> Vec<u8> {
            let mut out = Vec::with_capacity(TABLES);
            weights(&self.near, CLASSES, &mut out);
            weights(&self.next, CLASSES, &mut out);
            weights(&self.joints, KINDS, &mut out);
            weights(&self.heads, STARTS, &mut out);
            out
        }
    }

    /// Logarithms of how much more often than by chance the pairs occur, pulled towards 0 where there are few.
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^53")]
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the type")]
    fn weights(counts: &[u64], width: usize, out: &mut Vec<u8>) {
        let total = counts.iter().sum::<u64>().max(1) as f64;
        let rows: Vec<u64> = counts.chunks(width).map(|row| row.iter().sum()).collect();
        let columns: Vec<u64> =
            (0..width).map(|column| counts.iter().skip(column).step_by(width).sum()).collect();
        for (place, &count) in counts.iter().enumerate() {
            let chance = rows[place / width] as f64 * columns[place % width] as f64 / total;
            let weight = ((count as f64 + DOUBT) / (chance + DOUBT)).ln() * STEPS;
            out.push((weight.round().clamp(-127.0, 127.0) as i8).cast_unsigned());
        }
    }
}
