//! Measures of texts and vocabularies against slow, obvious twins, and vocabularies with known faults.

#![allow(clippy::unwrap_used, reason = "clippy tells tests by their attribute")]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use gamayun_bpe::{
    LanguageEval, MeasureScratch, Place, Spread, Tokenizer, TrainParams, VocabularyReport, Why,
    measure,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use common::{encode, trained};

const TEXTS: [&str; 4] = [
    "the lower the slower, the newest the widest",
    "Über die Brücke gehen, über die Brücke",
    "привет мир, привет 12345",
    "中文维基百科的中文条目",
];

fn tokenizer() -> Tokenizer {
    let params = TrainParams { vocab_size: 330, ..TrainParams::default() };
    trained(&TEXTS, &params)
}

/// Parts between white space.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The number of words that a decoded token boundary falls inside of, by looking at each boundary and each word.
fn slow_cut(tokenizer: &Tokenizer, text: &str) -> u64 {
    let ids = encode(tokenizer, text);
    let ends: Vec<usize> =
        (1..=ids.len()).map(|n| tokenizer.decode(&ids[..n]).unwrap().len()).collect();
    let mut cut = 0;
    for word in words(text) {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        cut += u64::from(ends.iter().any(|&end| start < end && end < start + word.len()));
    }
    cut
}

proptest! {
    #[test]
    fn a_text_is_measured_as_by_hand(
        text in "( ?(the|lower|widest|Brücke|привет|中文|12|[a-zA-Zбж中,.é]{1,6})){0,12}",
        more in "[a-z ]{0,20}",
    ) {
        let tokenizer = tokenizer();
        let mut scratch = MeasureScratch::default();
        let mut sums = LanguageEval::default();
        for text in [&*text, &*more] {
            let measured = measure(&tokenizer, text, &words(text), &mut scratch).unwrap();
            let ids = encode(&tokenizer, text);
            let mut counts: HashMap<u32, u32> = HashMap::new();
            for id in &ids {
                *counts.entry(*id).or_default() += 1;
            }
            prop_assert_eq!(measured.tokens, ids.len() as u64);
            prop_assert_eq!(
                measured.whole_words,
                words(text).len() as u64 - slow_cut(&tokenizer, text)
            );
            prop_assert_eq!(measured.counts.iter().copied().collect::<HashMap<_, _>>(), counts);
            sums.add(text, words(text).len() as u64, &measured);
        }
        prop_assert_eq!(sums.documents, 2);
        prop_assert_eq!(sums.bytes, (text.len() + more.len()) as u64);
        prop_assert_eq!(sums.counts.iter().sum::<u64>(), sums.tokens);
        let all = [encode(&tokenizer, &text), encode(&tokenizer, &more)].concat();
        let different: BTreeSet<u32> = all.into_iter().collect();
        prop_assert_eq!(sums.used(), different.len() as u64);
    }

    /// Against a list of all (document, id) pairs; in two halves as in one.
    #[test]
    fn a_spread_is_what_a_list_tells(
        documents in prop::collection::vec(
            (0..3usize, 0..3usize, prop::collection::btree_map(0..6u32, 1..9u32, 0..5)), 0..12),
        half in 0..12usize,
    ) {
        let (languages, sources) = (["de", "en", "zh"], ["books", "news", "web"]);
        let mut whole = Spread::default();
        let mut halves = [Spread::default(), Spread::default()];
        for (n, (language, source, counts)) in documents.iter().enumerate() {
            let place = Place {
                language: languages[*language],
                source: sources[*source],
                document: n as u128,
            };
            let counts: Vec<(u32, u32)> = counts.iter().map(|(&id, &count)| (id, count)).collect();
            whole.add(place, &counts);
            halves[usize::from(n >= half)].add(place, &counts);
        }
        // The documents of the second half first: the order is of no consequence.
        let [first, mut second] = halves;
        second.merge(&first);
        prop_assert_eq!(&second, &whole);
        let places: BTreeMap<u32, _> = whole.places().map(|one| (one.id, one)).collect();
        for id in 0..6u32 {
            let of: Vec<(usize, usize, usize, u32)> = documents.iter().enumerate()
                .filter_map(|(n, (language, source, counts))| {
                    Some((n, *language, *source, *counts.get(&id)?))
                })
                .collect();
            let count: u32 = of.iter().map(|one| one.3).sum();
            let Some(found) = places.get(&id) else {
                prop_assert_eq!(count, 0);
                continue;
            };
            prop_assert_eq!(found.count, u64::from(count));
            prop_assert_eq!(found.documents, of.len() as u64);
            let (most, document) = of.iter().map(|one| (one.3, std::cmp::Reverse(one.0))).max().unwrap();
            prop_assert_eq!(found.document, document.0 as u128);
            prop_assert!((found.document_share - f64::from(most) / f64::from(count)).abs() < 1e-12);
            let in_source = |source| of.iter().filter(|one| one.2 == source).map(|one| one.3).sum::<u32>();
            let best = (0..3).rev().max_by_key(|&source| in_source(source)).unwrap();
            prop_assert_eq!(&found.source, sources[best]);
            prop_assert!((found.source_share - f64::from(in_source(best)) / f64::from(count)).abs() < 1e-12);
            let total = |language: usize, source: Option<usize>| -> u32 {
                documents.iter()
                    .filter(|one| one.0 == language && source.is_none_or(|s| one.1 == s))
                    .flat_map(|one| one.2.values()).sum()
            };
            let expected: f64 = of.iter()
                .map(|one| f64::from(one.3) / f64::from(count)
                    * f64::from(total(one.1, Some(best))) / f64::from(total(one.1, None)))
                .sum();
            prop_assert!((found.expected_share - expected).abs() < 1e-9);
        }
    }

    /// What is called out of reach is not reached by texts like those it was trained on, either.
    #[test]
    fn tokens_out_of_reach_are_not_reached(text in "[a-zA-Z0-9 ,.\n'ßüпривет中文维]{0,40}") {
        static FAULTY: LazyLock<(Tokenizer, VocabularyReport)> = LazyLock::new(|| {
            let tokenizer = faulty();
            let report = VocabularyReport::of(&tokenizer, &mut ()).unwrap();
            (tokenizer, report)
        });
        for id in encode(&FAULTY.0, &text) {
            prop_assert!(FAULTY.1.unreachable.iter().all(|&(one, _)| one != id));
        }
    }
}

