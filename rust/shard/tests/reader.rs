//! A reader gives, window by window, what going through the pools token by token gives.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;

use gamayun_shard::{
    Cuts, Documents, Packing, Reader, ReaderParams, ReaderPool, Schedule, Shard, ShardFile, Stream,
    positions,
};
use gamayun_text::DocId;
use proptest::prelude::*;
use support::{Doc, build, params, write_runs};

/// A token of a pool as its documents have it: the id, and which document it is of, at which place.
type Known = (u32, DocId, u64);

struct Fixture {
    params: ReaderParams,
    /// The tokens of each pool, in the order of its shards.
    pools: Vec<Vec<Known>>,
    _folder: tempfile::TempDir,
}

/// Pools of documents with so many tokens beside EOS, in shards of at most so many bytes.
fn fixture(
    documents: &[Vec<usize>],
    samples: &[u64],
    shard_bytes: u64,
    vocab_size: u32,
) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let (mut pools, mut known) = (Vec::new(), Vec::new());
    let params = params(vocab_size, shard_bytes);
    let mut n = 0;
    for (number, lengths) in documents.iter().enumerate() {
        let docs = lengths.iter().map(|&len| {
            n += 1;
            Doc::new(
                n,
                0,
                (0..len as u64).map(|i| 1 + u32::try_from((n * 31 + i) % 250).unwrap()).collect(),
            )
        });
        let docs: Vec<Doc> = docs.collect();
        let path = folder.path().join(number.to_string());
        std::fs::create_dir(&path).unwrap();
        let runs = write_runs(&docs, 1, params.width, &path);
        let (receipts, _) = build(&runs, &params, &path.join("pool"));
        let shards = receipts.iter().map(|receipt| ShardFile {
            path: path.join("pool").join(&receipt.bin),
            tokens: receipt.tokens,
            bin_sha256: receipt.bin_sha256.clone(),
        });
        let shards: Vec<ShardFile> = shards.collect();
        known.push(shards.iter().flat_map(|shard| tokens_of(&shard.path)).collect());
        let samples = if lengths.is_empty() { 0 } else { samples[number] };
        pools.push(ReaderPool {
            name: format!("pool {number}"),
            samples,
            start_token: 37 * n,
            shards,
        });
    }
    let params = ReaderParams {
        stage: "one".to_owned(),
        seed: 5,
        sequence_length: 96,
        window: 96,
        overlap: 0,
        packing: Packing::Concat,
        tokenizer_sha256: "09".repeat(32),
        open_shards: 2,
        pools,
    };
    Fixture { params, pools: known, _folder: folder }
}

fn tokens_of(path: &Path) -> Vec<Known> {
    let shard = Shard::open(path).unwrap();
    let documents = support::read(&shard);
    let tokens = documents
        .iter()
        .flat_map(|doc| (0..).zip(&doc.tokens).map(|(i, &id)| (id, doc.meta.id, i)));
    tokens.collect()
}

/// Token by token: the window's ids, and for each token whether a stretch begins with it.
fn slowly(fixture: &Fixture, window: u64) -> Vec<(Known, bool)> {
    let params = &fixture.params;
    let samples: Vec<u64> = params.pools.iter().map(|pool| pool.samples).collect();
    let schedule = Schedule::new(&samples, params.seed, &params.stage).unwrap();
    let parts = params.sequence_length / params.window;
    let place = schedule.locate(window / parts).unwrap();
    let (pool, known) = (&params.pools[place.pool], &fixture.pools[place.pool]);
    let stream = Stream::new(&pool.name, params.seed, known.len() as u64);
    let first =
        pool.start_token + place.sample * params.sequence_length + window % parts * params.window;
    let mut before = None;
    (first..first + params.window + params.overlap)
        .map(|token| {
            let span = stream.spans(token, 1)[0];
            let (id, document, place) = known[usize::try_from(span.start).unwrap()];
            let begins = before != Some((span.epoch, span.start)) || place == 0;
            before = Some((span.epoch, span.start + 1));
            ((id, document, place), begins)
        })
        .collect()
}

