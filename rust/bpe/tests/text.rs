//! Special tokens by policy, bytes that are no text, pieces of a document, and where tokens lie.

#![allow(
    clippy::unwrap_used,
    reason = "clippy tells tests by their attribute, and misses what they call"
)]

mod common;

use std::sync::LazyLock;

use common::{encode, trained};
use gamayun_bpe::{
    EncodeScratch, EncodeStream, Error, Pattern, Specials, Split, Tokenizer, TrainParams,
    in_characters,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn tokenizer(split: impl Into<Pattern>) -> Tokenizer {
    let golden = common::golden("text.json");
    let texts: Vec<&str> =
        golden["texts"].as_object().unwrap().values().map(|text| text.as_str().unwrap()).collect();
    let special_tokens = ["<|endoftext|>", "<s>", "<|end|>"].map(str::to_owned).into();
    let params = TrainParams {
        vocab_size: 900,
        split: split.into(),
        special_tokens,
        ..TrainParams::default()
    };
    trained(&texts, &params)
}

/// With an added token of each kind of flags, as published files have them.
static ADDED: LazyLock<Tokenizer> = LazyLock::new(|| {
    let mut file: Value = serde_json::from_str(&tokenizer(Split::Cl100k).to_json()).unwrap();
    file["normalizer"] = json!({"type": "NFC"});
    let token = |id: u32, content: &str| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": false})
    };
    let mut added = vec![
        token(900, "<tool>"),
        token(901, "<mask>"),
        token(902, "<end>"),
        token(903, "né"),
        token(904, "  "),
        token(905, "lone"),
    ];
    added[1]["lstrip"] = json!(true);
    added[1]["special"] = json!(true);
    added[2]["rstrip"] = json!(true);
    added[3]["normalized"] = json!(true);
    added[5]["single_word"] = json!(true);
    file["added_tokens"].as_array_mut().unwrap().extend(added);
    Tokenizer::from_json(file.to_string().as_bytes()).unwrap()
});

fn with(tokenizer: &Tokenizer, text: &str, specials: &Specials) -> Result<Vec<u32>, Error> {
    let mut ids = Vec::new();
    tokenizer.encode_with(text, specials, &mut EncodeScratch::default(), &mut ids)?;
    Ok(ids)
}

#[test]
fn special_tokens_are_text_or_tokens_or_refused() {
    let tokenizer = tokenizer(Split::Gamayun);
    let text = "one<|endoftext|>two<s>";
    let plain = |text| encode(&tokenizer, text);
    let text_ids = with(&tokenizer, text, &Specials::Text).unwrap();
    assert_eq!(text_ids, plain(text));
    assert!(text_ids.iter().all(|&id| id > 2));
    let all = [plain("one"), vec![0], plain("two"), vec![1]].concat();
    assert_eq!(with(&tokenizer, text, &Specials::Allow).unwrap(), all);
    let some = Specials::AllowSome(["<s>".to_owned()].into());
    let expected = [plain("one<|endoftext|>two"), vec![1]].concat();
    assert_eq!(with(&tokenizer, text, &some).unwrap(), expected);
    let error = with(&tokenizer, text, &Specials::Refuse).unwrap_err().to_string();
    assert!(error.starts_with("special token \"<|endoftext|>\" at byte 3;"), "{error}");
    let texts: Vec<&str> =
        (0..40_000).map(|n| if n == 31_234 { "a<s>" } else { "some text" }).collect();
    for threads in [1, 2] {
        let error = tokenizer.encode_batch_with(&texts, &Specials::Refuse, threads).unwrap_err();
        assert!(
            error.to_string().starts_with("text 31234: special token \"<s>\" at byte 1"),
            "{error}"
        );
    }
}

#[test]
fn added_tokens_keep_their_flags() {
    let plain = |text: &str| {
        let ids = with(&ADDED, text, &Specials::Text).unwrap();
        assert!(ids.iter().all(|&id| id < 900), "{text:?}");
        ids
    };
    let cases: [(&str, Vec<Vec<u32>>); 9] = [
        ("a<tool>b", vec![plain("a"), vec![900], plain("b")]),
        // Special: text, unless it is allowed.
        ("a <mask> b", vec![plain("a"), vec![901], plain(" b")]),
        ("a<end> \n b<end>", vec![plain("a"), vec![902], plain("b"), vec![902]]),
        // Looked for after normalising.
        ("xne\u{301}x", vec![plain("x"), vec![903], plain("x")]),
        ("a  b", vec![plain("a"), vec![904], plain("b")]),
        ("a   b", vec![plain("a"), vec![904], plain(" b")]),
        ("a lone b", vec![plain("a "), vec![905], plain(" b")]),
        ("clone", vec![plain("clone")]),
        ("lone_", vec![plain("lone_")]),
    ];
    for (text, expected) in cases {
        let ids = with(&ADDED, text, &Specials::Allow).unwrap();
        assert_eq!(ids, expected.concat(), "{text:?}");
        if text != "a <mask> b" {
            assert_eq!(encode(&ADDED, text), ids, "{text:?}");
        }
    }
    assert!(plain("a <mask> b").len() > 3);
}

#[test]
fn offsets_are_those_of_the_text() {
    let tokenizer = tokenizer(Split::Gamayun);
    let text = "né 你好<s>x";
    let located = tokenizer.locate(text, &Specials::Allow, &mut EncodeScratch::default()).unwrap();
    let ids: Vec<u32> = located.iter().map(|token| token.id).collect();
    assert_eq!(ids, with(&tokenizer, text, &Specials::Allow).unwrap());
    let ends: Vec<_> = located.iter().map(|token| (token.start, token.end)).collect();
    assert_eq!(ends[ends.len() - 2..], [(10, 13), (13, 14)]);
    let characters = in_characters(text, &located);
    assert_eq!(characters[characters.len() - 2..], [(5, 8), (8, 9)]);
    // Tokens inside of a character have all of it.
    assert!(
        located
            .iter()
            .zip(&characters)
            .all(|(bytes, span)| bytes.end > bytes.start && span.1 > span.0)
    );
    let error = ADDED.locate("e\u{301}", &Specials::Text, &mut EncodeScratch::default());
    assert!(matches!(error.unwrap_err(), Error::NormalisedOffsets));
}

