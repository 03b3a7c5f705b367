"""A run in an object store, copied block by block into a local folder as it is read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gamayun_data import _core
from gamayun_data.errors import ConfigError, IntegrityError
from gamayun_data.loader.stage_file import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

AT_ONCE: Final = 16
"""Requests in flight; a store answers many at once, each slowly."""

WIDTH_AT: Final = 140
"""Where an index has the bytes of a token; see `docs/format.md`."""

ATTEMPTS: Final = 3
"""So often is a block asked for before it is said to be damaged."""


def is_remote(source: object) -> bool:
    """Whether a source is the URL of an object store rather than a path."""
    return isinstance(source, str) and "://" in source


class Mirror:
    """Files of a run at `url`, held in `folder`.

    An index is fetched when its shard is first needed. A payload is a sparse file of its whole
    length, into which blocks are written as they are needed; whether a block is there is told by
    its hash in the index, so what was fetched serves later processes, and several may share a
    folder. After a block the next of its shard is fetched ahead.

    Any URL that fsspec knows; `options` are passed to its filesystem.
    """

    def __init__(self, url: str, folder: Path, options: Mapping[str, Any] | None = None) -> None:
        """Connect to the store; nothing is fetched yet."""
        self.url = url
        self.folder = folder
        self._options = dict(options or {})
        self._process: _Process | None = None
        self._shards: list[_Shard] = []
        self._root = self._at().root

    def manifest(self, stage: str | None) -> Path:
        """Fetch the manifest of a stage, of the only one if none is named."""
        if self._root.endswith(".json"):
            self._root, _, name = self._root.rpartition("/manifests/")
            return self.file(f"manifests/{name}")
        listed = self._at().store.ls(f"{self._root}/manifests", detail=False)
        known = [Path(name).stem for name in listed if name.endswith(".json")]
        return self.file(f"manifests/{meant(self.url, known, stage)}.json")

    def file(self, name: str) -> Path:
        """Fetch a whole file, which appears at once or not at all."""
        target = self.folder / name
        _write_whole(target, self.read(name))
        return target

    def use(self, pools: Iterable[Mapping[str, Any]]) -> None:
        """Take the shards of these pools of a manifest; their order is that of the reader."""
        self._shards = [_Shard(self, row) for pool in pools for row in pool["shards"]]
        if self._shards:
            self._shards[0].blocks()  # the reader looks at the first when it is opened

    def need(self, pieces: NDArray[np.uint64]) -> None:
        """Have the tokens of (shard, first token, tokens), and set out for those that follow."""
        wanted: dict[tuple[int, int], Future[None]] = {}
        for number, start, length in pieces.tolist():
            shard = self._shards[number]
            first, last = shard.span(start, length)
            for block in range(first, last + 1):
                if not shard.has(block):
                    wanted[number, block] = self._fetch(number, block)
            if last + 1 < len(shard.starts) and not shard.has(last + 1, look=False):
                self._fetch(number, last + 1)
        for future in wanted.values():
            future.result()

    def indexes(self) -> None:
        """Have the index of every shard."""
        for done in self._at().workers.map(_Shard.blocks, self._shards):
            del done

    def _fetch(self, number: int, block: int) -> Future[None]:
        """Begin to fetch a block, unless that has begun."""
        shard, here = self._shards[number], self._at()
        with here.lock:
            future = here.underway.get((number, block))
            if future is None or (future.done() and not shard.has(block, look=False)):
                future = here.underway[number, block] = here.workers.submit(shard.fetch, block)
            return future

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """Bytes of a file in the store."""
        data: bytes = self._at().store.cat_file(f"{self._root}/{name}", start=start, end=end)
        return data

    def _at(self) -> _Process:
        """What belongs to this process: a fork has none of its parent's threads and connections."""
        if self._process is None or self._process.pid != os.getpid():
            self._process = _Process.start(self.url, self._options)
        return self._process


