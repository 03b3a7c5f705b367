//! Texts in batches are decided as texts in one call; many rows at once are those of one text after the other.

use gamayun_dedup::{
    DedupParams, Deduplicator, Evidence, Signer, band_keys, containment, deduplicate, jaccard,
    signatures, similarities, sorted_set,
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
        memory in prop::sample::select(vec![12_000u64, 50_000, 1 << 28]),
        ranks in prop::option::of(prop::collection::vec(0u64..9, 60)),
    ) {
        let params = DedupParams::new(20, 2, 3, 0.5, 7).unwrap();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let order = ranks.as_ref().map(|ranks| &ranks[..all.len()]);
        let expected = deduplicate(&all, order, &params, 1, &mut ()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut found = Deduplicator::new(&params, threads, memory, folder.path().into());
        for (place, some) in all.chunks(batch).enumerate() {
            let order = order.map(|order| &order[place * batch..place * batch + some.len()]);
            found.add(some, order, &mut ()).unwrap();
        }
        let found: Vec<_> =
            found.finish(&mut ()).unwrap().flat_map(Result::unwrap).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
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

/// Texts of a run are normalised before anything else; so are these.
#[test]
fn texts_are_normalised_wherever_they_come_in() {
    let params = DedupParams::default();
    let composed = "Un café très sûr, là-bas, près de la forêt où naît la rivière.";
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(composed).collect();
    let windows = format!("\u{feff}{composed}\r\n\0");
    let unix = format!("{composed}\n");
    let texts = [composed, decomposed.as_str(), windows.as_str(), unix.as_str()];
    assert_ne!(composed, decomposed);

    let at_once = deduplicate(&texts, None, &params, 1, &mut ()).unwrap();
    let mut batches = Deduplicator::new(&params, 1, 1 << 20, std::env::temp_dir());
    batches.add(&texts, None, &mut ()).unwrap();
    let batches: Vec<_> = batches.finish(&mut ()).unwrap().flat_map(Result::unwrap).collect();
    assert_eq!(at_once, batches);
    let found: Vec<_> = at_once.iter().map(|o| (o.kept, o.evidence)).collect();
    // The line feed is part of the text, and no word.
    let jaccard_of_one = Evidence::Jaccard(1.0);
    let expected = [Evidence::Survivor, Evidence::Exact, jaccard_of_one, jaccard_of_one];
    assert_eq!(found, expected.map(|evidence| (Some(0), evidence)));

    let rows = signatures(&texts, &params, 1, &mut ()).unwrap();
    assert!(rows.chunks(params.bands() * params.rows()).all(|row| row == &rows[..row.len()]));
    let keys = band_keys(&texts, &params, 1, &mut ()).unwrap();
    assert!(keys.chunks(params.bands()).all(|row| row == &keys[..row.len()]));
    let pairs = similarities(&[composed; 4], &texts, 5, jaccard, 1, &mut ()).unwrap();
    assert_eq!(pairs, [1.0; 4]);
}

#[test]
fn no_texts_have_no_outcomes() {
    let all = Deduplicator::new(&DedupParams::default(), 2, 0, std::env::temp_dir());
    assert_eq!(all.finish(&mut ()).unwrap().count(), 0);
    assert!(deduplicate(&[], None, &DedupParams::default(), 2, &mut ()).unwrap().is_empty());
}

#[test]
fn a_scratch_folder_that_is_not_there_is_named() {
    let mut all = Deduplicator::new(&DedupParams::default(), 1, 0, "/no/such/folder".into());
    let error = all.add(&["a text"], None, &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("/no/such/folder: "), "{error}");
}
