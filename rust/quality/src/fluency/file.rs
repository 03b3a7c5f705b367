//! The file of a model: magic, version, length of the facts, the facts in TOML, the tables, a checksum.

use gamayun_text::hash::hash64;

use super::characters::Characters;
use super::grams::{Grams, ORDER};
use super::model::{Facts, Model};
use super::order::{Order, TABLES};
use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"gmyfluen";
const VERSION: u32 = 1;
/// Bytes of a bucket of n-grams.
const BUCKET: usize = 16;
/// Magic, version, length of the facts.
const HEAD: usize = 16;

impl Model {
    /// The model as a file. Equal models give equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let facts = toml::to_string(&self.facts).unwrap_or_default();
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(u32::try_from(facts.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(facts.as_bytes());
        self.characters.grams.to_bytes(&mut out);
        if let Some(order) = &self.order {
            out.extend(order.tables());
        }
        out.extend(hash64(&out).to_le_bytes());
        out
    }

    /// Reads a model; `name` is for messages.
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self> {
        let fail = |what: String| Error::Fluency { model: name.into(), what };
        let (head, _) = bytes
            .split_at_checked(HEAD)
            .ok_or_else(|| fail(format!("{} bytes, expected a model of fluency", bytes.len())))?;
        if &head[..8] != MAGIC {
            return Err(fail("does not begin like a model of fluency".into()));
        }
        let number =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if number(8) != VERSION {
            return Err(fail(format!("version {}, expected {VERSION}", number(8))));
        }
        let (body, checksum) = bytes.split_at(bytes.len().saturating_sub(8).max(HEAD));
        if checksum != hash64(body).to_le_bytes() {
            return Err(fail("is damaged: its checksum does not match".into()));
        }
        let length = usize::try_from(number(12)).unwrap_or(usize::MAX);
        let (facts, tables) = body[HEAD..]
            .split_at_checked(length)
            .ok_or_else(|| fail(format!("ends within {length} bytes of facts")))?;
        let facts = std::str::from_utf8(facts).map_err(|error| fail(error.to_string()))?;
        let facts: Facts = toml::from_str(facts).map_err(|error| fail(error.to_string()))?;
        Self::of_parts(facts, tables).map_err(fail)
    }

    fn of_parts(facts: Facts, tables: &[u8]) -> std::result::Result<Self, String> {
        let penalties: [u8; ORDER] = facts
            .penalties
            .as_slice()
            .try_into()
            .map_err(|_| format!("{} penalties, expected {ORDER}", facts.penalties.len()))?;
        if facts.window == 0 || facts.log_buckets > 26 {
            return Err(format!("window {}, log_buckets {}", facts.window, facts.log_buckets));
        }
        let (grams, rest) = tables
            .split_at_checked(BUCKET << facts.log_buckets)
            .ok_or_else(|| format!("{} bytes of tables are too few", tables.len()))?;
        let grams = Grams::from_bytes(grams).ok_or("a table of n-grams that is no power of two")?;
        let expected =
            || format!("{} bytes of pairs of words do not fit, expected {TABLES}", rest.len());
        let order = match &facts.names {
            None if rest.is_empty() => None,
            None => return Err(expected()),
            Some(names) => Some(Order::new(names.clone(), rest).ok_or_else(expected)?),
        };
        Ok(Self { characters: Characters { grams, penalties }, order, facts })
    }
}
