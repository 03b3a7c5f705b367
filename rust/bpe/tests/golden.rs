//! Merges and ids are those of HF tokenizers 0.23.3 (`benches/peers/bpe_golden.py` made the files).

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use common::{encode, golden, golden_merges, strings, trained};
use gamayun_bpe::{Split, Tokenizer, TrainParams};

fn texts(golden: &serde_json::Value) -> Vec<&str> {
    golden["texts"].as_object().unwrap().values().map(|text| text.as_str().unwrap()).collect()
}

fn tokenizer(split: Split) -> Tokenizer {
    let golden = golden("text.json");
    trained(
        &texts(&golden),
        &TrainParams { vocab_size: 900, split: split.into(), ..TrainParams::default() },
    )
}

#[test]
fn merges_of_twelve_languages() {
    let golden = golden("merges.json");
    for split in Split::ALL {
        let made: Vec<_> = tokenizer(split).merges().collect();
        assert_eq!(made, golden_merges(&golden[split.name()]), "{split}");
    }
}

#[test]
fn ids_of_edge_cases() {
    let golden = golden("encode.json");
    for split in Split::ALL {
        let tokenizer = tokenizer(split);
        for (text, ids) in
            strings(&golden["texts"]).iter().zip(golden["ids"][split.name()].as_array().unwrap())
        {
            let ids: Vec<u32> = serde_json::from_value(ids.clone()).unwrap();
            assert_eq!(encode(&tokenizer, text), ids, "{split}: {text:?}");
        }
    }
}

#[test]
fn tokens_of_documents() {
    let (golden, text) = (golden("encode.json"), golden("text.json"));
    for split in Split::ALL {
        let tokenizer = tokenizer(split);
        let made: Vec<usize> =
            texts(&text).iter().map(|text| encode(&tokenizer, text).len()).collect();
        assert_eq!(serde_json::json!(made), golden["document_tokens"][split.name()], "{split}");
    }
}

#[test]
fn quirks() {
    for case in golden("quirks.json").as_array().unwrap() {
        let special = strings(&case["special_tokens"]).into_iter().map(str::to_owned).collect();
        let number = |name: &str| case[name].as_u64();
        let tokenizer = trained(
            &strings(&case["texts"]),
            &TrainParams {
                vocab_size: u32::try_from(number("vocab_size").unwrap()).unwrap(),
                split: Split::Cl100k.into(),
                special_tokens: special,
                min_frequency: number("min_frequency").unwrap(),
                max_token_length: number("max_token_length").map(|n| usize::try_from(n).unwrap()),
                ..TrainParams::default()
            },
        );
        assert_eq!(
            tokenizer.merges().collect::<Vec<_>>(),
            golden_merges(&case["merges"]),
            "{case}"
        );
        assert_eq!(u64::from(tokenizer.vocab_size()), number("vocab_size_made").unwrap());
    }
}
