//! Damage anywhere in a shard or run file is found, and the right file and place are named.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;

use gamayun_shard::{
    Error, Level, Problem, Promise, RunFile, Shard, build_pool, check, check_promised, file_sha256,
};
use proptest::prelude::*;
use support::{Doc, build, params, write_runs};

const VOCAB: u32 = 1000;

/// One shard of two blocks.
fn shard(folder: &Path) -> std::path::PathBuf {
    let params = params(VOCAB, 1 << 31);
    let mut docs: Vec<_> = (0..40).map(|n| Doc::new(n, 0, vec![7; 30])).collect();
    docs.extend((40..60).map(|n| Doc::new(n, 0, vec![8; 60_000])));
    let runs = write_runs(&docs, 3, params.width, folder);
    build(&runs, &params, folder);
    folder.join("00000")
}

fn flip(path: &Path, place: usize, mask: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= mask;
    fs::write(path, bytes).unwrap();
}

fn problems(path: &Path) -> Vec<Problem> {
    check(path, Level::Hashes, VOCAB).unwrap()
}

#[test]
fn every_flipped_byte_of_an_index_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let params = params(VOCAB, 1 << 31);
    let docs: Vec<_> = (0..5).map(|n| Doc::new(n, 0, vec![7; 30])).collect();
    build(&write_runs(&docs, 2, params.width, folder.path()), &params, folder.path());
    let gdx = folder.path().join("00000.gdx");
    for place in 0..fs::metadata(&gdx).unwrap().len() {
        let at = usize::try_from(place).unwrap();
        flip(&gdx, at, 1 << (place % 8));
        let found = problems(&gdx);
        flip(&gdx, at, 1 << (place % 8));
        assert!(!found.is_empty(), "a flip at byte {place} went unseen");
        assert!(found.iter().any(|problem| problem.file == gdx), "byte {place}: {found:?}");
        // Damage to the header is placed at the header; damage behind it in the right section.
        let near = found
            .iter()
            .any(|p| p.offset <= place.max(16) && (place < 440 || p.offset + 80 > place));
        assert!(near, "byte {place}: {found:?}");
    }
    assert_eq!(problems(&gdx), []);
}

#[test]
fn a_flipped_byte_of_a_payload_is_found_in_its_block() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let bin = path.with_extension("bin");
    let bytes = usize::try_from(fs::metadata(&bin).unwrap().len()).unwrap();
    for place in (0..bytes).step_by(bytes / 23).chain([bytes - 1]) {
        flip(&bin, place, 0x10);
        let found = problems(&path);
        assert_eq!((found.len(), &found[0].file), (1, &bin));
        let shard = Shard::open(&path).unwrap();
        let token = place as u64 / 2;
        let block = shard.blocks().find(|block| block.tokens.contains(&token)).unwrap();
        assert_eq!(found[0].offset, block.tokens.start * 2);
        flip(&bin, place, 0x10);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_run_makes_no_shard(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let folder = tempfile::tempdir().unwrap();
        let docs: Vec<_> = (0..20).map(|n| Doc::new(n, 0, vec![7; 30])).collect();
        let run = write_runs(&docs, 1, params(VOCAB, 1).width, folder.path()).remove(0).path().to_owned();
        let place = place.index(usize::try_from(fs::metadata(&run).unwrap().len()).unwrap());
        // Only the zeros between records and tokens mean nothing.
        prop_assume!(!(64 + 64 + 20 * 40..960).contains(&place));
        flip(&run, place, 1_u8 << bit);
        let built = RunFile::open(&run).and_then(|run| {
            build_pool(&[run], 0, &folder.path().join("pool"), &params(VOCAB, 1 << 31), &mut ())
        });
        prop_assert!(built.is_err());
    }
}

#[test]
fn truncated_and_extended_files_are_named() {
    for extension in ["bin", "gdx"] {
        let folder = tempfile::tempdir().unwrap();
        let file = shard(folder.path()).with_extension(extension);
        let whole = fs::read(&file).unwrap();
        for length in [0, 1, 31, 159, 160, 441, whole.len() - 2, whole.len() - 1] {
            fs::write(&file, &whole[..length]).unwrap();
            let found = check(&file, Level::Structure, VOCAB).unwrap();
            assert_eq!((found.len(), &found[0].file), (1, &file), "cut to {length}: {found:?}");
        }
        fs::write(&file, [&whole[..], &[0, 0]].concat()).unwrap();
        assert_eq!(check(&file, Level::Structure, VOCAB).unwrap()[0].file, file);
    }
}

