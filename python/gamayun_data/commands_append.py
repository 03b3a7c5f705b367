"""The command that adds a stage to shards that exist."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import JSON, NEEDED_RECIPE, RUN
from gamayun_data.terminal import guarded, look, tell


@click.command("append")
@RUN
@NEEDED_RECIPE
@click.option("--stage", required=True, metavar="NAME", help="The stage of the recipe to add.")
@click.option("--after", required=True, metavar="NAME", help="The stage that it goes on from.")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    metavar="N",
    help="Go on after so many of its samples; after all of them by default.",
)
@JSON
@guarded
def shards_append(run: Path, *, as_json: bool, **options: object) -> None:
    """Add a stage whose pools go on where another stage was left, at any sample of it.

    Writes a manifest and touches no shard: nothing that was read is read again, nothing is lost.
    """
    from gamayun_data import appending

    tell(appending.append_stage(run, **options), "plan", as_json=as_json)  # type: ignore[arg-type]
    look(f"manifest: {run}/manifests/{options['stage']}.json")