fn change(json: &str, change: impl Fn(&mut Value)) -> Tokenizer {
    let mut file: Value = serde_json::from_str(json).unwrap();
    change(&mut file);
    Tokenizer::from_json(file.to_string().as_bytes()).unwrap()
}

fn id_of(tokenizer: &Tokenizer, bytes: &[u8]) -> u32 {
    (0..tokenizer.vocab_size()).find(|&id| tokenizer.token_bytes(id) == Some(bytes)).unwrap()
}

/// A vocabulary with a token that no merge makes, and one that the split pattern cuts.
fn faulty() -> Tokenizer {
    change(&tokenizer().to_json(), |file| {
        let vocab = file["model"]["vocab"].as_object_mut().unwrap();
        let next = vocab.values().map(|id| id.as_u64().unwrap()).max().unwrap() + 1;
        vocab.insert("qqq".into(), json!(next));
        vocab.insert("aĠ".into(), json!(next + 1));
        vocab.insert("----------------".into(), json!(next + 2));
        vocab.insert("THE".into(), json!(next + 3));
        let merges = file["model"]["merges"].as_array_mut().unwrap();
        let pair = if merges[0].is_string() { json!("a Ġ") } else { json!(["a", "Ġ"]) };
        merges.push(pair);
    })
}

#[test]
fn faults_of_a_vocabulary_are_found() {
    let tokenizer = faulty();
    let report = VocabularyReport::of(&tokenizer, &mut ()).unwrap();
    let why: BTreeMap<u32, Why> = report.unreachable.iter().copied().collect();
    assert_eq!(why[&id_of(&tokenizer, b"qqq")], Why::Merges);
    assert_eq!(why[&id_of(&tokenizer, b"a ")], Why::Context);
    for byte in [0xC0, 0xC1, 0xF5, 0xFF] {
        assert_eq!(why[&id_of(&tokenizer, &[byte])], Why::Bytes);
    }
    assert!(!why.contains_key(&id_of(&tokenizer, b"a")));
    assert_eq!(report.runs, [id_of(&tokenizer, b"----------------")]);
    let the = report.duplicates.iter().find(|group| group.contains(&id_of(&tokenizer, b"THE")));
    assert!(the.unwrap().contains(&id_of(&tokenizer, b" the")));
    assert_eq!((report.special, report.holes), (1, 0));
    assert_eq!(report.tokens, u64::from(tokenizer.vocab_size()) - 1);
    assert_eq!(report.scripts.values().sum::<u64>(), report.tokens);
}

/// Bytes that UTF-8 never has are out of reach in any byte-level vocabulary; all else that training made is reached.
#[test]
fn what_training_makes_is_reached() {
    let tokenizer = tokenizer();
    let report = VocabularyReport::of(&tokenizer, &mut ()).unwrap();
    let never: Vec<u8> = [0xC0, 0xC1].into_iter().chain(0xF5..=0xFF).collect();
    let mut found: Vec<&[u8]> =
        report.unreachable.iter().map(|&(id, _)| tokenizer.token_bytes(id).unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, never.chunks(1).collect::<Vec<_>>());
    for &id in &report.partial {
        assert!(std::str::from_utf8(tokenizer.token_bytes(id).unwrap()).is_err());
    }
    assert!(!report.partial.is_empty());
}

#[test]
fn a_token_of_one_document_or_source_stands_out() {
    let mut spread = Spread::default();
    for document in 0..40u128 {
        let source = if document < 10 { "forum" } else { "web" };
        // Id 0 is everywhere, id 1 in one document, id 2 in one source.
        let mut counts = vec![(0, 5)];
        counts.extend((document == 3).then_some((1, 30)));
        counts.extend((document < 10).then_some((2, 2)));
        spread.add(Place { language: "en", source, document }, &counts);
    }
    let found = spread.concentrated(10, 0.9);
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((found[0].document, found[0].documents), (3, 1));
    assert_eq!((&*found[1].source, found[1].documents), ("forum", 10));
    assert!(spread.concentrated(31, 0.9).is_empty());
    // A language that has only one source does not make all of its tokens stand out.
    let mut alone = Spread::default();
    for document in 0..4 {
        alone.add(Place { language: "ko", source: "only", document }, &[(7, 10)]);
    }
    assert!(alone.concentrated(10, 0.9).is_empty());
}
