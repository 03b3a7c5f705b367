//! The texts to train on, as numbers of units, and the features of each unit.

use std::collections::{BTreeMap, HashMap};

use super::super::grams::each_feature;
use super::super::words::{Unit, chunks, each_unit};

/// A text with its label.
#[derive(Clone, Copy, Debug)]
pub struct TrainText<'a> {
    /// Its language.
    pub label: &'a str,
    /// The text.
    pub text: &'a str,
}

/// Texts in the order of their labels.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) labels: Vec<String>,
    /// The units of all texts, one text after the other.
    pub(crate) units: Vec<u32>,
    /// Where each text begins among them, and where the last one ends.
    pub(crate) starts: Vec<usize>,
    /// The first text of each label, and the number of texts.
    pub(crate) first: Vec<usize>,
    /// The script of most letters of each label.
    pub(crate) scripts: Vec<u32>,
    /// The hashes of the features of all units.
    pub(crate) keys: Vec<u32>,
    /// Where those of each unit begin, and where the last ones end.
    pub(crate) key_starts: Vec<usize>,
}

impl Texts {
    /// Texts without any unit are left out.
    pub(crate) fn new(texts: &[TrainText<'_>]) -> Self {
        let mut by_label: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for text in texts {
            by_label.entry(text.label).or_default().push(text.text);
        }
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut all = Self { starts: vec![0], key_starts: vec![0], ..Self::default() };
        let (mut word, mut name) = (Vec::new(), String::new());
        for (label, texts) in by_label {
            all.labels.push(label.to_owned());
            all.scripts.push(script(&texts));
            all.first.push(all.starts.len() - 1);
            for text in texts {
                for chunk in chunks(text) {
                    each_unit(chunk, &mut word, |unit| all.push(unit, &mut known, &mut name));
                }
                if all.starts.last() != Some(&all.units.len()) {
                    all.starts.push(all.units.len());
                }
            }
        }
        all.first.push(all.starts.len() - 1);
        all
    }

    fn push(&mut self, unit: Unit<'_>, known: &mut HashMap<String, u32>, name: &mut String) {
        name.clear();
        match unit {
            Unit::Word(letters) => name.extend(letters),
            Unit::Sign(before, c) => name.extend(['\0', before.unwrap_or('\0'), c]),
        }
        let number = known.get(name.as_str()).copied().unwrap_or_else(|| {
            each_feature(unit, |key| self.keys.push(key));
            let number = u32::try_from(self.key_starts.len() - 1).unwrap_or(u32::MAX);
            self.key_starts.push(self.keys.len());
            known.insert(name.clone(), number);
            number
        });
        self.units.push(number);
    }

    /// Texts of all labels.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Texts of a label.
    pub(crate) fn of_label(&self, label: usize) -> std::ops::Range<usize> {
        self.first[label]..self.first[label + 1]
    }

    /// The units of a text.
    pub(crate) fn text(&self, text: usize) -> &[u32] {
        &self.units[self.starts[text]..self.starts[text + 1]]
    }
}

/// A number for the script of most letters: scripts of several blocks of Unicode by the first, others by half a block.
fn script(texts: &[&str]) -> u32 {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for c in texts.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphabetic()) {
        let script = match u32::from(c) {
            0..0x250 | 0x1E00..0x1F00 => 0,
            0x400..0x530 => 0x400,
            0x600..0x780 | 0x8A0..0x900 | 0xFB50..0xFF00 => 0x600,
            0x3040..0x3100 | 0x3400..0xA000 | 0x2_0000.. => 0x3040,
            0x1100..0x1200 | 0xAC00..0xD7B0 => 0x1100,
            code => code >> 7 << 7,
        };
        *counts.entry(script).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|&(script, n)| (n, std::cmp::Reverse(script)))
        .map_or(0, |best| best.0)
}
