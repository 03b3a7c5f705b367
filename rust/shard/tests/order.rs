//! Orders are those of `tests/golden/order/cases.toml`, which were made from `docs/order.md`; and whatever the stages,
//! no token is read twice in an epoch and none is left out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use gamayun_shard::{Permutation, Place, Schedule, Stream};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    schedule: Vec<ScheduleCase>,
    permutation: Vec<PermutationCase>,
    stream: Vec<StreamCase>,
}

#[derive(Deserialize)]
struct ScheduleCase {
    samples: Vec<u64>,
    seed: String,
    stage: String,
    places: Vec<(u64, usize, u64)>,
}

#[derive(Deserialize)]
struct PermutationCase {
    n: u64,
    key: String,
    first: Vec<u64>,
}

#[derive(Deserialize)]
struct StreamCase {
    pool: String,
    seed: String,
    tokens: u64,
    places: Vec<(u64, u64, u64)>,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/order/cases.toml");
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn samples_come_from_where_the_page_says() {
    for case in golden().schedule {
        let schedule =
            Schedule::new(&case.samples, case.seed.parse().unwrap(), &case.stage).unwrap();
        for (g, pool, sample) in case.places {
            assert_eq!(schedule.locate(g), Some(Place { pool, sample }), "{} {g}", case.stage);
        }
    }
}

#[test]
fn numbers_go_where_the_page_says() {
    for case in golden().permutation {
        let permutation = Permutation::new(case.n, case.key.parse().unwrap());
        let found: Vec<u64> = (0..case.first.len() as u64).map(|i| permutation.at(i)).collect();
        assert_eq!(found, case.first, "{}", case.n);
    }
}

#[test]
fn tokens_lie_where_the_page_says() {
    for case in golden().stream {
        let stream = Stream::new(&case.pool, case.seed.parse().unwrap(), case.tokens);
        for (token, epoch, place) in case.places {
            let spans = stream.spans(token, 1);
            assert_eq!((spans[0].epoch, spans[0].start), (epoch, place), "{} {token}", case.pool);
        }
    }
}

/// A stage: samples of each pool, tokens of a sample, and after how much of it, of 1,000, the next begins.
type Stage = (Vec<u64>, u64, u64);

fn stages() -> impl Strategy<Value = (Vec<u64>, Vec<Stage>)> {
    (1_usize..5).prop_flat_map(|pools| {
        let stage = (
            prop::collection::vec(0_u64..40, pools),
            prop_oneof![Just(64_u64), Just(128), Just(1000)],
            prop_oneof![Just(1000_u64), 0_u64..1000],
        );
        (prop::collection::vec(500_u64..30_000, pools), prop::collection::vec(stage, 1..4))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Stages follow each other, cut short anywhere, with other mixtures and lengths: what is read of each pool is its
    /// stream from the beginning, without gap or repetition, and so each token once an epoch.
    #[test]
    fn nothing_is_read_twice_or_lost((pools, stages) in stages(), seed: u64) {
        let streams: Vec<Stream> = pools.iter().enumerate()
            .map(|(pool, &tokens)| Stream::new(&pool.to_string(), seed, tokens)).collect();
        let mut cursors = vec![0; pools.len()];
        let mut read: Vec<HashSet<(u64, u64)>> = vec![HashSet::new(); pools.len()];
        for (number, (samples, length, part)) in stages.iter().enumerate() {
            let schedule = Schedule::new(samples, seed, &number.to_string()).unwrap();
            let end = schedule.samples() * part / 1000;
            for g in 0..end {
                let Place { pool, sample } = schedule.locate(g).unwrap();
                for span in streams[pool].spans(cursors[pool] + sample * length, *length) {
                    for at in span.start..span.start + span.len {
                        prop_assert!(read[pool].insert((span.epoch, at)), "pool {} twice", pool);
                    }
                }
            }
            for (cursor, given) in cursors.iter_mut().zip(schedule.given(end)) {
                *cursor += given * length;
            }
        }
        for (pool, &tokens) in pools.iter().enumerate() {
            prop_assert_eq!(read[pool].len() as u64, cursors[pool]);
            let epochs = read[pool].iter().filter(|&&(epoch, _)| epoch < cursors[pool] / tokens).count() as u64;
            prop_assert_eq!(epochs, cursors[pool] / tokens * tokens);
        }
    }
}
