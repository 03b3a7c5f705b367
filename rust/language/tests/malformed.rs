//! A damaged model file gives a clear error or a model that still answers; never a panic, never a huge allocation.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use gamayun_language::{Error, Model, Scratch};
use proptest::prelude::*;

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/fasttext");
    ["softmax.bin", "hs-word-ngrams.bin", "ova.bin", "pruned-qnorm.ftz", "hs-qout.ftz", "ns.ftz"]
        .map(|name| fs::read(folder.join(name)).unwrap())
        .to_vec()
});

fn try_it(bytes: &[u8]) {
    if let Ok(model) = Model::from_bytes(bytes, "damaged") {
        let mut scores = Vec::new();
        model.predict(
            "All human beings 人人生而自由 </s>",
            5,
            &mut Scratch::default(),
            &mut scores,
        );
        assert!(scores.iter().all(|score| !model.label(score.label).is_empty()
            || model.labels()[score.label as usize].is_empty()));
    }
}

/// Bytes of the header and of the dictionary's counts.
const FRONT: usize = 92;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn changed_bytes_do_not_panic(
        file in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        front: bool,
    ) {
        let mut bytes = FILES[file].clone();
        for (at, value) in changes {
            let at = at.index(if front { FRONT } else { bytes.len() });
            bytes[at] = value;
        }
        try_it(&bytes);
    }

    #[test]
    fn changed_numbers_do_not_panic(
        file in 0..6_usize,
        at in 0..FRONT / 4,
        value in prop_oneof![any::<i32>(), -2..100_i32, Just(i32::MAX), Just(i32::MIN)],
    ) {
        let mut bytes = FILES[file].clone();
        bytes[at * 4..at * 4 + 4].copy_from_slice(&value.to_le_bytes());
        try_it(&bytes);
    }

    #[test]
    fn a_shortened_file_is_said_to_be_truncated(file in 0..6_usize, at: prop::sample::Index) {
        let bytes = &FILES[file];
        let error = Model::from_bytes(&bytes[..at.index(bytes.len())], "short").unwrap_err();
        prop_assert!(matches!(error, Error::Truncated { .. }), "{}", error);
    }
}

#[test]
fn messages_say_what_and_where() {
    let message = |bytes: &[u8]| Model::from_bytes(bytes, "m.ftz").unwrap_err().to_string();
    let file = &FILES[0];
    assert_eq!(
        message(b"PK\x03\x04 a zip file"),
        "m.ftz: not a fastText model: it begins with 0x04034b50 instead of 0x2f4f16ba"
    );
    assert_eq!(message(b""), "m.ftz: offset 0: the magic number needs 4 bytes, 0 are left");
    let mut newer = file.clone();
    newer[4] = 13;
    assert_eq!(message(&newer), "m.ftz: version 13 of the fastText format; 11 and 12 are known");
    let mut vectors = file.clone();
    vectors[36] = 1;
    assert_eq!(
        message(&vectors),
        "m.ftz: model is 1; expected 3: only supervised models have labels"
    );
    let huge = Model::open("no/such/model.bin".as_ref()).unwrap_err();
    assert!(
        matches!(huge, Error::Io { .. }) && huge.to_string().starts_with("no/such/model.bin: ")
    );
}
