"""Plans as people read them: every pool of a stage, and two plans side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gamayun_data.report import counts_as, table_of
from gamayun_data.units import show_count, show_share

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.plan_diff import Difference, PlanDiff, Side, StageDiff
    from gamayun_data.planned import Plan

SAME: Final = 5e-5
"""Shares that differ by less are shown alike, so they count as the same."""


def pools(console: Console, result: Plan) -> None:
    """Every pool of every stage."""
    for stage in result.stages:
        title = f"Stage {stage.name}: pools"
        table = table_of(
            title, ["pool"], ["asked", "share", "tokens", "epochs", "so far", "cap", "worth"]
        )
        tokens = counts_as([stage.tokens])
        for one in stage.shares:
            table.add_row(
                one.pool,
                show_share(one.requested),
                show_share(one.share),
                tokens(one.tokens),
                f"{one.epochs:.3f}",
                f"{one.cumulative_epochs:.3f}",
                f"{one.max_epochs:g}",
                show_count(one.effective_tokens),
            )
        console.print(table)


def difference(console: Console, result: PlanDiff) -> None:
    """Stage by stage what is not the same, then how much of the shares moved."""
    console.print(f"before: {result.before}\nafter:  {result.after}", highlight=False)
    for stage in result.stages:
        console.print(_head(stage), highlight=False)
        rows = [row for row in stage.rows if _differs(row)]
        if not rows:
            continue
        table = table_of("", ["", "name"], ["share", "", "tokens", "", "epochs so far", ""])
        for row in rows:
            cells = [
                cell
                for pair in zip(_cells(row.before), _cells(row.after), strict=True)
                for cell in pair
            ]
            table.add_row(row.kind, row.name, *cells)
        console.print(table)


def _head(stage: StageDiff) -> str:
    if stage.tokens_before is None or stage.tokens_after is None:
        where = "after" if stage.tokens_before is None else "before"
        return f"stage {stage.name}: only {where}"
    length = f"{stage.sequence_length_before:,} to {stage.sequence_length_after:,}"
    same = stage.sequence_length_before == stage.sequence_length_after
    return (
        f"stage {stage.name}: {stage.tokens_before:,} tokens to {stage.tokens_after:,}"
        f"{'' if same else f', sequences of {length}'}; "
        f"shares change by {100 * stage.change:.4g} % in all"
    )


def _differs(row: Difference) -> bool:
    if row.before is None or row.after is None:
        return True
    shares = abs(row.before.share - row.after.share) >= SAME
    return shares or row.before.tokens != row.after.tokens


def _cells(side: Side | None) -> list[str]:
    if side is None:
        return ["", "", ""]
    return [show_share(side.share), show_count(side.tokens), f"{side.cumulative_epochs:.3f}"]
