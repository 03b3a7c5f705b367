//! Clusters and survivors of real-looking texts: the same whatever the order, the parts and the threads.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use gamayun_dedup::{
    BandFile, BandFileWriter, Candidate, DedupParams, Error, Evidence, Limits, Outcome, Signer,
    Texts, candidate_components, deduplicate, jaccard, resolve, sorted_set,
};
use gamayun_text::hash::{hash128, mix64};
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

/// What the steps of a run do: parts on disk of the given sizes, then components, then survivors.
fn by_files(
    texts: &[&str],
    keys: &[(bool, u64)],
    sizes: &[usize],
    threads: usize,
    memory: u64,
) -> Vec<Outcome> {
    let params = DedupParams::default();
    let folder = tempfile::tempdir().unwrap();
    let (signer, mut rest, mut files) = (Signer::new(&params), texts, Vec::new());
    for size in sizes.iter().cycle().take(texts.len()).chain([&texts.len()]) {
        let (part, later) = rest.split_at(rest.len().min(*size));
        rest = later;
        let mut writer =
            BandFileWriter::new(folder.path().join(format!("{}.bands", files.len())), &params);
        for text in part {
            let (mut scratch, mut found) = (ShingleScratch::default(), Vec::new());
            shingles(text, 5, &mut scratch, &mut found);
            let (mut signature, mut bands) = (vec![0; signer.values()], vec![0; params.bands()]);
            signer.sign(&found, &mut signature);
            signer.band_keys(&signature, &mut bands);
            writer.push(&bands, u32::try_from(found.len()).unwrap(), hash128(text.as_bytes()));
        }
        files.push(writer.finish().unwrap());
    }
    let components = candidate_components::<BandFile>(&files, &|_| true, threads, &mut ()).unwrap();
    let candidate = |document: u64| {
        let (passed, key) = keys[usize::try_from(document).unwrap()];
        Candidate { passed, key }
    };
    let memory = memory.max(components.verification_memory());
    let limits = Limits { threads, memory };
    let mut found = resolve(
        &components,
        &candidate,
        &Texts::new(texts, &params, threads),
        &params,
        limits,
        &mut (),
    )
    .unwrap();
    let known: BTreeSet<u64> = found.iter().map(|outcome| outcome.document).collect();
    let others = (0..texts.len() as u64).filter(|document| !known.contains(document));
    found.extend(others.map(|document| Outcome::alone(document, candidate(document).passed)));
    found.sort_by_key(|outcome| outcome.document);
    found
}

/// Outcomes with documents named by their keys, which do not change with the order.
fn named(
    outcomes: &[Outcome],
    keys: &[(bool, u64)],
) -> BTreeMap<u64, (u64, u64, Option<u64>, String)> {
    let key = |document: u64| keys[usize::try_from(document).unwrap()].1;
    let value =
        |o: &Outcome| (key(o.cluster), o.size, o.kept.map(key), format!("{:?}", o.evidence));
    outcomes.iter().map(|outcome| (key(outcome.document), value(outcome))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn order_parts_threads_and_memory_do_not_matter(
        texts in corpus(),
        failed in prop::collection::vec(any::<bool>(), 40),
        seed in any::<u64>(),
        sizes in prop::collection::vec(1usize..9, 1..4),
    ) {
        let keys: Vec<_> = (0..texts.len() as u64).map(|i| (!failed[usize::try_from(i).unwrap()], mix64(i, seed))).collect();
        let first = by_files(&refs(&texts), &keys, &[100], 1, u64::MAX);
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|i| mix64(*i as u64, seed ^ 1));
        let moved: Vec<&str> = order.iter().map(|i| texts[*i].as_str()).collect();
        let moved_keys: Vec<_> = order.iter().map(|i| keys[*i]).collect();
        let second = by_files(&moved, &moved_keys, &sizes, 3, 0);
        prop_assert_eq!(named(&first, &keys), named(&second, &moved_keys));
    }

    #[test]
    fn every_outcome_is_proven(texts in corpus(), failed in prop::collection::vec(any::<bool>(), 40)) {
        let keys: Vec<_> = (0..texts.len() as u64).map(|i| (!failed[usize::try_from(i).unwrap()], i)).collect();
        let outcomes = by_files(&refs(&texts), &keys, &[7], 2, 0);
        let mut sizes = BTreeMap::new();
        for outcome in &outcomes {
            *sizes.entry(outcome.cluster).or_insert(0) += 1;
            let (document, head) = (outcome.document, &outcomes[usize::try_from(outcome.cluster).unwrap()]);
            let text = |document: u64| texts[usize::try_from(document).unwrap()].as_str();
            let passed = |document: u64| keys[usize::try_from(document).unwrap()].0;
            prop_assert_eq!(head.cluster, head.document);
            prop_assert_eq!(outcome.kept, passed(head.document).then_some(head.document));
            prop_assert!(passed(head.document) || !passed(document), "a document that passed follows one that failed");
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

    #[test]
    fn one_call_and_the_steps_agree(texts in corpus()) {
        let keys: Vec<_> = (0..texts.len() as u64).map(|i| (true, i)).collect();
        let at_once = deduplicate(&refs(&texts), None, &DedupParams::default(), 2, &mut ()).unwrap();
        prop_assert_eq!(at_once, by_files(&refs(&texts), &keys, &[5], 1, 0));
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
fn documents_that_are_not_eligible_join_nothing() {
    let texts = vec![text(1, 50, 0, 0); 3];
    let table = {
        let params = DedupParams::default();
        let mut table = gamayun_dedup::BandTable::new(&params);
        for text in &texts {
            table.push(&[7; 14], 46, hash128(text.as_bytes()));
        }
        table
    };
    let components = candidate_components(&[table], &|document| document != 1, 1, &mut ()).unwrap();
    let found: Vec<Vec<u64>> = components.iter().map(Iterator::collect).collect();
    assert_eq!(found, [[0, 2]]);
}

#[test]
fn a_component_beyond_the_memory_is_refused_with_its_need() {
    let texts: Vec<String> = (0..4).map(|edit| text(1, 500, 1, edit)).collect();
    let (params, references) = (DedupParams::default(), refs(&texts));
    let mut table = gamayun_dedup::BandTable::new(&params);
    for text in &texts {
        table.push(&[7; 14], 496, hash128(text.as_bytes()));
    }
    let components = candidate_components(&[table], &|_| true, 1, &mut ()).unwrap();
    let needed = components.verification_memory();
    let run = |memory| {
        let candidate = |document| Candidate { passed: true, key: document };
        let limits = Limits { threads: 1, memory };
        resolve(
            &components,
            &candidate,
            &Texts::new(&references, &params, 1),
            &params,
            limits,
            &mut (),
        )
    };
    assert!(run(needed).is_ok());
    assert!(
        matches!(run(needed - 1), Err(Error::Memory { documents: 4, needed: n, .. }) if n == needed)
    );
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