fn assert_reads(fixture: &Fixture, windows: &[u64]) {
    let reader = Reader::open(fixture.params.clone()).unwrap();
    let length = usize::try_from(reader.window_tokens()).unwrap();
    let mut tokens = vec![0_u32; windows.len() * length];
    let documents = reader.read_documents(windows, &mut tokens).unwrap();
    let slow: Vec<Vec<(Known, bool)>> =
        windows.iter().map(|&window| slowly(fixture, window)).collect();
    let ids: Vec<u32> = slow.iter().flatten().map(|&((id, _, _), _)| id).collect();
    assert_eq!(tokens, ids);
    let mut alone = vec![0_i64; tokens.len()];
    reader.read(windows, &mut alone).unwrap();
    assert!(alone.into_iter().eq(ids.into_iter().map(i64::from)));

    let overlap = usize::try_from(fixture.params.overlap).unwrap();
    let inputs: Vec<(Known, bool)> =
        slow.iter().flat_map(|window| window[..length - overlap].to_vec()).collect();
    assert_documents(&reader, &documents, &inputs);
}

fn assert_documents(reader: &Reader, documents: &Documents, inputs: &[(Known, bool)]) {
    let starts = inputs.iter().enumerate().filter(|&(_, &(_, begins))| begins);
    let starts: Vec<usize> = starts.map(|(i, _)| i).collect();
    let ends: Vec<usize> = starts.iter().copied().chain([inputs.len()]).collect();
    assert!(documents.ends.iter().map(|&end| usize::try_from(end).unwrap()).eq(ends));
    let paths: Vec<_> = reader.shard_paths().collect();
    for (stretch, &start) in starts.iter().enumerate() {
        let ((_, id, offset), _) = inputs[start];
        assert_eq!(
            (DocId::from_bytes(documents.ids[stretch]), documents.offsets[stretch]),
            (id, offset)
        );
        let shard = Shard::open(paths[documents.shards[stretch] as usize]).unwrap();
        let place = usize::try_from(documents.places[stretch]).unwrap();
        assert_eq!(shard.doc_ids().nth(place), Some(id));
        assert_eq!(shard.languages().nth(place), Some(documents.languages[stretch]));
        assert_eq!(shard.sources().nth(place), Some(documents.sources[stretch]));
    }
    let mut found = vec![0_i32; inputs.len()];
    positions(&documents.ends, &mut found).unwrap();
    let mut expected = 0;
    for (position, (_, begins)) in found.into_iter().zip(inputs) {
        expected = if *begins { 0 } else { expected + 1 };
        assert_eq!(position, expected);
    }
}

#[test]
fn later_epochs_and_many_shards_are_read() {
    let documents = [(0..400).map(|n| n * 7 % 90).collect(), vec![13_000, 1, 0, 5], vec![]];
    for overlap in [0, 1] {
        let mut fixture = fixture(&documents, &[500, 400, 3], 3000, 300);
        assert!(fixture.params.pools[0].shards.len() > 5 && fixture.params.pools[2].samples == 0);
        fixture.params.overlap = overlap;
        let windows: Vec<u64> = (0..900).collect();
        assert_reads(&fixture, &windows);
        fixture.params.window = 32;
        assert_reads(&fixture, &(0..2700).rev().step_by(7).collect::<Vec<_>>());
    }
}

/// Every stretch of a packed stage is of the document that it is said to be of; all together are what the windows of
/// the stream hold, each token as often.
fn assert_packs(fixture: &Fixture) {
    let reader = Reader::open(fixture.params.clone()).unwrap();
    let windows: Vec<u64> = (0..reader.windows()).collect();
    let mut tokens = vec![0_u32; windows.len() * usize::try_from(reader.window_tokens()).unwrap()];
    let documents = reader.read_documents(&windows, &mut tokens).unwrap();
    let paths: Vec<_> = reader.shard_paths().cloned().collect();
    let shards: Vec<Shard> = paths.iter().map(|path| Shard::open(path).unwrap()).collect();
    let mut found = Vec::new();
    for (stretch, pair) in documents.ends.windows(2).enumerate() {
        let (start, end) = (usize::try_from(pair[0]).unwrap(), usize::try_from(pair[1]).unwrap());
        let shard = &shards[documents.shards[stretch] as usize];
        let document = shard.document_tokens(documents.places[stretch]).unwrap().to_vec();
        let offset = usize::try_from(documents.offsets[stretch]).unwrap();
        assert_eq!(tokens[start..end], document[offset..offset + end - start]);
        let id = DocId::from_bytes(documents.ids[stretch]);
        found.extend((offset..offset + end - start).map(|at| (id, at as u64)));
    }
    let whole = Fixture {
        params: ReaderParams { packing: Packing::Concat, ..fixture.params.clone() },
        pools: fixture.pools.clone(),
        _folder: tempfile::tempdir().unwrap(),
    };
    let mut expected: Vec<(DocId, u64)> = windows
        .iter()
        .flat_map(|&window| slowly(&whole, window))
        .map(|((_, id, at), _)| (id, at))
        .collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(
        reader.survey(&mut ()).unwrap(),
        counted(&documents, &shards, reader.window_tokens())
    );
}

