"""The commands that measure a tokenizer: eval on text, audit on the shards of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gamayun_data.options import FILE, JSON, RUN, THREADS, together
from gamayun_data.terminal import FAILED, guarded, look, shown_progress, tell, verbs

_ANY = click.Path(exists=True, path_type=Path)
PAGE = click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page with tables and plots (HTML).",
)
TEXTS = together(
    click.option(
        "--texts",
        multiple=True,
        metavar="[LANG=]FILES",
        help="Measure on these files, not on RUN; records say their language, or LANG does. "
        "Repeatable.",
    ),
    click.option(
        "--parallel",
        "parallel_text",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="The same lines in several languages: .jsonl or .tsv with language, line, text. "
        "Repeatable.",
    ),
)
TOKENIZERS = together(
    click.option(
        "--tokenizer",
        type=_ANY,
        multiple=True,
        metavar="FILE",
        help="A tokenizer.json, tiktoken ranks, or a folder with vocab.json and merges.txt; "
        "that of RUN by default. Repeatable.",
    ),
    click.option(
        "--compare",
        type=_ANY,
        multiple=True,
        metavar="FILE",
        help="Another tokenizer to set beside. Repeatable.",
    ),
    click.option(
        "--split", metavar="SPLIT", help="Split pattern of tokenizers whose files have none."
    ),
)


@click.command("eval")
@click.argument(
    "run", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@TEXTS
@TOKENIZERS
@PAGE
@THREADS
@JSON
@guarded
def tokenizer_eval(run: Path | None, *, page: Path | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Measure tokenizers by language, on held-out text of RUN or on other text.

    Formulas: docs/evaluation.md.
    """
    with shown_progress() as progress:
        result = verbs().evaluate_tokenizer(run, progress=progress, **options)
    _tell(result, "evaluation", as_json=as_json, page=page)


@click.command("audit")
@RUN
@click.option(
    "--rare",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="A token that is read fewer times is rare.",
)
@click.option(
    "--strict", is_flag=True, help="Exit code 1 if a token that a text can have is never read."
)
@PAGE
@THREADS
@JSON
@guarded
def tokenizer_audit(
    run: Path,
    *,
    strict: bool,
    page: Path | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Tokens that training will never or seldom see, counted over the shards of RUN."""
    with shown_progress() as progress:
        result = verbs().audit_tokenizer(run, progress=progress, **options)
    _tell(result, "audit", as_json=as_json, page=page)
    sys.exit(FAILED if strict and not result.ok else 0)


def _tell(result: Any, show: str, *, as_json: bool, page: Path | None) -> None:  # noqa: ANN401
    """Print a result, and write its page if one is asked for."""
    if page is not None:
        from gamayun_data import page_tokenizer

        getattr(page_tokenizer, show)(result).write(page)
        look(f"wrote {page}")
    tell(result, show, as_json=as_json, module="report_tokenizer")
