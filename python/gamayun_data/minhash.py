"""MinHash signatures for tools of your own, similarities of texts, and deduplication in batches.

Everything here is a plain value: hashers are pickled to the workers of Ray, Daft or a pool as they
are, and hold nothing but their parameters.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast, overload

import numpy as np
import polars as pl

from gamayun_data import _core, units
from gamayun_data.errors import ConfigError
from gamayun_data.library import Deduplication, outcome_of
from gamayun_data.texts import Texts, threads_of

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from numpy.typing import NDArray

_UNSIGNED_32: Final = np.uint32(0xFFFF_FFFF)
_OUTCOMES: Final = {
    "kept": pl.UInt64,
    "cluster_size": pl.UInt64,
    "measure": pl.String,
    "similarity": pl.Float64,
}
_UNSIGNED_64: Final = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


@overload
def jaccard(  # type: ignore[overload-overlap]  # a str is a sequence of str, and meant as one text
    a: str, b: str, *, shingle: int = 5, threads: int | None = None
) -> float: ...
@overload
def jaccard(
    a: Texts, b: Texts, *, shingle: int = 5, threads: int | None = None
) -> NDArray[np.float64]: ...
def jaccard(
    a: str | Texts, b: str | Texts, *, shingle: int = 5, threads: int | None = None
) -> float | NDArray[np.float64]:
    """Jaccard of the shingle sets of two texts, or of each pair of two columns of texts.

    Exact, by the shingles of deduplication (`shingle` words); 0 where neither has words. Texts are
    normalised as in a run. `ConfigError` if the columns differ in length.

    >>> jaccard("one two three four five six", "one two three four five SEVEN")
    0.3333333333333333
    >>> jaccard(["the same words", "a"], ["The same: words!", "b"]).tolist()
    [1.0, 0.0]
    """
    return _similarity(a, b, shingle, threads, containment=False)


@overload
def containment(  # type: ignore[overload-overlap]  # as above
    a: str, b: str, *, shingle: int = 5, threads: int | None = None
) -> float: ...
@overload
def containment(
    a: Texts, b: Texts, *, shingle: int = 5, threads: int | None = None
) -> NDArray[np.float64]: ...
def containment(
    a: str | Texts, b: str | Texts, *, shingle: int = 5, threads: int | None = None
) -> float | NDArray[np.float64]:
    """Share of the shingles of the text with fewer that the other has too; else as `jaccard`.

    >>> containment("two three four five six", "one two three four five six seven")
    1.0
    """
    return _similarity(a, b, shingle, threads, containment=True)


def _similarity(
    a: str | Texts, b: str | Texts, shingle: int, threads: int | None, *, containment: bool
) -> float | NDArray[np.float64]:
    if isinstance(a, str) or isinstance(b, str):
        if not (isinstance(a, str) and isinstance(b, str)):
            raise ConfigError("b: one text beside many, expected two of a kind", parameter="b")
        found = _core.similarities([a], [b], shingle=shingle, containment=containment)
        return float(found[0])
    return _core.similarities(
        a, b, shingle=shingle, containment=containment, threads=threads_of(threads)
    )


@dataclass(frozen=True, slots=True)
class MinHasher:
    """Makes signatures of `bands * rows` values of 32 bits, and band keys of 56 bits.

    The hash functions follow from `seed`. As a callable it adds a column to a batch (a pyarrow
    Table or RecordBatch, or a dict of arrays): `adds`, made of the texts in `column`.

    >>> MinHasher().signatures(["some text"]).shape
    (1, 112)
    """

    bands: int = 14
    rows: int = 8
    shingle: int = 5
    seed: int = 0
    _: KW_ONLY
    threads: int | None = None
    column: str = "text"
    adds: Literal["band_keys", "signature"] = "band_keys"

    @staticmethod
    def datatrove(**parameters: Any) -> DatatroveMinHasher:  # noqa: ANN401 (those of the class)
        """Make the hasher whose signatures are those of datatrove: see `DatatroveMinHasher`.

        >>> MinHasher.datatrove(bands=20, rows=10).bands
        20
        """
        return DatatroveMinHasher(**parameters)

    def signatures(self, texts: Texts) -> NDArray[np.uint32]:
        """Sign texts: a row each, all bits set where a text has no words. Nulls are refused.

        Texts, a list of `str` or any Arrow array or stream of strings, are normalised as in a run.
        """
        return _core.signatures(texts, **self._parameters()).reshape(-1, self.bands * self.rows)

    def band_keys(self, texts: Texts) -> NDArray[np.uint64]:
        """Make the band keys of texts: a row each; two are equal where all rows of the band are.

        Keys are below 2^56; all bits are set where a text has no words: join nothing by that value.
        """
        return _core.band_keys(texts, **self._parameters()).reshape(-1, self.bands)

    def estimate(self, a: NDArray[np.uint32], b: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Estimate the Jaccard from signatures: the share of equal values; 0 without words.

        The standard deviation is sqrt(j * (1 - j) / (bands * rows)) at a Jaccard of j.

        >>> hasher = MinHasher()
        >>> float(hasher.estimate(*hasher.signatures(["a b c d e f", "A, B, C, D, E, F."])))
        1.0
        """
        return _share_of_equal(a, b, _UNSIGNED_32)

    def __call__(self, batch: Any) -> Any:  # noqa: ANN401 (what the framework hands over)
        """Add the column `adds` to a batch."""
        make = self.band_keys if self.adds == "band_keys" else self.signatures
        return _with_column(batch, self.adds, make(_texts_of(batch, self.column)))

    def _parameters(self) -> dict[str, Any]:
        return {
            "bands": self.bands,
            "rows": self.rows,
            "shingle": self.shingle,
            "seed": self.seed,
            "threads": threads_of(self.threads),
        }


