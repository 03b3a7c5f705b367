"""The command that writes shards for other trainers."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import JSON, RUN
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs

FORMATS = ("megatron", "datatrove", "olmo", "mds", "litdata", "llmc", "parquet")


@click.command("export")
@RUN
@click.option("--format", type=click.Choice(FORMATS), required=True, help="Whose files to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the export; it must not be there.",
)
@click.option("--stage", metavar="NAME", help="One stage; all of them by default.")
@click.option("--copy", is_flag=True, help="Copy payloads that could be linked.")
@click.option("--samples", "by_sample", is_flag=True, help="parquet: a row a sample, in order.")
@click.option(
    "--root",
    metavar="PATH",
    help="Where trainers will find DIR, as side files name it ('.': relative).  [default: DIR]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Samples a step, for formats whose stages begin at a step.",
)
@JSON
@guarded
def shards_export(run: Path, output: Path, *, as_json: bool, **options: object) -> None:
    """Write the stages of RUN as another trainer reads them.

    Token files are linked, not copied, where the format allows. export.json says what was written,
    with counts and hashes, and whether the trainer can keep the exact order or the shares only.
    """
    with shown_progress() as progress:
        made = verbs("exporting").export_shards(run, output, progress=progress, **options)
    if as_json:
        tell(made.summary(), "export", as_json=True)
        return
    tell(made, "export", as_json=False, module="report_export")
    look(f"counts and hashes: {output}/export.json")
