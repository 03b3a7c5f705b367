//! Simplified texts and signatures of `datatrove` 0.10.1, as `benches/peers/datatrove_signatures.py` wrote them down.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

use std::collections::BTreeSet;

use gamayun_dedup::datatrove::{DatatroveParams, DatatroveSigner, Precision, simplify};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    lang: String,
    text: String,
    simplified: String,
    words: Vec<String>,
    signature_64: Option<String>,
    signature_32: Option<String>,
}

fn rows() -> Vec<Row> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/datatrove/minhash/signatures.jsonl"
    );
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Base64 of little-endian values of so many bytes, six bits a character.
fn values(packed: &str, size: usize) -> Vec<u64> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for c in packed.bytes().filter(|c| *c != b'=') {
        let six = alphabet.iter().position(|known| *known == c).unwrap();
        bits = bits << 6 | u32::try_from(six).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap());
        }
    }
    bytes
        .chunks_exact(size)
        .map(|chunk| chunk.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
        .collect()
}

#[test]
fn texts_are_simplified_as_datatrove_does() {
    for row in rows() {
        assert_eq!(simplify(&row.text), row.simplified, "{}", row.id);
    }
}

#[test]
fn signatures_are_equal_bit_for_bit_in_every_language() {
    let mut languages = BTreeSet::new();
    for (bits, size) in [(64, 8), (32, 4)] {
        let params = DatatroveParams::new(14, 8, 5, 1, Precision::of(bits).unwrap()).unwrap();
        let signer = DatatroveSigner::new(params);
        let mut found = vec![0; signer.values()];
        for row in rows() {
            let any = signer.sign(row.words.iter().map(String::as_str), &mut found);
            let expected = if bits == 64 { &row.signature_64 } else { &row.signature_32 };
            assert_eq!(any, expected.is_some(), "{}", row.id);
            if let Some(expected) = expected {
                assert_eq!(found, values(expected, size), "{} of {bits} bits", row.id);
                languages.insert(row.lang);
            }
        }
    }
    assert_eq!(languages.len(), 12);
}
