"""The commands of a tokenizer: train one, measure one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gamayun_data.commands_counts import COUNTED, train_counted
from gamayun_data.options import (
    JSON,
    MEMORY,
    PARITY,
    RECIPE,
    SPLIT,
    THREADS,
    read,
    take_parity,
    weights,
)
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def tokenizer() -> None:
    """Train a tokenizer on a run, or measure one."""


@tokenizer.command("train")
@click.argument("run", required=False, type=FOLDER)
@RECIPE
@click.option(
    "--vocab-size", type=click.IntRange(257, 1_000_000), metavar="N", help="[default: 65024]"
)
@SPLIT
@click.option(
    "--weights",
    callback=read(weights),
    metavar="WEIGHTS",
    help="stages, natural, equal, T=2, or factors such as ru=2,de=1.5.  [default: stages]",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=lambda _context, _parameter, value: value or None,
    help="The first one ends documents. Repeatable.  [default: <|endoftext|>]",
)
@click.option("--min-frequency", type=click.IntRange(min=1), metavar="N", help="[default: 2]")
@PARITY
@COUNTED
@THREADS
@MEMORY
@JSON
@guarded
def tokenizer_train(run: Path | None, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Byte-level BPE from the selection of RUN, or from a file of counts."""
    parity = take_parity(options)
    if train_counted(run, options, parity=parity, as_json=as_json):
        return
    fair = parity is not None or verbs("fair_run").asks_parity(options["recipe"])
    with shown_progress() as progress:
        if fair:
            train = verbs("fair_run").train_fair_tokenizer
            result = train(run, progress=progress, **options, **(parity or {}))
        else:
            result = verbs().train_tokenizer(run, progress=progress, **options)
    show, module = ("fair_training", "report_fair") if fair else ("training", "report")
    tell(result, show, as_json=as_json, module=module)
    look(f"measure it: gamayun-data tokenizer eval {run}")
