"""Looks at the shards of a run before training does: how often each stage reads each token."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, manifests
from gamayun_data.errors import ConfigError
from gamayun_data.evaluated import LanguageAudit, SeenToken, StageAudit, TokenAudit, TokenPlace
from gamayun_data.evaluation import places, shown, vocabulary
from gamayun_data.steps import Limits, heard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gamayun_data.progress import Progress

    Counts = NDArray[np.uint64]

RARE: Final = 100
"""Read fewer times than this, a token is rare."""
CONCENTRATED: Final = 0.9
"""The share of a token's occurrences that makes a place its own."""
EXPECTED: Final = 0.5
"""A source that has so much of a token's languages makes no token its own."""
LEAST_COUNT: Final = 10
"""Occurrences from which on it is told that a token is of one place."""
RANKS: Final = 8
"""Ranks of a power of ten at which it is told how often tokens are read."""
TABLE: Final = Path("tokenizer", "audit.parquet")


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """How often each id is read, by stage and by language, and where each occurs."""

    core: _core.Tokenizer
    stages: Mapping[str, Counts]
    languages: Mapping[str, Counts]
    places: Mapping[int, TokenPlace]
    unreachable: Mapping[int, str]

    def seen(self) -> list[SeenToken]:
        """Every id that has a token."""
        found = []
        for number in range(self.core.vocab_size):
            raw, place = self.core.token_bytes(number), self.places.get(number)
            if raw is not None:
                counts = tuple(int(stage[number]) for stage in self.stages.values())
                where = (place.source, place.documents) if place else ("", 0)
                note = self.unreachable.get(number, "")
                found.append(SeenToken(number, shown(raw), counts, *where, note))
        return found


def audit_tokenizer(
    run: str | Path,
    *,
    rare: int = RARE,
    threads: int | None = None,
    progress: Progress | None = None,
) -> TokenAudit:
    """Count how often each stage of a run reads each token, before a GPU is rented.

    Reads the shards that the manifests name, each from where to where and as often as its stages
    do. Writes `RUN/tokenizer/audit.parquet`: a row an id with `id`, `bytes`, `text`, `special`,
    `unreachable` (why no text encodes to it, null if some does), a count for each stage
    (`stage.NAME`) and language (`language.NAME`), and of the shards the `documents` that have it,
    the `source` and the `document` with most of it and their shares.

    Raises `ConfigError` for a run without manifests, `IntegrityError` for damaged shards.
    """
    started, run = time.perf_counter(), Path(run)
    counted = _count(run, read_manifests(run), threads, progress)
    seen = counted.seen()
    special = {number for number, _ in counted.core.special_tokens}
    text = [one for one in seen if one.id not in special]
    few = [one for one in text if 0 < sum(one.stages) < rare]
    _write(run / TABLE, counted, seen, special)
    return TokenAudit(
        run=str(run),
        vocab_size=counted.core.vocab_size,
        tokens=len(text),
        rare_below=rare,
        stages=tuple(_stage(*one, text, special, rare) for one in counted.stages.items()),
        languages=tuple(_language(*one, text, rare) for one in counted.languages.items()),
        never=tuple(one for one in text if not sum(one.stages)),
        rare=tuple(sorted(few, key=lambda one: (sum(one.stages), one.id))),
        special=tuple(one for one in seen if one.id in special),
        holes=counted.core.vocab_size - len(seen),
        concentrated=_concentrated(counted.places.values(), special),
        table=str(run / TABLE),
        seconds=round(time.perf_counter() - started, 3),
    )


def read_manifests(run: Path) -> list[dict[str, Any]]:
    """The manifests of all stages, in the order of the stages."""
    found = [manifests.read(path) for path in sorted((run / "manifests").glob("*.json"))]
    if not found:
        raise ConfigError(
            f"{run}: has no manifests; build them: gamayun-data shards build {run} --recipe FILE",
            path=run,
        )
    return sorted(found, key=lambda manifest: int(manifest["stage"]["index"]))


