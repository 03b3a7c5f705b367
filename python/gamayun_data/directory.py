"""The directory of a run: it belongs to one configuration, and to one process at a time."""

from __future__ import annotations

import fcntl
import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core
from gamayun_data.errors import ConfigError, FormatError, GamayunError
from gamayun_data.receipts import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gamayun_data.recipe import Recipe

FORMAT: Final = 1
TOOL: Final = "gamayun-data"
RECORD: Final = "run.json"
LOCK: Final = ".lock"
SHOWN: Final = 80
"""Letters of a value that a message shows."""


def tool() -> dict[str, str]:
    """The name and version that files of a run carry."""
    return {"name": TOOL, "version": _core.version()}


def curation_of(asked: Recipe) -> dict[str, Any]:
    """All of a recipe that decides what is selected, with the paths of the input."""
    whole = asdict(asked)
    for section in ("tokenizer", "shards", "stages"):
        del whole[section]
    looked_for = whole["decontamination"]
    looked_for["files"] = [_place(path) for path in looked_for["files"]]
    whole["dedup"]["against"] = sorted(_place(path) for path in whole["dedup"]["against"])
    for source in whole["sources"]:
        source["paths"] = [_place(path) for path in source["paths"]]
    plain: dict[str, Any] = json.loads(json.dumps(whole))
    return plain


def _place(path: str) -> str:
    return path if path == "-" else str(Path(path).absolute())


def claim(run: Path, asked: Recipe) -> None:
    """Make `run` the directory of this configuration, or find that it is; else `ConfigError`."""
    path = run / RECORD
    wanted = curation_of(asked)
    if (run / "removed").is_dir():
        raise ConfigError(
            f"{run}: documents were removed from it; to curate again would bring them back",
            path=run,
        )
    if path.exists():
        found = _read(path)
        if found != wanted:
            raise ConfigError(
                f"{run}: belongs to another run: {_difference(found, wanted)}; "
                "name another output, or remove it",
                path=run,
            )
        return
    if run.is_dir() and any(one.name != LOCK for one in run.iterdir()):
        raise ConfigError(f"{run}: not empty, and not the directory of a run", path=run)
    write_json(path, {"format": FORMAT, "tool": tool(), "curation": wanted})


def _read(path: Path) -> dict[str, Any]:
    try:
        curation: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["curation"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: not the record of a run: {error!r}", path=path) from error
    return curation


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any], where: str = "") -> str:
    """Name the first value that differs, such as `seed is 17 there, and 99 is asked for`."""
    for key in sorted({*found, *wanted}):
        there, asked = found.get(key), wanted.get(key)
        if there != asked:
            if isinstance(there, dict) and isinstance(asked, dict):
                return _difference(there, asked, f"{where}{key}.")
            return f"{where}{key} is {_short(there)} there, and {_short(asked)} is asked for"
    return "nothing differs"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


@contextmanager
def claimed(run: Path, asked: Recipe) -> Iterator[None]:
    """Claim a run for what is done inside; if that is refused at once, no trace of it is left."""
    fresh = not (run / RECORD).exists()
    claim(run, asked)
    try:
        yield
    except (GamayunError, OSError):
        if fresh and not any(run.glob("steps/*.json")) and not any(run.glob("*/part-*")):
            shutil.rmtree(run)
        raise


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Keep other processes out of a run; a process that dies lets go of it."""
    try:
        run.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(f"{run}: not a directory", path=run) from None
    with (run / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{run}: another process is at work in it", path=run) from None
        yield


def clear(run: Path, name: str) -> None:
    """Remove a folder of a run that is not needed any more."""
    shutil.rmtree(run / name, ignore_errors=True)
