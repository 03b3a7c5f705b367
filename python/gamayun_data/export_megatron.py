"""Megatron-LM, Megatron-Bridge and NeMo: blends of a stage, and the arguments that go with them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gamayun_data.export_parts import Asked, ExportedPart, ExportedStage

HEADER: Final = struct.Struct("<9sQBQQ")
MAGIC: Final = b"MMIDIDX\0\0"


def recount(path: Path, part: ExportedPart) -> tuple[int, int]:
    """Documents and tokens by the index that was written; those of a linked payload may be more."""
    index = path.with_name(f"{path.name}.idx")
    with index.open("rb") as file:
        magic, version, _, sequences, documents = HEADER.unpack(file.read(HEADER.size))
    lengths = np.memmap(index, "<i4", "r", HEADER.size, (sequences,))
    right = magic == MAGIC and version == 1 and documents == sequences + 1
    size = HEADER.size + 12 * sequences + 8 * documents
    return (
        sequences if right and size == part.files[1].bytes else -1,
        int(lengths.sum(dtype="i8")),
    )


def mixture(asked: Asked, stages: Sequence[ExportedStage], validation: ExportedStage) -> list[str]:
    """Write `blend_STAGE.json`, `blend_STAGE.txt` and `args_STAGE.txt`; their paths."""
    _no_spaces(asked.root)
    held_out = _blend(asked, validation)
    written = []
    for stage in stages:
        blend = _blend(asked, stage)
        json, text = f"blend_{stage.name}.json", f"blend_{stage.name}.txt"
        args = f"args_{stage.name}.txt"
        write_json(asked.folder / json, {"train": blend, "valid": held_out or None, "test": None})
        write_atomic(asked.folder / text, " ".join(blend) + "\n")
        write_atomic(asked.folder / args, _arguments(asked, stage, json))
        written += [json, text, args]
    return written


def _blend(asked: Asked, stage: ExportedStage) -> list[str]:
    """Weight and prefix of every part, weight and prefix."""
    pairs = [pair for pool in stage.pools for pair in pool.weights()]
    return [one for weight, path in pairs for one in (f"{weight:.17g}", asked.place(path))]


def _arguments(asked: Asked, stage: ExportedStage, json: str) -> str:
    lines = [
        f"--per-split-data-args-path {asked.place(json)}",
        f"--seq-length {stage.sequence_length}",
        f"--train-samples {stage.samples}",
        f"--seed {stage.seed % (1 << 31)}",
        "--tokenizer-type HuggingFaceTokenizer",
        f"--tokenizer-model {asked.place('tokenizer')}",
    ]
    return "\n".join(lines) + "\n"


def _no_spaces(root: str) -> None:
    """The file of a blend is cut at spaces."""
    if any(letter.isspace() for letter in root):
        raise ConfigError(
            f"root: megatron cuts arguments at spaces, found {root!r}; name another with --root",
            parameter="root",
        )