@dataclass(frozen=True, slots=True)
class _Process:
    """What a process fetches with, and what it is fetching."""

    pid: int
    store: Any
    root: str
    workers: ThreadPoolExecutor
    lock: Lock
    underway: dict[tuple[int, int], Future[None]]

    @staticmethod
    def start(url: str, options: Mapping[str, Any]) -> _Process:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise ConfigError(
                f"{url}: needs fsspec: pip install 'gamayun-data[remote]'", parameter="source"
            ) from error
        store, root = url_to_fs(url, **options)
        workers = ThreadPoolExecutor(AT_ONCE, "gamayun-fetch")
        return _Process(os.getpid(), store, root.rstrip("/"), workers, Lock(), {})


class _Shard:
    """A shard of which some blocks are here."""

    __slots__ = ("_blocks", "_here", "_mirror", "_row", "starts")

    def __init__(self, mirror: Mirror, row: Mapping[str, Any]) -> None:
        self._mirror = mirror
        self._row = row
        self._blocks: _core.ShardBlocks | None = None
        self._here: set[int] = set()
        self.starts: NDArray[np.uint64] = np.empty(0, np.uint64)

    def blocks(self) -> _core.ShardBlocks:
        """The shard's blocks; its index is fetched and a payload of holes made where they lack."""
        if self._blocks is None:
            self._prepare()
            blocks = _core.ShardBlocks(self.payload)
            self.starts, self._blocks = blocks.starts, blocks
        return self._blocks

    @property
    def payload(self) -> Path:
        """Where the payload lies here."""
        return self._mirror.folder / str(self._row["bin"])

    def span(self, start: int, length: int) -> tuple[int, int]:
        """The first and the last block of these tokens."""
        self.blocks()
        ends = np.array([start, start + max(length, 1) - 1], np.uint64)
        first, last = np.searchsorted(self.starts, ends, side="right") - 1
        return int(first), int(last)

    def has(self, block: int, *, look: bool = True) -> bool:
        """Whether a block is here; without `look`, whether that is known already."""
        if block not in self._here and look and self.blocks().holds(block):
            self._here.add(block)
        return block in self._here

    def fetch(self, block: int) -> None:
        """Write a block into the payload and see that it is what the index promises."""
        if self.has(block):
            return
        blocks = self.blocks()
        ends = [*self.starts.tolist(), blocks.tokens][block : block + 2]
        start, end = (token * blocks.width for token in ends)
        for _ in range(ATTEMPTS):
            data = self._mirror.read(self._row["bin"], start, end)
            with self.payload.open("r+b") as out:
                os.pwrite(out.fileno(), data, start)
            if self.has(block):
                return
        raise IntegrityError(
            f"{self._mirror.url}: {self._row['bin']}: bytes {start} to {end} are not those that "
            "the index promises",
            path=self.payload,
        )

    def _prepare(self) -> None:
        index, promised = self._mirror.folder / self._row["gdx"], self._row["gdx_sha256"]
        if not index.exists() or _core.file_sha256(index) != promised:
            data = self._mirror.read(self._row["gdx"])
            if hashlib.sha256(data).hexdigest() != promised:
                raise IntegrityError(
                    f"{self._mirror.url}: {self._row['gdx']}: its sha256 is not {promised}, as the "
                    "manifest promises",
                    path=index,
                )
            self.payload.unlink(missing_ok=True)  # of another shard
            _write_whole(index, data)
        if not self.payload.exists():
            self._make_payload(index)

    def _make_payload(self, index: Path) -> None:
        """Make a payload of holes; of two processes, the first one's stays."""
        with index.open("rb") as header:
            header.seek(WIDTH_AT)
            width = int.from_bytes(header.read(4), "little")
        with tempfile.NamedTemporaryFile(dir=index.parent, suffix=".tmp") as made:
            made.truncate(self._row["tokens"] * width)
            try:
                os.link(made.name, self.payload)
            except FileExistsError:
                return


def _write_whole(target: Path, data: bytes) -> None:
    """Under a name of its own until it is whole, since several processes may fetch the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as made:
        made.write(data)
    Path(made.name).replace(target)
