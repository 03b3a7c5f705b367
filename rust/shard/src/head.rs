//! Reads an index's header and section table, and refuses what the format does not allow.

use std::path::Path;

use gamayun_text::hash::hash128;

use crate::layout::{
    ALIGNMENT, ENTRY_BYTES, EOS_ENDS_DOCUMENTS, Entry, HEADER_BYTES, Header, MAGIC, VERSION,
};
use crate::{Error, Result, TokenWidth};

/// The header: magic, version, hash, length and flags as they must be.
pub(crate) fn read_header(path: &Path, gdx: &[u8]) -> Result<Header> {
    let wrong =
        |offset, found: String, expected: &str| Err(Error::format(path, offset, found, expected));
    let Some(bytes) = gdx.get(..HEADER_BYTES) else {
        return wrong(
            gdx.len() as u64,
            format!("{} bytes", gdx.len()),
            "an index of at least 160 bytes",
        );
    };
    let header: Header = bytemuck::pod_read_unaligned(bytes);
    if header.magic != MAGIC {
        return wrong(
            0,
            format!("{:?}", header.magic.escape_ascii().to_string()),
            "\"GSHARD\\0\\0\"",
        );
    }
    if header.version != VERSION {
        return wrong(8, format!("format version {}", header.version), "format version 1");
    }
    let head = usize::try_from(header.head_bytes).ok().and_then(|end| gdx.get(32..end));
    let Some(head) = head else {
        return wrong(
            12,
            format!("a header of {} bytes", header.head_bytes),
            "one that fits the file",
        );
    };
    if hash128(head).to_be_bytes() != header.head_hash {
        return wrong(16, "a damaged header".to_owned(), "the header that has this hash");
    }
    if header.length != gdx.len() as u64 {
        let expected = format!("{} bytes", header.length);
        return wrong(gdx.len() as u64, format!("{} bytes", gdx.len()), &expected);
    }
    if header.flags != EOS_ENDS_DOCUMENTS || header.zero != 0 {
        return wrong(144, format!("flags {:#x}", header.flags), "flags 0x1");
    }
    Ok(header)
}

/// The width of the token ids, as the vocabulary asks for it.
pub(crate) fn read_width(path: &Path, header: &Header) -> Result<TokenWidth> {
    let width = TokenWidth::from_bytes(header.width);
    width.filter(|&width| width == TokenWidth::for_vocab(header.vocab_size)).ok_or_else(|| {
        let found = format!("tokens of {} bytes", header.width);
        Error::format(
            path,
            140,
            found,
            format!("the width of a vocabulary of {}", header.vocab_size),
        )
    })
}

/// The section table, each entry after the one before it, aligned, and within the file.
pub(crate) fn read_entries(path: &Path, gdx: &[u8], header: &Header) -> Result<Vec<Entry>> {
    let table = gdx.get(HEADER_BYTES..header.head_bytes as usize).unwrap_or_default();
    if table.len() != ENTRY_BYTES * header.sections as usize {
        let found = format!("{} sections in {} bytes", header.sections, table.len());
        return Err(Error::format(path, 148, found, "40 bytes a section"));
    }
    let entries: Vec<Entry> =
        table.chunks_exact(ENTRY_BYTES).map(bytemuck::pod_read_unaligned).collect();
    let mut end = u64::from(header.head_bytes);
    for (i, entry) in entries.iter().enumerate() {
        let place = end.checked_next_multiple_of(ALIGNMENT as u64);
        let next = entry.offset.checked_add(entry.bytes).filter(|&next| next <= header.length);
        let (Some(next), true) = (next, place == Some(entry.offset)) else {
            let offset = HEADER_BYTES + ENTRY_BYTES * i;
            let found = format!("a section of {} bytes at byte {}", entry.bytes, entry.offset);
            let expected = format!("one right after byte {end}, within {} bytes", header.length);
            return Err(Error::format(path, offset as u64, found, expected));
        };
        end = next;
    }
    if end == header.length {
        return Ok(entries);
    }
    Err(Error::format(path, end, format!("{} bytes of no section", header.length - end), "the end"))
}
