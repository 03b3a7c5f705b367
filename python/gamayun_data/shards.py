"""Reads the shards of a run with numpy alone, without copying, by `docs/format.md`.

It shares no code with the writer, so what it reads checks what was written.
"""

from __future__ import annotations

import json
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from gamayun_data.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Ids: TypeAlias = NDArray[np.unsignedinteger[Any]]

MAGIC: Final = b"GSHARD\0\0"
VERSION: Final = 1
HEADER: Final = struct.Struct("<8sII16s32s32sQQQQIIIIIIQ")
ENTRY: Final = struct.Struct("<IIQQ16s")
ALIGNMENT: Final = 64
DOC_END, DOC_META, DOC_ID, DOC_BYTES, BLOCK, LANGUAGES, SOURCES = range(1, 8)

META_TYPE: Final = np.dtype([("source", "<u2"), ("language", "u1"), ("flags", "u1")])
BLOCK_TYPE: Final = np.dtype([("document", "<u8"), ("token", "<u8"), ("hash", "V16")])
HALVES_TYPE: Final = np.dtype([("high", ">u8"), ("low", ">u8")])
TYPES: Final = {
    DOC_END: np.dtype("<u8"),
    DOC_META: META_TYPE,
    DOC_ID: np.dtype("V16"),
    DOC_BYTES: np.dtype("<u4"),
    BLOCK: BLOCK_TYPE,
    LANGUAGES: np.dtype("u1"),
    SOURCES: np.dtype("u1"),
}
TOKEN_TYPES: Final[dict[int, np.dtype[np.unsignedinteger[Any]]]] = {
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a file, and where: `offset` is in bytes."""

    path: Path
    offset: int
    what: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shard:
    """One shard, mapped: all arrays are read-only views of its two files.

    `ends`, `ids`, `languages`, `sources` and `text_bytes` have an item a document; languages and
    sources are places in `language_names` and `source_names`. `ids` holds 16 raw bytes each;
    `id(i)` gives the hexadecimal digits.
    """

    path: Path
    """The index; the payload lies beside it as `.bin`."""
    tokens: Ids
    """All token ids, document after document."""
    ends: NDArray[np.uint64]
    """Tokens up to and with each document."""
    ids: NDArray[np.void]
    languages: NDArray[np.uint8]
    sources: NDArray[np.uint16]
    text_bytes: NDArray[np.uint32]
    """UTF-8 bytes of each document's text."""
    blocks: NDArray[np.void]
    """First `document`, first `token` and xxh3-128 `hash` of each block."""
    language_names: tuple[str, ...]
    source_names: tuple[str, ...]
    vocab_size: int
    eos: int
    max_id: int
    """The largest token id, as the index has it."""
    tokenizer_sha256: str
    bin_sha256: str
    """sha256 of the payload, as the index has it."""

    def __len__(self) -> int:
        """Documents in the shard."""
        return len(self.ends)

    def __repr__(self) -> str:
        """The path and the counts."""
        return f"Shard({str(self.path)!r}, documents={len(self)}, tokens={len(self.tokens)})"

    def span(self, i: int) -> slice:
        """Where document `i` lies in `tokens`; `IndexError` past the last."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"{self.path}: document {i} of {len(self)}")
        i %= len(self)
        return slice(int(self.ends[i - 1]) if i else 0, int(self.ends[i]))

    def document(self, i: int) -> Ids:
        """Token ids of document `i`, its end-of-sequence included: a view."""
        return self.tokens[self.span(i)]

    def documents(self) -> Iterator[Ids]:
        """The token ids of each document, as views."""
        return (self.document(i) for i in range(len(self)))

    def id(self, i: int) -> str:
        """The id of document `i`, in hexadecimal."""
        raw: bytes = self.ids[i].tobytes()
        return raw.hex()

    def find(self, doc_id: str) -> int | None:
        """The place of the document with this id; `None` if the shard does not have it."""
        wanted = np.frombuffer(_id_bytes(doc_id), HALVES_TYPE)[0]
        halves = self.ids.view(HALVES_TYPE)
        places = np.flatnonzero(
            (halves["low"] == wanted["low"]) & (halves["high"] == wanted["high"])
        )
        return int(places[0]) if len(places) else None

    def faults(self) -> list[Fault]:
        """What the tokens and the index say against each other; empty if nothing.

        Documents must have tokens, all below the vocabulary's size, end with EOS and have it
        nowhere else; codes must have names; blocks must begin with documents. Reads every token.
        """
        if np.any(np.diff(self.ends.astype(np.int64), prepend=0) <= 0):
            return [Fault(self.path, 0, "DOC_END does not rise from document to document")]
        return [*self._index_faults(), *self._token_faults()]

    def _index_faults(self) -> Iterator[Fault]:
        if self.languages.max(initial=0) >= len(self.language_names):
            yield Fault(self.path, 0, "DOC_META has a language without a name")
        if self.sources.max(initial=0) >= len(self.source_names):
            yield Fault(self.path, 0, "DOC_META has a source without a name")
        starts = np.concatenate([[0], self.ends[:-1]])
        documents = self.blocks["document"].astype(np.int64)
        rising = np.all(np.diff(documents) > 0) and documents[:1].sum() == 0
        known = rising and documents[-1] < len(self)
        if not known or np.any(starts[documents] != self.blocks["token"]):
            yield Fault(self.path, 0, "BLOCK does not begin where a document begins")

    def _token_faults(self) -> Iterator[Fault]:
        """By steps of about a million tokens, so that little memory is needed."""
        payload, width = self.path.with_suffix(".bin"), self.tokens.itemsize
        largest, first, start = 0, 0, 0
        while first < len(self):
            last = int(np.searchsorted(self.ends, start + (1 << 20), side="right"))
            last = min(max(last, first + 1), len(self))
            stop = int(self.ends[last - 1])
            ids = self.tokens[start:stop]
            largest = max(largest, int(ids.max()))
            if largest >= self.vocab_size:
                place = start + int(np.argmax(ids >= self.vocab_size))
                yield Fault(payload, place * width, f"an id is not below {self.vocab_size}")
                return
            found = np.flatnonzero(ids == self.eos) + (start + 1)
            wanted = self.ends[first:last].astype(np.int64)
            if not np.array_equal(found, wanted):
                place = int(np.setxor1d(found, wanted)[0]) - 1
                yield Fault(payload, place * width, "EOS is not where the documents end")
            first, start = last, stop
        if largest != self.max_id:
            yield Fault(self.path, 136, f"largest id {self.max_id}, the payload has {largest}")


@dataclass(frozen=True, slots=True)
class Run:
    """A run's shards and manifests; what it gives is opened when it is asked for."""

    path: Path
    pools: tuple[str, ...]
    """Names of the pools that have shards; those of the validation set begin `validation/`."""

    def shards(self, pool: str) -> tuple[Shard, ...]:
        """The shards of a pool, in order; `KeyError` if the run has no such pool."""
        if pool not in self.pools:
            raise KeyError(f"{self.path}: no pool {pool!r}; it has {', '.join(self.pools)}")
        return tuple(open_shard(path) for path in _indices(self.path / "shards" / pool))

    def locate(self, doc_id: str) -> tuple[str, Shard, int]:
        """Pool, shard and place of a document; `KeyError` if no shard has it."""
        _id_bytes(doc_id)
        for pool in self.pools:
            for shard in self.shards(pool):
                if (place := shard.find(doc_id)) is not None:
                    return pool, shard, place
        raise KeyError(f"{self.path}: no shard has document {doc_id}")

    def document(self, doc_id: str) -> Ids:
        """Token ids of a document: a view. Looks through the ids of all shards."""
        _, shard, place = self.locate(doc_id)
        return shard.document(place)

    @property
    def manifests(self) -> Mapping[str, dict[str, Any]]:
        """The manifests of the stages, by stage."""
        paths = sorted((self.path / "manifests").glob("*.json"))
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def open_run(path: str | Path) -> Run:
    """Open the shards of a run.

    Example:
        >>> run = open_run("RUN")                        # doctest: +SKIP
        >>> for shard in run.shards("ru-web"):           # doctest: +SKIP
        ...     print(shard.document(0), shard.id(0))
    """
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: no such run")
    root = path / "shards"
    folders = {index.parent for index in root.rglob("*.gdx")}
    return Run(path, tuple(sorted(folder.relative_to(root).as_posix() for folder in folders)))


def open_shard(path: str | Path) -> Shard:
    """Open the shard whose index is at `path`.

    `FormatError` if the structure is not that of `docs/format.md`; hashes are not computed here.
    """
    path = Path(path).with_suffix(".gdx")
    index = _map(path)
    header = _header(path, index)
    sections = _sections(path, index, header)
    payload = _map(path.with_suffix(".bin"))
    tokens = _tokens(path, payload, header)
    ends = sections[DOC_END]
    if (int(ends[-1]) if len(ends) else 0) != len(tokens):
        raise FormatError(f"{path}: DOC_END does not end at token {len(tokens)}", path=path)
    return Shard(
        path=path,
        tokens=tokens,
        ends=ends,
        ids=sections[DOC_ID],
        languages=sections[DOC_META]["language"],
        sources=sections[DOC_META]["source"],
        text_bytes=sections[DOC_BYTES],
        blocks=sections[BLOCK],
        language_names=_names(path, sections[LANGUAGES]),
        source_names=_names(path, sections[SOURCES]),
        vocab_size=header.vocab_size,
        eos=header.eos,
        max_id=header.max_id,
        tokenizer_sha256=header.tokenizer_sha256.hex(),
        bin_sha256=header.bin_sha256.hex(),
    )


@dataclass(frozen=True, slots=True)
class _Header:
    """The fields of an index's first 160 bytes, in their order."""

    magic: bytes
    version: int
    head_bytes: int
    head_hash: bytes
    bin_sha256: bytes
    tokenizer_sha256: bytes
    tokens: int
    documents: int
    text_bytes: int
    length: int
    vocab_size: int
    eos: int
    max_id: int
    width: int
    flags: int
    sections: int
    zero: int


def _map(path: Path) -> memoryview:
    """The file's bytes, mapped."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _header(path: Path, index: memoryview) -> _Header:
    if len(index) < HEADER.size:
        raise _broken(path, len(index), f"{len(index)} bytes", f"at least {HEADER.size}")
    header = _Header(*HEADER.unpack_from(index))
    if header.magic != MAGIC:
        raise _broken(path, 0, repr(header.magic), repr(MAGIC))
    if header.version != VERSION:
        raise _broken(path, 8, f"format version {header.version}", f"{VERSION}")
    if header.length != len(index):
        raise _broken(path, len(index), f"{len(index)} bytes", f"{header.length}")
    if header.head_bytes != HEADER.size + ENTRY.size * header.sections or (
        header.head_bytes > len(index)
    ):
        raise _broken(path, 12, f"a header of {header.head_bytes} bytes", "40 bytes a section")
    return header


def _sections(path: Path, index: memoryview, header: _Header) -> dict[int, NDArray[Any]]:
    """A view of each known section."""
    sections: dict[int, NDArray[Any]] = {}
    end = header.head_bytes
    for number in range(header.sections):
        place = HEADER.size + ENTRY.size * number
        kind, item, offset, size, _ = ENTRY.unpack_from(index, place)
        if offset != -(-end // ALIGNMENT) * ALIGNMENT or offset + size > len(index):
            raise _broken(path, place, f"a section of {size} bytes at {offset}", "one in its place")
        end = offset + size
        if kind not in TYPES:
            continue
        if kind in sections or item != TYPES[kind].itemsize or size % item:
            raise _broken(path, place, f"section {kind} of items of {item} bytes", "docs/format.md")
        sections[kind] = np.frombuffer(index[offset:end], TYPES[kind])
    for kind in TYPES:
        if kind not in sections:
            raise _broken(path, HEADER.size, f"no section {kind}", "one")
    for kind in (DOC_END, DOC_META, DOC_ID, DOC_BYTES):
        if len(sections[kind]) != header.documents:
            found = f"{len(sections[kind])} items in section {kind}"
            raise _broken(path, HEADER.size, found, f"{header.documents} documents")
    return sections


def _tokens(path: Path, payload: memoryview, header: _Header) -> Ids:
    kind = TOKEN_TYPES.get(header.width)
    if kind is None:
        raise _broken(path, 140, f"tokens of {header.width} bytes", "2 or 4")
    if len(payload) != header.tokens * header.width:
        path = path.with_suffix(".bin")
        expected = f"{header.tokens} tokens of {header.width} bytes"
        raise _broken(path, len(payload), f"{len(payload)} bytes", expected)
    return np.frombuffer(payload, kind)


def _names(path: Path, section: NDArray[np.uint8]) -> tuple[str, ...]:
    try:
        return tuple(section.tobytes().decode("utf-8").split("\n")[:-1])
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: names are not UTF-8: {error}", path=path) from error


def _indices(folder: Path) -> list[Path]:
    """The indices of a pool's shards, in the order of their numbers."""
    return sorted(folder.glob("*.gdx"), key=lambda path: (len(path.stem), path.stem))


def _id_bytes(doc_id: str) -> bytes:
    raw = bytes.fromhex(doc_id)
    if len(raw) != HALVES_TYPE.itemsize:
        raise ValueError(f"{doc_id!r} is not a document id of 32 hexadecimal digits")
    return raw


def _broken(path: Path, offset: int, found: str, expected: str) -> FormatError:
    message = f"{path}: byte {offset}: found {found}, expected {expected}"
    return FormatError(message, path=path, offset=offset)
