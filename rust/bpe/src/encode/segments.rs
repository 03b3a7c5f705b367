//! The pretokens of a table of counts with their tokens: what a corpus that was counted is made of is only looked up.
//!
//! The file: magic, the mark of the tokenizer, the number of pretokens, then each in byte order: how many bytes it shares
//! with the one before, the rest of it, its tokens. Numbers are LEB128 but for the mark and, at the end, the xxh3-64 of all
//! before it, both 8 bytes, little-endian.

use std::collections::HashMap;

use gamayun_text::hash::hash64;

use crate::count::file::{put, put_bytes};
use crate::count::table::Table;
use crate::encode::cache::Cache;
use crate::encode::engine::Engine;
use crate::encode::walk::WalkScratch;
use crate::{Counts, Error, Result, Tokenizer};

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"GMYSEG\x00\x01";

/// Known pretokens, for any number of threads. At most about 130 MB: the most frequent ones are kept.
#[derive(Debug)]
pub struct Segments {
    pub(crate) owner: u64,
    pub(crate) known: Cache,
}

impl Segments {
    /// Reads what [`Tokenizer::segments`] made. An error if the bytes are not whole.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let Some((body, sum)) = bytes.split_last_chunk::<8>() else {
            return Err(damaged("the file is shorter than its checksum"));
        };
        if hash64(body) != u64::from_le_bytes(*sum) {
            return Err(damaged("the checksum is not that of the bytes"));
        }
        let Some((owner, rest)) =
            body.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk::<8>())
        else {
            return Err(damaged("not a file of segments of version 1"));
        };
        let mut input = Input(rest);
        let mut known = Cache::default();
        let (mut pretoken, mut tokens) = (Vec::new(), Vec::new());
        for _ in 0..input.number()? {
            input.entry(&mut pretoken, &mut tokens)?;
            known.keep(&pretoken, &tokens);
        }
        Ok(Self { owner: u64::from_le_bytes(*owner), known })
    }

    /// Whether these are segments of a tokenizer that encodes as this one does.
    #[must_use]
    pub fn are_of(&self, tokenizer: &Tokenizer) -> bool {
        self.owner == tokenizer.engine().fingerprint()
    }
}

impl Tokenizer {
    /// The file of the pretokens of some counts with their tokens: the same bytes for the same counts and tokenizer. An error
    /// if the counts were made with another split. Pieces of 32 bytes and more are left out, and the rarest if all of
    /// them do not fit.
    pub fn segments(&self, counts: &Counts) -> Result<Vec<u8>> {
        if counts.split().name() != self.pattern.name() {
            return Err(Error::SplitMismatch {
                counts: counts.split().clone(),
                asked: self.pattern.clone(),
            });
        }
        let mut all = Table::default();
        for (table, _) in counts.weighted_tables(|_| 1) {
            all.merge(table);
        }
        Ok(write(self.engine(), &all))
    }
}

fn write(engine: &Engine, all: &Table) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&engine.fingerprint().to_le_bytes());
    let kept = kept(engine, all);
    put(&mut out, kept.len() as u64);
    let (mut walk, mut tokens) = (WalkScratch::default(), Vec::new());
    let mut before: &[u8] = &[];
    for pretoken in kept {
        let shared = pretoken.iter().zip(before).take_while(|(a, b)| a == b).count();
        put(&mut out, shared as u64);
        put_bytes(&mut out, &pretoken[shared..]);
        engine.find(pretoken, &mut walk, &mut tokens);
        put(&mut out, tokens.len() as u64);
        for &id in &tokens {
            put(&mut out, id.into());
        }
        before = pretoken;
    }
    let sum = hash64(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

/// The pretokens that fit, or the pieces that they are encoded in, in byte order.
fn kept<'t>(engine: &Engine, all: &'t Table) -> Vec<&'t [u8]> {
    let mut counts: HashMap<&[u8], u64> = HashMap::new();
    for (pretoken, count) in all.iter() {
        engine.pieces(pretoken, |piece| *counts.entry(piece).or_default() += count);
    }
    let mut entries: Vec<(&[u8], u64)> = counts.into_iter().collect();
    entries.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut room = Cache::room();
    let mut kept: Vec<&[u8]> = entries
        .into_iter()
        .map(|(piece, _)| piece)
        .filter(|piece| room.take(piece.len()))
        .collect();
    kept.sort_unstable();
    kept
}

fn damaged(what: &str) -> Error {
    Error::Segments(what.to_owned())
}

/// What is left to read.
struct Input<'b>(&'b [u8]);

impl Input<'_> {
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) =
                self.0.split_first().ok_or_else(|| damaged("the file ends early"))?;
            self.0 = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number is longer than 64 bits"))
    }

    fn size(&mut self) -> Result<usize> {
        Ok(usize::try_from(self.number()?).unwrap_or(usize::MAX))
    }

    fn entry(&mut self, pretoken: &mut Vec<u8>, tokens: &mut Vec<u32>) -> Result<()> {
        pretoken.truncate(self.size()?);
        let len = self.size()?;
        let (rest, behind) =
            self.0.split_at_checked(len).ok_or_else(|| damaged("the file ends early"))?;
        pretoken.extend_from_slice(rest);
        self.0 = behind;
        tokens.clear();
        let count = self.size()?;
        if pretoken.is_empty() || !(1..=pretoken.len()).contains(&count) {
            return Err(damaged("a pretoken has no tokens or more than bytes"));
        }
        for _ in 0..count {
            let id = u32::try_from(self.number()?);
            tokens.push(id.map_err(|_| damaged("a token id is longer than 32 bits"))?);
        }
        Ok(())
    }
}
