//! Token shards: payload, index, order, verification.
//!
//! Tokenised documents arrive in any order, are sorted into *run files* ([`RunWriter`], one a partition), and the run
//! files of a pool are merged by shuffle key into balanced *shards* ([`build_pool`]). A shard is a payload `NNNNN.bin`
//! (flat little-endian token ids, nothing else) and an index `NNNNN.gdx`, whose layout, byte by byte, is in
//! `docs/format.md`; [`Shard`] maps both, [`check`] finds damage and says where it is.
//!
//! The bytes of a shard depend on its documents and on [`ShardParams`] alone: not on how the documents were split into
//! run files, nor on their order in them.

#[cfg(target_endian = "big")]
compile_error!("shards are mapped as they lie on disk, which is little-endian");

mod atomic;
mod check;
mod cut;
mod error;
mod export;
mod head;
mod index;
mod layout;
mod map;
mod merge;
mod meta;
mod order;
mod params;
mod payload;
mod pool;
mod reader;
mod receipt;
mod run_file;
mod run_layout;
mod run_writer;
mod shard;
mod tokens;
mod width;
mod without;

pub use check::{Level, Problem, Promise, check, check_promised};
pub use error::{Error, Result};
pub use export::{
    Begun, DOCUMENT_FORMATS, DocumentFormat, ExportParams, ExportedFile, ExportedPart, Origin,
    SAMPLE_FORMATS, SampleFile, SampleFormat, begun, export_pool,
};
pub use meta::DocumentMeta;
pub use order::{BLOCK, Permutation, Place, Schedule, Span, Stream};
pub use params::ShardParams;
pub use pool::build_pool;
pub use reader::{
    Cuts, Documents, Packing, Piece, Position, Reader, ReaderParams, ReaderPool, ShardFile,
    TokenId, positions,
};
pub use receipt::{ShardReceipt, file_sha256};
pub use run_file::{PoolCount, RunDocument, RunFile};
pub use run_writer::RunWriter;
pub use shard::{BlockSpan, Shard};
pub use tokens::Tokens;
pub use width::TokenWidth;
pub use without::without;
