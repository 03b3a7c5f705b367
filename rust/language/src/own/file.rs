//! The file of a model of our own; all numbers are little-endian.
//!
//! Magic, version, checksum of the rest; provenance; labels; the layer; pairs; features and their rows.

use super::Own;
use super::grams::BITS;
use super::head::{Head, LENGTHS};
use super::pairs::{Pair, Pairs};
use super::rows::{Row, Rows, WIDTH};
use crate::error::Result;
use crate::pages;
use crate::reader::Reader;

/// How the files begin.
pub(crate) const MAGIC: &[u8] = b"GAMAYUNLID";
/// Raised when what a text's features are changes, or the file's layout.
const VERSION: u8 = 2;
/// The longest label or list that is believed.
const MOST: usize = 1 << 28;

impl Own {
    /// The bytes of the model's file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.rows.keys().len() * (WIDTH + 4) + 200_000);
        put_bytes(&mut body, self.provenance.as_bytes());
        put_count(&mut body, self.labels.len());
        self.labels.iter().for_each(|label| put_bytes(&mut body, label.as_bytes()));
        let Head { units, weights, bias, temperatures, .. } = &self.head;
        for floats in [&units[..], weights, bias, temperatures] {
            body.extend(floats.iter().flat_map(|value| value.to_le_bytes()));
        }
        put_count(&mut body, self.pairs.all().len());
        for pair in self.pairs.all() {
            body.extend(pair.first.to_le_bytes());
            body.extend(pair.second.to_le_bytes());
            body.extend(pair.margin.to_le_bytes());
        }
        put_count(&mut body, self.rows.keys().len());
        body.extend(self.rows.keys().iter().flat_map(|key| key.to_le_bytes()));
        body.extend(self.rows.rows().iter().flat_map(|row| row.0).map(i8::cast_unsigned));
        let mut file = Vec::with_capacity(body.len() + MAGIC.len() + 9);
        file.extend(MAGIC);
        file.push(VERSION);
        file.extend(checksum(&body).to_le_bytes());
        file.extend(body);
        file
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        reader.bytes(MAGIC.len(), "the magic bytes")?;
        let version = reader.u8("the version")?;
        if version != VERSION {
            return Err(reader.malformed("the version of the format", version, VERSION));
        }
        let stated = u64::from_le_bytes(reader.array("the checksum")?);
        let length = usize::try_from(reader.left()).unwrap_or(usize::MAX);
        let body = reader.bytes(length, "the model")?;
        let found = checksum(&body);
        if found != stated {
            return Err(reader.malformed(
                "the checksum",
                format!("{found:016x}"),
                format!("{stated:016x}"),
            ));
        }
        read_body(&mut Reader::of_bytes(&body, reader.name()))
    }
}

fn read_body(reader: &mut Reader<'_>) -> Result<Own> {
    let provenance = text(reader, "the provenance")?;
    let labels = count(reader, "the number of labels")?;
    reader.need(labels as u64 * 4, "the labels")?;
    let labels: Vec<String> =
        (0..labels).map(|_| text(reader, "a label")).collect::<Result<_>>()?;
    if labels.is_empty() {
        return Err(reader.malformed("the number of labels", 0, "1 or more"));
    }
    let head = Head {
        labels: labels.len(),
        units: array(reader, "the units")?,
        weights: reader.floats(labels.len() * WIDTH, "the weights")?,
        bias: reader.floats(labels.len(), "the bias")?,
        temperatures: array(reader, "the temperatures")?,
    };
    let mut floats = head.units.iter().chain(&head.weights).chain(&head.bias);
    if let Some(bad) = floats.find(|value| !value.is_finite()) {
        return Err(reader.malformed("a weight", bad, "a finite number"));
    }
    if let Some(bad) = head.temperatures.iter().find(|t| !(t.is_finite() && **t > 0.0)) {
        return Err(reader.malformed("a temperature", bad, "a number above 0"));
    }
    let pairs = read_pairs(reader, labels.len())?;
    let rows = read_rows(reader)?;
    if reader.left() > 0 {
        return Err(reader.malformed("what follows the rows", reader.left(), "nothing"));
    }
    Ok(Own::new(labels, rows, head, pairs, provenance))
}

fn read_pairs(reader: &mut Reader<'_>, labels: usize) -> Result<Pairs> {
    let n = count(reader, "the number of pairs")?;
    reader.need(n as u64 * 12, "the pairs")?;
    let mut pairs = Vec::with_capacity(n);
    for _ in 0..n {
        let first = reader.array("a pair").map(u32::from_le_bytes)?;
        let second = reader.array("a pair").map(u32::from_le_bytes)?;
        let margin = reader.array("a margin").map(f32::from_le_bytes)?;
        if first >= second || second as usize >= labels {
            let found = format!("{first} and {second}");
            return Err(reader.malformed("a pair", found, "two labels in ascending order"));
        }
        pairs.push(Pair { first, second, margin });
    }
    Ok(Pairs::new(pairs))
}

fn read_rows(reader: &mut Reader<'_>) -> Result<Rows> {
    let n = count(reader, "the number of features")?;
    let keys = reader.bytes(n * 4, "the features")?;
    let keys: Vec<u32> = keys.as_chunks().0.iter().map(|&four| u32::from_le_bytes(four)).collect();
    if let Some(at) = keys.windows(2).position(|two| two[0] >= two[1]) {
        return Err(reader.malformed("a feature", keys[at + 1], format!("more than {}", keys[at])));
    }
    if let Some(bad) = keys.last().filter(|key| **key >> BITS > 0) {
        return Err(reader.malformed("a feature", bad, format!("less than 2^{BITS}")));
    }
    let bytes = reader.bytes(n * WIDTH, "the rows")?;
    let row = |row: &[u8; WIDTH]| Row(row.map(u8::cast_signed));
    let mut rows = pages::with_capacity(n);
    rows.extend(bytes.as_chunks().0.iter().map(row));
    Rows::new(keys, rows)
        .ok_or_else(|| reader.malformed("the features", "many alike", "hashes spread evenly"))
}

fn array<const N: usize>(reader: &mut Reader<'_>, what: &'static str) -> Result<[f32; N]> {
    let mut floats = [0.0; N];
    reader.need(N as u64 * 4, what)?;
    reader.floats_into(&mut floats, what)?;
    Ok(floats)
}

fn count(reader: &mut Reader<'_>, what: &'static str) -> Result<usize> {
    let n = reader.count(what)?;
    if n > MOST { Err(reader.malformed(what, n, format!("at most {MOST}"))) } else { Ok(n) }
}

fn text(reader: &mut Reader<'_>, what: &'static str) -> Result<String> {
    let n = count(reader, what)?;
    let bytes = reader.bytes(n, what)?;
    String::from_utf8(bytes).map_err(|_| reader.malformed(what, "not UTF-8", "UTF-8"))
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend(bytes);
}

fn put_count(out: &mut Vec<u8>, n: usize) {
    out.extend(i32::try_from(n).unwrap_or(i32::MAX).to_le_bytes()); // no list of a model is that long
}

/// FNV-1a over eight bytes at a time.
fn checksum(bytes: &[u8]) -> u64 {
    let step =
        |hash: u64, value: u64| (hash ^ value).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
    let (eights, rest) = bytes.as_chunks();
    let hash = eights
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, &eight| step(hash, u64::from_le_bytes(eight)));
    rest.iter().fold(hash, |hash, &byte| step(hash, u64::from(byte)))
}

const _: () = assert!(LENGTHS == 16, "the temperatures of the file");
