//! Encoding equals its definition, is linear, loses nothing, and reads what others wrote.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::time::Instant;

use common::{encode, ranks, slow_pretoken, trained};
use gamayun_bpe::{EncodeScratch, Error, Split, Tokenizer, TrainParams};
use proptest::prelude::*;
use serde_json::{Value, json};

fn texts() -> Vec<String> {
    let golden = common::golden("text.json");
    golden["texts"]
        .as_object()
        .unwrap()
        .values()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn tokenizer(split: Split) -> Tokenizer {
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    trained(
        &texts,
        &TrainParams { vocab_size: 1200, split: split.into(), ..TrainParams::default() },
    )
}

fn slow_encode(tokenizer: &Tokenizer, split: Split, text: &str) -> Vec<Vec<u8>> {
    let ranks = ranks(tokenizer);
    let mut tokens = Vec::new();
    split.pretokens(text, |pretoken| tokens.extend(slow_pretoken(&ranks, pretoken)));
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn equals_the_definition(text in common::texts(120), letters in "[a-e]{0,200}|(ab){0,90}|[あ-お日本]{0,80}| {0,90}") {
        for split in [Split::Gamayun, Split::Gpt2] {
            let tokenizer = tokenizer(split);
            for text in [&text, &letters] {
                let ids = encode(&tokenizer, text);
                let tokens: Vec<&[u8]> = ids.iter().map(|&id| tokenizer.token_bytes(id).unwrap()).collect();
                prop_assert_eq!(tokens, slow_encode(&tokenizer, split, text));
                prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
            }
        }
    }
}

#[test]
fn batches_and_threads_change_nothing() {
    let tokenizer = tokenizer(Split::Gamayun);
    let texts = texts();
    let many: Vec<&str> = (0..400).map(|n| texts[n % texts.len()].as_str()).chain([""]).collect();
    let (ids, offsets) = tokenizer.encode_batch(&many, 1).unwrap();
    assert_eq!((offsets.len(), offsets[0], offsets[401]), (402, 0, ids.len() as u64));
    assert_eq!(offsets[400], offsets[401]);
    let first = usize::try_from(offsets[1]).unwrap();
    assert_eq!(ids[..first], encode(&tokenizer, many[0]));
    for threads in [2, 5] {
        assert_eq!(tokenizer.encode_batch(&many, threads).unwrap(), (ids.clone(), offsets.clone()));
    }
    assert_eq!(tokenizer.encode_batch(&[], 2).unwrap(), (vec![], vec![0]));
}

#[test]
fn a_scratch_serves_any_tokenizer() {
    let (one, two) = (tokenizer(Split::Gamayun), tokenizer(Split::Gpt2));
    let mut scratch = EncodeScratch::default();
    for text in texts() {
        for tokenizer in [&one, &two] {
            let mut ids = Vec::new();
            tokenizer.encode(&text, &mut scratch, &mut ids).unwrap();
            assert_eq!(ids, encode(tokenizer, &text));
        }
    }
}

/// A million characters without a boundary take a fraction of a second; anything quadratic takes hours.
#[test]
fn long_runs_are_linear() {
    let tokenizer = tokenizer(Split::Gamayun);
    for text in
        ["a", "ab", "的", "en", " ", "=", "\n", "e\u{301}"].map(|part| part.repeat(1_000_000))
    {
        let start = Instant::now();
        let ids = encode(&tokenizer, &text);
        assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
        assert!(start.elapsed().as_secs() < 30, "{:?}", &text[..4]);
    }
}

#[test]
fn special_tokens_in_text_are_text() {
    let tokenizer = tokenizer(Split::Gamayun);
    let ids = encode(&tokenizer, "<|endoftext|>");
    assert!(ids.len() > 1 && !ids.contains(&tokenizer.eos().unwrap()));
    assert_eq!(tokenizer.decode(&[tokenizer.eos().unwrap()]).unwrap(), b"<|endoftext|>");
    assert_eq!(tokenizer.special_tokens().collect::<Vec<_>>(), [(0, "<|endoftext|>")]);
    let error = tokenizer.decode(&[0, 5000]).unwrap_err();
    assert_eq!(error.to_string(), "token 1: id 5000 is not in the vocabulary");
}

#[test]
fn what_is_written_is_read() {
    for split in Split::ALL {
        let tokenizer = tokenizer(split);
        let read = Tokenizer::from_json(tokenizer.to_json().as_bytes()).unwrap();
        assert_eq!((read.split(), read.vocab_size(), read.eos()), (Some(split), 1200, Some(0)));
        assert_eq!(read.to_json(), tokenizer.to_json());
        for text in texts() {
            assert_eq!(encode(&read, &text), encode(&tokenizer, &text));
        }
    }
}

fn file(split: Split) -> Value {
    serde_json::from_str(&tokenizer(split).to_json()).unwrap()
}

fn load(file: &Value) -> Result<Tokenizer, Error> {
    Tokenizer::from_json(file.to_string().as_bytes())
}

fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut file = file(Split::Gpt2);
    change(&mut file);
    load(&file).unwrap_err().to_string()
}

