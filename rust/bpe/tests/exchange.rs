//! Files of other tools are read and written with nothing lost, and vocabularies are compared.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::sync::LazyLock;

use common::{encode, trained};
use gamayun_bpe::{Counts, Pattern, Split, TokenDiff, Tokenizer, TrainParams, diff, extend, train};
use proptest::prelude::*;

fn tokenizer(vocab_size: u32, split: Split) -> Tokenizer {
    let golden = common::golden("text.json");
    let texts: Vec<&str> =
        golden["texts"].as_object().unwrap().values().map(|text| text.as_str().unwrap()).collect();
    trained(&texts, &TrainParams { vocab_size, split: split.into(), ..TrainParams::default() })
}

fn eos() -> Vec<(String, u32)> {
    vec![("<|endoftext|>".to_owned(), 0)]
}

fn ranks(tokenizer: &Tokenizer) -> Tokenizer {
    let file = tokenizer.to_ranks().unwrap();
    Tokenizer::from_ranks(file.as_bytes(), tokenizer.pattern().clone(), &eos()).unwrap()
}

#[test]
fn ranks_hold_the_merges() {
    for split in [Split::Gamayun, Split::Gpt2] {
        let made = tokenizer(1200, split);
        let read = ranks(&made);
        assert!(read.merges().eq(made.merges()));
        assert_eq!(read.to_json(), made.to_json());
        assert_eq!((read.vocab_size(), read.eos()), (1200, Some(0)));
    }
    let file = tokenizer(300, Split::Gamayun).to_ranks().unwrap();
    assert!(file.starts_with("IQ== 1\nIg== 2\n"), "{}", &file[..20]);
}

#[test]
fn vocab_and_merges_hold_the_tokenizer() {
    let made = tokenizer(1200, Split::Qwen);
    let (vocab, merges) = made.to_vocab_merges().unwrap();
    assert!(merges.starts_with("#version: 0.2\n"));
    let special = ["<|endoftext|>".to_owned()];
    let pattern = Pattern::from(Split::Qwen);
    let read = Tokenizer::from_vocab_merges(vocab.as_bytes(), &merges, &pattern, &special).unwrap();
    assert_eq!(read.to_json(), made.to_json());
    let none = ["<pad>".to_owned()];
    let error = Tokenizer::from_vocab_merges(vocab.as_bytes(), &merges, &pattern, &none);
    assert_eq!(error.unwrap_err().to_string(), "special token \"<pad>\" is not in the vocabulary");
}

/// `abc` stands before `ab` and `bc`, so that no merge makes it: tiktoken knows it as a whole pretoken only.
#[test]
fn a_token_that_no_merge_makes_is_a_whole_pretoken() {
    let base = tokenizer(257, Split::Gamayun).to_ranks().unwrap();
    let file = format!("{base}YWJj 257\nYWI= 258\nYmM= 259\n");
    let read = Tokenizer::from_ranks(file.as_bytes(), Split::Gamayun.into(), &eos()).unwrap();
    assert_eq!(encode(&read, "abc"), [257]);
    assert_eq!(encode(&read, "abcx")[0], 258);
    assert_eq!(read.to_ranks().unwrap(), file);
    let json = Tokenizer::from_json(read.to_json().as_bytes()).unwrap();
    assert_eq!(encode(&json, "abc"), [257]);
    assert!(read.to_vocab_merges().unwrap_err().to_string().contains("takes whole tokens"));
}

#[test]
fn bad_ranks_are_named() {
    let base = tokenizer(257, Split::Gamayun).to_ranks().unwrap();
    for (file, specials, expected) in [
        (format!("{base}YWI= x\n"), vec![], "line 257: \"YWI= x\" is not BASE64 RANK"),
        (format!("{base}YWI 300\n"), vec![], "line 257: \"YWI 300\" is not BASE64 RANK"),
        (format!("{base}IQ== 300\n"), vec![], "line 257: the token is there already"),
        (format!("{base}YWI= 7\n"), vec![], "rank 7 is given twice"),
        (
            base.clone(),
            vec![("<s>".to_owned(), 7)],
            "special token \"<s>\": id 7 is another token's",
        ),
    ] {
        let error = Tokenizer::from_ranks(file.as_bytes(), Split::Gamayun.into(), &specials);
        assert_eq!(error.unwrap_err().to_string(), format!("ranks: {expected}"));
    }
    let error = Tokenizer::from_ranks(b"YWI= 0\n", Split::Gamayun.into(), &[]).unwrap_err();
    assert!(error.to_string().contains("byte 0x00 is not a token"), "{error}");
}

#[test]
fn what_ranks_cannot_say_is_refused() {
    let made = tokenizer(300, Split::Gpt2);
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut file = serde_json::from_str(&made.to_json()).unwrap();
        change(&mut file);
        let read = Tokenizer::from_json(file.to_string().as_bytes()).unwrap();
        read.to_ranks().unwrap_err().to_string()
    };
    let gap = refused(&|file| file["model"]["vocab"]["zzz"] = 400.into());
    assert_eq!(gap, "tiktoken cannot hold this tokenizer: id 300 has no token");
    let order = refused(&|file| {
        let merges = file["model"]["merges"].as_array_mut().unwrap();
        merges.swap(0, 1);
    });
    assert!(order.ends_with("merge 0 is not the one that the order of ids gives"), "{order}");
    let unmade = refused(&|file| file["model"]["vocab"]["qzqz"] = 300.into());
    assert!(unmade.contains("no merge makes"), "{unmade}");
    let nfc = refused(&|file| file["normalizer"] = serde_json::json!({"type": "NFC"}));
    assert!(nfc.contains("normalises"), "{nfc}");
}

