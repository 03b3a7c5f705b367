//! Scores that another tool gave: a table of ids and scores, joined by the ids of the documents.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_schema::DataType;
use gamayun_text::hash::hash128_of;

use crate::error::{Error, Result};
use crate::tables::Rows;

/// The column of the ids that the user gave to documents.
const ID: &str = "id";
/// The column of the sources of documents, where ids are not unique without them.
const SOURCE: &str = "source";

/// A table of scores, found by the hash of id, and of source if the table has that column.
#[derive(Debug)]
pub struct External {
    names: Vec<String>,
    by_source: bool,
    places: HashMap<u128, usize>,
    scores: Vec<f32>,
    matched: Vec<AtomicU64>,
}

impl External {
    /// Reads a Parquet file: a column `id`, and one for each score; a column `source` narrows ids to a source. Without
    /// `names` every other column of floats is a score.
    ///
    /// # Errors
    /// A missing column, or an id that stands there twice.
    pub fn read(path: &Path, names: &[String]) -> Result<Self> {
        let mut found = Self {
            names: names.to_vec(),
            by_source: false,
            places: HashMap::new(),
            scores: Vec::new(),
            matched: Vec::new(),
        };
        for batch in gamayun_io::read_table(path, None)? {
            let rows = Rows::new(batch?, path);
            found.add(&rows, path)?;
        }
        if found.names.is_empty() {
            return Err(damaged(path, "no column of scores", "one of floats beside `id`"));
        }
        found.matched = (0..found.places.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(found)
    }

    fn add(&mut self, rows: &Rows<'_>, path: &Path) -> Result<()> {
        let ids = strings(rows, ID, path)?;
        self.by_source = rows.batch().column_by_name(SOURCE).is_some();
        let sources =
            if self.by_source { strings(rows, SOURCE, path)? } else { vec![None; rows.len()] };
        if self.names.is_empty() {
            let fields = rows.batch().schema();
            let floats = fields.fields().iter().filter(|field| is_float(field.data_type()));
            self.names = floats.map(|field| field.name().clone()).collect();
        }
        let columns =
            self.names.iter().map(|name| numbers(rows, name, path)).collect::<Result<Vec<_>>>()?;
        for row in 0..rows.len() {
            let Some(id) = ids[row] else {
                return Err(damaged(path, "a row without an id", "an id in each row"));
            };
            let place = self.places.len();
            if self.places.insert(key(sources[row], id), place).is_some() {
                return Err(damaged(path, &format!("id {id:?} twice"), "each id once"));
            }
            self.scores.extend(columns.iter().map(|column| column[row]));
        }
        Ok(())
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Rows of the table.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.places.len() as u64
    }

    /// Bytes that it takes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        (self.places.capacity() * 33 + self.scores.len() * 4) as u64
    }

    /// Rows that no document was looked up in.
    pub(crate) fn unmatched(&self) -> u64 {
        let matched = self.matched.iter().map(|bits| bits.load(Ordering::Relaxed).count_ones());
        self.rows() - matched.map(u64::from).sum::<u64>()
    }

    /// The scores of a document, each missing if it is not there.
    pub(crate) fn find(&self, source: &str, id: Option<&str>) -> Vec<Option<f32>> {
        let source = self.by_source.then_some(source);
        let place = id.and_then(|id| self.places.get(&key(source, id)).copied());
        let Some(place) = place else { return vec![None; self.names.len()] };
        self.matched[place / 64].fetch_or(1 << (place % 64), Ordering::Relaxed);
        let scores = &self.scores[place * self.names.len()..][..self.names.len()];
        scores.iter().map(|score| (!score.is_nan()).then_some(*score)).collect()
    }
}

fn key(source: Option<&str>, id: &str) -> u128 {
    hash128_of(&[source.unwrap_or_default().as_bytes(), &[0], id.as_bytes()])
}

/// A column of strings of any kind that Arrow has.
fn strings<'r>(rows: &'r Rows<'_>, name: &str, path: &Path) -> Result<Vec<Option<&'r str>>> {
    let Some(column) = rows.batch().column_by_name(name) else {
        return Err(damaged(path, &format!("no column {name}"), "ids as strings in `id`"));
    };
    if let Some(strings) = column.as_string_opt::<i32>() {
        return Ok(strings.iter().collect());
    }
    if let Some(strings) = column.as_string_opt::<i64>() {
        return Ok(strings.iter().collect());
    }
    if let Some(strings) = column.as_string_view_opt() {
        return Ok(strings.iter().collect());
    }
    let found = format!("column {name} of {}", column.data_type());
    Err(damaged(path, &found, "a column of strings"))
}

fn is_float(kind: &DataType) -> bool {
    matches!(kind, DataType::Float32 | DataType::Float64)
}

/// A column of scores as 32-bit numbers; what is missing is not a number.
#[expect(clippy::cast_possible_truncation, reason = "scores are kept in 32 bits")]
fn numbers(rows: &Rows<'_>, name: &str, path: &Path) -> Result<Vec<f32>> {
    let column = rows.column(name)?;
    let valid = |row: &usize| column.is_valid(*row);
    let pick = |value: &dyn Fn(usize) -> f32| {
        (0..rows.len()).map(|row| if valid(&row) { value(row) } else { f32::NAN }).collect()
    };
    if let Some(values) = column.as_primitive_opt::<Float32Type>() {
        return Ok(pick(&|row| values.value(row)));
    }
    if let Some(values) = column.as_primitive_opt::<Float64Type>() {
        return Ok(pick(&|row| values.value(row) as f32));
    }
    let found = format!("column {name} of {}", column.data_type());
    Err(damaged(path, &found, "a column of floats"))
}

fn damaged(path: &Path, found: &str, expected: &str) -> Error {
    Error::Parameter {
        parameter: format!("scores: {}", path.display()),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}
