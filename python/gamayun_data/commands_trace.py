"""The command that tells which documents a sample is made of."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.errors import ConfigError
from gamayun_data.options import JSON, RUN
from gamayun_data.terminal import guarded, tell


@click.command("trace")
@RUN
@click.option("--stage", required=True, metavar="NAME", help="The stage.")
@click.option(
    "--sample", "samples", type=int, multiple=True, metavar="N", help="A sample. Repeatable."
)
@click.option("--step", type=click.IntRange(min=0), metavar="N", help="A step of training, from 0.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Samples of a step, of all ranks together.",
)
@JSON
@guarded
def shards_trace(
    run: Path,
    *,
    stage: str,
    samples: tuple[int, ...],
    step: int | None,
    batch_size: int | None,
    as_json: bool,
) -> None:
    """The documents of a sample, or of a step, of a stage of RUN: where they stand and whence."""
    from gamayun_data import tracing

    if (step is None) != (batch_size is None) or not (samples or batch_size):
        raise ConfigError("name a --sample, or a --step and its --batch-size")
    chosen = [*samples, *(tracing.step(step or 0, batch_size) if batch_size else ())]
    tell(tracing.trace(run, stage, chosen), "trace", as_json=as_json, module="report_trace")
