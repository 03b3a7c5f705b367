//! Files to batches of records and tables to files: formats, compression, Parquet, atomic writes.
//!
//! [`find_inputs`] turns a file, a directory, a glob or `-` into [`Input`]s; [`open`] turns one of
//! them into a [`Reader`] that fills a [`Batch`] at a time. What is wrong with a record becomes a
//! [`Rejected`] in the batch; what is wrong with a file or a parameter is an [`Error`].

mod atomic;
mod cell;
mod decode;
mod error;
mod format;
mod gzip;
mod input;
mod json;
mod json_lines;
mod lines;
mod names;
mod params;
mod reader;
mod record;
mod stream;
mod table;

pub use atomic::{file_xxh3, remove_unfinished, write_atomic, write_unsynced};
pub use error::{Error, Result};
pub use format::Format;
pub use input::{Input, find_inputs};
pub use json_lines::{LinesWriter, json_line};
pub use params::{Columns, ReadParams, TextUnit};
pub use reader::{Reader, open};
pub use record::{Batch, Record, RejectReason, Rejected, RejectedLine};
pub use table::{
    TableReader, TableWriter, read_row_groups, read_rows, read_table, table_row_groups, table_rows,
};
