//! Stages, read sample by sample.

use std::path::PathBuf;

use gamayun_shard::{
    Documents, Packing, Permutation, Position, ReaderParams, ReaderPool, Shard, ShardFile, Stream,
    TokenId,
};
use numpy::{
    Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadwriteArray2,
};
use pyo3::prelude::*;

use crate::gate;

/// Reads the windows of a stage by their number.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct TokenReader(pub(crate) gamayun_shard::Reader);

/// The blocks of a shard, of which some may not be there yet.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct ShardBlocks(Shard);

#[pymethods]
impl ShardBlocks {
    /// Opens a shard by the path of its payload, which has its length but maybe not its tokens.
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        gate::run(py, None, |_| Ok(Self(Shard::open(&path)?)))
    }

    /// The token that each block begins with.
    #[getter]
    fn starts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u64>> {
        let starts: Vec<u64> = self.0.blocks().map(|block| block.tokens.start).collect();
        starts.into_pyarray(py)
    }

    /// Tokens of all blocks.
    #[getter]
    fn tokens(&self) -> u64 {
        self.0.tokens().len() as u64
    }

    /// Bytes of a token.
    #[getter]
    fn width(&self) -> u64 {
        self.0.width().bytes()
    }

    /// Whether the payload has the tokens of a block, by its hash.
    fn holds(&self, py: Python<'_>, block: u64) -> PyResult<bool> {
        gate::run(py, None, |_| Ok(self.0.holds(block).unwrap_or(false)))
    }
}

/// A two-dimensional array of the caller, in a type that token ids are given in.
#[derive(FromPyObject)]
pub(crate) enum Out<'py> {
    U16(PyReadwriteArray2<'py, u16>),
    U32(PyReadwriteArray2<'py, u32>),
    I32(PyReadwriteArray2<'py, i32>),
    I64(PyReadwriteArray2<'py, i64>),
}

/// An array of the caller for positions.
#[derive(FromPyObject)]
pub(crate) enum Positions<'py> {
    I32(PyReadwriteArray2<'py, i32>),
    I64(PyReadwriteArray2<'py, i64>),
}

/// `cu_seqlens`, pools, languages, sources, shards, places, offsets, ids.
type Stretches<'py> = (
    Bound<'py, PyArray1<i32>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<u16>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray2<u8>>,
);

#[pymethods]
impl TokenReader {
    /// Opens a stage: pools as (name, samples, start token, shards), shards as (path, tokens, sha256 of the payload).
    #[new]
    #[pyo3(signature = (
        pools, *, stage, seed, sequence_length, window, overlap, packing, tokenizer_sha256, open_shards
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        pools: Vec<(String, u64, u64, Vec<(PathBuf, u64, String)>)>,
        stage: String,
        seed: u64,
        sequence_length: u64,
        window: u64,
        overlap: u64,
        packing: &str,
        tokenizer_sha256: String,
        open_shards: usize,
    ) -> PyResult<Self> {
        gate::run(py, None, |_| {
            let params = ReaderParams {
                stage,
                seed,
                sequence_length,
                window,
                overlap,
                packing: packing.parse::<Packing>()?,
                tokenizer_sha256,
                open_shards,
                pools: pools.into_iter().map(pool).collect(),
            };
            Ok(Self(gamayun_shard::Reader::open(params)?))
        })
    }

    /// Windows of the stage.
    #[getter]
    fn windows(&self) -> u64 {
        self.0.windows()
    }

    /// Bytes of a token id in the shards: 2 or 4.
    #[getter]
    fn width(&self) -> u64 {
        self.0.width().bytes()
    }

    /// Names of the languages.
    #[getter]
    fn language_names(&self) -> Vec<String> {
        self.0.language_names().to_vec()
    }

    /// Names of the sources.
    #[getter]
    fn source_names(&self) -> Vec<String> {
        self.0.source_names().to_vec()
    }

    /// Copies windows into a row each.
    fn read(
        &self,
        py: Python<'_>,
        windows: PyReadonlyArray1<'_, u64>,
        out: Out<'_>,
    ) -> PyResult<()> {
        let windows = windows.as_slice()?;
        match out {
            Out::U16(out) => self.tokens(py, windows, out),
            Out::U32(out) => self.tokens(py, windows, out),
            Out::I32(out) => self.tokens(py, windows, out),
            Out::I64(out) => self.tokens(py, windows, out),
        }
    }

    /// The same, and what the windows are made of, stretch by stretch.
    fn read_documents<'py>(
        &self,
        py: Python<'py>,
        windows: PyReadonlyArray1<'_, u64>,
        out: Out<'_>,
    ) -> PyResult<Stretches<'py>> {
        let windows = windows.as_slice()?;
        let documents = match out {
            Out::U16(out) => self.documents(py, windows, out),
            Out::U32(out) => self.documents(py, windows, out),
            Out::I32(out) => self.documents(py, windows, out),
            Out::I64(out) => self.documents(py, windows, out),
        }?;
        stretches(py, documents)
    }

    /// The pool of each window, and how many windows of the pool the stage has before it.
    fn locate<'py>(
        &self,
        py: Python<'py>,
        windows: PyReadonlyArray1<'_, u64>,
    ) -> PyResult<(Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<u64>>)> {
        let windows = windows.as_slice()?;
        let (pools, samples): (Vec<u64>, Vec<u64>) = gate::run(py, None, |_| {
            let places = windows.iter().map(|&window| {
                let place = self.0.locate(window)?;
                Ok((place.pool as u64, place.sample))
            });
            places.collect::<Result<_, gamayun_run::Error>>()
        })?;
        Ok((pools.into_pyarray(py), samples.into_pyarray(py)))
    }

    /// Documents that begin in the stage; of these those cut, and those longer than a window; stretches.
    #[pyo3(signature = (*, on_progress = None))]
    fn survey(
        &self,
        py: Python<'_>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<(u64, u64, u64, u64)> {
        let cuts = gate::run(py, on_progress, |monitor| Ok(self.0.survey(monitor)?))?;
        Ok((cuts.documents, cuts.cut, cuts.longer, cuts.stretches))
    }

    /// What must be there before windows are read: shards, and the first token and the number of tokens in each.
    fn needed<'py>(
        &self,
        py: Python<'py>,
        windows: PyReadonlyArray1<'_, u64>,
    ) -> PyResult<Bound<'py, PyArray2<u64>>> {
        let windows = windows.as_slice()?;
        let needed = gate::run(py, None, |_| Ok(self.0.needed(windows)?))?;
        let rows = needed.iter().flat_map(|piece| [piece.shard as u64, piece.start, piece.len]);
        rows.collect::<Vec<u64>>().into_pyarray(py).reshape([needed.len(), 3])
    }

    /// The token of its stream where each pool goes on after so many windows.
    fn cursors(&self, py: Python<'_>, windows: u64) -> PyResult<Vec<u64>> {
        gate::run(py, None, |_| Ok(self.0.cursors(windows)?))
    }
}

