"""A stage as a sequence of samples, each found by its number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gamayun_data import manifests
from gamayun_data.errors import ConfigError, IntegrityError
from gamayun_data.loader.batch import Batch, Stretch
from gamayun_data.loader.mirror import Mirror, is_remote
from gamayun_data.loader.stage_file import StageFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, slots=True)
class Cuts:
    """Documents that begin in a stage, once an epoch, and how they fare."""

    documents: int
    cut: int
    """Not whole in one sample."""
    longer: int
    """Longer than a sample: any layout cuts them."""
    stretches: int
    """Stretches of all samples."""

    @property
    def rate(self) -> float:
        """The share of the documents that are cut though they could be whole."""
        return (self.cut - self.longer) / self.documents if self.documents else 0.0


DTYPES: Final = ("uint16", "uint32", "int32", "int64")


class TokenDataset:
    """The samples of a stage, in the order of `docs/order.md`.

    Nothing is read when it is opened but the manifest and one shard's header. It can be pickled
    and shared by threads; a forked or spawned process may go on with it.

    Example:
        >>> stage = TokenDataset("RUN", stage="one")            # doctest: +SKIP
        >>> batch = stage.batch([0, 1, 2])                      # doctest: +SKIP
        >>> batch.tokens.shape, batch.languages                 # doctest: +SKIP
    """

    def __init__(
        self,
        source: str | Path,
        stage: str | None = None,
        *,
        validation: bool = False,
        seq_len: int | None = None,
        overlap: int = 0,
        packing: str | None = None,
        dtype: DTypeLike | None = None,
        open_shards: int = 4096,
        cache: str | Path | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Open a stage of a run, or the manifest of one; a path, or the URL of an object store.

        `validation`: not the stage but the documents held out of all stages, every whole sample of
        each pool once. `seq_len`: tokens of a sample; those of the manifest, or a part that divides
        it, or any number for the validation set. With
        `overlap=1` each row has the first token of what follows too, which is the last label.
        `packing`: `concat`, `best_fit` or `pow2`, see `docs/loader.md`; that of the manifest, or
        `concat` where it names none.
        `dtype`: of the tokens; the type in the shards if none is named. At most `open_shards` are
        mapped at once. `cache`: the local folder that what is read of a URL is copied to, block by
        block; `storage_options` go to fsspec. `ConfigError` for a stage that is not there or a
        length that does not divide, `IntegrityError` for a manifest that was changed,
        `FormatError` for another version.
        """
        self._mirror, file = _find(source, stage, cache, storage_options)
        if overlap not in {0, 1}:
            raise ConfigError(f"overlap: expected 0 or 1, found {overlap}", parameter="overlap")
        planned = file.manifest["stage"]["sequence_length"]
        self._arguments = (
            str(source),
            stage,
            validation,
            seq_len,
            overlap,
            packing,
            dtype,
            open_shards,
            cache,
            storage_options,
        )
        if seq_len is not None and seq_len < 1:
            raise ConfigError(f"seq_len: {seq_len} is below 1", parameter="seq_len")
        if validation:
            file = file.validation(seq_len or planned, overlap)
        self._file = file
        self.manifest: dict[str, Any] = file.manifest
        """The manifest, as it was read; of the validation set, with its pools as the stage's."""
        self.seq_len: int = planned if seq_len is None else seq_len
        """Tokens of a sample, what overlaps not counted."""
        self.overlap = overlap
        packing = packing or str(file.manifest["stage"].get("packing", "concat"))
        self.packing = packing
        """How documents are laid out in samples."""
        if self._mirror:
            self._mirror.use(file.manifest["pools"])
        self._reader = manifests.reader(
            file.run,
            file.manifest,
            window=self.seq_len,
            overlap=overlap,
            packing=packing,
            open_shards=open_shards,
        )
        self.dtype = self._dtype(dtype)
        """The type of the tokens."""
        self.pools: tuple[str, ...] = tuple(pool["name"] for pool in file.manifest["pools"])
        """Names that `Batch.pools` counts."""
        self.languages: tuple[str, ...] = tuple(self._reader.language_names)
        """Names that `Batch.languages` counts."""
        self.sources: tuple[str, ...] = tuple(self._reader.source_names)
        """Names that `Batch.sources` counts."""
        self.shards: tuple[str, ...] = file.shards
        """Paths in the run that `Batch.shards` counts."""

    def _dtype(self, asked: DTypeLike | None) -> np.dtype[Any]:
        stored = np.dtype(f"u{self._reader.width}")
        dtype = stored if asked is None else np.dtype(asked)
        if dtype.name not in DTYPES or dtype.itemsize < stored.itemsize:
            known = ", ".join(name for name in DTYPES if np.dtype(name).itemsize >= stored.itemsize)
            raise ConfigError(f"dtype: expected one of {known}, found {dtype}", parameter="dtype")
        return dtype

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the manifest again."""
        return _open, self._arguments

    @property
    def stage(self) -> str:
        """Name of the stage."""
        return str(self.manifest["stage"]["name"])

    @property
    def identity(self) -> str:
        """The manifest's id: what it says and, by their hashes, what its shards hold."""
        return str(self.manifest["id"])

    def __len__(self) -> int:
        """Samples of the stage."""
        return self._reader.windows

    def __repr__(self) -> str:
        """The stage and its size."""
        return f"TokenDataset({self._file.path}, {len(self)} samples of {self.seq_len} tokens)"

    def __getitem__(self, sample: int) -> Batch:
        """One sample with its documents, as a batch of one row; `IndexError` past the last."""
        if not -len(self) <= sample < len(self):
            raise IndexError(f"sample {sample} of {len(self)}")
        return self.batch([sample % len(self)])

    def batch(
        self,
        samples: Sequence[int] | NDArray[Any] | range,
        *,
        documents: bool = True,
        out: NDArray[Any] | None = None,
    ) -> Batch:
        """The samples of these numbers, in this order.

        `out`: (n, seq_len + overlap) of a type that holds the ids; it becomes the batch's `tokens`.
        Without `documents` the batch has tokens alone, and is read faster.
        """
        numbers = np.ascontiguousarray(samples, dtype=np.uint64)
        if out is None:
            out = np.empty((len(numbers), self.seq_len + self.overlap), self.dtype)
        if not out.flags.c_contiguous:
            raise ValueError("out: rows that follow each other in memory are needed")
        self._need(numbers)
        mine = numbers.view(np.int64)
        if not documents:
            self._reader.read(numbers, out)
            return Batch(mine, out, *_NO_DOCUMENTS)
        read = self._reader.read_documents(numbers, out)
        places, offsets, ids = read[5].view(np.int64), read[6].view(np.int64), read[7]
        return Batch(mine, out, *read[:5], places, offsets, ids)

    def _need(self, samples: NDArray[np.uint64]) -> None:
        """Have what these samples are made of on the local disk."""
        if self._mirror:
            self._mirror.need(self._reader.needed(samples))

    def stretches(self, samples: Sequence[int] | range) -> Iterator[Stretch]:
        """What the samples hold of which documents, in the order of their tokens."""
        batch = self.batch(samples)
        rows, starts = batch.rows.tolist(), batch.cu_seqlens[:-1].tolist()
        for i, row in enumerate(rows):
            yield Stretch(
                sample=int(batch.samples[row]),
                start=starts[i] - row * self.seq_len,
                tokens=int(batch.cu_seqlens[i + 1]) - starts[i],
                id=batch.ids[i].tobytes().hex(),
                offset=int(batch.offsets[i]),
                language=self.languages[batch.languages[i]],
                source=self.sources[batch.sources[i]],
                pool=self.pools[batch.pools[i]],
                shard=self.shards[batch.shards[i]],
                place=int(batch.places[i]),
            )

    def pools_of(self, samples: Sequence[int] | NDArray[Any] | range) -> NDArray[np.uint64]:
        """The pool of each sample, as a place in `pools`; no shard is read."""
        return self._reader.locate(np.ascontiguousarray(samples, dtype=np.uint64))[0]

    def prove(self) -> int:
        """Compare the golden samples of the manifest with what the shards hold, in a moment.

        Returns how many, 0 for the validation set; `IntegrityError` names one that differs.
        `verify` reads everything.
        """
        wanted = self.manifest["golden"]
        if not wanted:
            return 0
        self._prepare_golden(wanted)
        for expected, found in zip(
            wanted, manifests.golden(self._file.run, self.manifest), strict=True
        ):
            if expected != found:
                raise IntegrityError(
                    f"{self._file.path}: sample {found['sample']} has sha256 {found['sha256']}, "
                    f"expected {expected['sha256']}",
                    path=self._file.path,
                )
        return len(wanted)

    def _prepare_golden(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        """Have the golden samples, which are of the stage's own length and not packed."""
        if self._mirror:
            whole = manifests.reader(self._file.run, self.manifest)
            numbers = np.array([row["sample"] for row in wanted], np.uint64)
            self._mirror.need(whole.needed(numbers))

    def cuts(self) -> Cuts:
        """Count the documents that the samples of the stage cut; reads indexes, no tokens."""
        if self._mirror:
            self._mirror.indexes()
        return Cuts(*self._reader.survey())

    def cursors(self, samples: int) -> dict[str, int]:
        """The token of its stream where each pool goes on after the first `samples` samples.

        Packed samples are no stretch of the stream: `ConfigError` but for none or all of them.
        """
        return dict(zip(self.pools, self._reader.cursors(samples), strict=True))


_NO_DOCUMENTS: Final = (
    np.zeros(1, np.int32),
    np.empty(0, np.uint32),
    np.empty(0, np.uint8),
    np.empty(0, np.uint16),
    np.empty(0, np.uint32),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty((0, 16), np.uint8),
)


def _find(
    source: str | Path,
    stage: str | None,
    cache: str | Path | None,
    options: Mapping[str, Any] | None,
) -> tuple[Mirror | None, StageFile]:
    """The manifest of a stage, and what fetches its shards if they are in an object store."""
    if not is_remote(source):
        if cache or options:
            raise ConfigError("cache: goes with the URL of an object store", parameter="cache")
        return None, StageFile.find(source, stage)
    if cache is None:
        raise ConfigError(f"{source}: needs a local folder as `cache`", parameter="cache")
    mirror = Mirror(str(source), Path(cache), options)
    return mirror, StageFile.read(mirror.manifest(stage), stage)


def _open(
    source: str,
    stage: str | None,
    validation: bool,
    seq_len: int | None,
    overlap: int,
    packing: str,
    dtype: DTypeLike | None,
    open_shards: int,
    cache: str | Path | None,
    storage_options: Mapping[str, Any] | None,
) -> TokenDataset:
    return TokenDataset(
        source,
        stage,
        validation=validation,
        seq_len=seq_len,
        overlap=overlap,
        packing=packing,
        dtype=dtype,
        open_shards=open_shards,
        cache=cache,
        storage_options=storage_options,
    )
