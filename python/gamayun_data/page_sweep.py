"""A sweep as a page: the table, and the curves of each language against size and weighting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.page import Page

if TYPE_CHECKING:
    from gamayun_data.sweep import Sweep, SweepPoint

SIZE = "tokens in the vocabulary"


def sweep_page(sweep: Sweep) -> Page:
    """Make the page: first how evenly languages pay, then what each gets."""
    page = Page("Vocabularies by size and weighting")
    page.text(
        f"Bytes per token are of {sweep.measured}. The cost of a language is its {sweep.compared}; "
        "Gini is that of the costs: 0 where all languages pay alike. All sizes of a weighting were "
        "cut from one training."
    )
    page.table("All vocabularies", _columns(sweep), [_row(point) for point in sweep.points])
    by_weighting = _by_weighting(sweep)
    for title, of in (("Gini of the costs", "gini"), ("Mean cost", "mean_cost")):
        curves = {
            name: [(float(point.tokens), float(getattr(point, of))) for point in points]
            for name, points in by_weighting.items()
        }
        page.curves(title, curves, x=SIZE, y=title, log_x=True)
    for name, points in by_weighting.items():
        page.heading(name)
        page.curves("Bytes per token", _languages(points), x=SIZE, y="bytes per token", log_x=True)
    _weightings(page, sweep, by_weighting)
    return page


def _columns(sweep: Sweep) -> list[str]:
    languages = [row.language for row in sweep.points[0].languages]
    told = ["weighting", "tokens", "Gini", "max/min", "mean cost"]
    return told + [f"{language} bytes/token" for language in languages]


def _row(point: SweepPoint) -> list[str | int | float | None]:
    sums = [point.tokens, point.gini, point.spread, point.mean_cost]
    return [point.weighting, *sums, *(row.bytes_per_token for row in point.languages)]


def _by_weighting(sweep: Sweep) -> dict[str, list[SweepPoint]]:
    found: dict[str, list[SweepPoint]] = {}
    for point in sweep.points:
        found.setdefault(point.weighting, []).append(point)
    return found


def _languages(points: list[SweepPoint]) -> dict[str, list[tuple[float, float]]]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for point in points:
        for row in point.languages:
            curves.setdefault(row.language, []).append((point.tokens, row.bytes_per_token))
    return curves


def _weightings(page: Page, sweep: Sweep, by_weighting: dict[str, list[SweepPoint]]) -> None:
    """The largest vocabulary of each weighting, side by side."""
    largest = {name: points[-1] for name, points in by_weighting.items()}
    page.heading(f"Weightings at {max(point.tokens for point in sweep.points):,} tokens")
    groups: dict[str, dict[str, float | None]] = {}
    for name, point in largest.items():
        for row in point.languages:
            groups.setdefault(row.language, {})[name] = row.bytes_per_token
    page.bars("Bytes per token", groups, x="bytes per token")
    costs: dict[str, dict[str, float | None]] = {}
    for name, point in largest.items():
        for row in point.languages:
            costs.setdefault(row.language, {})[name] = row.cost if row.content else None
    page.bars("Cost", costs, x=sweep.compared)
