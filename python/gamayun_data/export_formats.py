"""The formats that shards are exported to; a new one is a file of its own and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from gamayun_data import (
    export_datatrove,
    export_litdata,
    export_llmc,
    export_mds,
    export_megatron,
    export_olmo,
    export_parquet,
    export_samples,
)
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

    from gamayun_data.export_samples import SampleFile, Written

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
    by_sample: ExportFormat | None = None
    """The same format with a row a sample, where it has both."""


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


def _samples(
    name: str,
    read: Callable[[Written, SampleFile, int], bytes],
    describe: Callable[[Written], Mapping[str, str]],
) -> Callable[[Asked, Sequence[Mapping[str, Any]]], Stages]:
    """A format of samples: files in the order of the stage, and what describes them."""

    def write(asked: Asked, manifests: Sequence[Mapping[str, Any]]) -> Stages:
        stages = [export_samples.export(asked, name, one, read, describe) for one in manifests]
        held_out = export_samples.export_validation(asked, name, manifests[0], read, describe)
        stages += [held_out] if held_out else []
        return stages, [path for stage in stages for path in stage.side_files]

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
    ExportFormat(
        "mds",
        "MosaicML streaming, llm-foundry: a sample of tokens and the starts of its stretches",
        "exact",
        _samples("mds", export_mds.read, export_mds.describe),
    ),
    ExportFormat(
        "litdata",
        "LitData, LitGPT: chunks for its TokensLoader, an item a sample",
        "exact",
        _samples("litdata", export_litdata.read, export_litdata.describe),
    ),
    ExportFormat(
        "llmc",
        "llm.c, modded-nanogpt: a header of 1,024 bytes and 16-bit ids, sample after sample",
        "exact",
        _samples("llmc", export_llmc.read, export_llmc.describe),
    ),
    ExportFormat(
        "parquet",
        "Parquet of tokens for Hugging Face datasets: a row a document, or a sample",
        "shares",
        _documents("parquet", export_parquet.recount, export_parquet.mixture),
        ExportFormat(
            "parquet",
            "Parquet of tokens: a row a sample",
            "exact",
            _samples("parquet", export_parquet.read, export_parquet.describe),
        ),
    ),
)


def format_of(name: str, *, by_sample: bool = False) -> ExportFormat:
    """The format of this name; `ConfigError` if there is none, or none with a row a sample."""
    found = next((one for one in FORMATS if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in FORMATS)
        raise ConfigError(f"format: expected one of {known}, found {name}", parameter="format")
    if not by_sample or found.order == "exact":
        return found
    if found.by_sample is None:
        raise ConfigError(f"samples: {name} has whole documents", parameter="by_sample")
    return found.by_sample
