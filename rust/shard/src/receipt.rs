//! What a manifest says of a shard.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Names, counts and hashes of one shard's two files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardReceipt {
    /// Name of the payload in its folder: `00000.bin`.
    pub bin: String,
    /// Name of the index in its folder: `00000.gdx`.
    pub gdx: String,
    /// Tokens, EOS included.
    pub tokens: u64,
    /// Documents.
    pub documents: u64,
    /// UTF-8 bytes of the texts.
    pub bytes: u64,
    /// The largest token id.
    pub max_id: u32,
    /// sha256 of the payload, in hexadecimal.
    pub bin_sha256: String,
    /// sha256 of the index, in hexadecimal.
    pub gdx_sha256: String,
}

/// sha256 of a file, in hexadecimal: to compare with a receipt.
pub fn file_sha256(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 18];
    loop {
        match file.read(&mut piece).map_err(Error::io(path))? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&piece[..read]),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
