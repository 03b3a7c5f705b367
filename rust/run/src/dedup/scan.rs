//! What is learnt of all documents before any is compared: two bits of each, and counts.

use std::collections::BTreeMap;

use gamayun_text::Monitor;

use super::bits::Bits;
use super::counts::sum;
use super::own::Own;
use crate::error::{Error, Result};
use crate::fate;
use crate::parallel::{self, Tally};
use crate::part::index;
use crate::preference::{KEYS, Offered};
use crate::tables::for_each_batch;

/// Who takes part.
pub(crate) struct Scan {
    /// Documents that passed language: those that are compared.
    pub eligible: Bits,
    /// Documents that passed the rules too, and hold no benchmark: those that may survive.
    pub passed: Bits,
    pub eligible_documents: u64,
    pub passed_by_source: BTreeMap<String, u64>,
    /// Documents without a field that the survivor order asks for, by field.
    pub lacking: BTreeMap<String, u64>,
}

/// All documents take part and may survive: nothing has judged them.
pub(crate) fn unjudged(own: &Own<'_>, monitor: &mut dyn Monitor) -> Result<Scan> {
    let fields: Vec<&str> = own.order.fields().collect();
    let mut scan = Scan {
        eligible: Bits::all_of(own.documents),
        passed: Bits::all_of(own.documents),
        eligible_documents: own.documents,
        passed_by_source: BTreeMap::new(),
        lacking: fields.iter().map(|field| ((*field).to_owned(), 0)).collect(),
    };
    let tally = Tally::of(own.documents);
    let counted = parallel::map(own.parts.len(), own.params.threads, &tally, monitor, |number| {
        tally.check()?;
        absent(own, number, &tally)
    })?;
    for (number, absent) in counted.into_iter().enumerate() {
        *scan.passed_by_source.entry(own.source(number).to_owned()).or_default() +=
            own.parts[number].documents;
        let absent = fields.iter().map(|field| (*field).to_owned()).zip(absent);
        sum(&mut scan.lacking, absent.collect());
    }
    Ok(scan)
}

/// Reads the verdicts of all documents.
pub(crate) fn scan(own: &Own<'_>, monitor: &mut dyn Monitor) -> Result<Scan> {
    let fields: Vec<&str> = own.order.fields().collect();
    let mut scan = Scan {
        eligible: Bits::none_of(own.documents),
        passed: Bits::none_of(own.documents),
        eligible_documents: 0,
        passed_by_source: BTreeMap::new(),
        lacking: fields.iter().map(|field| ((*field).to_owned(), 0)).collect(),
    };
    let tally = Tally::of(own.documents);
    let counted = parallel::map(own.parts.len(), own.params.threads, &tally, monitor, |number| {
        tally.check()?;
        let eligible = eligible(own, number, &scan.eligible)?;
        let passed = passed(own, number, &scan.passed)?;
        let absent = absent(own, number, &tally)?;
        tally.add(own.parts[number].documents, 0, 0);
        Ok((eligible, passed, absent))
    })?;
    for (number, (eligible, passed, absent)) in counted.into_iter().enumerate() {
        scan.eligible_documents += eligible;
        *scan.passed_by_source.entry(own.source(number).to_owned()).or_default() += passed;
        let absent = fields.iter().map(|field| (*field).to_owned()).zip(absent);
        sum(&mut scan.lacking, absent.collect());
    }
    Ok(scan)
}

fn eligible(own: &Own<'_>, number: usize, bits: &Bits) -> Result<u64> {
    let (part, start) = (&own.parts[number], own.rows(number).start);
    let path = fate::table(own.layout, "decisions", part);
    let mut count = 0;
    let decided = for_each_batch(&path, &["passed_language"], |first, rows| {
        let language = rows.booleans("passed_language")?;
        for row in (0..rows.len()).filter(|row| language.value(*row)) {
            bits.insert(start + (first + row) as u64);
            count += 1;
        }
        Ok(())
    })?;
    if decided != index(part.documents) {
        let what = format!("{decided} decisions for {} documents", part.documents);
        return Err(Error::damaged(path, what));
    }
    Ok(count)
}

fn passed(own: &Own<'_>, number: usize, bits: &Bits) -> Result<u64> {
    let rows = own.rows(number).zip(fate::passed(own.layout, &own.parts[number])?);
    Ok(rows.filter(|(_, passed)| *passed).map(|(row, _)| bits.insert(row)).count() as u64)
}

/// How many documents lack each field that the order asks for.
fn absent(own: &Own<'_>, number: usize, tally: &Tally) -> Result<[u64; KEYS]> {
    let mut absent = [0; KEYS];
    if own.order.needs_metadata() {
        let path = fate::table(own.layout, "documents", &own.parts[number]);
        for_each_batch(&path, &["metadata"], |_, rows| {
            tally.check()?;
            let metadata = rows.strings("metadata")?;
            for row in 0..rows.len() {
                let metadata = Some(metadata.value(row));
                let offered = Offered { priority: 0, language_score: None, bytes: 0, metadata };
                own.order.place(&offered, &mut absent);
            }
            Ok(())
        })?;
    }
    Ok(absent)
}
