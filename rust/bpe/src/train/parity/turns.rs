//! Whose turn it is: the language that pays the most tokens for its content, unless it had too many turns of late.

use std::cmp::Ordering;
use std::collections::VecDeque;

/// How many of the last turns a language may have (arXiv 2508.04796, "moving window").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The turns looked back on.
    pub turns: u32,
    /// A language that had more than this many times its equal share of them is passed over.
    pub alpha: f64,
}

impl Default for Window {
    /// The values of the paper's program.
    fn default() -> Self {
        Self { turns: 100, alpha: 2.0 }
    }
}

/// Languages by number, with the turns they had.
pub(super) struct Turns {
    /// The content that the tokens of each are held against; none takes no turns.
    contents: Vec<Option<u64>>,
    window: Option<Window>,
    recent: VecDeque<usize>,
    in_window: Vec<u32>,
    had: Vec<u64>,
}

impl Turns {
    pub(super) fn new(contents: Vec<Option<u64>>, window: Option<Window>) -> Self {
        let languages = contents.len();
        let (recent, in_window) = (VecDeque::new(), vec![0; languages]);
        Self { contents, window, recent, in_window, had: vec![0; languages] }
    }

    /// The content of a language that takes turns.
    pub(super) fn content(&self, language: usize) -> Option<u64> {
        self.contents[language]
    }

    /// Turns that a language had.
    pub(super) fn had(&self, language: usize) -> u64 {
        self.had[language]
    }

    /// All languages that take turns, in the order in which they would: those that had too many of late come last. Of
    /// equals the first by number is first.
    pub(super) fn order(&self, tokens: impl Fn(usize) -> u64) -> Vec<usize> {
        let mut order: Vec<(bool, u64, u64, usize)> = (0..)
            .zip(&self.contents)
            .filter_map(|(n, &content)| Some((self.too_many(n), tokens(n), content?, n)))
            .collect();
        order.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| dearer((a.1, a.2), (b.1, b.2))).then(a.3.cmp(&b.3))
        });
        order.into_iter().map(|(.., language)| language).collect()
    }

    /// Notes whose turn it was.
    pub(super) fn take(&mut self, language: usize) {
        self.had[language] += 1;
        let Some(window) = self.window else { return };
        self.recent.push_back(language);
        self.in_window[language] += 1;
        if self.recent.len() > window.turns as usize
            && let Some(first) = self.recent.pop_front()
        {
            self.in_window[first] -= 1;
        }
    }

    fn too_many(&self, language: usize) -> bool {
        self.window.is_some_and(|window| {
            let languages = self.contents.iter().flatten().fold(0.0, |sum, _| sum + 1.0);
            let share = window.alpha * f64::from(window.turns) / languages;
            f64::from(self.in_window[language]) > share
        })
    }
}

/// More tokens per content first: a comparison of fractions without rounding.
fn dearer(a: (u64, u64), b: (u64, u64)) -> Ordering {
    let cross = |tokens: u64, content: u64| u128::from(tokens) * u128::from(content);
    cross(b.0, a.1).cmp(&cross(a.0, b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(contents: &[u64], window: Option<Window>) -> Turns {
        Turns::new(contents.iter().map(|&content| Some(content)).collect(), window)
    }

    #[test]
    fn the_dearest_comes_first_and_of_equals_the_first() {
        let turns = turns(&[10, 5, 10, 20], None);
        assert_eq!(turns.order(|n| [20, 10, 30, 1][n]), [2, 0, 1, 3]);
        assert_eq!(turns.order(|_| u64::MAX), [1, 0, 2, 3]);
    }

    #[test]
    fn who_is_not_measured_takes_no_turn() {
        let turns = Turns::new(vec![None, Some(1), None], None);
        assert_eq!(turns.order(|_| 1), [1]);
    }

    #[test]
    fn the_window_passes_over_who_had_more_than_a_share() {
        let mut turns = turns(&[1, 1], Some(Window { turns: 4, alpha: 1.0 }));
        let tokens = |n| [9, 1][n];
        // Two of four turns are the share: a third is had, a fourth not before two of them are forgotten.
        let mut had = Vec::new();
        for _ in 0..8 {
            let next = turns.order(tokens)[0];
            turns.take(next);
            had.push(next);
        }
        assert_eq!(had, [0, 0, 0, 1, 1, 0, 0, 0]);
    }

    #[test]
    fn where_all_had_too_many_the_dearest_has_another() {
        let mut turns = turns(&[1, 1], Some(Window { turns: 4, alpha: 0.0 }));
        turns.take(0);
        turns.take(1);
        assert_eq!(turns.order(|n| [1, 9][n]), [1, 0]);
    }
}
