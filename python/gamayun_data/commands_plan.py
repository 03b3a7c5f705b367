"""The commands that plan: a run, a run with changes, and two plans side by side."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gamayun_data.default_group import DefaultGroup
from gamayun_data.options import JSON, NEEDED_RECIPE, RUN, TOKENIZER
from gamayun_data.results import to_json
from gamayun_data.terminal import guarded, look, tell, verbs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gamayun_data.planned import Plan

PLACE = click.Path(exists=True, path_type=Path)


@contextmanager
def _telling_nearest(*, as_json: bool) -> Iterator[None]:
    """Print as JSON what comes nearest to a stage that its epoch caps do not allow."""
    from gamayun_data.nearest import InfeasibleError

    try:
        yield
    except InfeasibleError as error:
        if as_json:
            click.echo(json.dumps({"infeasible": to_json(error.nearest)}, indent=2))
        raise


def _finish(planned: Plan, page: Path | None, *, strict: bool) -> None:
    if page is not None:
        verbs("page_plan").plan_page(planned).write(page)
        look(f"the mixture over the run: {page}")
    if strict:
        verbs("lint").refuse(planned.warnings)


@click.group(cls=DefaultGroup)
def plan() -> None:
    """Tokens, shares and epochs of every stage, before any work."""


@click.command("of")
@RUN
@NEEDED_RECIPE
@TOKENIZER
@click.option(
    "--what-if",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Plan this change too, side by side: stages.NAME.KEY=VALUE. May be given again.",
)
@click.option("--pools", is_flag=True, help="Show every pool of every stage.")
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page with plots of the mixture over the run.",
)
@click.option("--strict", is_flag=True, help="Take every finding of the lint for an error.")
@JSON
@guarded
def plan_of(
    run: Path,
    *,
    as_json: bool,
    changes: tuple[str, ...],
    pools: bool,
    page: Path | None,
    strict: bool,
    **options: object,
) -> None:
    """Tokens, shares and epochs of every stage, before any work.

    Estimated from a sample with its error; exact once RUN has been tokenised. A recipe that cannot
    be met is refused with the constraint that binds and the nearest plans. `plan diff A B` compares
    two plans.
    """
    with _telling_nearest(as_json=as_json):
        if changes:
            compared = verbs("planning").what_if(run, changes=changes, **options)
            tell(compared, "difference", as_json=as_json, module="report_plan")
            return
        planned = verbs().plan(run, **options)
    tell(planned, "plan", as_json=as_json)
    if pools and not as_json:
        tell(planned, "pools", as_json=False, module="report_plan")
    _finish(planned, page, strict=strict)


plan.by_default(plan_of)


@plan.command("diff")
@click.argument("before", type=PLACE)
@click.argument("after", type=PLACE)
@click.option(
    "--run",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="RUN",
    help="Run over whose pools recipes are planned.",
)
@TOKENIZER
@JSON
@guarded
def plan_diff(*, as_json: bool, **options: object) -> None:
    """Two plans side by side: recipes, plans saved as JSON, manifests, or runs with shards."""
    compared = verbs("planning").diff_plans(**options)
    tell(compared, "difference", as_json=as_json, module="report_plan")
