//! The likeliest reading of a text that may have been decoded by a wrong charset.
//!
//! The text is encoded by `wrong`, and the likeliest way through its bytes is sought (Viterbi, 1967): each stretch is
//! either as it stands or decoded by `right`. So a text broken in some lines, or from the middle of a word on, is mended
//! there alone. The costs are those of [`super::letters`].

use super::charset::{Charset, Tables};
use super::edits::Change;
use super::kind::Kind;
use super::letters::{self, NAT};
use super::mojibake::{Pair, is_proof};
use super::reading::{LOST, Steps, Unit, charset, utf8};

/// What it costs to go from text as it stands to text decoded again, or back.
const SWITCH: u32 = 7 * NAT;
/// The same where what is read again is valid UTF-8.
const SWITCH_VALID: u32 = 3 * NAT;
/// What that costs more inside of a word.
const INSIDE: u32 = 5 * NAT;
/// What each further byte of a character of UTF-8 is worth: other text is seldom valid.
const VALID: u32 = 3 * NAT;
/// What a character of UTF-8 costs that no known text has there.
const UNKNOWN: u32 = 8 * NAT;

/// The ways to a place between units, as text stands (0) and decoded again (1).
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: u32,
    /// The character before.
    last: char,
    /// The place that it comes from, and the reading there.
    from: u32,
    reading: u8,
}

const NO_WAY: Way = Way { cost: u32::MAX, last: ' ', from: 0, reading: 0 };

pub(crate) struct Search {
    units: Vec<Unit>,
    /// Of each unit, where its character begins in the text; `NOT_FIRST` if it is a second byte.
    at: Vec<u32>,
    /// Of each unit that begins a character, the character.
    chars: Vec<char>,
    ways: Vec<[Way; 2]>,
    /// The cost of the text as it stands.
    standing: u32,
    /// Whether reading again is a proof: then nothing is excused, and changes of reading are cheap.
    proof: bool,
}

const NOT_FIRST: u32 = u32::MAX;

impl Search {
    pub(crate) fn of(text: &str, pair: Pair) -> Self {
        let mut search = Self {
            units: Vec::new(),
            at: Vec::new(),
            chars: Vec::new(),
            ways: Vec::new(),
            standing: 0,
            proof: is_proof(pair),
        };
        search.encode(text, pair.wrong.tables());
        search.run(pair);
        search
    }

