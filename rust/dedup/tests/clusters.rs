//! Clusters and survivors of real-looking texts: the same whatever the order, the parts and the threads.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use gamayun_dedup::{
    DedupParams, Deduplicator, Error, Evidence, Outcome, deduplicate, jaccard, sorted_set,
};
use gamayun_text::hash::mix64;
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{Interrupted, Monitor, Progress};
use proptest::prelude::*;

fn word(n: u64) -> String {
    format!("w{}", mix64(n, 3) % 100_000)
}

/// A text of `length` words drawn from `seed`, with some words replaced as drawn from `edit`.
fn text(seed: u64, length: u64, edits: u64, edit: u64) -> String {
    let mut words: Vec<String> = (0..length).map(|i| word(mix64(seed, i))).collect();
    for n in 0..edits {
        let place = mix64(n, edit) % length;
        words[usize::try_from(place).unwrap()] = word(mix64(edit, n + 7));
    }
    words.join(" ")
}

/// Families of edited copies, with exact copies and empty texts among them.
fn corpus() -> impl Strategy<Value = Vec<String>> {
    let one = (0u64..6, 0u64..4, 0u64..5).prop_map(|(family, edits, edit)| match family {
        5 => "  ".repeat(usize::try_from(edits).unwrap()),
        _ => text(family, 20 + family * 30, edits, edit),
    });
    prop::collection::vec(one, 0..40)
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn set(text: &str) -> Vec<u64> {
    let (mut scratch, mut out) = (ShingleScratch::default(), Vec::new());
    shingles(text, 5, &mut scratch, &mut out);
    sorted_set(out)
}

/// Outcomes with documents named by their ranks, which do not change with the order.
fn named(outcomes: &[Outcome], ranks: &[u64]) -> BTreeMap<u64, (u64, u64, u64, String)> {
    let rank = |document: u64| ranks[usize::try_from(document).unwrap()];
    let value = |o: &Outcome| {
        (rank(o.cluster), o.size, o.kept.map(rank).unwrap(), format!("{:?}", o.evidence))
    };
    outcomes.iter().map(|outcome| (rank(outcome.document), value(outcome))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn order_batches_threads_and_memory_do_not_matter(
        texts in corpus(),
        seed in any::<u64>(),
        size in 1usize..9,
    ) {
        let ranks: Vec<_> = (0..texts.len() as u64).map(|i| mix64(i, seed)).collect();
        let params = DedupParams::default();
        let first = deduplicate(&refs(&texts), Some(&ranks), &params, 1, &mut ()).unwrap();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|i| mix64(*i as u64, seed ^ 1));
        let moved: Vec<&str> = order.iter().map(|i| texts[*i].as_str()).collect();
        let moved_ranks: Vec<_> = order.iter().map(|i| ranks[*i]).collect();
        let mut batches = Deduplicator::new(&params, 3, 40_000, std::env::temp_dir());
        for (texts, ranks) in moved.chunks(size).zip(moved_ranks.chunks(size)) {
            batches.add(texts, Some(ranks), &mut ()).unwrap();
        }
        let second: Vec<_> = batches.finish(&mut ()).unwrap().flat_map(Result::unwrap).collect();
        prop_assert_eq!(named(&first, &ranks), named(&second, &moved_ranks));
    }

    #[test]
    fn every_outcome_is_proven(texts in corpus()) {
        let outcomes = deduplicate(&refs(&texts), None, &DedupParams::default(), 2, &mut ()).unwrap();
        let mut sizes = BTreeMap::new();
        for outcome in &outcomes {
            *sizes.entry(outcome.cluster).or_insert(0) += 1;
            let (document, head) = (outcome.document, &outcomes[usize::try_from(outcome.cluster).unwrap()]);
            let text = |document: u64| texts[usize::try_from(document).unwrap()].as_str();
            prop_assert_eq!(head.cluster, head.document);
            prop_assert_eq!(outcome.kept, Some(head.document));
            match outcome.evidence {
                Evidence::Alone => prop_assert!(outcome.size == 1 && head.document == document),
                Evidence::Survivor => prop_assert!(outcome.size > 1 && head.document == document),
                Evidence::Exact => prop_assert_eq!(text(document), text(head.document)),
                Evidence::Containment(_) => prop_assert!(false, "nobody asked for it"),
                Evidence::Jaccard(value) => {
                    prop_assert!(value >= 0.8);
                    prop_assert_eq!(value.to_bits(), jaccard(&set(text(document)), &set(text(head.document))).to_bits());
                }
            }
        }
        for outcome in &outcomes {
            prop_assert_eq!(outcome.size, sizes[&outcome.cluster]);
        }
    }
}

#[test]
fn a_chain_does_not_remove_what_its_survivor_does_not_match() {
    // Each text is the one before it with one more replaced stretch: neighbours match, the ends do not.
    let texts: Vec<String> = (0..8)
        .map(|n: u64| {
            (0..400)
                .map(|i| word(if i < n * 12 { 10_000 + i } else { i }))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let outcomes = deduplicate(&refs(&texts), None, &DedupParams::default(), 1, &mut ()).unwrap();
    assert!(outcomes.iter().filter(|o| o.kept == Some(o.document)).count() > 1);
    for outcome in &outcomes {
        let kept = usize::try_from(outcome.kept.unwrap()).unwrap();
        let document = usize::try_from(outcome.document).unwrap();
        assert!(jaccard(&set(&texts[kept]), &set(&texts[document])) >= 0.8);
    }
}

#[test]
fn the_rank_chooses_the_survivor() {
    let texts = [text(1, 100, 0, 0), text(1, 100, 1, 1), text(1, 100, 0, 0)];
    let outcomes =
        deduplicate(&refs(&texts), Some(&[2, 0, 1]), &DedupParams::default(), 1, &mut ()).unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.kept == Some(1) && outcome.size == 3));
    assert_eq!(outcomes[1].evidence, Evidence::Survivor);
    assert_eq!(outcomes[0].evidence, outcomes[2].evidence);
    assert!(matches!(outcomes[0].removed(), Some((1, value)) if (0.8..1.0).contains(&value)));
}

#[test]
fn texts_without_words_are_duplicates_only_if_equal() {
    let texts = ["...", "...", "!!!", ""].map(str::to_owned);
    let outcomes = deduplicate(&refs(&texts), None, &DedupParams::default(), 1, &mut ()).unwrap();
    let kept: Vec<_> = outcomes.iter().map(|outcome| outcome.kept.unwrap()).collect();
    assert_eq!(kept, [0, 0, 2, 3]);
    assert_eq!(outcomes[1].evidence, Evidence::Exact);
}

#[test]
fn a_large_template_joins_nothing() {
    // 2,000 pages of 300 words in common and 100 of their own: one component, Jaccard 0.6, nothing to remove.
    let template: Vec<String> = (0..300).map(word).collect();
    let page = |n: u64| (0..100).map(|i| word(mix64(n, i + 9))).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> =
        (0..2000).map(|n| format!("{} {}", template.join(" "), page(n))).collect();
    let start = std::time::Instant::now();
    let outcomes = deduplicate(&refs(&texts), None, &DedupParams::default(), 1, &mut ()).unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.evidence == Evidence::Alone));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn the_monitor_hears_and_stops() {
    struct Count(u64, u64);
    impl Monitor for Count {
        fn advance(&mut self, _: Progress) -> Result<(), Interrupted> {
            self.0 += 1;
            if self.0 > self.1 { Err(Interrupted) } else { Ok(()) }
        }
    }
    let texts: Vec<String> = (0..50).map(|n| text(n % 10, 60, 1, n)).collect();
    let run =
        |monitor: &mut Count| deduplicate(&refs(&texts), None, &DedupParams::default(), 2, monitor);
    let mut all = Count(0, u64::MAX);
    run(&mut all).unwrap();
    // Once for the wave, once for the columns, once for the components; more often if they take long.
    assert!(all.0 >= 3);
    for limit in 0..3 {
        assert!(matches!(run(&mut Count(0, limit)), Err(Error::Interrupted)));
    }
}
