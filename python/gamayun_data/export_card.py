"""The dataset card of an export, with the header that the Hugging Face hub reads, and priors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gamayun_data import yaml
from gamayun_data.export_parts import VALIDATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gamayun_data.export_parts import ExportedStage
    from gamayun_data.export_sources import Sources

LICENCES: Final = (
    *("apache-2.0", "bsd-3-clause", "cc0-1.0", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0"),
    *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "gfdl"),
    *("gpl-2.0", "gpl-3.0", "mit", "odbl", "odc-by", "pddl"),
)
"""Names that the hub knows, some of them."""
VERSIONLESS: Final = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
SIZES: Final = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
    (10**10, "1B<n<10B"),
    (10**11, "10B<n<100B"),
    (10**12, "100B<n<1T"),
)
ORDERS: Final = {
    "exact": "Samples lie in the exact order of the stage.",
    "shares": "Trainers order the documents themselves: the shares hold, the order is theirs.",
}


def licence_name(licence: str | None) -> str:
    """The hub's name of a licence, `other`, or `unknown` where none was recorded.

    >>> licence_name("CC-BY-SA-4.0"), licence_name("ODC-By-1.0"), licence_name("my own")
    ('cc-by-sa-4.0', 'odc-by', 'other')
    """
    if not licence:
        return "unknown"
    plain = licence.strip().lower()
    plain = VERSIONLESS.get(plain, plain)
    return plain if plain in LICENCES else "other"


def size_category(rows: int) -> str:
    """The hub's name of so many rows.

    >>> size_category(999), size_category(1000)
    ('n<1K', '1K<n<10K')
    """
    return next((name for limit, name in SIZES if rows < limit), "n>1T")


def priors(sources: Sources) -> str:
    """The block `priors` of an Olmix fit: the pools as the run has them, before any weights."""
    pools = [
        pool for pool in sources.pools if pool.tokens and not pool.name.startswith(f"{VALIDATION}/")
    ]
    total = sum(pool.tokens for pool in pools)
    block = {
        "relative_sizes": {pool.name: pool.tokens / total for pool in pools},
        "token_counts": {pool.name: pool.tokens for pool in pools},
    }
    return yaml.to_yaml({"priors": block})


def card(
    name: str, format: str, order: str, stages: Sequence[ExportedStage], sources: Sources
) -> str:
    """`README.md`: what is in the export, as the record and the manifests say."""
    header = yaml.to_yaml(_header(format, order, stages, sources))
    return f"---\n{header}---\n\n{_body(name, format, order, stages, sources)}"


def _header(
    format: str, order: str, stages: Sequence[ExportedStage], sources: Sources
) -> Mapping[str, Any]:
    exact = order == "exact"
    rows = sum(stage.samples if exact else _documents(stage) for stage in stages)
    licences = sorted({licence_name(licence) for licence in sources.licences.values()})
    header: dict[str, Any] = {
        "language": list(sources.languages),
        "license": licences,
        "task_categories": ["text-generation"],
        "size_categories": [size_category(rows)],
        "tags": ["pretraining", "tokenized", format],
    }
    if format == "parquet":
        header["configs"] = [_config(stage) for stage in stages]
    return {key: value for key, value in header.items() if value}


def _config(stage: ExportedStage) -> Mapping[str, Any]:
    split = "validation" if stage.name == VALIDATION else "train"
    files = [{"split": split, "path": f"{stage.name}/**/*.parquet"}]
    return {"config_name": stage.name, "data_files": files}


def _documents(stage: ExportedStage) -> int:
    return sum(pool.documents for pool in stage.pools)


def _body(
    name: str, format: str, order: str, stages: Sequence[ExportedStage], sources: Sources
) -> str:
    about = (
        f"Token ids for language models, in the form of {format}. {ORDERS[order]} Counts, shares "
        "and the sha256 of every file stand in `export.json`."
    )
    lines = [
        f"# {name}",
        "",
        about,
        "",
        "## Stages",
        "",
        "| stage | pool | language | tokens read | share | documents |",
        "|---|---|---|---:|---:|---:|",
        *(line for stage in stages for line in _rows(stage)),
        "",
        "## Sources and licences",
        "",
        "| source | licence | pools |",
        "|---|---|---|",
    ]
    for source, licence in sources.licences.items():
        pools = ", ".join(pool.name for pool in sources.pools if source in pool.sources)
        lines.append(f"| {_cell(source)} | {_cell(licence or 'not recorded')} | {_cell(pools)} |")
    return "\n".join(lines) + "\n"


def _rows(stage: ExportedStage) -> list[str]:
    held_out = stage.name == VALIDATION
    return [
        f"| {_cell(stage.name)} | {_cell(pool.name)} | {_cell(pool.language)} | "
        f"{pool.stage_tokens:,} | {'' if held_out else f'{pool.stage_tokens / stage.tokens:.2%}'} "
        f"| {pool.documents:,} |"
        for pool in stage.pools
    ]


def _cell(text: str) -> str:
    """Text that cannot end its cell of a table."""
    return " ".join(text.replace("|", "\\|").split())
