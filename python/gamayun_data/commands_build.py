"""The commands that write shards."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import (
    JSON,
    MEMORY,
    NEEDED_RECIPE,
    RUN,
    THREADS,
    TOKENIZER,
)
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs


@click.group()
def shards() -> None:
    """Write token shards."""


@shards.command("build")
@RUN
@NEEDED_RECIPE
@TOKENIZER
@THREADS
@MEMORY
@JSON
@guarded
def shards_build(run: Path, *, as_json: bool, **options: object) -> None:
    """Plan, tokenise, shuffle and write the shards of RUN, with a manifest a stage."""
    with shown_progress() as progress:
        result = verbs().build_shards(run, progress=progress, **options)
    tell(result, "build", as_json=as_json)
    look(f"check them: gamayun-data verify {run}")
