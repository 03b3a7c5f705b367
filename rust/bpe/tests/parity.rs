//! Parity-aware training equals its definition, is fair where classic training is not, and refuses what does not fit.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::collections::BTreeMap;

use common::{Pair, pool};
use gamayun_bpe::{
    Counts, Error, LanguageTurns, Measure, ParityParams, Pattern, Split, TrainParams, Window,
    train, train_parity, train_parity_prefixes,
};
use gamayun_text::{Interrupted, Monitor, Progress};
use proptest::prelude::*;

fn params(vocab_size: u32) -> TrainParams {
    TrainParams { vocab_size, min_frequency: 0, ..TrainParams::default() }
}

fn pair(left: &str, right: &str) -> Pair {
    (left.as_bytes().to_vec(), right.as_bytes().to_vec())
}

/// Texts by language.
type Texts = BTreeMap<&'static str, Vec<String>>;
/// Words by language, with their counts.
type Words = BTreeMap<&'static str, Vec<(Vec<Vec<u8>>, u64)>>;

fn count(texts: &Texts, split: impl Into<Pattern>) -> Counts {
    let mut counts = Counts::new(split);
    for (language, texts) in texts {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        counts.add(language, &texts, &pool(1)).unwrap();
    }
    counts
}

fn words(texts: &Texts, split: &Pattern) -> Words {
    let of = |texts: &Vec<String>| {
        common::slow_words(split, &texts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    texts.iter().map(|(&language, texts)| (language, of(texts))).collect()
}

fn merges(texts: &Texts, params: &ParityParams) -> Vec<Pair> {
    train_parity(&count(texts, params.train.split.clone()), params, &mut ())
        .unwrap()
        .0
        .merges()
        .collect()
}

/// The same with high counts, where rare pairs are left out of the queues until they are needed.
fn merges_of_many(texts: &Texts, params: &ParityParams) -> Vec<Pair> {
    const MANY: u64 = 500_000;
    let mut counts = Counts::new(params.train.split.clone());
    for (language, words) in words(texts, &params.train.split) {
        counts.add(language, &[], &pool(1)).unwrap();
        for (word, count) in words {
            let word = String::from_utf8(word.concat()).unwrap();
            counts.add_pretoken(language, &word, count * MANY);
        }
    }
    let min_frequency = params.train.min_frequency * MANY;
    let train = TrainParams { min_frequency, ..params.train.clone() };
    let params = ParityParams { train, ..params.clone() };
    train_parity(&counts, &params, &mut ()).unwrap().0.merges().collect()
}

fn tokens(words: &[(Vec<Vec<u8>>, u64)]) -> u64 {
    words.iter().map(|(word, count)| word.len() as u64 * count).sum()
}

/// What the twin measures by: the words whose tokens count, and content as a plain number.
struct SlowMeasure {
    words: Option<Words>,
    content: BTreeMap<&'static str, u64>,
}

/// Parity-aware training by its definition: count all anew at each step.
fn slow_parity(texts: &Texts, measure: SlowMeasure, params: &ParityParams) -> Vec<Pair> {
    let SlowMeasure { words: mut shown, content } = measure;
    let (mut ids, mut size) = common::slow_ids(&params.train);
    let hybrid_end = size + params.hybrid;
    let mut own = words(texts, &params.train.split);
    let (mut merges, mut turns) = (Vec::new(), Vec::new());
    let min = params.train.min_frequency.max(1);
    let mut classic = true;
    while size < params.train.vocab_size {
        classic &= size < hybrid_end;
        let all: Vec<_> = own.values().flatten().cloned().collect();
        let best = |words: &[_]| {
            common::slow_best(words, &ids, &params.train).filter(|(_, count)| *count >= min)
        };
        let chosen = if classic { best(&all) } else { None };
        let pair = if let Some((pair, _)) = chosen {
            pair
        } else {
            classic = false;
            let able = content.keys().filter_map(|&name| Some((name, best(&own[name])?.0)));
            let mut able: Vec<(&str, Pair)> = able.collect();
            let passed_over = |name: &str| {
                params.window.is_some_and(|window| {
                    let last = turns.iter().rev().take(window.turns as usize);
                    let had = u32::try_from(last.filter(|turn| **turn == name).count()).unwrap();
                    let languages = f64::from(u32::try_from(content.len()).unwrap());
                    f64::from(had) > window.alpha * f64::from(window.turns) / languages
                })
            };
            if able.iter().any(|(name, _)| !passed_over(name)) {
                able.retain(|(name, _)| !passed_over(name));
            }
            let now = |name: &str| tokens(&shown.as_ref().unwrap_or(&own)[name]);
            // Of equals the last of the largest is taken, so the first name has to come last.
            let dearest = able.into_iter().rev().max_by(|(a, _), (b, _)| {
                (u128::from(now(a)) * u128::from(content[b]))
                    .cmp(&(u128::from(now(b)) * u128::from(content[a])))
            });
            let Some((name, pair)) = dearest else { break };
            turns.push(name);
            pair
        };
        ids.entry([pair.0.as_slice(), &pair.1].concat()).or_insert_with(|| {
            size += 1;
            size - 1
        });
        for (word, _) in
            own.values_mut().chain(shown.iter_mut().flat_map(BTreeMap::values_mut)).flatten()
        {
            common::slow_merge(word, &pair);
        }
        merges.push(pair);
    }
    last_of_equals(&merges)
}

/// A pair that is merged twice counts where it was merged last, as in the tokenizer.
fn last_of_equals(merges: &[Pair]) -> Vec<Pair> {
    let mut kept = Vec::new();
    for (n, pair) in merges.iter().enumerate() {
        if !merges[n + 1..].contains(pair) {
            kept.push(pair.clone());
        }
    }
    kept
}

const NAMES: [&str; 3] = ["aa", "bb", "cc"];

fn by_name(texts: Vec<Vec<String>>) -> Texts {
    NAMES.into_iter().zip(texts).collect()
}

fn some_texts() -> impl Strategy<Value = Texts> {
    let few = proptest::collection::vec("[ab]{0,6}|[ac]{0,8}|[abc ]{0,12}", 1..8);
    let any = proptest::collection::vec(common::texts(30), 1..5);
    let language = prop_oneof![3 => few, 1 => any];
    proptest::collection::vec(language, 1..4).prop_map(by_name)
}

fn some_params() -> impl Strategy<Value = ParityParams> {
    let window = proptest::option::of((1_u32..6, 0.0_f64..2.5));
    let length = proptest::option::weighted(0.3, 0_usize..7);
    let special = proptest::sample::select(vec![
        &[][..],
        &["<|endoftext|>"],
        &["ab", "é", "日"],
        &["ĠaĠ", "aa"],
    ]);
    (250_u32..300, 0_u64..4, length, 0_u32..8, window, special).prop_map(
        |(vocab_size, min_frequency, max_token_length, hybrid, window, special)| ParityParams {
            train: TrainParams {
                min_frequency,
                max_token_length,
                special_tokens: special.iter().map(ToString::to_string).collect(),
                ..params(vocab_size)
            },
            measure: Measure::Target(Vec::new()),
            hybrid,
            window: window.map(|(turns, alpha)| Window { turns, alpha }),
        },
    )
}

fn has_text(texts: &Texts, name: &str) -> bool {
    texts.get(name).is_some_and(|texts| texts.iter().any(|text| !text.is_empty()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn equals_the_definition_on_parallel_text(
        texts in some_texts(),
        dev in some_texts(),
        content in proptest::collection::vec(1_u64..50, 3),
        params in some_params(),
    ) {
        let content: BTreeMap<&'static str, u64> = NAMES.into_iter().zip(content)
            .filter(|(name, _)| texts.contains_key(name) && has_text(&dev, name)).collect();
        let measure = Measure::Parallel {
            texts: count(&dev, params.train.split.clone()),
            content: content.iter().map(|(&name, &content)| (name.to_owned(), content)).collect(),
        };
        let params = ParityParams { measure, ..params };
        let words = Some(words(&dev, &params.train.split));
        let slow = slow_parity(&texts, SlowMeasure { words, content }, &params);
        prop_assert_eq!(&merges(&texts, &params), &slow);
        prop_assert_eq!(&merges_of_many(&texts, &params), &slow);
    }

    #[test]
    fn equals_the_definition_on_the_training_text(
        texts in some_texts(),
        targets in proptest::collection::vec(1_u32..8, 3),
        params in some_params(),
    ) {
        // Targets are whole quarters, so that the twin can reckon with whole numbers.
        let named: Vec<_> = NAMES.into_iter().zip(targets)
            .filter(|(name, _)| texts.contains_key(name)).collect();
        let bytes = |name: &str| texts[name].iter().map(|text| text.len() as u64).sum::<u64>();
        // Text too short for one unit of content takes no turns, and no part of a window.
        let content = named.iter().map(|&(name, quarters)| {
            (name, (u128::from(bytes(name)) * 4 / u128::from(quarters)).try_into().unwrap())
        }).filter(|(_, content)| *content > 0).collect();
        let targets = named.iter().map(|&(name, quarters)| (name.to_owned(), f64::from(quarters) / 4.0));
        let params = ParityParams { measure: Measure::Target(targets.collect()), ..params };
        let slow = slow_parity(&texts, SlowMeasure { words: None, content }, &params);
        prop_assert_eq!(merges(&texts, &params), slow);
    }

    #[test]
    fn one_language_is_classic_training(texts in proptest::collection::vec("[ab]{0,6}|[abc ]{0,12}", 1..9), params in some_params()) {
        let texts = Texts::from([("aa", texts)]);
        let measure = Measure::Target(vec![("aa".to_owned(), 1.7)]);
        let params = ParityParams { measure, ..params };
        let classic = train(&count(&texts, params.train.split.clone()), &params.train, &mut ()).unwrap();
        prop_assert_eq!(merges(&texts, &params), classic.merges().collect::<Vec<_>>());
    }
}

fn golden_texts() -> Texts {
    let golden = common::golden("text.json");
    let text = |name: &str| golden["texts"][name].as_str().unwrap().to_owned();
    ["en", "ru", "zh"].into_iter().map(|name| (name, vec![text(name)])).collect()
}

fn targets(named: &[(&str, f64)]) -> Measure {
    Measure::Target(named.iter().map(|&(name, target)| (name.to_owned(), target)).collect())
}

fn parity(vocab_size: u32, measure: Measure) -> ParityParams {
    ParityParams { train: params(vocab_size), measure, hybrid: 0, window: None }
}

#[test]
fn the_same_for_any_threads_and_order() {
    let texts = golden_texts();
    let measure = targets(&[("en", 1.0), ("ru", 1.8), ("zh", 1.0)]);
    let make = |threads: usize, backwards: bool| {
        let mut counts = Counts::new(Split::Gamayun);
        let mut names: Vec<_> = texts.keys().collect();
        if backwards {
            names.reverse();
        }
        for name in names {
            let mut lines: Vec<&str> = texts[name][0].split_inclusive("\n\n").collect();
            if backwards {
                lines.reverse();
            }
            counts.add(name, &lines, &pool(threads)).unwrap();
        }
        let params = ParityParams { hybrid: 100, ..parity(700, measure.clone()) };
        let train = TrainParams { threads, ..params.train.clone() };
        train_parity(&counts, &ParityParams { train, ..params }, &mut ()).unwrap().0.to_json()
    };
    let one = make(1, false);
    assert_eq!(make(2, false), one);
    assert_eq!(make(5, true), one);
}

#[test]
fn each_prefix_is_the_tokenizer_of_its_size() {
    let counts = count(&golden_texts(), Split::Gamayun);
    let measure = targets(&[("en", 1.0), ("ru", 1.8), ("zh", 1.0)]);
    let params = ParityParams { hybrid: 60, ..parity(1, measure) };
    let sizes = [420, 256, 300, 700];
    let (prefixes, turns) = train_parity_prefixes(&counts, &params, &sizes, &mut ()).unwrap();
    for (size, prefix) in sizes.into_iter().zip(prefixes) {
        let train = TrainParams { vocab_size: size, ..params.train.clone() };
        let alone = ParityParams { train, ..params.clone() };
        let (tokenizer, its_turns) = train_parity(&counts, &alone, &mut ()).unwrap();
        assert_eq!(prefix.to_json(), tokenizer.to_json(), "{size}");
        assert_eq!(its_turns == turns, size == 700, "{size}");
    }
}

/// The tokens that training says it ended with are those that encoding makes.
#[test]
fn reports_what_encoding_finds() {
    let texts = golden_texts();
    let contents = vec![("en".to_owned(), 1000), ("ru".to_owned(), 1000)];
    let measure = Measure::Parallel { texts: count(&texts, Split::Gamayun), content: contents };
    let (tokenizer, turns) =
        train_parity(&count(&texts, Split::Gamayun), &parity(600, measure), &mut ()).unwrap();
    for LanguageTurns { language, tokens, content, turns } in turns {
        let found = common::encode(&tokenizer, &texts[language.as_str()][0]).len() as u64;
        assert_eq!(tokens, found, "{language}");
        let expected = if language == "zh" { None } else { Some(1000) };
        assert_eq!((content, turns > 0), (expected, expected.is_some()), "{language}");
    }
}

/// Where one language has ten times the text of another, classic training serves it alone, parity serves both.
#[test]
fn serves_the_small_language() {
    let texts = Texts::from([
        ("aa", vec!["abcdefgh ijklmnop ".repeat(100)]),
        ("bb", vec!["qrstuvwx QRSTUVWX ".repeat(10)]),
    ]);
    let counts = count(&texts, Split::Gamayun);
    let length = |tokenizer: &gamayun_bpe::Tokenizer, name| {
        common::encode(tokenizer, texts[name][0].split_at(18).0).len()
    };
    let classic = train(&counts, &params(267), &mut ()).unwrap();
    assert_eq!([length(&classic, "aa"), length(&classic, "bb")], [8, 18]);
    let both = parity(267, targets(&[("aa", 1.0), ("bb", 1.0)]));
    let (fair, turns) = train_parity(&counts, &both, &mut ()).unwrap();
    assert_eq!([length(&fair, "aa"), length(&fair, "bb")], [13, 13]);
    assert_eq!(turns.iter().map(|row| row.turns).collect::<Vec<_>>(), [5, 5]);
    // A target of three: as good as a third of the tokens of the other.
    let wanting = parity(267, targets(&[("aa", 1.0), ("bb", 3.0)]));
    let (fair, _) = train_parity(&counts, &wanting, &mut ()).unwrap();
    assert_eq!([length(&fair, "aa"), length(&fair, "bb")], [18, 8]);
}

#[test]
fn counts_beyond_32_bits() {
    let mut counts = Counts::new(Split::Gamayun);
    counts.add_pretoken("aa", &"ab".repeat(1000), 2_200_000);
    counts.add_pretoken("aa", "cd", 1 << 33);
    counts.add_pretoken("bb", "xy", 3);
    let both = parity(260, targets(&[("aa", 1.0), ("bb", 1.0)]));
    let found: Vec<_> = train_parity(&counts, &both, &mut ()).unwrap().0.merges().collect();
    assert_eq!(found, [pair("c", "d"), pair("x", "y"), pair("a", "b")]);
    counts.add_pretoken("bb", "wxyz", u64::MAX / 4);
    let error = train_parity(&counts, &both, &mut ()).unwrap_err();
    assert!(matches!(error, Error::CountOverflow));
}

#[test]
fn refuses_what_does_not_fit() {
    let texts = golden_texts();
    let counts = count(&texts, Split::Gamayun);
    let refused = |params: ParityParams| {
        train_parity(&counts, &params, &mut ()).map(|_| ()).unwrap_err().to_string()
    };
    let en = || targets(&[("en", 1.0)]);
    assert_eq!(
        refused(parity(300, targets(&[("xx", 1.0)]))),
        "weights: language \"xx\" has no counts"
    );
    assert!(refused(parity(300, targets(&[("en", f64::NAN)]))).starts_with("target: NaN"));
    assert!(refused(parity(300, targets(&[("en", 0.0)]))).contains("from 0.001 to 1,000"));
    let window = |turns, alpha| Some(Window { turns, alpha });
    let with = |window| ParityParams { window, ..parity(300, en()) };
    assert!(refused(with(window(0, 2.0))).starts_with("window: 0"));
    assert!(refused(with(window(9, -1.0))).starts_with("alpha: -1"));
    let parallel = |split, content| {
        let content = vec![("en".to_owned(), content)];
        parity(300, Measure::Parallel { texts: count(&texts, split), content })
    };
    assert!(refused(parallel(Split::Gpt2, 1)).contains("made with split gpt2"));
    assert!(refused(parallel(Split::Gamayun, 0)).contains("content 0"));
    let mut other = parity(300, en());
    other.train.split = Split::Gpt2.into();
    assert!(refused(other).contains("gpt2 was asked for"));
}

struct Stop;

impl Monitor for Stop {
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted> {
        assert_eq!((progress.done, progress.total), (258, 300));
        Err(Interrupted)
    }
}

#[test]
fn the_monitor_stops_it() {
    let counts = count(&golden_texts(), Split::Gamayun);
    let params = parity(300, targets(&[("en", 1.0)]));
    assert!(matches!(train_parity(&counts, &params, &mut Stop), Err(Error::Interrupted)));
}
