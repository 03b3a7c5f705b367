//! Fitted thresholds cut what they say, whatever the order of documents.

use proptest::prelude::*;

use super::*;
use crate::measurement::{Measured, Metric};
use crate::rules::Drops;

/// Documents of which one measurement takes these values.
fn columns(metric: Metric, values: &[f64]) -> Columns {
    let mut columns = Columns::default();
    for &value in values {
        let mut measured = Measured::undefined();
        measured.set(metric, value);
        columns.add(&measured);
    }
    columns.sorted()
}

fn rule(reason: &str) -> &'static Rule {
    catalogue().find(|rule| rule.reason == reason).unwrap()
}

fn fitted(columns: &Columns, method: Method) -> Fitted {
    let base = Profile::shipped("default").unwrap();
    fit("xx", base, columns, &StopWordCounter::default(), method, None).unwrap()
}

proptest! {
    #[test]
    fn a_tail_is_cut_and_no_more(
        mut values in prop::collection::vec(0.0..1.0f64, 1..300),
        share in 0u8..50,
    ) {
        for (reason, metric) in [("duplicated_5_n_grams", Metric::Dup5Gram), ("gopher_below_alpha_threshold", Metric::AlphaWords)] {
            let rule = rule(reason);
            let may = values.len() * usize::from(share) / 100;
            let method = Method::Tail(f64::from(share) / 100.0);
            let found = fitted(&columns(metric, &values), method);
            values.reverse();
            prop_assert_eq!(&found.toml, &fitted(&columns(metric, &values), method).toml);
            let profile = Profile::parse(&found.toml, "xx").unwrap();
            let derived = found.thresholds.iter().find(|d| d.reason == reason).unwrap();
            let Some(threshold) = rule.threshold(&profile) else {
                // 0 turns off a rule that drops what lies below: nothing can be below it.
                prop_assert!(rule.drops == Drops::Below && derived.value.abs() < f64::EPSILON);
                continue;
            };
            let cut = values.iter().filter(|&&value| rule.fails(value, threshold, &profile)).count();
            prop_assert!(cut <= may, "{reason}: {cut} of {}", values.len());
            if !derived.rule.starts_with("the strictest") {
                // One thousandth to the strict side cuts more, or all that may be cut.
                let stricter = if rule.drops == Drops::Above { threshold - 0.001 } else { threshold + 0.001 };
                let cut = values.iter().filter(|&&value| rule.fails(value, stricter, &profile)).count();
                prop_assert!(cut >= may);
            }
        }
    }
}

#[test]
fn english_thresholds_are_carried_over() {
    let english = columns(Metric::NewLine, &[0.1, 0.2, 0.3, 0.4]);
    let reference = columns(Metric::NewLine, &[0.2, 0.4, 0.6, 0.8]);
    let profile = Profile::shipped("en").unwrap();
    let english = Some(English { columns: &english, profile });
    let base = Profile::shipped("default").unwrap();
    let threshold = |method| {
        let words = StopWordCounter::default();
        let found = fit("xx", base, &reference, &words, method, english).unwrap();
        found.thresholds.iter().find(|d| d.parameter == "new_line_ratio").unwrap().value
    };
    // 0.3 cuts one of four, and lies half a deviation above the mean; the reference is twice as spread.
    assert!((threshold(Method::Quantile) - 0.6).abs() < 1e-9);
    assert!((threshold(Method::MeanStd) - 0.6).abs() < 1.1e-3);
    let alone = fit("xx", base, &reference, &StopWordCounter::default(), Method::Quantile, None);
    assert!(matches!(alone, Err(Error::NoEnglish { .. })));
    let nothing =
        fit("xx", base, &Columns::default(), &StopWordCounter::default(), Method::Tail(0.1), None);
    assert!(matches!(nothing, Err(Error::NoReference { .. })));
}

#[test]
fn stop_words_are_those_of_most_documents() {
    let mut words = StopWordCounter::default();
    for n in 0..10 {
        let rare = format!("rare{n}");
        let once = if n < 5 { "half" } else { "other" };
        let mut text = vec!["the", "The", ",", "of", "7", &rare, once];
        text.extend(["filler"; 50]);
        words.add(&text);
        words.add(&["short"]);
    }
    let mut both = words.clone();
    both.merge(words);
    let found: Vec<(String, f64)> = both.most_common(20);
    let names: Vec<&str> = found.iter().map(|(word, _)| word.as_str()).collect();
    assert_eq!(names, ["filler", "of", "the", "half", "other"]);
    assert!((found[0].1 - 1.0).abs() < 1e-9 && (found[3].1 - 0.5).abs() < 1e-9);
}