@dataclass(frozen=True, slots=True)
class DatatroveMinHasher:
    """Makes the signatures of datatrove 0.10.1 (`MinhashConfig` with xxhash), bit for bit.

    Simplifying the text and hashing are exactly datatrove's. The words are datatrove's where you
    give them: they come from spaCy, jieba, sudachi or kiwi there. `signatures(texts)` splits by
    the rule words of `language` instead: the same for most texts in languages with spaces but
    English, where spaCy splits `id` and the like, and not for Chinese, Japanese and Korean.

    >>> hasher = DatatroveMinHasher()
    >>> hasher.simplify(["Crème brûlée: 3,50!"])
    ['creme brulee 0']
    """

    bands: int = 14
    rows: int = 8
    shingle: int = 5
    seed: int = 1
    _: KW_ONLY
    precision: Literal[32, 64] = 64
    language: str = "en"
    threads: int | None = None

    def simplify(self, texts: Texts) -> list[str]:
        """Simplify texts as datatrove's `simplify_text` does: what its tokenizers are given."""
        return _core.datatrove_simplify(texts)

    def signatures(
        self, texts: Texts | None = None, *, words: Sequence[Sequence[str]] | None = None
    ) -> NDArray[np.uint64] | NDArray[np.uint32]:
        """Sign texts, or the words of simplified texts: a row each, of `precision` bits.

        All bits are set where there are fewer words than a shingle has; datatrove writes no
        signature of such a document.
        """
        if (texts is None) == (words is None):
            raise ConfigError("words: expected either texts or words", parameter="words")
        parameters: dict[str, Any] = {
            "bands": self.bands,
            "rows": self.rows,
            "shingle": self.shingle,
            "seed": self.seed,
            "precision": self.precision,
            "threads": threads_of(self.threads),
        }
        if words is not None:
            made = _core.datatrove_signatures_of_words(words, **parameters)
        else:
            made = _core.datatrove_signatures(texts, language=self.language, **parameters)
        made = made.reshape(-1, self.bands * self.rows)
        return made if self.precision == 64 else made.astype(np.uint32)

    def estimate(
        self, a: NDArray[np.unsignedinteger[Any]], b: NDArray[np.unsignedinteger[Any]]
    ) -> NDArray[np.float64]:
        """Estimate the Jaccard of the word n-grams from signatures, as `MinHasher` does."""
        return _share_of_equal(a, b, _UNSIGNED_64 if self.precision == 64 else _UNSIGNED_32)


def _share_of_equal(
    a: NDArray[Any], b: NDArray[Any], none: np.unsignedinteger[Any]
) -> NDArray[np.float64]:
    known = ~((a == none).all(axis=-1) | (b == none).all(axis=-1))
    share: NDArray[np.float64] = np.where(known, (a == b).mean(axis=-1), 0.0)
    return share


def _texts_of(batch: Any, column: str) -> Any:  # noqa: ANN401 (what the framework hands over)
    texts = batch[column]
    return texts.tolist() if isinstance(texts, np.ndarray) else texts


