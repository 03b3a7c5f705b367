//! Megatron-LM, Megatron-Bridge, `NeMo`, GPT-NeoX: `.bin` beside `.idx`, one sequence a document.
//!
//! Written from the format's description (`docs/exports.md`): magic, version 1, a code of the type, counts, then i32
//! lengths, i64 places in bytes and i64 document numbers. All numbers are 64 bits wide until they are written.

use std::path::Path;

use gamayun_text::{Monitor, Progress};

use super::chosen::{Chosen, One};
use super::sink::{ExportedFile, Origin, Sink};
use super::{DocumentFormat, STRIDE};
use crate::{Error, Result, TokenWidth};

pub(super) const FORMAT: DocumentFormat =
    DocumentFormat { name: "megatron", extension: "bin", subsets: true, write };

const MAGIC: &[u8; 9] = b"MMIDIDX\0\0";
const VERSION: u64 = 1;

/// What the reader calls uint16, and int32: it has no name for uint32, so ids must be below 2³¹.
const fn code(width: TokenWidth) -> u8 {
    match width {
        TokenWidth::U16 => 8,
        TokenWidth::U32 => 4,
    }
}

fn write(chosen: &Chosen<'_>, base: &Path, monitor: &mut dyn Monitor) -> Result<Vec<ExportedFile>> {
    let shard = chosen.shard;
    let documents = chosen.documents();
    let path = base.with_added_extension("idx");
    let limit = |found: u64, what| check(&path, found, what);
    limit(documents, "documents")?;
    limit(shard.max_id().into(), "as the largest id")?;
    let mut sink = Sink::create(&path)?;
    sink.put(MAGIC)?;
    sink.put(&VERSION.to_le_bytes())?;
    sink.put(&[code(shard.width())])?;
    sink.put(&documents.to_le_bytes())?;
    sink.put(&(documents + 1).to_le_bytes())?;
    let bytes = shard.width().bytes();
    column(&mut sink, chosen, monitor, |sink, one| {
        let length = i32::try_from(one.tokens);
        let length = length.or_else(|_| limit(one.tokens, "tokens in a document").and(Ok(0)))?;
        sink.put(&length.to_le_bytes())
    })?;
    column(&mut sink, chosen, monitor, |sink, one| sink.put(&(one.start * bytes).to_le_bytes()))?;
    for document in 0..=documents {
        sink.put(&document.to_le_bytes())?;
        pause(document, monitor)?;
    }
    Ok(vec![sink.finish(Origin::Written)?])
}

/// One number of each document.
fn column(
    sink: &mut Sink,
    chosen: &Chosen<'_>,
    monitor: &mut dyn Monitor,
    put: impl Fn(&mut Sink, One) -> Result<()>,
) -> Result<()> {
    for (n, one) in (1_u64..).zip(chosen.each()) {
        put(sink, one)?;
        pause(n, monitor)?;
    }
    Ok(())
}

/// Lets the monitor speak now and then.
fn pause(document: u64, monitor: &mut dyn Monitor) -> Result<()> {
    if document.is_multiple_of(STRIDE) {
        monitor.advance(Progress::default())?;
    }
    Ok(())
}

/// Lengths, ids and counts are signed and of 32 bits there.
fn check(path: &Path, found: u64, what: &'static str) -> Result<()> {
    let most = i32::MAX.unsigned_abs().into();
    if found <= most {
        return Ok(());
    }
    Err(Error::TooLarge { path: path.to_owned(), what, found, most })
}