#[test]
fn a_diff_maps_ids_and_pieces() {
    let (old, new) = (tokenizer(300, Split::Gamayun), tokenizer(400, Split::Gamayun));
    let rows = diff(&old, &new);
    assert_eq!(rows.len(), 400);
    let special = TokenDiff {
        new_id: 0,
        bytes: b"<|endoftext|>".to_vec(),
        special: true,
        old_id: Some(0),
        old_pieces: encode(&old, "<|endoftext|>"),
    };
    assert_eq!(rows[0].old_id, special.old_id);
    assert_eq!((rows[0].special, &rows[0].bytes), (special.special, &special.bytes));
    for row in &rows[1..300] {
        assert_eq!((row.old_id, row.old_pieces.as_slice()), (Some(row.new_id), &[row.new_id][..]));
    }
    for row in &rows[300..] {
        assert_eq!(row.old_id, None);
        assert!(row.old_pieces.len() > 1);
        assert_eq!(old.decode(&row.old_pieces).unwrap(), row.bytes);
    }
    assert!(diff(&new, &old).iter().all(|row| row.old_id == Some(row.new_id)));
}

static RANKS: LazyLock<[(Tokenizer, Tokenizer); 2]> = LazyLock::new(|| {
    [Split::O200k, Split::Gpt2].map(|split| {
        let made = tokenizer(900, split);
        let read = ranks(&made);
        (made, read)
    })
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn ranks_give_the_same_tokens(text in common::texts(80), letters in "[a-e]{0,40}|(th|he|er|the|nd){0,20}") {
        for (made, read) in &*RANKS {
            for text in [&text, &letters] {
                prop_assert_eq!(encode(read, text), encode(made, text));
            }
        }
    }
}

fn counts(split: Split, languages: &[&str]) -> Counts {
    let golden = common::golden("text.json");
    let mut counts = Counts::new(split);
    for (language, text) in golden["texts"].as_object().unwrap() {
        if languages.is_empty() || languages.contains(&language.as_str()) {
            counts.add(language, &[text.as_str().unwrap()], &common::pool(1)).unwrap();
        }
    }
    counts
}

fn params(vocab_size: u32, split: Split) -> TrainParams {
    TrainParams { vocab_size, split: split.into(), ..TrainParams::default() }
}

#[test]
fn extending_on_the_same_text_is_training_on() {
    for split in [Split::Gamayun, Split::Gpt2, Split::Qwen] {
        let counts = counts(split, &[]);
        let small = train(&counts, &params(300, split), &mut ()).unwrap();
        let large = train(&counts, &params(900, split), &mut ()).unwrap();
        let extended = extend(&small, &counts, &params(900, split), &mut ()).unwrap();
        assert!(extended.merges().eq(large.merges()), "{split}");
        assert_eq!(extended.to_json(), large.to_json());
        let weights = vec![("ru".to_owned(), 2.5), ("zh".to_owned(), 0.0)];
        let weighted = |size| TrainParams { weights: weights.clone(), ..params(size, split) };
        let small = train(&counts, &weighted(400), &mut ()).unwrap();
        let large = train(&counts, &weighted(600), &mut ()).unwrap();
        let extended = extend(&small, &counts, &weighted(600), &mut ()).unwrap();
        assert_eq!(extended.to_json(), large.to_json());
    }
}

#[test]
fn extending_keeps_ids_and_the_file() {
    let split = Split::Cl100k;
    let old = train(&counts(split, &["en", "de"]), &params(600, split), &mut ()).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&old.to_json()).unwrap();
    file["post_processor"] = serde_json::json!({"type": "ByteLevel", "trim_offsets": false});
    let mut pad = file["added_tokens"][0].clone();
    (pad["id"], pad["content"]) = (700.into(), "<pad>".into());
    file["added_tokens"].as_array_mut().unwrap().push(pad);
    let old = Tokenizer::from_json(file.to_string().as_bytes()).unwrap();
    let more = params(1000, split);
    let made = extend(&old, &counts(split, &["ru", "zh"]), &more, &mut ()).unwrap();
    assert_eq!((made.vocab_size(), made.token_id("<pad>")), (1000, Some(700)));
    for id in (0..600).chain([700]) {
        assert_eq!(made.token_bytes(id), old.token_bytes(id));
    }
    assert!((601..700).all(|id| made.token_bytes(id).is_none()));
    let read = Tokenizer::from_json(made.to_json().as_bytes()).unwrap();
    assert!(read.merges().eq(made.merges()));
    assert_eq!((read.vocab_size(), read.to_json()), (1000, made.to_json()));
    assert!(made.to_json().contains("\"trim_offsets\": false"));
    let golden = common::golden("text.json");
    for (language, shorter) in [("en", false), ("ru", true)] {
        let text = golden["texts"][language].as_str().unwrap();
        let ids = encode(&made, text);
        assert_eq!(encode(&read, text), ids);
        assert_eq!(made.decode(&ids).unwrap(), text.as_bytes());
        assert_eq!(ids.len() < encode(&old, text).len() * 9 / 10, shorter, "{language}");
    }
    assert!(diff(&old, &made).iter().take(600).all(|row| row.old_id == Some(row.new_id)));
}

#[test]
fn what_cannot_be_extended_is_refused() {
    let counts = counts(Split::Gamayun, &["en"]);
    let old = train(&counts, &params(300, Split::Gamayun), &mut ()).unwrap();
    let error = extend(&old, &counts, &params(299, Split::Gamayun), &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("vocab_size: 299 is not valid"), "{error}");
    let other = Counts::new(Split::Gpt2);
    let error = extend(&old, &other, &params(400, Split::Gpt2), &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("counts were made with split gpt2"), "{error}");
}
