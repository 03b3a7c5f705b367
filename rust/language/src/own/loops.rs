//! The loops over features, rows and labels, in plain code that is compiled for several kinds of registers.

#![expect(clippy::inline_always, reason = "compiled into each copy")]

use super::grams::{GRAM, LONGEST, SIGN, WHOLE, extend, finish};
use super::head::{Head, scale};
use super::lines::{Line, mark_of};
use super::rows::{Rows, WIDTH};
use super::run::Run;
use super::sum::{self, Part};

/// Features of a part, at most.
const ROOM: usize = sum::ROOM as usize;
/// Features of a run, at most: five of each of 43 places, and the word whole.
const MOST: usize = 216;
/// Numbers worked on side by side.
const LANES: usize = 16;
/// Labels worked on side by side.
const LABELS: usize = 64;

/// The hashes of the features of a part, and room for the places of those that are known.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    keys: [u32; ROOM + LANES],
    places: [u32; ROOM + LANES],
    count: usize,
}

impl Default for Found {
    fn default() -> Self {
        Self { keys: [0; ROOM + LANES], places: [0; ROOM + LANES], count: 0 }
    }
}

impl Found {
    /// There may be no room for another run.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.count > ROOM - MOST
    }
}

/// What wide registers do better.
pub(crate) trait Matches {
    /// A bit for each mark of the line that equals this one; what the bits beyond the marks are is not said.
    fn matches(line: &Line, mark: u16) -> u32;
}

/// Mark by mark.
pub(crate) struct Marks;

impl Matches for Marks {
    #[inline(always)]
    fn matches(line: &Line, mark: u16) -> u32 {
        let marks = line.marks.iter().zip(0..);
        marks.fold(0, |all, (&known, bit)| all | u32::from(known == mark) << bit)
    }
}

#[inline(always)]
pub(crate) fn hash(run: &Run, found: &mut Found) {
    found.count = if run.signs { hash_signs(run, found) } else { hash_word(run, found) };
}

#[inline(always)]
fn hash_word(run: &Run, found: &mut Found) -> usize {
    let (keys, first) = (&mut found.keys, found.count);
    let Run { letters, length, .. } = run;
    let mut count = first;
    for start in (0..=*length).step_by(LANES) {
        let mut hashes = [GRAM; LANES];
        for size in 1..=LONGEST {
            extend_all(&mut hashes, letters, start + size - 1);
            // What is behind the count is written over by what follows.
            keys[count..count + LANES].copy_from_slice(&hashes.map(finish));
            // N-grams begin before the last letter and end with `>` at the latest.
            let end = (length + 1).min((length + 3).saturating_sub(size));
            count += end.saturating_sub(start).min(LANES);
        }
    }
    // `<` alone is no feature; its place is that of the whole word.
    let whole = letters[1..=*length].iter().fold(WHOLE, |hash, &c| extend(hash, c));
    keys[first] = finish(whole);
    count
}

#[inline(always)]
fn hash_signs(run: &Run, found: &mut Found) -> usize {
    let (keys, mut count) = (&mut found.keys, found.count);
    for start in (1..=run.length).step_by(LANES) {
        let (mut one, mut two) = ([SIGN; LANES], [SIGN; LANES]);
        extend_all(&mut one, &run.letters, start);
        extend_all(&mut two, &run.letters, start - 1);
        extend_all(&mut two, &run.letters, start);
        for hashes in [one, two] {
            keys[count..count + LANES].copy_from_slice(&hashes.map(finish));
            count += (run.length + 1 - start).min(LANES);
        }
    }
    count
}

/// Extends hashes by the numbers from a place on.
#[inline(always)]
fn extend_all(hashes: &mut [u32; LANES], letters: &[u32], at: usize) {
    for (hash, &letter) in hashes.iter_mut().zip(&letters[at..at + LANES]) {
        *hash = extend(*hash, letter);
    }
}

#[inline(always)]
pub(crate) fn add_up<M: Matches>(found: &mut Found, rows: &Rows) -> Part {
    let Found { keys, places, count } = found;
    let keys = &keys[..std::mem::take(count)];
    let lines = rows.lines();
    let rows = rows.rows();
    let mut known = 0;
    for &key in keys {
        let line = lines.line(key);
        let same = M::matches(line, mark_of(key)) & line.filled();
        let place = line.base() + same.trailing_zeros();
        // Always written, and counted if it is known.
        places[known] = place;
        known += usize::from(same != 0);
    }
    let mut values = [0_i16; WIDTH];
    for &place in &places[..known] {
        for (value, &more) in values.iter_mut().zip(&rows[place as usize].0) {
            *value = value.wrapping_add(i16::from(more)); // there is room
        }
    }
    Part::new(values, known)
}

#[inline(always)]
pub(crate) fn values(head: &Head, sum: &[i64; WIDTH], rows: u64, out: &mut Vec<f32>) {
    let scale = scale(rows);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a rounding")]
    let hidden: [f32; WIDTH] =
        std::array::from_fn(|j| (sum[j] as f64 * scale) as f32 * head.units[j]);
    out.clear();
    out.extend_from_slice(&head.bias);
    // A block of labels at a time stays in registers.
    for (block, out) in out.chunks_mut(LABELS).enumerate() {
        let from = block * LABELS;
        let rows = hidden.iter().zip(head.weights.chunks_exact(head.labels.max(1)));
        if let Ok(out) = <&mut [f32; LABELS]>::try_from(&mut *out) {
            let mut sums = *out;
            for (hidden, weights) in rows {
                for (sum, weight) in sums.iter_mut().zip(&weights[from..from + LABELS]) {
                    *sum += hidden * weight;
                }
            }
            *out = sums;
        } else {
            for (hidden, weights) in rows {
                for (sum, weight) in out.iter_mut().zip(&weights[from..]) {
                    *sum += hidden * weight;
                }
            }
        }
    }
}
