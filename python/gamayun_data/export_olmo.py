"""OLMo-core: a source mixture and a catalogue of paths a stage."""

from __future__ import annotations

import csv
import gzip
import math
from typing import TYPE_CHECKING, Any

from gamayun_data import yaml
from gamayun_data.receipts import write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gamayun_data.export_parts import Asked, ExportedPart, ExportedPool, ExportedStage


def recount(path: Path, part: ExportedPart) -> tuple[int, int]:
    """Documents and tokens by the lines that were written, if they fill the payload."""
    documents = tokens = 0
    last = b""
    with gzip.open(path.with_name(f"{path.name}.csv.gz")) as file:
        while piece := file.read(1 << 20):
            documents += piece.count(b"\n")
            last = (last + piece)[-4096:]
    if documents:
        row = next(csv.reader([last.decode().splitlines()[-1]]))
        tokens = int(row[1])
    size = path.with_name(f"{path.name}.npy").stat().st_size
    return documents if size == part.files[0].bytes else -1, tokens


def mixture(asked: Asked, stages: Sequence[ExportedStage], validation: ExportedStage) -> list[str]:
    """Write `mixture_STAGE.yaml` and `catalogue_STAGE.txt`, and that of the validation set."""
    written = []
    for stage in [*stages, *([validation] if validation.pools else [])]:
        catalogue = f"catalogue_{stage.name}.txt"
        write_atomic(asked.folder / catalogue, _catalogue(asked, stage))
        written.append(catalogue)
    for stage in stages:
        name = f"mixture_{stage.name}.yaml"
        sources = [_source(asked, stage, pool, share) for pool, share in stage.shares()]
        text = _head(stage, asked.batch_size) + yaml.to_yaml({"sources": sources})
        write_atomic(asked.folder / name, text)
        written.append(name)
    return written


def _head(stage: ExportedStage, batch_size: int) -> str:
    batch = batch_size * stage.sequence_length
    facts = {
        "requested_tokens": stage.tokens,
        "global_batch_size": batch,
        "sequence_length": stage.sequence_length,
        "seed": stage.seed,
    }
    values = ", ".join(f"{name} {value}" for name, value in facts.items())
    return f"# A SourceMixtureList of OLMo-core; to go with it: {values}\n"


def _catalogue(asked: Asked, stage: ExportedStage) -> str:
    lines = [
        f"{pool.name},{asked.place(part.path)}.npy\n" for pool in stage.pools for part in pool.parts
    ]
    return "".join(lines)


def _source(asked: Asked, stage: ExportedStage, pool: ExportedPool, share: float) -> dict[str, Any]:
    return {
        "source_name": pool.name,
        "target_ratio": share,
        "max_repetition_ratio": _repetition(stage, pool),
        "paths": [f"{asked.place(part.path)}.npy" for part in pool.parts],
    }


def _repetition(stage: ExportedStage, pool: ExportedPool) -> float:
    """How often a window may come, so that whole windows of the files are enough for the stage."""
    whole = sum(part.tokens // stage.sequence_length for part in pool.parts)
    return max(1.0, math.ceil(1000 * pool.samples / max(whole, 1)) / 1000)
