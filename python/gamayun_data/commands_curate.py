"""The commands from raw text to a selection: curate and dedup."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data import alone, config
from gamayun_data.commands_thresholds import curate_thresholds, show_thresholds
from gamayun_data.commands_verdicts import curate_compare, curate_verdicts, curate_waterfall
from gamayun_data.default_group import DefaultGroup
from gamayun_data.options import (
    AGAINST,
    JSON,
    JUDGING,
    KEEP,
    MEMORY,
    OUTPUT,
    READING,
    RECIPE,
    THREADS,
)
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs


@click.group(cls=DefaultGroup)
def curate() -> None:
    """Raw text to clean, deduplicated documents."""


@click.command("run")
@click.argument("sources", nargs=-1)
@OUTPUT
@click.option("--sample", is_flag=True, help="Run on the bundled sample of twelve languages.")
@RECIPE
@JUDGING
@AGAINST
@READING
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of every draw.")
@THREADS
@MEMORY
@click.option("--strict", is_flag=True, help="Stop when deduplication raises an alarm.")
@click.option("--dry-run", is_flag=True, help="Check everything, list the input, write nothing.")
@click.option(
    "--until",
    type=click.Choice(["annotate"]),
    help="Stop there and show the language thresholds; the same command without this goes on.",
)
@JSON
@guarded
def curate_run(sources: tuple[str, ...], output: Path, *, as_json: bool, **options: object) -> None:
    """Raw text to clean, deduplicated documents.

    SOURCES are files, folders, globs, or - for standard input: JSON Lines and plain text (plain,
    .gz, .zst) and Parquet. RUN is a new folder, or one that the same command began. With a
    recipe that has stages, the tokenizer is trained and the shards are built too.

    Afterwards: curate waterfall RUN, curate verdicts RUN, curate compare RUN OTHER.
    """
    if not (sources or options["sample"] or options["recipe"]):
        raise click.UsageError("nothing to read: name SOURCES, a --recipe with some, or --sample")
    with shown_progress() as progress:
        result = verbs().curate(sources, output=output, progress=progress, **options)
    if options["until"] and not options["dry_run"]:
        show_thresholds(output, as_json=as_json)
        return
    tell(result, "curation", as_json=as_json)
    if not options["dry_run"]:
        look(f"documents: {output}/selection/*.parquet")
        look(f"why one was dropped: gamayun-data explain {output} ID")
    if result.build is not None:
        look(f"check the shards: gamayun-data verify {output}")


curate.by_default(curate_run)
for command in (curate_compare, curate_thresholds, curate_verdicts, curate_waterfall):
    curate.add_command(command)


@click.command()
@click.argument("sources", nargs=-1, required=True)
@OUTPUT
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="JACCARD",
    help="Least shingle Jaccard with the kept document.  [default: 0.8]",
)
@click.option(
    "--containment",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Also remove what has this share of its shingles in a longer document.  [default: off]",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(alone.LEVELS),
    default=("near",),
    help="What to look for: near includes exact. Repeatable.  [default: near]",
)
@click.option(
    "--paragraphs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Remove the paragraphs in more than N documents.  [default: 5]",
)
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    metavar="N",
    help="Remove the lines in more than N documents.  [default: 20]",
)
@click.option(
    "--min-bytes",
    type=click.IntRange(min=config.LEAST_SUBSTRING),
    metavar="N",
    help="Shortest substring to look for.  [default: 200]",
)
@click.option(
    "--list", "list_only", is_flag=True, help="Only list what is removed: no text is written."
)
@KEEP
@AGAINST
@READING
@click.option("--strict", is_flag=True, help="Stop when an alarm is raised.")
@THREADS
@MEMORY
@JSON
@guarded
def dedup(sources: tuple[str, ...], output: Path, *, as_json: bool, **options: object) -> None:
    """Deduplicate files alone, without language scores and rules.

    Writes RUN/removed.parquet: every removed document with the one kept for it and their
    similarity. What paragraph, line and substring cut out is in RUN/removed_spans.parquet, and
    what is left in RUN/selection, unless only the list is asked for.
    """
    with shown_progress() as progress:
        result = verbs().dedup(sources, output=output, progress=progress, **options)
    tell(result, "curation", as_json=as_json)
    look(f"removed, with evidence: {output}/removed.parquet")