#[test]
fn merges_may_be_one_string() {
    let mut old = file(Split::Gpt2);
    let merges = old["model"]["merges"].as_array().unwrap().iter();
    let joined =
        merges.map(|pair| format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()));
    old["model"]["merges"] = joined.collect();
    let (old, new) = (load(&old).unwrap(), tokenizer(Split::Gpt2));
    assert!(old.merges().eq(new.merges()));
}

#[test]
fn an_unknown_regex_is_run_by_the_engine() {
    let mut own = file(Split::O200k);
    // The same language in other words.
    let regex = format!("(?:{})", Split::O200k.regex());
    own["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = json!(regex);
    let (own, known) = (load(&own).unwrap(), tokenizer(Split::O200k));
    assert_eq!(own.split(), None);
    for text in texts() {
        assert_eq!(encode(&own, &text), encode(&known, &text));
    }
}

#[test]
fn several_steps_split_one_after_the_other() {
    let mut own = file(Split::Gpt2);
    own["pre_tokenizer"] = json!({"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": true},
        {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
    ]});
    let own = load(&own).unwrap();
    let texts = |ids: &[u32]| {
        ids.iter()
            .map(|&id| String::from_utf8(own.decode(&[id]).unwrap()).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&encode(&own, "a 12")), ["a", " ", "1", "2"]);
}

#[test]
fn no_split_at_all() {
    let mut own = file(Split::Gpt2);
    own["pre_tokenizer"]["use_regex"] = json!(false);
    let own = load(&own).unwrap();
    for text in texts().iter().map(String::as_str).chain([""]) {
        assert_eq!(own.decode(&encode(&own, text)).unwrap(), text.as_bytes());
    }
}

#[test]
fn ignore_merges_takes_whole_tokens() {
    let mut own = file(Split::Gpt2);
    let vocabulary = own["model"]["vocab"].as_object_mut().unwrap();
    vocabulary.insert("qzqz".to_owned(), json!(1200));
    let merging = load(&own).unwrap();
    own["model"]["ignore_merges"] = json!(true);
    let whole = load(&own).unwrap();
    assert_eq!(encode(&whole, "qzqz"), [1200]);
    assert!(encode(&merging, "qzqz").len() > 1);
    assert_eq!(whole.vocab_size(), 1201);
}

#[test]
fn nfc_is_applied_when_asked_for() {
    let mut own = file(Split::Gpt2);
    own["normalizer"] = json!({"type": "NFC"});
    let (own, plain) = (load(&own).unwrap(), tokenizer(Split::Gpt2));
    assert_eq!(encode(&own, "cafe\u{301}"), encode(&plain, "caf\u{e9}"));
    assert_ne!(encode(&plain, "cafe\u{301}"), encode(&plain, "caf\u{e9}"));
}

type Change = Box<dyn FnOnce(&mut Value)>;

#[test]
fn what_is_not_supported_is_named() {
    let cases: [(&str, Change); 8] = [
        ("model.type: \"WordPiece\"", Box::new(|file| file["model"]["type"] = json!("WordPiece"))),
        (
            "normalizer: {\"type\":\"Lowercase\"}",
            Box::new(|file| file["normalizer"] = json!({"type": "Lowercase"})),
        ),
        ("model.dropout: 0.1", Box::new(|file| file["model"]["dropout"] = json!(0.1))),
        (
            "model.end_of_word_suffix: \"</w>\"",
            Box::new(|file| file["model"]["end_of_word_suffix"] = json!("</w>")),
        ),
        (
            "pre_tokenizer: {\"type\":\"Metaspace\"}",
            Box::new(|file| file["pre_tokenizer"] = json!({"type": "Metaspace"})),
        ),
        (
            "pre_tokenizer.add_prefix_space: true",
            Box::new(|file| file["pre_tokenizer"]["add_prefix_space"] = json!(true)),
        ),
        (
            "merge 0: token \"nope\"",
            Box::new(|file| file["model"]["merges"] = json!([["nope", "!"]])),
        ),
        (
            "model.vocab: byte 0x21 is not a token",
            Box::new(|file| {
                file["model"]["merges"] = json!([]);
                file["model"]["vocab"].as_object_mut().unwrap().remove("!");
            }),
        ),
    ];
    for (expected, change) in cases {
        let message = refusal(change);
        assert!(message.starts_with(&format!("tokenizer.json: {expected}")), "{message}");
    }
    assert!(matches!(Tokenizer::from_json(b"{"), Err(Error::Json(_))));
}