impl TokenReader {
    fn tokens<T: TokenId + Element + Send>(
        &self,
        py: Python<'_>,
        windows: &[u64],
        mut out: PyReadwriteArray2<'_, T>,
    ) -> PyResult<()> {
        let out = out.as_slice_mut()?;
        gate::run(py, None, |_| Ok(self.0.read(windows, out)?))
    }

    fn documents<T: TokenId + Element + Send>(
        &self,
        py: Python<'_>,
        windows: &[u64],
        mut out: PyReadwriteArray2<'_, T>,
    ) -> PyResult<Documents> {
        let out = out.as_slice_mut()?;
        gate::run(py, None, |_| Ok(self.0.read_documents(windows, out)?))
    }
}

/// The position of every token in its stretch, by `cu_seqlens`.
#[pyfunction]
pub(crate) fn fill_positions(
    py: Python<'_>,
    cu_seqlens: PyReadonlyArray1<'_, i32>,
    out: Positions<'_>,
) -> PyResult<()> {
    let ends = cu_seqlens.as_slice()?;
    match out {
        Positions::I32(out) => fill(py, ends, out),
        Positions::I64(out) => fill(py, ends, out),
    }
}

fn fill<P: Position + Element + Send>(
    py: Python<'_>,
    ends: &[i32],
    mut out: PyReadwriteArray2<'_, P>,
) -> PyResult<()> {
    let out = out.as_slice_mut()?;
    gate::run(py, None, |_| Ok(gamayun_shard::positions(ends, out)?))
}

/// The order of the pieces of an epoch of a pool, and tokens of a piece.
#[pyfunction]
pub(crate) fn epoch_pieces<'py>(
    py: Python<'py>,
    pool: &str,
    seed: u64,
    tokens: u64,
    epoch: u64,
) -> PyResult<(Bound<'py, PyArray1<u64>>, u64)> {
    let (order, piece) = gate::run(py, None, |_| {
        let stream = Stream::new(pool, seed, tokens);
        let order: Permutation = stream.order(epoch);
        Ok(((0..stream.pieces()).map(|i| order.at(i)).collect::<Vec<u64>>(), stream.piece()))
    })?;
    Ok((order.into_pyarray(py), piece))
}

fn pool(pool: (String, u64, u64, Vec<(PathBuf, u64, String)>)) -> ReaderPool {
    let (name, samples, start_token, shards) = pool;
    let shard = |(path, tokens, bin_sha256)| ShardFile { path, tokens, bin_sha256 };
    ReaderPool { name, samples, start_token, shards: shards.into_iter().map(shard).collect() }
}

fn stretches(py: Python<'_>, documents: Documents) -> PyResult<Stretches<'_>> {
    let ids = documents.ids;
    let shape = [ids.len(), 16];
    Ok((
        documents.ends.into_pyarray(py),
        documents.pools.into_pyarray(py),
        documents.languages.into_pyarray(py),
        documents.sources.into_pyarray(py),
        documents.shards.into_pyarray(py),
        documents.places.into_pyarray(py),
        documents.offsets.into_pyarray(py),
        ids.into_flattened().into_pyarray(py).reshape(shape)?,
    ))
}
