"""The commands of a tokenizer: train one, measure one."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data import config
from gamayun_data.options import JSON, MEMORY, RECIPE, RUN, THREADS, read, weights
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs


@click.group()
def tokenizer() -> None:
    """Train a tokenizer on a run, or measure one."""


@tokenizer.command("train")
@RUN
@RECIPE
@click.option("--vocab-size", type=click.IntRange(min=257), metavar="N", help="[default: 65024]")
@click.option(
    "--split", type=click.Choice(config.SPLITS), help="Split pattern.  [default: gamayun]"
)
@click.option(
    "--weights",
    callback=read(weights),
    metavar="WEIGHTS",
    help="stages, natural, or factors such as ru=2,de=1.5.  [default: stages]",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=lambda _context, _parameter, value: value or None,
    help="The first one ends documents. Repeatable.  [default: <|endoftext|>]",
)
@click.option("--min-frequency", type=click.IntRange(min=1), metavar="N", help="[default: 2]")
@THREADS
@MEMORY
@JSON
@guarded
def tokenizer_train(run: Path, *, as_json: bool, **options: object) -> None:
    """Byte-level BPE from the selection of RUN."""
    with shown_progress() as progress:
        result = verbs().train_tokenizer(run, progress=progress, **options)
    tell(result, "training", as_json=as_json)
    look(f"measure it: gamayun-data tokenizer eval {run}")