#[test]
fn a_truncated_run_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let docs = [Doc::new(0, 0, vec![7; 30])];
    let path =
        write_runs(&docs, 1, params(VOCAB, 1).width, folder.path()).remove(0).path().to_owned();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(RunFile::open(&path), Err(Error::Format { .. })), "cut to {length}");
    }
}

#[test]
fn a_missing_half_is_named() {
    for extension in ["bin", "gdx"] {
        let folder = tempfile::tempdir().unwrap();
        let file = shard(folder.path()).with_extension(extension);
        fs::remove_file(&file).unwrap();
        let found = check(&file, Level::Structure, VOCAB).unwrap();
        assert_eq!(
            found[0].to_string(),
            format!("{}: byte 0: the file is missing", file.display())
        );
    }
}

#[test]
fn swapped_payloads_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let docs: Vec<_> =
        (0..40).map(|n| Doc::new(n, 0, vec![1 + u32::try_from(n).unwrap(); 9])).collect();
    let params = params(VOCAB, 400);
    build(&write_runs(&docs, 1, params.width, folder.path()), &params, folder.path());
    let (a, b) = (folder.path().join("00000.bin"), folder.path().join("00001.bin"));
    let (bytes_a, bytes_b) = (fs::read(&a).unwrap(), fs::read(&b).unwrap());
    assert_eq!(bytes_a.len(), bytes_b.len());
    fs::write(&a, bytes_b).unwrap();
    fs::write(&b, bytes_a).unwrap();
    assert_eq!((problems(&a).len(), problems(&b).len()), (1, 1));
}

/// A token is changed to `id`: what the tokens themselves tell, were every hash rewritten to match.
fn changed_token(place: usize, id: u16) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let bin = path.with_extension("bin");
    let mut bytes = fs::read(&bin).unwrap();
    bytes[2 * place..2 * place + 2].copy_from_slice(&id.to_le_bytes());
    fs::write(&bin, bytes).unwrap();
    let found = check(&path, Level::Tokens, VOCAB).unwrap();
    let found = found
        .into_iter()
        .filter(|problem| !problem.what.contains("hash") && !problem.what.contains("sha256"));
    found.inspect(|p| assert_eq!(p.offset, 2 * place as u64)).map(|problem| problem.what).collect()
}

#[test]
fn tokens_tell_of_damage_themselves() {
    assert_eq!(changed_token(5, 1000), ["token 1000 is not below 9"]);
    assert!(changed_token(5, 0)[0].ends_with("has the end-of-sequence token 0 before its end"));
    let folder = tempfile::tempdir().unwrap();
    let shard = Shard::open(&shard(folder.path())).unwrap();
    let last = usize::try_from(shard.document(3).unwrap().end - 1).unwrap();
    assert_eq!(
        changed_token(last, 5),
        ["document 3 does not end with the end-of-sequence token 0"]
    );
}

#[test]
fn another_vocabulary_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let found = check(&shard(folder.path()), Level::Structure, 999).unwrap();
    assert_eq!(found[0].what, "written for a vocabulary of 1000, expected 999");
    assert_eq!(found[0].offset, 128);
}

#[test]
fn what_is_promised_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let right = Promise {
        vocab_size: VOCAB,
        eos: Some(0),
        tokenizer_sha256: None,
        bin_sha256: Some(file_sha256(&path.with_extension("bin")).unwrap()),
        gdx_sha256: Some(file_sha256(&path.with_extension("gdx")).unwrap()),
    };
    let found = |promise: &Promise, level| check_promised(&path, level, promise, &mut ()).unwrap();
    assert_eq!(found(&right, Level::Tokens), []);
    let other = Some("00".repeat(32));
    let wrong = [
        (32, Promise { bin_sha256: other.clone(), ..right.clone() }),
        (64, Promise { tokenizer_sha256: other.clone(), ..right.clone() }),
        (132, Promise { eos: Some(1), ..right.clone() }),
    ];
    for (offset, promise) in wrong {
        assert_eq!(found(&promise, Level::Structure)[0].offset, offset);
    }
    let promise = Promise { gdx_sha256: other, ..right };
    assert_eq!(found(&promise, Level::Hashes), []);
    assert!(found(&promise, Level::Tokens)[0].what.contains("sha256 differs"));
}
