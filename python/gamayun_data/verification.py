"""`verify`: recomputes what a run claims, from its rows, its selection and its shards.

Rows and manifests are counted anew with polars and numpy from the files themselves; the shards are
looked through by the core, beside the selection that they were made from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gamayun_data import provenance, verified_manifests, verified_rows, verified_shards
from gamayun_data.errors import ConfigError
from gamayun_data.findings import Findings
from gamayun_data.steps import Limits

if TYPE_CHECKING:
    from gamayun_data.progress import Progress
    from gamayun_data.results import Verification

SAMPLE: Final = 200
"""Documents that are encoded again where nothing is said."""

BUILT: Final = ("manifests", "shards", "steps/build.json")
"""One of them is there if shards were ever built."""


def verify(
    run: str | Path,
    *,
    fast: bool = False,
    sample: int | None = SAMPLE,
    seed: int = 0,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Check rows, manifests and shards of a run, down to each token and document.

    `sample` documents, drawn with `seed`, are encoded again; `None` encodes all, which alone finds
    every token that was changed together with the hashes. `fast` looks at the manifests and at the
    block hashes of the shards only. Raises `ConfigError` if there is no run; all that is wrong with
    one is in the result.
    """
    run = Path(run)
    if (run / "removing" / "journal.json").exists():
        raise ConfigError(f"{run}: a removal was cut off; `shards remove` carries it through")
    if not (run / provenance.FILE).exists():
        raise ConfigError(f"{run}: no finished run is there ({provenance.FILE} is missing)")
    found, limits = Findings(run), Limits.of(threads, memory)
    if not fast:
        found.guarded(lambda: verified_rows.check_rows(found))
    if any((run / name).exists() for name in BUILT):
        verified_manifests.check_manifests(found, recount=not fast)
        found.guarded(lambda: _shards(found, limits, progress, fast=fast, sample=sample, seed=seed))
    return found.result()


def _shards(
    found: Findings,
    limits: Limits,
    progress: Progress | None,
    *,
    fast: bool,
    sample: int | None,
    seed: int,
) -> None:
    pools = verified_shards.check_files(found, limits, progress, fast=fast)
    if pools is not None and not fast:
        verified_shards.check_contents(found, pools, sample, seed, limits, progress)
