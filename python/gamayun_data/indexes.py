"""Indexes: what runs kept, in a folder of its own, for later runs to be compared with.

An index outlives its run: it holds the band keys and the texts of the kept documents, ordered by
DocId, and nothing of what was dropped. Nothing is hashed again to make or to merge one.
"""

from __future__ import annotations

import json
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, directory, references
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_json
from gamayun_data.results import IndexSummary, Problem
from gamayun_data.steps import Limits, heard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gamayun_data.progress import Progress

SOURCES: Final = "provenance.json"
UNFINISHED: Final = ".partial"


def build_index(
    run: str | Path,
    *,
    output: str | Path,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> IndexSummary:
    """Write the index of the documents that a finished run kept, as they were before levels.

    The folder is there whole or not at all; a killed try is begun anew. An index that was made of
    the same run is left as it is, and nothing else is written over. `memory` is in bytes.
    Raises `ConfigError` if the run is not finished or `output` is something else.
    """
    run, output, started = Path(run), Path(output), time.perf_counter()
    if references.is_index(run):
        raise ConfigError(f"{run}: an index already; merge makes another of it", path=run)
    made_of, limits = _made_of([run]), Limits.of(threads, memory)
    if not _stands(output, made_of):
        with _fresh(output, made_of) as folder:
            _core.build_index(
                run,
                folder,
                threads=limits.threads,
                memory=limits.memory,
                on_progress=heard(progress, "index"),
            )
    return _summary(output, seconds=time.perf_counter() - started)


def merge_indexes(
    indexes: Sequence[str | Path],
    *,
    output: str | Path,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> IndexSummary:
    """Write one index of the documents of several, whatever the order in which they are named.

    A document that two of them hold, of equal DocId and text, is written once. Documents that
    duplicate one another otherwise are left and, where their texts are equal, counted. Errors are
    those of `build_index`; indexes made in different ways are refused.
    """
    output, started = Path(output), time.perf_counter()
    paths = sorted({Path(index) for index in indexes})
    for path in paths:
        _need(path)
    made_of, limits = _made_of(paths), Limits.of(threads, memory)
    counts: dict[str, int] = {}
    if not _stands(output, made_of):
        with _fresh(output, made_of) as folder:
            _, found = _core.merge_indexes(
                paths,
                folder,
                threads=limits.threads,
                memory=limits.memory,
                on_progress=heard(progress, "index"),
            )
            counts = json.loads(found)
            _note(folder, made_of, counts)
    return _summary(output, seconds=time.perf_counter() - started)


def show_index(
    index: str | Path,
    *,
    check: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> IndexSummary:
    """What an index holds; with `check`, every byte of it is read, and what is wrong is told."""
    index = Path(index)
    _need(index)
    problems: tuple[Problem, ...] = ()
    if check:
        found = _core.check_index(
            index, threads=Limits.of(threads, None).threads, on_progress=heard(progress, "check")
        )
        problems = tuple(Problem(str(path), None, what) for path, what in found)
    return _summary(index, checked=check, problems=problems)


def _need(index: Path) -> None:
    if not references.is_index(index):
        raise ConfigError(f"{index}: no index is there ({references.INDEX} is missing)", path=index)


def _made_of(paths: Sequence[Path]) -> list[dict[str, str]]:
    return [{"path": str(path), "identity": references.identity_of(path)} for path in paths]


def _stands(output: Path, made_of: list[dict[str, str]]) -> bool:
    """Whether the index that is asked for is there; `ConfigError` if something else is."""
    if not output.exists():
        return False
    if references.is_index(output):
        found = [one["identity"] for one in _noted(output).get("made_of", ())]
        if found == [one["identity"] for one in made_of]:
            return True
        raise ConfigError(f"{output}: another index is there; name another output", path=output)
    raise ConfigError(f"{output}: stands there already, and is not an index", path=output)


@contextmanager
def _fresh(output: Path, made_of: list[dict[str, str]]) -> Iterator[Path]:
    """A folder beside the output that takes its place at the end, or is removed."""
    folder = output.with_name(output.name + UNFINISHED)
    with directory.locked(folder):
        try:
            _note(folder, made_of, {})
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        (folder / directory.LOCK).unlink()
        folder.rename(output)


def _note(folder: Path, made_of: list[dict[str, str]], counts: Mapping[str, int]) -> None:
    """What names the input stands apart from the index, which is the same wherever it lay."""
    write_json(folder / SOURCES, {"tool": directory.tool(), "made_of": made_of, "merged": counts})


def _noted(index: Path) -> dict[str, Any]:
    try:
        noted: dict[str, Any] = json.loads((index / SOURCES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # the index is whole without it
    return noted


def _summary(
    index: Path, *, seconds: float = 0.0, checked: bool = False, problems: tuple[Problem, ...] = ()
) -> IndexSummary:
    said, noted = json.loads(_core.read_index(index)), _noted(index)
    files = [path for path in index.rglob("*") if path.is_file()]
    return IndexSummary(
        path=str(index),
        documents=said["documents"],
        text_bytes=said["text_bytes"],
        sources=said["sources"],
        parts=len(said["parts"]),
        disk_bytes=sum(path.stat().st_size for path in files),
        band_bytes=sum(part["bands"]["bytes"] for part in said["parts"]),
        bands=said["bands"],
        rows=said["rows"],
        shingle=said["shingle"],
        identity=references.identity_of(index),
        made_of=tuple(one["path"] for one in noted.get("made_of", ())),
        merged=noted.get("merged", {}),
        checked=checked,
        problems=problems,
        seconds=round(seconds, 3),
    )
