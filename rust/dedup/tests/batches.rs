//! Texts in batches are decided as texts in one call; many rows at once are those of one text after the other.

use gamayun_dedup::{
    DedupParams, Deduplicator, Signer, band_keys, containment, deduplicate, jaccard, signatures,
    similarities, sorted_set,
};
use gamayun_text::shingle::{ShingleScratch, shingles};
use proptest::prelude::*;

/// Texts of few words, so that many are near each other, equal, or empty.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = (0usize..4, 0usize..30, 0usize..30).prop_map(|(kind, from, length)| {
        (from..from + length).map(|n| format!("w{kind}{}", n % 35)).collect::<Vec<_>>().join(" ")
    });
    prop::collection::vec(text, 0..60)
}

fn set_of(text: &str) -> Vec<u64> {
    let mut found = Vec::new();
    shingles(text, 3, &mut ShingleScratch::default(), &mut found);
    sorted_set(found)
}

proptest! {
    #[test]
    fn batches_change_nothing(
        texts in texts(),
        batch in 1usize..40,
        threads in 1usize..4,
        memory in prop::sample::select(vec![0u64, 300, 1 << 20]),
        ranks in prop::option::of(prop::collection::vec(0u64..9, 60)),
    ) {
        let params = DedupParams::new(20, 2, 3, 0.5, 7).unwrap();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let order = ranks.as_ref().map(|ranks| &ranks[..all.len()]);
        let expected = deduplicate(&all, order, &params, 1, &mut ()).unwrap();
        let mut found = Deduplicator::new(&params, threads, memory, std::env::temp_dir());
        for (place, some) in all.chunks(batch).enumerate() {
            let order = order.map(|order| &order[place * batch..place * batch + some.len()]);
            found.add(some, order, &mut ()).unwrap();
        }
        prop_assert_eq!(found.finish(&mut ()).unwrap(), expected);
    }

    #[test]
    fn rows_are_those_of_one_text_after_the_other(texts in texts(), threads in 1usize..4) {
        let params = DedupParams::new(5, 3, 3, 0.5, 7).unwrap();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let signer = Signer::new(&params);
        let signed = signatures(&all, &params, threads, &mut ()).unwrap();
        let keyed = band_keys(&all, &params, threads, &mut ()).unwrap();
        let (mut signature, mut keys) = (vec![0; 15], vec![0; 5]);
        for (place, text) in all.iter().enumerate() {
            let any = signer.sign(&set_of(text), &mut signature);
            signer.band_keys(&signature, &mut keys);
            prop_assert_eq!(&signed[place * 15..][..15], &signature[..]);
            prop_assert_eq!(&keyed[place * 5..][..5], if any { &keys[..] } else { &[u64::MAX; 5][..] });
        }
    }

    #[test]
    fn similarities_are_those_of_the_pairs(a in texts(), b in texts(), threads in 1usize..4) {
        let pairs = a.len().min(b.len());
        let (a, b): (Vec<&str>, Vec<&str>) = a.iter().zip(&b).map(|(a, b)| (a.as_str(), b.as_str())).unzip();
        for measure in [jaccard, containment] {
            let found = similarities(&a, &b, 3, measure, threads, &mut ()).unwrap();
            let expected: Vec<f64> = (0..pairs).map(|i| measure(&set_of(a[i]), &set_of(b[i]))).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn what_does_not_match_in_length_is_refused() {
    let mut all = Deduplicator::new(&DedupParams::default(), 1, 0, std::env::temp_dir());
    let error = all.add(&["a", "b"], Some(&[1]), &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "order is 1 ranks for 2 texts: expected a rank for each text");
    let error = similarities(&["a"], &[], 5, jaccard, 1, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "b is 0 texts, beside 1: expected a text for each of a");
}
