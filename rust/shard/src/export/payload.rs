//! The payload of an export: a second name of a shard's, a copy of it, or a copy of some of its documents.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use gamayun_text::{Monitor, Progress};

use super::chosen::Chosen;
use super::sink::{ExportedFile, Origin, Sink};
use crate::receipt::hex;
use crate::{Error, Result, Shard};

/// Tokens are copied so many bytes at a time.
const PIECE: usize = 8 << 20;

/// Gives a whole payload another name; across file systems, or if `copy` is asked for, copies it.
pub(super) fn whole(
    shard: &Shard,
    path: &Path,
    copy: bool,
    monitor: &mut dyn Monitor,
) -> Result<ExportedFile> {
    if !copy && link(shard.bin_path(), path)? {
        let bytes = shard.tokens().as_bytes().len() as u64;
        let (path, sha256) = (path.to_owned(), hex(&shard.bin_sha256()));
        return Ok(ExportedFile { path, bytes, sha256, origin: Origin::Linked });
    }
    let mut sink = Sink::create(path)?;
    put(&mut sink, shard.tokens().as_bytes(), monitor)?;
    let file = sink.finish(Origin::Copied)?;
    if file.sha256 == hex(&shard.bin_sha256()) {
        return Ok(file);
    }
    Err(Error::Damaged { path: shard.bin_path().to_owned(), what: "its tokens".to_owned() })
}

/// False if this pair of places cannot have a link, and a copy is needed.
fn link(from: &Path, to: &Path) -> Result<bool> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::CrossesDevices
            | ErrorKind::PermissionDenied
            | ErrorKind::TooManyLinks
            | ErrorKind::Unsupported => Ok(false),
            _ => Err(Error::io(to)(error)),
        },
    }
}

/// Copies the chosen documents alone.
pub(super) fn cut(
    chosen: &Chosen<'_>,
    path: &Path,
    monitor: &mut dyn Monitor,
) -> Result<ExportedFile> {
    let mut sink = Sink::create(path)?;
    for range in chosen.token_ranges() {
        let place = |token| usize::try_from(token).unwrap_or(usize::MAX);
        let tokens = chosen.shard.tokens().slice(place(range.start)..place(range.end));
        let tokens = tokens.ok_or_else(|| not_rising(chosen.shard))?;
        put(&mut sink, tokens.as_bytes(), monitor)?;
    }
    sink.finish(Origin::Cut)
}

fn not_rising(shard: &Shard) -> Error {
    Error::format(shard.gdx_path(), 0, "documents that end before they begin", "a rising DOC_END")
}

fn put(sink: &mut Sink, bytes: &[u8], monitor: &mut dyn Monitor) -> Result<()> {
    for piece in bytes.chunks(PIECE) {
        sink.put(piece)?;
        monitor.advance(Progress { bytes: piece.len() as u64, ..Progress::default() })?;
    }
    Ok(())
}
