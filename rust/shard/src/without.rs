//! A shard again, without some of its documents.

use std::path::Path;

use gamayun_text::{DocId, Monitor, Progress};

use crate::index::IndexWriter;
use crate::payload::PayloadWriter;
use crate::receipt::hex;
use crate::{DocumentMeta, Result, RunDocument, Shard, ShardParams, ShardReceipt, Tokens};

/// Writes what is left of a shard to `target`, with the extensions `.bin` and `.gdx`; nothing, if nothing is left.
///
/// `removed` is sorted. The documents that stay keep their order, and their bytes: the result is the shard that would
/// have been written had the others never been. Progress is in bytes of text.
pub fn without(
    shard: &Shard,
    removed: &[DocId],
    target: &Path,
    monitor: &mut dyn Monitor,
) -> Result<Option<ShardReceipt>> {
    let stays = |id: DocId| removed.binary_search(&id).is_err();
    if !shard.doc_ids().any(stays) {
        return Ok(None);
    }
    let params = params_of(shard)?;
    let (bin, gdx) = (target.with_extension("bin"), target.with_extension("gdx"));
    let mut payload = PayloadWriter::create(&bin, &params)?;
    let mut index = IndexWriter::default();
    let mut progress = Progress { total: shard.text_bytes(), ..Progress::default() };
    for (number, meta) in (0..).zip(metas(shard)) {
        progress.done += meta.bytes;
        if !stays(meta.id) {
            continue;
        }
        let tokens = shard.document_tokens(number).unwrap_or(Tokens::U16(&[]));
        let block_ended = payload.push(&RunDocument { meta, tokens })?;
        index.push(&meta, payload.tokens(), &params)?;
        if block_ended {
            monitor.advance(progress)?;
        }
    }
    let (documents, bytes, payload) = (index.documents(), index.text_bytes(), payload.finish()?);
    let gdx_sha256 = index.finish(&gdx, &payload, &params)?;
    Ok(Some(ShardReceipt {
        bin: name(&bin),
        gdx: name(&gdx),
        tokens: payload.tokens,
        documents,
        bytes,
        max_id: payload.max_id,
        bin_sha256: hex(&payload.sha256),
        gdx_sha256: hex(&gdx_sha256),
    }))
}

fn params_of(shard: &Shard) -> Result<ShardParams> {
    ShardParams::new(
        shard.vocab_size(),
        shard.eos(),
        shard.tokenizer_sha256(),
        shard.language_names().to_vec(),
        shard.source_names().to_vec(),
    )
}

/// What the index says of each document. Pool and key are of the run and not in a shard.
fn metas(shard: &Shard) -> impl Iterator<Item = DocumentMeta> + '_ {
    let codes = shard.languages().zip(shard.sources());
    shard.doc_ids().zip(codes).zip(shard.bytes()).map(|((id, (language, source)), &bytes)| {
        DocumentMeta { id, pool: 0, language, source, bytes: bytes.into(), key: 0 }
    })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
