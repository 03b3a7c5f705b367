//! Makes a model of text: counts, discounts, and keeps the n-grams that say most.

use std::collections::BTreeMap;

use super::characters::Characters;
use super::grams::{Grams, HIGHEST, ORDER, Window};
use super::symbols::symbols;

/// Symbols that are told apart; rarer ones are one symbol in training, and unseen afterwards.
const ALPHABET: usize = 4095;
/// Bits of a symbol in a key.
const BITS: u32 = 12;
/// Longer n-grams than bigrams must occur this often.
const SEEN: u32 = 2;

/// N-grams of one length: key (symbols, the last one lowest) and count, by key.
type Counted = Vec<(u64, u32)>;

/// The characters of `texts` in a table of `2^log_buckets` buckets.
pub(crate) fn characters(texts: &[String], log_buckets: u32) -> Characters {
    let alphabet = Alphabet::of(texts);
    let sequence: Vec<Vec<u16>> = texts.iter().map(|text| alphabet.encode(text)).collect();
    let mut orders: Vec<Order> = Vec::with_capacity(ORDER);
    for n in 1..=ORDER {
        let counted = count(&sequence, n);
        let order = Order::new(counted, n, orders.last());
        orders.push(order);
    }
    let penalties = std::array::from_fn(|n| half_bits(orders[n].penalty));
    let chosen = choose(&orders, penalties, (8 << log_buckets) * 7 / 8);
    let n_grams = chosen.into_iter().map(|(n, place)| {
        let (key, _) = orders[n - 1].counted[place];
        (alphabet.hash(key, n), half_bits(orders[n - 1].costs[place]))
    });
    Characters { grams: Grams::build(log_buckets, n_grams), penalties }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the type")]
fn half_bits(bits: f32) -> u8 {
    (bits * 2.0).round().clamp(0.0, f32::from(HIGHEST)) as u8
}

/// The frequent symbols; number 0 stands for all others.
struct Alphabet {
    symbols: Vec<char>,
    numbers: BTreeMap<char, u16>,
}

impl Alphabet {
    fn of(texts: &[String]) -> Self {
        let mut counts: BTreeMap<char, u64> = BTreeMap::new();
        for symbol in texts.iter().flat_map(|text| symbols(text)) {
            *counts.entry(symbol).or_default() += 1;
        }
        let mut ranked: Vec<(char, u64)> = counts.into_iter().filter(|&(_, n)| n > 3).collect();
        ranked.sort_by_key(|&(symbol, n)| (std::cmp::Reverse(n), symbol));
        let symbols: Vec<char> = ranked.iter().take(ALPHABET).map(|&(symbol, _)| symbol).collect();
        let numbers = (1..).zip(&symbols).map(|(number, &symbol)| (symbol, number)).collect();
        Self { symbols, numbers }
    }

    fn encode(&self, text: &str) -> Vec<u16> {
        let space = self.number(' ');
        std::iter::once(space).chain(symbols(text).map(|symbol| self.number(symbol))).collect()
    }

    fn number(&self, symbol: char) -> u16 {
        self.numbers.get(&symbol).copied().unwrap_or(0)
    }

    /// The hash of an n-gram as the table asks for it.
    fn hash(&self, key: u64, n: usize) -> u64 {
        let mut window = Window::default();
        for place in (0..n).rev() {
            let number = usize::try_from(key >> (BITS * u32::try_from(place).unwrap_or(0)) & 0xfff);
            window.push(self.symbols[number.unwrap_or(1) - 1]);
        }
        window.hash(n)
    }
}

/// The n-grams without rare symbols.
fn count(sequences: &[Vec<u16>], n: usize) -> Counted {
    let mut keys: Vec<u64> = Vec::new();
    for window in sequences.iter().flat_map(|sequence| sequence.windows(n)) {
        if !window.contains(&0) {
            keys.push(window.iter().fold(0, |key, &symbol| key << BITS | u64::from(symbol)));
        }
    }
    keys.sort_unstable();
    let mut counted = Counted::new();
    for same in keys.chunk_by(|a, b| a == b) {
        counted.push((same[0], u32::try_from(same.len()).unwrap_or(u32::MAX)));
    }
    counted
}

/// The n-grams of one length with what they cost.
struct Order {
    counted: Counted,
    /// Bits of each.
    costs: Vec<f32>,
    /// Mean bits of backing off from this length, over the n-grams seen once.
    penalty: f32,
}

impl Order {
    /// Absolute discounting, interpolated with the shorter n-grams (Ney, Essen and Kneser 1994).
    #[expect(clippy::cast_precision_loss, reason = "counts of n-grams")]
    #[expect(clippy::cast_possible_truncation, reason = "costs are stored in half bits")]
    fn new(counted: Counted, n: usize, shorter: Option<&Self>) -> Self {
        let once = counted.iter().filter(|(_, count)| *count == 1).count() as f64;
        let twice = counted.iter().filter(|(_, count)| *count == 2).count() as f64;
        let discount = if once + twice > 0.0 { once / (once + 2.0 * twice) } else { 0.5 };
        let discount = discount.clamp(0.1, 0.95);
        let (mut costs, mut bits, mut events) = (Vec::with_capacity(counted.len()), 0.0, 0.0);
        for same in counted.chunk_by(|a, b| a.0 >> BITS == b.0 >> BITS) {
            let total: f64 = same.iter().map(|&(_, count)| f64::from(count)).sum();
            let backoff = discount * same.len() as f64 / total;
            let single = same.iter().filter(|(_, count)| *count == 1).count() as f64;
            bits -= single * backoff.log2();
            events += single;
            for &(key, count) in same {
                let below = shorter
                    .map_or(1.0 / ALPHABET as f64, |shorter| shorter.probability(key, n - 1));
                let own = (f64::from(count) - discount).max(0.0) / total + backoff * below;
                costs.push(-own.log2() as f32);
            }
        }
        let penalty = if events > 0.0 { (bits / events) as f32 } else { 0.0 };
        Self { counted, costs, penalty }
    }

    /// The cost of the last `n` symbols of `key`.
    fn cost(&self, key: u64, n: usize) -> Option<f32> {
        let key = key & ((1 << (BITS * u32::try_from(n).unwrap_or(0))) - 1);
        let place = self.counted.binary_search_by_key(&key, |entry| entry.0).ok()?;
        Some(self.costs[place])
    }

    fn probability(&self, key: u64, n: usize) -> f64 {
        self.cost(key, n).map_or(1e-6, |bits| (-f64::from(bits)).exp2())
    }

    fn place(&self, key: u64) -> Option<usize> {
        self.counted.binary_search_by_key(&key, |entry| entry.0).ok()
    }
}

/// The `most` n-grams that change most: count times difference to what the shorter one would cost (Seymore and Rosenfeld
/// 1996), each after its own beginning. (length, place).
#[expect(clippy::cast_precision_loss, reason = "counts of n-grams")]
fn choose(orders: &[Order], penalties: [u8; ORDER], most: usize) -> Vec<(usize, usize)> {
    let mut ranked: Vec<(f32, usize, usize)> = Vec::new();
    for (n, order) in (1_usize..).zip(orders) {
        for (place, (&(key, count), &bits)) in order.counted.iter().zip(&order.costs).enumerate() {
            if n > 2 && count < SEEN {
                continue;
            }
            let other = n.checked_sub(2).and_then(|below| orders[below].cost(key, n - 1));
            let gain = other.map_or(f32::INFINITY, |other| {
                count as f32 * (other + f32::from(penalties[n - 1]) / 2.0 - bits).abs()
            });
            ranked.push((gain, n, place));
        }
    }
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut taken: Vec<Vec<bool>> =
        orders.iter().map(|order| vec![false; order.counted.len()]).collect();
    let mut chosen = Vec::with_capacity(most);
    for (_, n, place) in ranked {
        if chosen.len() >= most {
            break;
        }
        let key = orders[n - 1].counted[place].0;
        for shorter in 1..=n {
            let beginning = key >> (BITS * u32::try_from(n - shorter).unwrap_or(0));
            if let Some(place) = orders[shorter - 1].place(beginning)
                && !taken[shorter - 1][place]
            {
                taken[shorter - 1][place] = true;
                chosen.push((shorter, place));
            }
        }
    }
    chosen
}
