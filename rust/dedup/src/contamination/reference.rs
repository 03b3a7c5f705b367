//! The slow, obvious twin: maps of n-grams as strings of words, scores from their definition.

use std::collections::{BTreeMap, BTreeSet};

use gamayun_text::spaced;
use gamayun_text::words::words;
use proptest::prelude::*;

use super::score::{LEAST_WEIGHT, LEAST_WEIGHT_BY_CHARACTERS};
use super::{ContaminationParams, ItemIndex, ItemMatch, find_items};

fn grams(text: &str, n: usize) -> BTreeSet<Vec<String>> {
    words(text).windows(n).map(<[String]>::to_vec).collect()
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn rarity(all: usize, holders: usize) -> f64 {
    let all = 1.0 + all.max(1) as f64;
    (all / holders.max(1) as f64).ln() / all.ln()
}

/// For each text: item → (score, n-grams).
fn slow(
    texts: &[String],
    items: &[String],
    params: &ContaminationParams,
) -> Vec<BTreeMap<usize, (f64, usize)>> {
    let n = params.ngram();
    let long = |text: &String| words(text).len() >= params.minimum_words();
    let of_items: Vec<_> = items
        .iter()
        .map(|item| if long(item) { grams(item, n) } else { BTreeSet::new() })
        .collect();
    let of_texts: Vec<BTreeSet<Vec<String>>> = texts
        .iter()
        .map(|text| &grams(text, n) | &spaced(text).map(|text| grams(&text, n)).unwrap_or_default())
        .collect();
    let checked = of_items.iter().filter(|set| !set.is_empty()).count();
    let holders = |sets: &[BTreeSet<Vec<String>>], gram: &Vec<String>| {
        sets.iter().filter(|set| set.contains(gram)).count()
    };
    let weight = |gram: &Vec<String>| {
        rarity(texts.len(), holders(&of_texts, gram)) * rarity(checked, holders(&of_items, gram))
    };
    let mut found = Vec::new();
    for text in &of_texts {
        let mut matches = BTreeMap::new();
        for (number, item) in of_items.iter().enumerate() {
            let total: f64 = item.iter().map(weight).sum();
            let shared: Vec<_> = item.intersection(text).collect();
            let sum: f64 = shared.iter().map(|gram| weight(gram)).sum();
            let by_characters = words(&items[number]).iter().all(|word| word.chars().count() == 1);
            let least = if by_characters { LEAST_WEIGHT_BY_CHARACTERS } else { LEAST_WEIGHT };
            if sum + 1e-9 >= (params.threshold() * total).max(least) {
                matches.insert(number, (sum / total, shared.len()));
            }
        }
        found.push(matches);
    }
    found
}

fn fast(texts: &[String], items: &[String], params: ContaminationParams) -> Vec<Vec<ItemMatch>> {
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let slices: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = find_items(&slices, &items, params, 2, &mut ()).unwrap();
    assert!(found.is_sorted_by_key(|found| found.text));
    let mut matches = vec![Vec::new(); texts.len()];
    for found in found {
        matches[usize::try_from(found.text).unwrap()].push(found.matched);
    }
    matches
}

/// Texts of few different words, so that n-grams repeat.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "Ya", "東", "да", "x1", "c."]), 0..24)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn matches_are_those_of_the_definition(
        texts in prop::collection::vec(text(), 0..8),
        items in prop::collection::vec(text(), 0..8),
        ngram in 1_usize..5,
        more in 0_usize..4,
        threshold in prop::sample::select(vec![0.2, 0.5, 0.8, 1.0]),
    ) {
        let params = ContaminationParams::new(ngram, ngram + more, threshold).unwrap();
        let expected = slow(&texts, &items, &params);
        for (found, expected) in fast(&texts, &items, params).iter().zip(expected) {
            let found: BTreeMap<_, _> =
                found.iter().map(|m| (m.item as usize, (m.score, m.grams as usize))).collect();
            prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (item, (score, grams)) in &expected {
                prop_assert!((found[item].0 - score).abs() < 1e-9);
                prop_assert_eq!(found[item].1, *grams);
            }
        }
    }
}

#[test]
fn an_item_is_found_in_a_long_page_and_its_places_are_told() {
    let item = "Which planet of the solar system has the shortest day of all?".to_owned();
    let page =
        format!("{} {item} {}", "Some words before it. ".repeat(50), "And after. ".repeat(50));
    let params = ContaminationParams::default();
    let found =
        fast(&[page.clone(), "Nothing of the kind.".into()], std::slice::from_ref(&item), params);
    assert_eq!(found[0].len(), 1);
    assert!((found[0][0].score - 1.0).abs() < 1e-12);
    assert!(found[1].is_empty());
    let index = ItemIndex::new(&[&item], params).unwrap();
    let places: Vec<usize> = index.places(&page).into_iter().map(|(place, _)| place).collect();
    assert!(index.holds(0, 0) && index.item_grams(0) == 8);
    assert_eq!(places, (200..208).collect::<Vec<_>>());
}

#[test]
fn an_item_by_words_is_found_in_a_page_by_characters() {
    let item = "Which planet of the solar system has the shortest day of all?".to_owned();
    let page = format!("{}：{item} {}", "題目如下，請回答".repeat(9), "答案在書的最後".repeat(9));
    let params = ContaminationParams::default();
    let found = fast(&[page, "没有".into()], std::slice::from_ref(&item), params);
    assert_eq!(found[0].len(), 1);
    assert!((found[0][0].score - 1.0).abs() < 1e-12);
    let index = ItemIndex::new(&[&item, "題目如下，請回答問題一二三"], params).unwrap();
    assert!(!index.is_by_characters(0) && index.is_by_characters(1));
}

#[test]
fn items_that_share_a_template_alone_do_not_match() {
    let template = "Read the following passage and choose the one correct answer to the question";
    let mut items: Vec<String> =
        (0..50).map(|n| format!("{template}: alpha{n} beta{n} gamma{n} delta{n} eps{n}")).collect();
    let texts = vec![format!("{template}: something else stands here instead of it")];
    assert!(fast(&texts, &items, ContaminationParams::default())[0].is_empty());
    // The same n-grams are proof if no other item has them.
    items.truncate(1);
    assert_eq!(fast(&texts, &items, ContaminationParams::default())[0].len(), 1);
}

#[test]
fn short_items_are_told() {
    let params = ContaminationParams::new(3, 4, 0.5).unwrap();
    let index =
        ItemIndex::new(&["one two three", "one two three four", "", "東京都千"], params).unwrap();
    let short: Vec<bool> = (0..4).map(|item| index.is_too_short(item)).collect();
    assert_eq!(short, [true, false, true, false]);
    let equal = ContaminationParams::new(3, 3, 0.5).unwrap();
    let index = ItemIndex::new(&["one two", "one two three"], equal).unwrap();
    assert!(index.is_too_short(0) && !index.is_too_short(1));
    assert!(index.bytes() > 0);
}
