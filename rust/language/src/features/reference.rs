//! The slow twin of the features: each definition as it is stated, word by word, without window or cache.

use std::path::Path;

use proptest::prelude::*;

use super::{Features, Work, separates, widened};
use crate::dictionary::{FNV_START, Found, fnv, fnv_step};
use crate::fasttext::FastText;
use crate::reader::Reader;

/// The rows of a text in the order in which the official library sums them.
fn rows(features: &Features, text: &str) -> Vec<u32> {
    let (mut rows, mut hashes) = (Vec::new(), Vec::new());
    let tokens = text.as_bytes().split(|&byte| separates(byte)).filter(|token| !token.is_empty());
    for token in tokens.chain([&b"</s>"[..]]) {
        match features.dictionary.find(token, fnv(token)) {
            Found::Label => continue,
            Found::Unknown if token.starts_with(b"__label__") => continue,
            Found::Unknown => {}
            Found::Word(row) => rows.push(row),
        }
        hashes.push(fnv(token));
        if token == b"</s>" {
            break;
        }
        character_ngrams(features, std::str::from_utf8(token).unwrap(), &mut rows);
    }
    for start in 0..hashes.len() {
        let mut long = widened(hashes[start]);
        for next in hashes.iter().take(start + features.word_ngrams).skip(start + 1) {
            long = long.wrapping_mul(116_049_371).wrapping_add(widened(*next));
            let bucket = long % u64::from(features.ngrams.modulo.divisor());
            push(features, u32::try_from(bucket).unwrap(), &mut rows);
        }
    }
    rows
}

fn character_ngrams(features: &Features, word: &str, rows: &mut Vec<u32>) {
    let marked: Vec<char> = format!("<{word}>").chars().collect();
    for start in 0..marked.len() {
        for n in features.ngrams.min..=features.ngrams.max.min(marked.len() - start) {
            if n == 1 && (start == 0 || start + 1 == marked.len()) {
                continue;
            }
            let ngram: String = marked[start..start + n].iter().collect();
            let hash = ngram.bytes().fold(FNV_START, fnv_step);
            push(features, hash % features.ngrams.modulo.divisor(), rows);
        }
    }
}

fn push(features: &Features, bucket: u32, rows: &mut Vec<u32>) {
    rows.extend(features.ngrams.buckets.row(bucket).map(|row| features.ngrams.first + row));
}

fn models() -> Vec<FastText> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let small = root.join("tests/golden/fasttext");
    let mut paths: Vec<_> = std::fs::read_dir(small).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "bin" || e == "ftz"));
    paths.push(root.join("python/gamayun_data/data/lid.176.ftz"));
    paths.iter().map(|path| FastText::read(&mut Reader::of_file(path).unwrap()).unwrap()).collect()
}

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[a-z]{1,12}",
        4 => "[а-яё]{1,14}",
        2 => "[一-三]{1,30}",
        2 => "(the|of|и|не|</s>|__label__en|__label__zz|<|>|<a>)",
        1 => any::<String>(),
        1 => ("[aя漢😀]{1,6}", 1..700_usize).prop_map(|(word, n)| word.repeat(n)),
    ];
    let gap =
        prop_oneof![8 => " ", 1 => "[ \n\t\r\u{0}\u{b}\u{c}]{1,3}", 1 => "[\u{1}\u{a0}\u{3000}]"];
    prop::collection::vec((word, gap), 0..60)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

#[test]
fn rows_equal_those_of_the_slow_twin() {
    let models = models();
    let mut works: Vec<Work> = models.iter().map(|_| Work::default()).collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let works = std::cell::RefCell::new(&mut works);
    runner
        .run(&text(), |text| {
            for (model, work) in models.iter().zip(works.borrow_mut().iter_mut()) {
                // Twice: the second time most words are in the cache.
                for _ in 0..2 {
                    model.features.rows(&text, work);
                    prop_assert_eq!(&work.rows, &rows(&model.features, &text));
                }
            }
            Ok(())
        })
        .unwrap();
}
