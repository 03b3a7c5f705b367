"""The formats that shards are exported to; a new one is a file of its own and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from gamayun_data import export_datatrove, export_megatron, export_olmo
from gamayun_data.errors import ConfigError
from gamayun_data.export_parts import (
    Asked,
    ExportedPart,
    ExportedStage,
    export_stage,
    export_validation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

Order: TypeAlias = Literal["exact", "shares"]
Stages: TypeAlias = tuple[list[ExportedStage], list[str]]
"""What was exported, the validation set last if there is one; and paths of further files."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: `write` gets the manifests of the stages."""

    name: str
    summary: str
    order: Order
    """Whether a trainer can read our exact order from it, or our shares in an order of its own."""
    write: Callable[[Asked, Sequence[Mapping[str, Any]]], Stages]


def _documents(
    name: str,
    recount: Callable[[Path, ExportedPart], tuple[int, int]],
    mixture: Callable[[Asked, Sequence[ExportedStage], ExportedStage], list[str]],
) -> Callable[[Asked, Sequence[Mapping[str, Any]]], Stages]:
    """A format of whole documents: payloads, side files, and files that name the mixture."""

    def write(asked: Asked, manifests: Sequence[Mapping[str, Any]]) -> Stages:
        stages = [export_stage(asked, name, manifest, recount) for manifest in manifests]
        held_out = export_validation(asked, name, manifests[0], recount)
        files = mixture(asked, stages, held_out)
        return [*stages, *([held_out] if held_out.pools else [])], files

    return write


FORMATS: Final = (
    ExportFormat(
        "megatron",
        "Megatron-LM, Megatron-Bridge, NeMo: .bin and .idx, a blend a stage",
        "shares",
        _documents("megatron", export_megatron.recount, export_megatron.mixture),
    ),
    ExportFormat(
        "datatrove",
        "datatrove, nanotron: .ds and .ds.index, data_stages",
        "shares",
        _documents("datatrove", export_datatrove.recount, export_datatrove.mixture),
    ),
    ExportFormat(
        "olmo",
        "OLMo-core: headerless .npy and .csv.gz, a source mixture a stage",
        "shares",
        _documents("olmo", export_olmo.recount, export_olmo.mixture),
    ),
)


def format_of(name: str) -> ExportFormat:
    """The format of this name; `ConfigError` lists those there are."""
    for one in FORMATS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in FORMATS)
    raise ConfigError(f"format: expected one of {known}, found {name}", parameter="format")