fn streamed(tokenizer: &Tokenizer, pieces: &[&str], specials: &Specials) -> Vec<u32> {
    let (mut stream, mut ids) = (EncodeStream::new(specials.clone()), Vec::new());
    for piece in pieces {
        stream.push(tokenizer, piece, &mut ids).unwrap();
    }
    stream.finish(tokenizer, &mut ids).unwrap();
    ids
}

#[test]
fn a_stream_holds_little_back() {
    let tokenizer = tokenizer(Split::Gamayun);
    let (mut stream, mut ids, mut made) = (EncodeStream::new(Specials::Text), Vec::new(), 0);
    for _ in 0..100 {
        stream.push(&tokenizer, "some words, and mor", &mut ids).unwrap();
        stream.push(&tokenizer, "e of them", &mut ids).unwrap();
        assert!(ids.len() > made);
        made = ids.len();
    }
    stream.finish(&tokenizer, &mut ids).unwrap();
    assert_eq!(ids, encode(&tokenizer, &"some words, and more of them".repeat(100)));
    let mut stream = EncodeStream::new(Specials::Refuse);
    stream.push(&tokenizer, "ab cd ef gh ij kl mn op", &mut ids).unwrap();
    let error = [" x <s> and so on and on", ""].iter().find_map(|piece| {
        stream
            .push(&tokenizer, piece, &mut ids)
            .and_then(|()| stream.finish(&tokenizer, &mut ids))
            .err()
    });
    assert!(error.unwrap().to_string().contains("at byte 26"));
}

static TOKENIZERS: LazyLock<Vec<Tokenizer>> = LazyLock::new(|| {
    let own = Pattern::regex(r"\p{L}+(?: \p{L}+)*").unwrap();
    Split::ALL.into_iter().map(Pattern::from).chain([own]).map(tokenizer).collect()
});

/// Texts with what added tokens are written with.
fn with_specials() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => common::texts(6),
        1 => Just("<|endoftext|>".to_owned()),
        1 => Just("<s>".to_owned()),
        1 => Just("<mask>".to_owned()),
        1 => Just("<end>".to_owned()),
        1 => Just("lone".to_owned()),
        1 => Just("ne\u{301}".to_owned()),
    ];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

fn cut<'t>(text: &'t str, places: &[usize]) -> Vec<&'t str> {
    let mut places: Vec<usize> =
        places.iter().map(|place| text.floor_char_boundary(place % (text.len() + 1))).collect();
    places.sort_unstable();
    let ends = places.iter().copied().chain([text.len()]);
    let starts = [0].into_iter().chain(places.iter().copied());
    starts.zip(ends).map(|(start, end)| &text[start..end]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_stream_has_the_tokens_of_the_whole(
        text in with_specials(), places in proptest::collection::vec(any::<usize>(), 0..8)
    ) {
        let pieces = cut(&text, &places);
        for tokenizer in TOKENIZERS.iter().chain([&*ADDED]) {
            for specials in [Specials::Text, Specials::Allow] {
                let whole = with(tokenizer, &text, &specials).unwrap();
                prop_assert_eq!(streamed(tokenizer, &pieces, &specials), whole, "{:?}", tokenizer);
            }
        }
    }

    #[test]
    fn offsets_lie_side_by_side(text in with_specials()) {
        for tokenizer in &*TOKENIZERS {
            let located = tokenizer.locate(&text, &Specials::Allow, &mut EncodeScratch::default()).unwrap();
            let ids: Vec<u32> = located.iter().map(|token| token.id).collect();
            prop_assert_eq!(&ids, &with(tokenizer, &text, &Specials::Allow).unwrap());
            let mut at = 0;
            for token in &located {
                prop_assert_eq!(token.start, at);
                at = token.end;
                let span = usize::try_from(token.start).unwrap()..usize::try_from(token.end).unwrap();
                prop_assert_eq!(tokenizer.token_bytes(token.id).unwrap(), &text.as_bytes()[span]);
            }
            prop_assert_eq!(at, text.len() as u64);
        }
    }

    #[test]
    fn bytes_decode_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in common::texts(10)) {
        let bytes = [bytes.as_slice(), text.as_bytes(), &bytes].concat();
        for tokenizer in &*TOKENIZERS {
            let mut ids = Vec::new();
            tokenizer.encode_bytes(&bytes, &Specials::Text, &mut EncodeScratch::default(), &mut ids).unwrap();
            prop_assert_eq!(tokenizer.decode(&ids).unwrap(), bytes.as_slice());
        }
    }
}

#[test]
fn bytes_between_texts_are_tokens_of_their_own() {
    let tokenizer = tokenizer(Split::Gamayun);
    let mut ids = Vec::new();
    tokenizer
        .encode_bytes(
            b"and\xffand\xe4\xbd",
            &Specials::Text,
            &mut EncodeScratch::default(),
            &mut ids,
        )
        .unwrap();
    let byte = |byte: u8| (0..257).find(|&id| tokenizer.token_bytes(id) == Some(&[byte])).unwrap();
    let and = encode(&tokenizer, "and");
    let expected = [&and[..], &[byte(0xff)], &and, &[byte(0xe4), byte(0xbd)]].concat();
    assert_eq!(ids, expected);
}
