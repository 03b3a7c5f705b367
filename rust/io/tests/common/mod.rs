//! What the tests of this crate share: files of every compression, and all that is read from one.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use gamayun_io::{Batch, Input, ReadParams, Record, RejectReason, Rejected, open};
use tempfile::TempDir;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// A directory of files that goes when the test does.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self(tempfile::tempdir()?))
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn spec(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn add(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<Input, Box<dyn Error>> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().ok_or("no parent")?)?;
        fs::write(&path, bytes)?;
        Ok(Input::file(path))
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

pub(crate) fn zstd(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3)?;
    encoder.include_checksum(true)?;
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// All that an input gives, in small batches, and its fingerprint.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) records: Vec<Record>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) fingerprint: Option<u128>,
}

impl Read {
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.records.iter().map(|record| record.text.as_str()).collect()
    }

    pub(crate) fn reasons(&self) -> Vec<(Option<u64>, RejectReason)> {
        self.rejected.iter().map(|rejected| (rejected.record, rejected.reason)).collect()
    }
}

pub(crate) fn read(input: &Input, params: &ReadParams) -> gamayun_io::Result<Read> {
    read_in_batches(input, params, 1 << 20, 3)
}

pub(crate) fn read_in_batches(
    input: &Input,
    params: &ReadParams,
    max_bytes: usize,
    max_records: usize,
) -> gamayun_io::Result<Read> {
    let mut reader = open(input, params)?;
    let (mut all, mut batch) = (Read::default(), Batch::default());
    loop {
        let more = reader.read(&mut batch, max_bytes, max_records)?;
        let bytes: usize = batch.records.iter().map(|record| record.text.len()).sum();
        assert_eq!(batch.text_bytes, bytes as u64);
        assert!(batch.records.len() <= max_records);
        all.records.append(&mut batch.records);
        all.rejected.append(&mut batch.rejected);
        if !more {
            all.fingerprint = reader.fingerprint();
            return Ok(all);
        }
    }
}
