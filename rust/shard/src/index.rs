//! Writes a shard's index (`.gdx`): what is known of each document and block of a payload.

use std::path::Path;

use gamayun_text::hash::hash128;
use sha2::{Digest, Sha256};

use crate::atomic::AtomicFile;
use crate::layout::{
    ALIGNMENT, ENTRY_BYTES, EOS_ENDS_DOCUMENTS, Entry, HEADER_BYTES, Header, MAGIC, Meta, Section,
    VERSION, join_names,
};
use crate::payload::Payload;
use crate::{DocumentMeta, Error, Result, ShardParams};

/// The columns of an index while its payload is written: 32 bytes a document.
#[derive(Debug, Default)]
pub(crate) struct IndexWriter {
    ends: Vec<u64>,
    metas: Vec<Meta>,
    ids: Vec<[u8; 16]>,
    bytes: Vec<u32>,
}

impl IndexWriter {
    /// Notes a document whose tokens end at `end` in the shard.
    pub(crate) fn push(
        &mut self,
        meta: &DocumentMeta,
        end: u64,
        params: &ShardParams,
    ) -> Result<()> {
        known(meta, "language", meta.language.into(), params.languages.len())?;
        known(meta, "source", meta.source, params.sources.len())?;
        let bytes = u32::try_from(meta.bytes).map_err(|_| Error::DocumentTooLong {
            id: meta.id,
            tokens: end,
            bytes: meta.bytes,
        })?;
        self.ends.push(end);
        self.metas.push(Meta { source: meta.source, language: meta.language, flags: 0 });
        self.ids.push(meta.id.to_bytes());
        self.bytes.push(bytes);
        Ok(())
    }

    pub(crate) fn documents(&self) -> u64 {
        self.ends.len() as u64
    }

    /// UTF-8 bytes of the texts so far.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.bytes.iter().copied().map(u64::from).sum()
    }

    /// Writes the index of this payload and returns its sha256.
    pub(crate) fn finish(
        self,
        path: &Path,
        payload: &Payload,
        params: &ShardParams,
    ) -> Result<[u8; 32]> {
        let (languages, sources) = (join_names(&params.languages), join_names(&params.sources));
        let sections: [(Section, &[u8]); 7] = [
            (Section::DocEnd, bytemuck::cast_slice(&self.ends)),
            (Section::DocMeta, bytemuck::cast_slice(&self.metas)),
            (Section::DocId, bytemuck::cast_slice(&self.ids)),
            (Section::DocBytes, bytemuck::cast_slice(&self.bytes)),
            (Section::Blocks, bytemuck::cast_slice(&payload.blocks)),
            (Section::Languages, &languages),
            (Section::Sources, &sources),
        ];
        let head = self.head(&sections, payload, params);
        write_file(path, &head, &sections)
    }

    /// The header and the section table.
    fn head(
        &self,
        sections: &[(Section, &[u8]); 7],
        payload: &Payload,
        params: &ShardParams,
    ) -> Vec<u8> {
        let (entries, length) = table(sections);
        let mut header = Header {
            magic: MAGIC,
            version: VERSION,
            head_bytes: HEAD_BYTES,
            head_hash: [0; 16],
            payload_sha256: payload.sha256,
            tokenizer_sha256: params.tokenizer_sha256,
            tokens: payload.tokens,
            documents: self.documents(),
            bytes: self.text_bytes(),
            length,
            vocab_size: params.vocab_size,
            eos: params.eos,
            max_id: payload.max_id,
            width: u32::from(u8::from(params.width)),
            flags: EOS_ENDS_DOCUMENTS,
            sections: SECTIONS,
            zero: 0,
        };
        let mut head = [bytemuck::bytes_of(&header), bytemuck::cast_slice(&entries)].concat();
        header.head_hash = hash128(&head[32..]).to_be_bytes();
        head[..HEADER_BYTES].copy_from_slice(bytemuck::bytes_of(&header));
        head
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven")]
const SECTIONS: u32 = Section::ALL.len() as u32;

#[expect(clippy::cast_possible_truncation, reason = "440 bytes")]
const HEAD_BYTES: u32 = (HEADER_BYTES + ENTRY_BYTES * Section::ALL.len()) as u32;

/// The section table, and the length of the file.
fn table(sections: &[(Section, &[u8]); 7]) -> (Vec<Entry>, u64) {
    let mut end = u64::from(HEAD_BYTES);
    let entries = sections.iter().map(|&(section, bytes)| {
        let offset = end.next_multiple_of(ALIGNMENT as u64);
        let length = bytes.len() as u64;
        end = offset + length;
        Entry {
            kind: section.kind(),
            item_bytes: section.item_bytes(),
            offset,
            bytes: length,
            hash: hash128(bytes).to_be_bytes(),
        }
    });
    (entries.collect(), end)
}

fn write_file(path: &Path, head: &[u8], sections: &[(Section, &[u8]); 7]) -> Result<[u8; 32]> {
    let mut file = AtomicFile::create(path)?;
    let mut sha256 = Sha256::new();
    let mut written: usize = 0;
    for piece in std::iter::once(head).chain(sections.iter().map(|&(_, bytes)| bytes)) {
        let gap = &[0; ALIGNMENT][..written.next_multiple_of(ALIGNMENT) - written];
        for bytes in [gap, piece] {
            sha256.update(bytes);
            file.write(bytes)?;
            written += bytes.len();
        }
    }
    file.commit()?;
    Ok(sha256.finalize().into())
}

fn known(meta: &DocumentMeta, table: &'static str, code: u16, names: usize) -> Result<()> {
    if usize::from(code) < names {
        return Ok(());
    }
    Err(Error::UnknownCode { id: meta.id, table, code, names })
}
