//! Models of our own: learnt from texts, the same bytes each time, read back, right on texts they have not seen.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use gamayun_language::{Error, Model, Scratch, TrainParams, TrainText, evaluate, refine, train};
use gamayun_text::{Interrupted, Monitor, Progress};

const WORDS: [(&str, &[&str]); 4] = [
    ("en", &["the", "house", "is", "green", "and", "water", "with", "they", "of", "night"]),
    ("nl", &["het", "huis", "is", "groen", "en", "water", "met", "zij", "van", "nacht"]),
    ("ru", &["дом", "зелёный", "и", "вода", "с", "они", "из", "ночь", "не", "что"]),
    ("ja", &["家は", "緑", "水と", "彼ら", "夜の", "です", "ない", "何", "から", "東京"]),
];

/// Texts of four words each in four languages, the `n`th always the same.
fn texts(from: usize, to: usize) -> Vec<(&'static str, String)> {
    let text = |n: usize, words: &[&str]| {
        let word = |k: usize| words[(n * 7 + k * k * 3 + n / 10 * k) % words.len()];
        (0..4).map(word).collect::<Vec<_>>().join(" ")
    };
    (from..to).flat_map(|n| WORDS.map(|(label, words)| (label, text(n, words)))).collect()
}

fn slices(texts: &[(&'static str, String)]) -> Vec<TrainText<'static>> {
    texts.iter().map(|(label, text)| TrainText { label, text: text.clone().leak() }).collect()
}

fn params() -> TrainParams {
    TrainParams::new(2_000, 6, 0.3, 0.5, 1).unwrap()
}

#[test]
fn learns_and_is_the_same_each_time() {
    let learnt = slices(&texts(0, 200));
    let (model, bytes) = train(&learnt, &[], "made of words", &params(), &mut ()).unwrap();
    assert_eq!(train(&learnt, &[], "made of words", &params(), &mut ()).unwrap().1, bytes);
    assert_eq!(model.labels(), ["en", "ja", "nl", "ru"]);
    assert_eq!(model.provenance(), "made of words");

    let unseen = texts(300, 360);
    let rows = || unseen.iter().map(|(label, text)| (*label, text.as_str()));
    let found = evaluate(&model, rows(), str::to_owned);
    let labels: Vec<String> = model.labels().to_vec();
    assert!(found.accuracy(&labels) > 0.95, "{:?}", found.answers);
    assert!(found.f1(&labels).values().all(|f1| *f1 > 0.95));
    assert_eq!(found.texts(), 240);
    assert!(found.calibration_error() < 0.2);

    let again = Model::from_bytes(&bytes, "again").unwrap();
    assert_eq!(evaluate(&again, rows(), str::to_owned), found);
}

#[test]
fn a_model_goes_on_learning() {
    let (before, bytes) = train(&slices(&texts(0, 200)), &[], "", &params(), &mut ()).unwrap();
    // A word of English becomes Dutch.
    let moved: Vec<_> = texts(0, 200)
        .into_iter()
        .map(|(label, text)| match label {
            "en" => (label, text.replace("night", "house")),
            "nl" => (label, text.replace("nacht", "night")),
            _ => (label, text),
        })
        .collect();
    let go_on = || refine(&bytes, &slices(&moved), &[], "gone on", &params(), &mut ()).unwrap();
    let (after, file) = go_on();
    assert_eq!(go_on().1, file);
    assert_eq!((after.labels(), after.provenance()), (before.labels(), "gone on"));
    let best = |model: &Model| {
        let mut scores = Vec::new();
        model.predict("night night", 1, &mut Scratch::default(), &mut scores);
        model.label(scores[0].label).to_owned()
    };
    assert_eq!((best(&before).as_str(), best(&after).as_str()), ("en", "nl"));

    let others = [TrainText { label: "en", text: "one" }, TrainText { label: "fy", text: "ien" }];
    let refused = refine(&bytes, &others, &others, "", &params(), &mut ());
    assert!(matches!(refused, Err(Error::Parameter { parameter: "labels", .. })));
    assert!(refine(b"GAMAYUN", &others, &others, "", &params(), &mut ()).is_err());
}

#[test]
fn answers_do_not_depend_on_what_was_asked_before() {
    let (model, _) = train(&slices(&texts(0, 100)), &[], "", &params(), &mut ()).unwrap();
    let (mut used, mut one, mut other) = (Scratch::default(), Vec::new(), Vec::new());
    for (_, text) in texts(0, 50) {
        model.predict(&text, 3, &mut used, &mut one);
        model.predict(&text, 3, &mut Scratch::default(), &mut other);
        assert_eq!(one, other);
    }
    model.predict("12 + 7 = 19", 3, &mut used, &mut one);
    assert!(one.is_empty(), "no letters, no language");
}

#[test]
fn a_confusable_pair_is_doubted_when_the_margin_is_small() {
    let mut learnt = texts(0, 200);
    // Two names for one language: nothing tells them apart.
    for (n, (label, text)) in texts(0, 400).into_iter().enumerate() {
        if label == "en" {
            learnt.push((if n % 8 == 0 { "en" } else { "sco" }, text));
        }
    }
    let (model, _) = train(&slices(&learnt), &slices(&learnt), "", &params(), &mut ()).unwrap();
    let names = |label| model.label(label).to_owned();
    let pairs: Vec<_> = model.pairs().iter().map(|p| (names(p.first), names(p.second))).collect();
    assert!(pairs.contains(&("en".into(), "sco".into())), "{pairs:?}");
    let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
    let mut doubts = |text: &str| {
        model.predict(text, 2, &mut scratch, &mut scores);
        model.doubt(&scores).is_some()
    };
    assert!(texts(0, 40).iter().any(|(label, text)| *label == "en" && doubts(text)));
    assert!(!doubts("зелёный дом и вода"));
}

#[test]
fn what_cannot_be_learnt_is_refused() {
    let one = [TrainText { label: "en", text: "one language" }];
    let refused = train(&one, &one, "", &params(), &mut ());
    assert!(matches!(refused, Err(Error::TooFewLabels { .. })));
    for (features, epochs, rate, balance) in
        [(0, 1, 0.3, 0.5), (9, 0, 0.3, 0.5), (9, 1, f32::NAN, 0.5), (9, 1, 0.3, 1.5)]
    {
        let refused = TrainParams::new(features, epochs, rate, balance, 0);
        assert!(matches!(refused, Err(Error::Parameter { .. })));
    }
}

#[test]
fn a_monitor_can_stop_the_training() {
    struct Stop;
    impl Monitor for Stop {
        fn advance(&mut self, _: Progress) -> Result<(), Interrupted> {
            Err(Interrupted)
        }
    }
    let stopped = train(&slices(&texts(0, 20)), &[], "", &params(), &mut Stop);
    assert!(matches!(stopped, Err(Error::Interrupted)));
}
