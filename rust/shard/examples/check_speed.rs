//! Checking a shard beside hashing the same map and nothing else: `check_speed SHARD VOCAB_SIZE [ROUNDS]`.
//!
//! Prints the least seconds of the rounds, which take turns, and the speed as a part of the bare hash's.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example may panic, and prints")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use gamayun_shard::{Level, Shard, check};
use gamayun_text::hash::hash128;
use sha2::{Digest, Sha256};

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, vocab_size) = (Path::new(&arguments[0]), arguments[1].parse().unwrap());
    let rounds: usize = arguments.get(2).map_or(5, |rounds| rounds.parse().unwrap());
    let shard = Shard::open(path).unwrap();
    let payload = shard.tokens().as_bytes();
    let whole = |level| assert_eq!(check(path, level, vocab_size).unwrap(), []);
    let mut least = [f64::MAX; 4];
    for _ in 0..=rounds {
        let taken = [
            seconds(|| {
                black_box(hash128(payload));
            }),
            seconds(|| whole(Level::Hashes)),
            seconds(|| {
                black_box(Sha256::digest(payload));
            }),
            seconds(|| whole(Level::Tokens)),
        ];
        for (least, taken) in least.iter_mut().zip(taken) {
            *least = least.min(taken);
        }
    }
    let [xxh3, fast, sha256, full] = least;
    println!(
        "{} bytes; seconds: xxh3 {xxh3:.4}, fast {fast:.4}, sha256 {sha256:.4}, full {full:.4}",
        payload.len()
    );
    println!(
        "fast at {:.2} of bare xxh3, full at {:.2} of bare sha256",
        xxh3 / fast,
        sha256 / full
    );
}
