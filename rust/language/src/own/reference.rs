//! The slow twin of the sum of a text, and the property that holds them equal.

use proptest::prelude::*;

use super::grams::each_feature;
use super::head::{Head, LENGTHS};
use super::kernel::Kernel;
use super::pairs::Pairs;
use super::rows::{Row, Rows, WIDTH};
use super::stretches::stretches;
use super::words::{chunks, each_unit};
use super::{Own, Work};
use crate::error::Error;
use crate::model::Score;
use crate::reader::Reader;

/// A model that knows about half of all features, with rows made of their hashes.
fn model(texts: &[&str]) -> Own {
    let mut keys = Vec::new();
    for text in texts {
        each_key(text, |key| keys.push(key));
    }
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|key| key % 2 == 0);
    let rows = keys
        .iter()
        .map(|key| Row(std::array::from_fn(|j| key.to_le_bytes()[j % 4].cast_signed())))
        .collect();
    let head = Head {
        labels: 67,
        units: [0.01; WIDTH],
        weights: (0..67 * 32_u16).map(|n| f32::from(n).sin()).collect(),
        bias: (0..67_u8).map(|n| f32::from(n % 3) / 10.0).collect(),
        temperatures: [1.5; LENGTHS],
    };
    let labels = (0..67).map(|n| format!("x{n}")).collect();
    Own::new(
        labels,
        Rows::new(keys, rows).unwrap(),
        head,
        Pairs::default(),
        "made in a test".into(),
    )
}

fn each_key(text: &str, mut found: impl FnMut(u32)) {
    let mut word = Vec::new();
    for chunk in chunks(text) {
        each_unit(chunk, &mut word, |unit| each_feature(unit, &mut found));
    }
}

/// Every row of every feature, one after the other.
fn plain_sum(model: &Own, text: &str) -> ([i64; WIDTH], u64) {
    let (mut sum, mut rows) = ([0; WIDTH], 0);
    stretches(text, model.whole).for_each(|text| {
        each_key(text, |key| {
            if let Ok(place) = model.rows.keys().binary_search(&key) {
                rows += 1;
                for (total, &value) in sum.iter_mut().zip(&model.rows.rows()[place].0) {
                    *total += i64::from(value);
                }
            }
        });
    });
    (sum, rows)
}

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[a-zA-Z']{1,12}",
        4 => "[а-яё]{1,20}",
        2 => "[一-三ぁ-お]{1,30}",
        2 => "(the|of,|и|не|«не»|İ|l’eau|can't|'\"Well'|\\(No\\)|12:30|ทดสอบ|𐐀𐐁x|𠀀字)",
        1 => any::<String>(),
        1 => ("[aя漢😀]{1,6}", 1..300_usize).prop_map(|(word, n)| word.repeat(n)),
    ];
    let gap =
        prop_oneof![8 => " ", 1 => "[ \n\t\r\u{0}\u{b}\u{c}]{1,3}", 1 => "[\u{7f}\u{a0}\u{3000}]"];
    prop::collection::vec((word, gap), 0..60)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

proptest! {
    #[test]
    fn a_sum_is_that_of_the_slow_twin(texts in prop::collection::vec(text(), 1..4), whole: bool) {
        let slices: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (mut model, mut work) = (model(&slices), Work::default());
        model.set_whole(whole);
        // Twice: the second time most chunks are kept.
        for text in slices.iter().chain(&slices) {
            let (sum, rows) = plain_sum(&model, text);
            let mut fast = model.sum(text, &mut work);
            prop_assert_eq!(fast.total(), (&sum, rows));
        }
    }

    #[test]
    fn all_copies_of_the_loops_give_the_same_bits(text in text()) {
        let mut model = model(&[&text]);
        let mut expected = Vec::<Score>::new();
        for (n, kernel) in Kernel::all().into_iter().enumerate() {
            model.kernel = kernel;
            let mut scores = Vec::new();
            model.predict(&text, 3, &mut Work::default(), &mut scores);
            if n > 0 {
                prop_assert_eq!(&scores, &expected);
            }
            expected = scores;
        }
    }

    #[test]
    fn a_file_gives_the_same_answers(text in text()) {
        let model = model(&[&text]);
        let bytes = model.to_bytes();
        let again = Own::read(&mut Reader::of_bytes(&bytes, "again")).unwrap();
        let (mut work, mut one, mut other) = (Work::default(), Vec::<Score>::new(), Vec::new());
        model.predict(&text, 67, &mut work, &mut one);
        again.predict(&text, 67, &mut work, &mut other);
        prop_assert_eq!(&one, &other);
        prop_assert!(one.is_empty() || (one.iter().map(|s| s.probability).sum::<f32>() - 1.0).abs() < 1e-5);
        prop_assert!(one.is_sorted_by(|a, b| a.probability >= b.probability));
        prop_assert_eq!(again.to_bytes(), bytes);
    }

    #[test]
    fn a_changed_byte_is_noticed(at: prop::sample::Index, value: u8) {
        let mut bytes = model(&["some text to read"]).to_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != value);
        bytes[at] = value;
        let read = Own::read(&mut Reader::of_bytes(&bytes, "changed"));
        let noticed = matches!(read, Err(Error::Malformed { .. }));
        // The magic bytes were looked at before.
        prop_assert!(at < super::MAGIC.len() || noticed);
    }

    #[test]
    fn a_cut_file_is_noticed(length: prop::sample::Index) {
        let bytes = model(&["some text to read"]).to_bytes();
        let cut = &bytes[..length.index(bytes.len())];
        prop_assert!(Own::read(&mut Reader::of_bytes(cut, "cut")).is_err());
    }
}

#[test]
fn scripts_of_a_language_answer_with_one_voice() {
    let labels = ["sr", "sr-latn", "hr", "zh-hant", "zh-hans"].map(str::to_owned);
    let families = super::families(&labels);
    assert_eq!(families, [vec![0, 1], vec![3, 4]]);
    let mut values = [0.25_f32, 0.25, 0.2, 0.1, 0.2];
    for family in &families {
        super::unite(family, &mut values);
    }
    let expected: [f32; 5] = [0.5, 0.0, 0.2, 0.0, 0.1 + 0.2];
    assert_eq!(values.map(f32::to_bits), expected.map(f32::to_bits));
}
