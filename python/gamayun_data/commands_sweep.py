"""The command that sweeps vocabularies over sizes and weightings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gamayun_data import units
from gamayun_data.options import FILE, JSON, MEASURE, MEMORY, RECIPE, THREADS, read
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs


def _sizes(value: str) -> list[int]:
    return [units.parse_count(size.strip(), "vocab-size") for size in value.split(",")]


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",")]


@click.command("sweep")
@click.argument(
    "run", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--counts", type=FILE, metavar="FILE", help="Counted pretokens, in place of RUN.")
@click.option(
    "--vocab-size",
    "vocab_sizes",
    callback=read(_sizes),
    default="16k,32k,48k,64k,128k",
    show_default=True,
    metavar="LIST",
    help="Sizes; all of them cost one training.",
)
@click.option(
    "--weights",
    "weightings",
    callback=read(_names),
    default="natural,equal,T=2,parity",
    show_default=True,
    metavar="LIST",
    help="Weightings: natural, equal, T=2, ru=1.5, parity, window, hybrid=32k, or several joined "
    "by +.",
)
@click.option(
    "--held-out", type=FILE, metavar="FILE", help="Counts of held-out text; that of RUN by default."
)
@MEASURE
@click.option("--save", is_flag=True, help="Save every tokenizer as DIR/WEIGHTING-SIZE.json.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the page of curves and the results.",
)
@RECIPE
@THREADS
@MEMORY
@JSON
@guarded
def tokenizer_sweep(*, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Train many sizes and weightings from one table and show what each costs whom.

    From the selection of RUN, or from --counts.
    """
    with shown_progress() as progress:
        result = verbs("fair_run").sweep_run(progress=progress, **options)
    tell(result, "sweep", as_json=as_json, module="report_fair")
    if result.page:
        look(f"the curves: {result.page}")