/// What a survey counts, from all windows.
fn counted(documents: &Documents, shards: &[Shard], window: u64) -> Cuts {
    let mut cuts = Cuts::default();
    for (stretch, pair) in documents.ends.windows(2).enumerate() {
        let range =
            shards[documents.shards[stretch] as usize].document(documents.places[stretch]).unwrap();
        let (whole, len) = (range.end - range.start, u64::try_from(pair[1] - pair[0]).unwrap());
        let begins = documents.offsets[stretch] == 0;
        cuts.stretches += 1;
        cuts.documents += u64::from(begins);
        cuts.cut += u64::from(begins && len < whole);
        cuts.longer += u64::from(begins && whole > window);
    }
    cuts
}

#[test]
fn packed_windows_hold_the_same_tokens_and_cut_fewer_documents() {
    let documents =
        [(0..4000).map(|n| n * 7 % 61).collect(), (0..90).map(|n| n * 97 % 1000).collect()];
    let mut fixture = fixture(&documents, &[1400, 500], 30_000, 300);
    (fixture.params.sequence_length, fixture.params.window) = (128, 128);
    let mut cuts = Vec::new();
    for packing in [Packing::Concat, Packing::BestFit, Packing::Pow2] {
        fixture.params.packing = packing;
        assert_packs(&fixture);
        cuts.push(Reader::open(fixture.params.clone()).unwrap().survey(&mut ()).unwrap());
    }
    let avoidable = |cuts: &Cuts| cuts.cut - cuts.longer;
    assert!(avoidable(&cuts[1]) * 20 < avoidable(&cuts[0]), "{cuts:?}");
    assert!(cuts[0].documents == cuts[1].documents && cuts[1].documents == cuts[2].documents);
    let reader = Reader::open(fixture.params.clone()).unwrap();
    let mut tokens = vec![0_u16; 128 * usize::try_from(reader.windows()).unwrap()];
    let stretches =
        reader.read_documents(&(0..reader.windows()).collect::<Vec<_>>(), &mut tokens).unwrap();
    for pair in stretches.ends.windows(2) {
        let len = pair[1] - pair[0];
        assert!(len & (len - 1) == 0 && pair[0] % len == 0, "{pair:?}");
    }
    assert!(reader.cursors(5).unwrap_err().to_string().contains("0 or all of them"));
    assert_eq!(reader.cursors(reader.windows()).unwrap().len(), 2);
}

#[test]
fn windows_that_cannot_be_packed_are_refused() {
    let fixture = fixture(&[vec![100; 10]], &[4], 1 << 20, 300);
    let open = |packing, overlap| {
        Reader::open(ReaderParams { packing, overlap, ..fixture.params.clone() })
            .unwrap_err()
            .to_string()
    };
    assert!(open(Packing::BestFit, 1).contains("overlap: no token follows"));
    assert!(open(Packing::Pow2, 0).contains("96 is not a power of two"));
}

#[test]
fn cursors_say_where_the_pools_go_on() {
    let fixture = fixture(&[vec![50; 20], vec![7; 9]], &[30, 12], 1 << 20, 300);
    let reader = Reader::open(fixture.params.clone()).unwrap();
    assert_eq!((reader.windows(), reader.window_tokens()), (42, 96));
    let mut cursors: Vec<u64> = fixture.params.pools.iter().map(|pool| pool.start_token).collect();
    for window in 0..42 {
        assert_eq!(reader.cursors(window).unwrap(), cursors);
        cursors[reader.locate(window).unwrap().pool] += 96;
    }
    assert_eq!(reader.cursors(42).unwrap(), cursors);
    assert!(reader.cursors(43).unwrap_err().to_string().contains("from 0 to 42"));
    assert!(reader.locate(42).unwrap_err().to_string().contains("no sample 42"));
}

