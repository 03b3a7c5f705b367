//! What a text costs, symbol by symbol, under the n-grams of its characters.

use super::grams::{Grams, HIGHEST, ORDER, Window};
use super::symbols::symbols;
use crate::measurement::ratio;

/// What a symbol costs that the model never saw, in half bits: the highest cost of a slot and a bit.
const UNSEEN: u32 = HIGHEST as u32 + 2;

/// A letter that costs this much by itself is strange, in half bits: one in 16,000 characters.
const STRANGE: u8 = 28;

/// Letters, and runs of those beyond ASCII that the language hardly has: a quotation in
/// another script is one for each word, an encoding that was read wrongly is one for each letter.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Letters {
    all: u64,
    strange: u64,
    /// The last symbol was strange.
    in_run: bool,
}

impl Letters {
    /// Runs of strange letters over letters.
    pub(crate) fn strange_share(&self) -> f64 {
        ratio(self.strange, self.all)
    }
}

/// A letter beyond ASCII of a script of few letters.
fn is_telling(symbol: char) -> bool {
    symbol < '\u{2e80}' && symbol.is_alphabetic()
}

/// N-grams of characters with back-off, in the manner of Katz and of Stupid Backoff (Brants et al. 2007).
///
/// A symbol costs what the longest n-gram that ends with it says, and a penalty for each longer one whose beginning is
/// known but which is not: the mean weight of back-off at that length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Characters {
    pub(crate) grams: Grams,
    /// In half bits; `penalties[n]` for an n-gram of `n + 1` symbols that is missing.
    pub(crate) penalties: [u8; ORDER],
}

/// Where in a text the model is.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    window: Window,
    /// Length of the longest n-gram that ends here.
    known: usize,
}

impl Characters {
    /// Reads a text; calls `take` with the symbols and half bits of each stretch of `window` symbols, and of the rest if it is at
    /// least half of one, or all there is.
    ///
    /// Where `ascii_is_foreign` the symbols of ASCII are read but not counted.
    pub(crate) fn windows(
        &self,
        text: &str,
        window: u32,
        ascii_is_foreign: bool,
        letters: &mut Letters,
        mut take: impl FnMut(u32, u32),
    ) {
        let mut state = State::default();
        state.window.push(' ');
        let (mut count, mut cost, mut whole) = (0, 0, 0_u64);
        for symbol in symbols(text) {
            let own = self.step(&mut state, symbol);
            let mut strange = false;
            letters.all += u64::from(symbol.is_alphabetic());
            if symbol.is_ascii() {
                if ascii_is_foreign {
                    letters.in_run = false;
                    continue;
                }
            } else if is_telling(symbol) {
                strange = self.is_strange(&state);
                letters.strange += u64::from(strange && !letters.in_run);
            }
            letters.in_run = strange;
            cost += own;
            count += 1;
            if count == window {
                take(count, cost);
                (count, cost) = (0, 0);
                whole += 1;
            }
        }
        if count * 2 >= window || (whole == 0 && count > 0) {
            take(count, cost);
        }
    }

    /// Whether the language hardly has the last symbol.
    fn is_strange(&self, state: &State) -> bool {
        state.known < 2 && self.grams.find(state.window.hash(1)).is_none_or(|cost| cost >= STRANGE)
    }

    fn step(&self, state: &mut State, symbol: char) -> u32 {
        state.window.push(symbol);
        let longest = ORDER.min(state.known + 1);
        let mut penalty = 0;
        for n in (1..=longest).rev() {
            if let Some(cost) = self.grams.find(state.window.hash(n)) {
                state.known = n;
                return u32::from(cost) + penalty;
            }
            penalty += u32::from(self.penalties[n - 1]);
        }
        state.known = 0;
        UNSEEN
    }
}
