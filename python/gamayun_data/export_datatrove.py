"""datatrove and nanotron: a `data_stages` fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gamayun_data import yaml
from gamayun_data.receipts import write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from gamayun_data.export_parts import Asked, ExportedPart, ExportedStage

HEAD = """\
# Stages for nanotron; steps of {batch} samples. A sample here is sequence_length + 1 tokens.
"""


def recount(path: Path, part: ExportedPart) -> tuple[int, int]:
    """Documents and tokens by the index that was written, if they are those of the payload."""
    ends = np.fromfile(path.with_name(f"{path.name}.ds.index"), "<u8")
    line = path.with_name(f"{path.name}.ds.metadata").read_text(encoding="utf-8").splitlines()
    width, tokens = int(line[0].rpartition("|")[2]), int(line[1])
    payload = path.with_name(f"{path.name}.ds").stat().st_size
    right = payload == tokens * width == part.files[0].bytes and int(ends[-1]) == tokens
    return len(ends) if right else -1, int(ends[-1])


def mixture(asked: Asked, stages: Sequence[ExportedStage], validation: ExportedStage) -> list[str]:
    """Write `data_stages.yaml`; its path."""
    del validation  # nanotron has no place for it
    step, entries = 1, []
    for stage in stages:
        entries.append(_stage(asked, stage, step))
        step += -(-stage.samples // asked.batch_size)
    text = HEAD.format(batch=asked.batch_size) + yaml.to_yaml({"data_stages": entries})
    write_atomic(asked.folder / "data_stages.yaml", text)
    return ["data_stages.yaml"]


def _stage(asked: Asked, stage: ExportedStage, step: int) -> dict[str, Any]:
    return {
        "name": stage.name,
        "start_training_step": step,
        "sequence_length": stage.sequence_length,
        "data": {
            "dataset": {
                "dataset_folder": [
                    asked.place(f"{stage.name}/{pool.name}") for pool, _ in stage.shares()
                ],
                "dataset_weights": [share for _, share in stage.shares()],
                "token_size_in_bytes": stage.width,
                "tokenizer_name": asked.place("tokenizer"),
                "return_positions": True,
            },
            "num_loading_workers": 1,
            "seed": stage.seed,
        },
    }