#[test]
fn wide_ids_go_into_wide_types_only() {
    let fixture = fixture(&[vec![100; 10]], &[4], 1 << 20, 70_000);
    let reader = Reader::open(fixture.params.clone()).unwrap();
    let (mut narrow, mut wide) = ([0_u16; 96], [0_i32; 96]);
    let error = reader.read(&[0], &mut narrow).unwrap_err().to_string();
    assert!(error.contains("dtype: it is too narrow"), "{error}");
    reader.read(&[0], &mut wide).unwrap();
    assert!(
        wide.iter()
            .zip(slowly(&fixture, 0))
            .all(|(&found, ((id, ..), _))| found == id.cast_signed())
    );
    let error = reader.read(&[0, 1], &mut wide).unwrap_err().to_string();
    assert!(error.contains("96 tokens, expected 2 × 96"), "{error}");
}

#[test]
fn another_shard_than_the_promised_is_refused() {
    let fixture = fixture(&[vec![100; 100]], &[90], 4000, 300);
    let mut params = fixture.params.clone();
    params.pools[0].shards.swap(1, 2);
    let paths: Vec<_> = params.pools[0].shards.iter().map(|shard| shard.path.clone()).collect();
    for (shard, path) in params.pools[0].shards.iter_mut().zip(paths.into_iter().rev()) {
        shard.path = path;
    }
    let reader = Reader::open(params).unwrap();
    let all: Vec<u64> = (0..90).collect();
    let error = reader.read(&all, &mut vec![0_u16; 90 * 96]).unwrap_err().to_string();
    assert!(error.contains("byte 32") && error.contains("as promised"), "{error}");

    let mut params = fixture.params.clone();
    params.tokenizer_sha256 = "00".repeat(32);
    let error = Reader::open(params).unwrap().read(&[0], &mut [0_u16; 96]).unwrap_err().to_string();
    assert!(error.contains("byte 64"), "{error}");

    let mut params = fixture.params.clone();
    params.window = 40;
    assert!(Reader::open(params).unwrap_err().to_string().contains("do not divide"));

    let mut params = fixture.params;
    params.pools[0].shards.clear();
    assert!(Reader::open(params).unwrap_err().to_string().contains("90 samples of no tokens"));
}

/// Whatever stands in `DOC_END`, reading ends with documents or with an error that names the index.
#[test]
fn damaged_document_ends_are_an_error() {
    let fixture = fixture(&[vec![20; 60]], &[13], 1 << 20, 300);
    let path = fixture.params.pools[0].shards[0].path.with_extension("gdx");
    let whole = std::fs::read(&path).unwrap();
    let section = usize::try_from(u64::from_le_bytes(whole[168..176].try_into().unwrap())).unwrap();
    let (mut errors, windows) = (0, (0..13).collect::<Vec<u64>>());
    for document in 0..59 {
        for end in [0, 21 * document, 21 * document + 1, 1200, 1261, u64::MAX] {
            let mut damaged = whole.clone();
            let at = section + 8 * usize::try_from(document).unwrap();
            damaged[at..at + 8].copy_from_slice(&end.to_le_bytes());
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, damaged).unwrap();
            let reader = Reader::open(fixture.params.clone()).unwrap();
            let read = reader.read_documents(&windows, &mut vec![0_u16; 13 * 96]);
            if let Err(error) = read {
                assert!(error.to_string().contains("00000.gdx"), "{error}");
                errors += 1;
            }
        }
    }
    assert!(errors > 100, "{errors}");
}

#[test]
fn positions_are_of_their_batch() {
    for (ends, count) in [(vec![0, 3], 2), (vec![0, 3], 4), (vec![0, 3, 2], 3), (vec![], 1)] {
        let error = positions(&ends, &mut vec![0_i64; count]).unwrap_err().to_string();
        assert!(error.contains("one position for each"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn any_window_of_any_pools(
        documents in prop::collection::vec(prop::collection::vec(0_usize..300, 1..40), 1..4),
        samples in prop::collection::vec(1_u64..60, 4),
        shard_bytes in 200_u64..4000,
        (window, overlap) in prop_oneof![Just((96, 0)), Just((48, 1)), Just((96, 1)), Just((1, 0))],
    ) {
        let mut fixture = fixture(&documents, &samples, shard_bytes, 300);
        (fixture.params.window, fixture.params.overlap) = (window, overlap);
        let windows = Reader::open(fixture.params.clone()).unwrap().windows();
        if overlap == 0 && window > 1 {
            fixture.params.packing = Packing::BestFit;
            assert_packs(&fixture);
            fixture.params.packing = Packing::Concat;
        }
        assert_reads(&fixture, &(0..windows).step_by(usize::try_from(96 / window).unwrap()).collect::<Vec<_>>());
    }
}
