//! The keys of an order: 64 bits from the seed and a name, the same in any program.

use sha2::{Digest, Sha256};

/// The key of a stage.
pub(crate) fn of_stage(seed: u64, stage: &str) -> u64 {
    key(&format!("gamayun-data order 1\nstage\n{seed}\n{stage}"))
}

/// The key of an epoch of a pool.
pub(crate) fn of_epoch(seed: u64, pool: &str, epoch: u64) -> u64 {
    key(&format!("gamayun-data order 1\npool\n{seed}\n{pool}\n{epoch}"))
}

/// The key of a group of windows of a pool that are packed together.
pub(crate) fn of_group(seed: u64, stage: &str, pool: &str, group: u64) -> u64 {
    key(&format!("gamayun-data order 1\ngroup\n{seed}\n{stage}\n{pool}\n{group}"))
}

/// The first eight bytes, little-endian, of the text's sha256.
fn key(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    digest[..8].iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_any_sha256() {
        // python3: int.from_bytes(hashlib.sha256(b"gamayun-data order 1\nstage\n17\none").digest()[:8], "little")
        assert_eq!(of_stage(17, "one"), STAGE);
        assert_eq!(of_epoch(17, "ru-web", 3), EPOCH);
    }

    const STAGE: u64 = 0x3d1a_9b63_0da2_1120;
    const EPOCH: u64 = 0x441b_0684_4b0f_c7e3;
}
