"""Manifests for people: one as rows, two as what differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import manifests
from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHOLE: Final = ("order", "config_sha256", "filters_sha256", "seed")
OF_STAGE: Final = (
    "index", "token_budget", "sequence_length", "samples", "tokens", "max_epochs",
)  # fmt: skip
OF_POOL: Final = (
    "requested_share", "share", "samples", "tokens", "documents", "bytes", "epochs",
    "cumulative_epochs", "start_token", "end_token", "licences",
)  # fmt: skip
MISSING: Final = "-"


@dataclass(frozen=True, slots=True)
class ManifestChange:
    """One thing that differs: of which stage, of what (a pool, `stage`, `tokenizer`), which field.

    `before` and `after` are values as the manifests have them; `None` where one has none.
    """

    stage: str
    subject: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ManifestDiff:
    """What differs between the manifests of two runs, or two manifests."""

    before: str
    after: str
    same: bool
    changes: tuple[ManifestChange, ...]


def read_manifests(path: str | Path) -> dict[str, dict[str, Any]]:
    """The manifests of a run by stage, in the order of training, or the one in a file.

    Raises `ConfigError` where there is none, `FormatError` for one of another version.
    """
    path = Path(path)
    folder = path / "manifests" if (path / "manifests").is_dir() else path
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else [path]
    if not paths or not all(one.is_file() for one in paths):
        raise ConfigError(f"{path}: no manifest is there", path=path)
    read = [manifests.read(one) for one in paths]
    read.sort(key=lambda one: (one["stage"]["index"], one["stage"]["name"]))
    return {one["stage"]["name"]: one for one in read}


def diff_manifests(before: str | Path, after: str | Path) -> ManifestDiff:
    """What changed from one run, or manifest, to another.

    Two files are compared whatever their stages are called; runs are compared stage by stage.
    """
    old, new = read_manifests(before), read_manifests(after)
    if Path(before).is_file() and Path(after).is_file():
        new = dict(zip(old, new.values(), strict=True))
    changes: list[ManifestChange] = []
    for stage in dict.fromkeys([*old, *new]):
        if stage in old and stage in new:
            changes += _of_manifest(stage, old[stage], new[stage])
        else:
            ids = [one[stage]["id"] if stage in one else None for one in (old, new)]
            changes.append(ManifestChange(stage, "manifest", "id", *ids))
    same = {s: m["id"] for s, m in old.items()} == {s: m["id"] for s, m in new.items()}
    return ManifestDiff(str(before), str(after), same, tuple(changes))


def _of_manifest(
    stage: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[ManifestChange]:
    yield from _fields(stage, "manifest", old, new, WHOLE)
    yield from _fields(stage, "tokenizer", old["tokenizer"], new["tokenizer"])
    yield from _fields(stage, "tool", old["tool"], new["tool"])
    extra = tuple(key for key in {**old["stage"], **new["stage"]} if key not in OF_STAGE)
    yield from _fields(stage, "stage", old["stage"], new["stage"], (*OF_STAGE, *extra))
    yield from _fields(stage, "conservation", old["conservation"], new["conservation"])
    for rows in ("pools", "validation"):
        yield from _pools(stage, *({p["name"]: p for p in one[rows]} for one in (old, new)))


def _pools(
    stage: str, old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[ManifestChange]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new:
            sizes = [
                one[name]["available"]["tokens"] if name in one else None for one in (old, new)
            ]
            yield ManifestChange(stage, name, "pool of tokens", *sizes)
            continue
        a, b = old[name], new[name]
        yield from _fields(stage, name, a, b, OF_POOL)
        yield from _fields(stage, f"{name}: available", a["available"], b["available"])
        yield from _fields(stage, f"{name}: sources", a["sources"], b["sources"])
        hashes = [
            {s["bin"]: (s["bin_sha256"], s["gdx_sha256"]) for s in p["shards"]} for p in (a, b)
        ]
        for shard in dict.fromkeys([*hashes[0], *hashes[1]]):
            known = [one[shard][0] if shard in one else None for one in hashes]
            if hashes[0].get(shard) != hashes[1].get(shard):
                yield ManifestChange(stage, name, shard, *known)


def _fields(
    stage: str,
    subject: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    names: tuple[str, ...] | None = None,
) -> Iterator[ManifestChange]:
    for name in names or dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before != after and name != "name":
            yield ManifestChange(stage, subject, name, before, after)