def _count(
    run: Path,
    found: Sequence[Mapping[str, Any]],
    threads: int | None,
    progress: Progress | None,
) -> _Counted:
    core = _core.Tokenizer.from_json((run / found[0]["tokenizer"]["file"]).read_bytes())
    stages, languages, where = _core.audit_shards(
        audited_pools(run, found),
        stages=len(found),
        vocab_size=core.vocab_size,
        threads=Limits.of(threads, None).threads,
        on_progress=heard(progress, "audit"),
    )
    return _Counted(
        core=core,
        stages=dict(zip((one["stage"]["name"] for one in found), stages, strict=True)),
        languages=dict(languages),
        places={one.id: one for one in places(core, json.loads(where))},
        unreachable={one.id: one.note for one in vocabulary(core).unreachable},
    )


def audited_pools(
    run: Path, found: Sequence[Mapping[str, Any]]
) -> list[tuple[str, list[Path], list[tuple[int, int]]]]:
    """Each pool with its shards, and what each stage reads of it: nothing where it is not named."""
    pools: dict[str, tuple[str, list[Path], list[tuple[int, int]]]] = {}
    for stage, manifest in enumerate(found):
        for pool in manifest["pools"]:
            shards = [run / shard["gdx"] for shard in pool["shards"]]
            mine = pools.setdefault(pool["name"], (pool["language"], shards, [(0, 0)] * len(found)))
            mine[2][stage] = (pool["start_token"], pool["end_token"])
    return [pools[name] for name in sorted(pools)]


def _stage(
    name: str, counts: Counts, text: Sequence[SeenToken], special: set[int], rare: int
) -> StageAudit:
    mine = [int(counts[one.id]) for one in text]
    return StageAudit(
        stage=name,
        tokens=int(counts.sum()),
        special_tokens=sum(int(counts[number]) for number in special),
        never=mine.count(0),
        rare=sum(0 < count < rare for count in mine),
        ranked=_ranked(mine),
    )


def _ranked(counts: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Counts at a few ranks of each power of ten."""
    ordered = sorted(counts, reverse=True)
    ranks = sorted({int(10 ** (step / RANKS)) for step in range(9 * RANKS)})
    return tuple((rank, ordered[rank - 1]) for rank in ranks if rank <= len(ordered))


def _language(name: str, counts: Counts, text: Sequence[SeenToken], rare: int) -> LanguageAudit:
    mine = [int(counts[one.id]) for one in text]
    return LanguageAudit(
        language=name,
        tokens=int(counts.sum()),
        used=sum(count > 0 for count in mine),
        rare=sum(0 < count < rare for count in mine),
    )


def _concentrated(found: Iterable[TokenPlace], special: set[int]) -> tuple[TokenPlace, ...]:
    """Tokens of one document, or of a source that has less than half of the token's languages."""
    mine = [
        one
        for one in found
        if one.count >= LEAST_COUNT
        and one.id not in special
        and (
            one.document_share >= CONCENTRATED
            or (one.source_share >= CONCENTRATED and one.expected_share < EXPECTED)
        )
    ]
    return tuple(sorted(mine, key=lambda one: (-one.count, one.id)))


def _write(path: Path, counted: _Counted, seen: Sequence[SeenToken], special: set[int]) -> None:
    """Write the table of all ids, whole or not at all."""
    import polars as pl

    ids = [one.id for one in seen]
    where = [counted.places.get(number) for number in ids]
    table = pl.DataFrame(
        {
            "id": pl.Series(ids, dtype=pl.UInt32),
            "bytes": [counted.core.token_bytes(number) for number in ids],
            "text": [one.text for one in seen],
            "special": [number in special for number in ids],
            "unreachable": [one.note or None for one in seen],
            **{f"stage.{name}": counts[ids] for name, counts in counted.stages.items()},
            **{f"language.{name}": counts[ids] for name, counts in counted.languages.items()},
            "documents": pl.Series([one.documents for one in seen], dtype=pl.UInt64),
            "source": [one.source if one else None for one in where],
            "source_share": [one.source_share if one else None for one in where],
            "document": [one.document if one else None for one in where],
            "document_share": [one.document_share if one else None for one in where],
        }
    )
    partial = path.with_suffix(".parquet.tmp")
    path.parent.mkdir(exist_ok=True)
    table.write_parquet(partial)
    partial.replace(path)