    /// Pieces are far shorter than 4 GiB.
    #[expect(clippy::cast_possible_truncation, reason = "offsets in a piece")]
    fn encode(&mut self, text: &str, wrong: &Tables) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            let ascii = bytes[at..].iter().position(|b| !b.is_ascii()).unwrap_or(text.len() - at);
            // Two of ASCII at each end may be second bytes, or tell of what is beside them.
            let shared = if ascii > 8 { at + 3..at + ascii - 3 } else { at..at };
            let mut end = at + ascii;
            if end == at {
                end = text.len();
            }
            for (offset, c) in text[at..end].char_indices() {
                let place = at + offset;
                if ascii == 0 && c.is_ascii() {
                    end = place;
                    break;
                }
                if shared.contains(&place) {
                    if place == shared.start {
                        self.push(place as u32, c, Unit::Ascii);
                    }
                    continue;
                }
                match wrong.bytes_of(c) {
                    Some((byte, None)) => self.push(place as u32, c, Unit::Byte(byte)),
                    Some((lead, Some(trail))) => {
                        self.push(place as u32, c, Unit::Byte(lead));
                        self.push(NOT_FIRST, c, Unit::Byte(trail));
                    }
                    None if c == '\u{FFFD}' => self.push(place as u32, c, Unit::Lost),
                    None => self.push(place as u32, c, Unit::Strange(c)),
                }
            }
            at = end;
        }
        self.at.push(text.len() as u32);
    }

    fn push(&mut self, at: u32, c: char, unit: Unit) {
        self.units.push(unit);
        self.at.push(at);
        self.chars.push(c);
    }

    fn reach(&mut self, to: usize, reading: u8, way: Way) {
        let slot = &mut self.ways[to][usize::from(reading)];
        if way.cost < slot.cost {
            *slot = way;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "places in a piece")]
    fn run(&mut self, pair: Pair) {
        let count = self.units.len();
        self.ways = vec![[NO_WAY; 2]; count + 1];
        let start = Way { cost: 0, last: ' ', from: 0, reading: 0 };
        self.ways[0] = [start, start];
        let right = (pair.right != Charset::Utf8).then(|| pair.right.tables());
        let mut standing_last = ' ';
        for place in 0..count {
            if self.at[place] != NOT_FIRST {
                let c = self.chars[place];
                let width = 1 + usize::from(self.at[place + 1] == NOT_FIRST);
                if self.units[place] != Unit::Ascii {
                    self.standing += self.standing_cost(standing_last, c);
                }
                standing_last = c;
                self.cross(place);
                let way = self.ways[place][0];
                if way.cost != u32::MAX {
                    let cost = match self.units[place] {
                        Unit::Ascii => 0,
                        _ => self.standing_cost(way.last, c),
                    };
                    let next =
                        Way { cost: way.cost + cost, last: c, from: place as u32, reading: 0 };
                    self.reach(place + width, 0, next);
                }
            }
            let way = self.ways[place][1];
            if way.cost == u32::MAX {
                continue;
            }
            let steps: Steps = match right {
                None => utf8(&self.units[place..], pair.wrong, way.last),
                Some(right) => charset(&self.units[place..], right),
            };
            for (length, c, extra) in steps.0.into_iter().flatten() {
                let cost = match (self.units[place], c) {
                    (Unit::Ascii, _) | (_, '\u{FFFD}') => 0,
                    _ if right.is_none() => {
                        let cost = letters::cost_again(way.last, c);
                        match cost {
                            letters::MOST => cost + UNKNOWN,
                            _ => cost.saturating_sub(u32::from(length - 1) * VALID),
                        }
                    }
                    _ => letters::cost_again(way.last, c),
                };
                let last = if self.units[place] == Unit::Ascii { self.chars[place] } else { c };
                let next =
                    Way { cost: way.cost + cost + extra, last, from: place as u32, reading: 1 };
                self.reach(place + usize::from(length), 1, next);
            }
        }
        self.cross(count);
    }

    fn standing_cost(&self, last: char, c: char) -> u32 {
        match c {
            '\u{FFFD}' => LOST,
            _ if self.proof
                && !(last.is_ascii() && c.is_ascii())
                && last != letters::SOFT_HYPHEN
                && c != letters::SOFT_HYPHEN =>
            {
                letters::pair_cost(last, c)
            }
            _ => letters::cost(last, c),
        }
    }

    /// Between characters the reading may change.
    fn cross(&mut self, place: usize) {
        let [standing, again] = self.ways[place];
        let letter = self.chars.get(place).is_some_and(|c| c.is_alphabetic());
        for (from, to, reading) in [(standing, again, 1), (again, standing, 0)] {
            let inside = letter && from.last.is_alphabetic();
            let switch = match (self.proof, inside) {
                (true, _) => SWITCH_VALID,
                (false, false) => SWITCH,
                (false, true) => SWITCH + INSIDE,
            };
            if from.cost != u32::MAX && from.cost + switch < to.cost {
                self.ways[place][reading] = Way { cost: from.cost + switch, ..from };
            }
        }
    }

    /// What the best way wins over the text as it stands.
    pub(crate) fn gain(&self) -> u32 {
        let best = self.ways.last().map_or(u32::MAX, |ways| ways[0].cost.min(ways[1].cost));
        self.standing.saturating_sub(best)
    }

    /// Whether too much of what is read again was lost for good.
    pub(crate) fn is_lost(&self) -> bool {
        let (mut read, mut lost) = (0_u32, 0_u32);
        self.steps(|_, _, c| {
            read += u32::from(!c.is_ascii());
            lost += u32::from(c == '\u{FFFD}');
        });
        lost * 20 > read
    }

    /// The changes of the best way.
    pub(crate) fn changes(&self, text: &str) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        self.steps(|from, to, c| changes.push(Change::new(from..to, c, Kind::Encoding)));
        changes.reverse();
        self.joined(text, &changes)
    }

    /// Calls `f` with each step of the best way that is read again, the last first: its places and its character.
    fn steps(&self, mut f: impl FnMut(usize, usize, char)) {
        let mut place = self.units.len();
        let last = self.ways[place];
        let mut reading = u8::from(last[1].cost < last[0].cost);
        while place > 0 {
            let way = self.ways[place][usize::from(reading)];
            // A crossing keeps where the way comes from, so `reading` is that of the step that led here.
            let from = way.from as usize;
            if way.reading == 1 && self.units[from] != Unit::Ascii {
                f(from, place, way.last);
            }
            (place, reading) = (from, way.reading);
        }
    }

    /// The changes in bytes of the text: neighbours joined, so that each covers whole characters.
    fn joined(&self, text: &str, steps: &[Change]) -> Vec<Change> {
        let mut out: Vec<Change> = Vec::new();
        let mut open: Option<Change> = None;
        for step in steps {
            let mut change = match open.take() {
                Some(mut change) if change.range.end == step.range.start => {
                    change.by.push_str(&step.by);
                    change.range.end = step.range.end;
                    change
                }
                Some(change) => {
                    self.close(text, &change, &mut out);
                    step.clone()
                }
                None => step.clone(),
            };
            // An unchanged ASCII character ends a change, or none is begun.
            let whole = self.at[change.range.end] != NOT_FIRST;
            if whole && step.by.chars().all(|c| c.is_ascii_whitespace()) {
                self.close(text, &change, &mut out);
            } else {
                change.range.end = step.range.end;
                open = Some(change);
            }
        }
        if let Some(change) = open {
            self.close(text, &change, &mut out);
        }
        out
    }

    fn close(&self, text: &str, change: &Change, out: &mut Vec<Change>) {
        let range = self.at[change.range.start] as usize..self.at[change.range.end] as usize;
        let old = &text[range.clone()];
        let same = |a: &mut dyn Iterator<Item = (char, char)>| -> usize {
            a.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        let before = same(&mut old.chars().zip(change.by.chars()));
        let (rest, by) = (&old[before..], &change.by[before..]);
        let after = same(&mut rest.chars().rev().zip(by.chars().rev()));
        let (rest, by) = (&rest[..rest.len() - after], &by[..by.len() - after]);
        if rest != by {
            let start = range.start + before;
            out.push(Change::new(start..start + rest.len(), by, Kind::Encoding));
        }
    }
}
