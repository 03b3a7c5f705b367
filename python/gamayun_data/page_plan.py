"""A plan as a page: the mixture over the run, epochs, and every pool of every stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gamayun_data.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gamayun_data.planned import GroupShare, Plan, StagePlan

SHOWN: Final = 15
"""So many languages or domains have a curve of their own, the largest; the rest share one."""

TOKENS: Final = "tokens read"
OTHERS: Final = "all others"


def plan_page(plan: Plan) -> Page:
    """Make the page."""
    page = Page("The plan")
    kind = "were counted" if plan.exact else "are estimated from a sample"
    page.text(
        f"{len(plan.stages)} stages over {len(plan.pools)} pools, whose tokens {kind}. A curve is "
        "flat within a stage; an epoch is one pass over a pool, its repeats included."
    )
    _stages(page, plan)
    _curves(page, "language", plan, lambda stage: stage.by_language())
    if len({pool.domain for pool in plan.pools}) > 1:
        _curves(page, "domain", plan, lambda stage: stage.by_domain())
    _epochs(page, plan)
    for stage in plan.stages:
        _pools(page, stage)
    if plan.warnings:
        rows = [[one.code, one.stage, one.message] for one in plan.warnings]
        page.heading("Findings")
        page.table("", ["code", "stage", "finding"], rows, words=3)
    return page


def _stages(page: Page, plan: Plan) -> None:
    columns = ["stage", "tokens", "samples", "sequence length", "worth"]
    page.table(
        "Stages",
        columns,
        [
            [
                stage.name,
                stage.tokens,
                stage.samples,
                stage.sequence_length,
                sum(share.effective_tokens for share in stage.shares),
            ]
            for stage in plan.stages
        ],
    )


def _curves(
    page: Page, kind: str, plan: Plan, groups: Callable[[StagePlan], tuple[GroupShare, ...]]
) -> None:
    """The share of each group against the tokens read, one step a stage."""
    totals: dict[str, int] = {}
    for stage in plan.stages:
        for group in groups(stage):
            totals[group.name] = totals.get(group.name, 0) + group.tokens
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    shown = ranked[:SHOWN]
    series: dict[str, list[tuple[float, float]]] = {name: [] for name in shown}
    if len(ranked) > SHOWN:
        series[OTHERS] = []
    before = 0
    for stage in plan.stages:
        after = before + stage.tokens
        shares = {group.name: 100 * group.share for group in groups(stage)}
        rest = sum(share for name, share in shares.items() if name not in shown)
        for name, points in series.items():
            share = rest if name == OTHERS else shares.get(name, 0.0)
            points += [(before, share), (after, share)]
        before = after
    page.curves(f"The mixture by {kind}", series, x=TOKENS, y="share, %")


def _epochs(page: Page, plan: Plan) -> None:
    """Epochs of each language after each stage."""
    groups: dict[str, Mapping[str, float | None]] = {}
    for stage in plan.stages:
        for group in stage.by_language():
            groups[group.name] = {
                **groups.get(group.name, {}),
                f"after {stage.name}": group.cumulative_epochs,
            }
    page.bars("Epochs by language, all stages so far", groups, x="epochs")


def _pools(page: Page, stage: StagePlan) -> None:
    page.heading(f"Stage {stage.name}")
    columns = ["pool", "asked, %", "share, %", "tokens", "epochs", "so far", "cap", "worth"]
    page.table(
        f"{stage.samples:,} samples of {stage.sequence_length:,} tokens",
        columns,
        [
            [
                one.pool,
                100 * one.requested,
                100 * one.share,
                one.tokens,
                one.epochs,
                one.cumulative_epochs,
                one.max_epochs,
                one.effective_tokens,
            ]
            for one in stage.shares
        ],
    )
