//! Models of fluency: the same text gives the same file, a file gives the same model, a damaged one an error.

use gamayun_quality::fluency::{Model, Scratch, TrainParams, shipped, shipped_languages, train};
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "the", "river", "ran", "under", "a", "bridge", "and", "old", "men", "sat", "by", "it", "while",
    "boats", "went", "down", "to", "town", "with", "grain",
];

/// Sentences of a small grammar, so that the order of words can be learned.
fn source(seed: usize) -> String {
    let mut state = seed;
    let mut text = String::new();
    for _ in 0..600 {
        for step in 0..8 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let word = WORDS[(step * 5 + (state >> 33) % 5) % WORDS.len()];
            text.push_str(word);
            text.push(' ');
        }
        text.push_str("end.\n\n");
    }
    text
}

fn model() -> gamayun_quality::Result<Model> {
    let params = TrainParams { language: "xx".into(), log_buckets: 8, ..TrainParams::default() };
    train(&[source(1), source(2), source(3)], &params)
}

#[test]
fn the_same_text_gives_the_same_file_and_it_is_read_back() {
    let bytes = model().unwrap().to_bytes();
    assert_eq!(bytes, model().unwrap().to_bytes());
    assert_eq!(Model::from_bytes(&bytes, "xx").unwrap(), model().unwrap());
}

#[test]
fn letters_are_told_apart() {
    let (model, mut scratch) = (model().unwrap(), Scratch::default());
    let text: String = source(9).chars().take(900).collect();
    let good = model.score(&text, &mut scratch).unwrap();
    let reversed: String = text.chars().rev().collect();
    let reversed = model.score(&reversed, &mut scratch).unwrap();
    assert!(reversed.perplexity > 4.0 * good.perplexity, "{good:?} {reversed:?}");
    assert!(good.garbled < 0.5 && reversed.garbled > 0.9, "{good:?} {reversed:?}");
    assert!(good.direction > 2.0 && reversed.direction < -2.0, "{good:?} {reversed:?}");
    assert!(model.score("too short", &mut scratch).is_none());
}

#[test]
fn shuffled_words_have_no_order() {
    let text = "The committee met on Tuesday and agreed that the work should go on as before. It had heard \
        from two engineers, who said that the bridge was safe, and from a farmer who said that it was not. \
        When the letters had been read, the chairman thanked them all and went home to his supper.";
    let (model, mut scratch) = (shipped("en").unwrap(), Scratch::default());
    let good = model.score(text, &mut scratch).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    // 17 has no common divisor with the number of words, so each occurs once.
    let salad: Vec<&str> = (0..words.len()).map(|n| words[n * 17 % words.len()]).collect();
    assert!(!words.len().is_multiple_of(17));
    let salad = model.score(&salad.join(" "), &mut scratch).unwrap();
    assert!(good.word_order > 0.7 && salad.word_order < 0.4, "{good:?} {salad:?}");
}

#[test]
fn every_bundled_file_is_a_model_of_its_name() {
    let names: Vec<&str> = shipped_languages().collect();
    assert!(names.is_sorted() && names.len() >= 17, "{names:?}");
    for name in names {
        let model = shipped(name).unwrap();
        assert_eq!(model.language(), name);
        assert!(!model.provenance().is_empty());
    }
    assert!(shipped("tlh").is_none());
}

#[test]
fn too_little_text_and_strange_parameters_are_refused() {
    let fails = |text: &str, params: &TrainParams| {
        train(&[text.to_owned()], params).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let params = TrainParams { language: "xx".into(), ..TrainParams::default() };
    assert!(fails("short", &params).contains("at least 10,000 bytes"));
    let wide = TrainParams { log_buckets: 40, ..params.clone() };
    assert!(fails(&source(1), &wide).contains("log_buckets"));
    let lax = TrainParams { tolerance: 0.7, ..params };
    assert!(fails(&source(1), &lax).contains("tolerance"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_damaged_file_is_an_error(at in 0_usize..20_000, bit in 0_u8..8, cut in 0_usize..20_000) {
        let whole = shipped("en").unwrap().to_bytes();
        let mut bytes = whole.clone();
        let at = at * 13 % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Model::from_bytes(&bytes, "damaged").is_err());
        prop_assert!(Model::from_bytes(&whole[..cut * 13 % whole.len()], "cut").is_err());
    }

    #[test]
    fn any_text_is_scored(text in ".{0,400}", lang in 0_usize..17) {
        let model = shipped(shipped_languages().nth(lang).unwrap()).unwrap();
        if let Some(found) = model.score(&text, &mut Scratch::default()) {
            prop_assert!(found.perplexity >= 1.0 && found.relative > 0.0);
            prop_assert!((0.0..=1.0).contains(&found.garbled));
        }
    }
}
