//! Tables of a run: Parquet files written whole, with bytes that depend on their rows alone.

mod chunks;
mod columns;
mod reader;
mod writer;

pub use reader::{
    TableReader, read_row_groups, read_rows, read_table, table_row_groups, table_rows,
};
pub(crate) use reader::{batch_rows, column, load};
pub use writer::TableWriter;