def _with_column(batch: Any, name: str, rows: NDArray[Any]) -> Any:  # noqa: ANN401 (as above)
    if isinstance(batch, Mapping):
        return {**batch, name: rows}
    import pyarrow as pa  # the batch is pyarrow's

    values = pa.array(rows.ravel())
    return batch.append_column(name, pa.FixedSizeListArray.from_arrays(values, rows.shape[1]))


@dataclass(slots=True)
class Deduplicator:
    """Deduplicates texts that come in batches; equal to `deduplicate` on all of them at once.

    The texts are not kept: their keys and shingles go to files in a folder of its own in `scratch`
    (the system's for temporary files if it is not given), which is removed at the end. The work
    stays within `memory` for any number of texts; beside it are the batch, the ids that you give,
    and what `finish` returns. `outcomes` returns the same piece by piece.

    >>> text = "one two three four five six seven eight nine ten"
    >>> deduplicator = Deduplicator()
    >>> deduplicator.add([text, "another thing"], ids=["a", "b"])
    >>> deduplicator.add([text + "!"], ids=["c"])
    >>> found = deduplicator.finish()
    >>> found.kept, found.removed[0].id, found.removed[0].kept_id
    (['a', 'b'], 'c', 'a')
    """

    threshold: float = 0.8
    bands: int = 14
    rows: int = 8
    shingle: int = 5
    _: KW_ONLY
    seed: int = 0
    memory: int | str = "1G"
    scratch: str | Path | None = None
    threads: int | None = None
    _ids: list[Hashable] = field(default_factory=list, init=False, repr=False)
    _texts: int = field(default=0, init=False, repr=False)
    _named: bool | None = field(default=None, init=False, repr=False)
    _ranked: bool | None = field(default=None, init=False, repr=False)
    _core: _core.Deduplicator | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse parameters that cannot be used."""
        self._core = _core.Deduplicator(
            threshold=self.threshold,
            bands=self.bands,
            rows=self.rows,
            shingle=self.shingle,
            seed=self.seed,
            memory=units.parse_bytes(self.memory, "memory"),
            scratch=self.scratch or tempfile.gettempdir(),
            threads=threads_of(self.threads),
        )

    def add(
        self,
        texts: Texts,
        ids: Sequence[Hashable] | None = None,
        *,
        order: Sequence[int] | None = None,
    ) -> None:
        """Add a batch of texts. `ids` name them; without, their places among all texts do.

        `order` ranks the texts among all: of a cluster the least survives, the first without.
        Either all batches have ids, or none; the same for `order`.
        """
        if self._core is None:
            raise ConfigError("texts: the deduplicator is finished", parameter="texts")
        self._named = _agree(self._named, ids is not None, "ids")
        self._ranked = _agree(self._ranked, order is not None, "order")
        if ids is not None:
            sized: Any = texts if hasattr(texts, "__len__") else pl.Series(cast("Any", texts))
            if len(ids) != len(sized):
                raise ConfigError(f"ids: {len(ids)} for {len(sized)} texts", parameter="ids")
            texts = sized
        count = self._core.add(texts, order=order)
        self._texts += count
        self._ids.extend(ids or ())

    def finish(self) -> Deduplication:
        """Decide every text; nothing can be added afterwards."""
        found = pl.concat([pl.DataFrame(schema=_OUTCOMES), *self.outcomes()])
        return outcome_of(found, self._ids if self._named else range(self._texts))

    def outcomes(self) -> Iterator[pl.DataFrame]:
        """Decide every text, and give tables of some at a time; nothing can be added afterwards.

        A row a text, in the order in which they came: the place of the text that is kept of its
        cluster (its own, if it is kept), the cluster's size, the measure and the similarity.

        >>> deduplicator = Deduplicator()
        >>> deduplicator.add(["the same", "another", "The same!"])
        >>> [place for table in deduplicator.outcomes() for place in table["kept"]]
        [0, 1, 0]
        """
        if self._core is None:
            raise ConfigError("texts: the deduplicator is finished", parameter="texts")
        core, self._core = self._core, None
        return (pl.DataFrame(table) for table in core.finish())


def _agree(before: bool | None, now: bool, name: str) -> bool:
    if before not in {None, now}:
        raise ConfigError(f"{name}: given for some batches, not for others", parameter=name)
    return now
