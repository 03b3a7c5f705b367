"""A page that stands alone: words, tables and plots in one HTML file that loads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gamayun_data import plots
from gamayun_data.axis import shown
from gamayun_data.markup import escape
from gamayun_data.receipts import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Cell = str | int | float | None

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; --back: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --soft: #9aa5b1; --line: #353c45; --back: #14171b; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
figure { margin: 1.2rem 0; } figcaption, caption { font-weight: 600; text-align: left; }
caption, figcaption { padding-bottom: .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .18rem .9rem .18rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; } tbody th { color: inherit; font-weight: 400; }
th.number, td.number { text-align: right; white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.facts div { flex: 1 1 9rem; border: 1px solid var(--line); border-radius: .5rem;
  padding: .6rem .9rem; }
.facts b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.facts span { color: var(--soft); font-size: .85rem; }
details { margin: .4rem 0; } summary { color: var(--soft); cursor: pointer; font-size: .9rem; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg text.tick { fill: var(--soft); }
svg line.grid { stroke: var(--line); stroke-width: 1; }
"""


class Page:
    """Parts in the order in which they were added. The same parts make the same bytes.

    >>> page = Page("Sizes")
    >>> page.table("Files", ["file", "bytes"], [["a & b", 1200]])
    >>> "a &amp; b" in page.html(), "1,200" in page.html()
    (True, True)
    """

    def __init__(self, title: str) -> None:
        """Begin a page with its title, which is also its first heading."""
        self.title = title
        self._parts: list[str] = []
        self._plots = 0

    def heading(self, words: str) -> None:
        """Begin a section."""
        self._parts.append(f"<h2>{escape(words)}</h2>")

    def text(self, words: str) -> None:
        """Add a paragraph."""
        self._parts.append(f"<p>{escape(words)}</p>")

    def facts(self, facts: Iterable[tuple[str, float]]) -> None:
        """Add a row of numbers in large type, each with what it counts."""
        cells = "".join(
            f"<div><b>{escape(shown(number))}</b><span>{escape(what)}</span></div>"
            for what, number in facts
        )
        self._parts.append(f'<div class="facts">{cells}</div>')

    def table(
        self,
        caption: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        words: int = 1,
    ) -> None:
        """Add a table whose first `words` columns are words and whose others are numbers.

        A number is shown with few digits; a string stands as it is; `None` and NaN are empty.
        """
        self._parts.append(_table(caption, columns, rows, words))

    def curves(
        self,
        title: str,
        series: Mapping[str, Sequence[tuple[float, float]]],
        *,
        x: str,
        y: str,
        log_x: bool = False,
        log_y: bool = False,
    ) -> None:
        """Add a plot of named series of (x, y), with a table of its numbers beside it."""
        plot = plots.curves(
            title, series, x=x, y=y, log_x=log_x, log_y=log_y, name=self._next_name()
        )
        rows: list[list[Cell]] = [
            [name, a, b] for name, points in series.items() for a, b in points
        ]
        self._figure(title, plot, _table("", ["series", x, y], rows, 1))

    def bars(
        self,
        title: str,
        groups: Mapping[str, Mapping[str, float | None]],
        *,
        x: str,
    ) -> None:
        """Add horizontal bars, one a series in each group, with a table beside; not negative."""
        plot = plots.bars(title, groups, x=x, name=self._next_name())
        names = list(dict.fromkeys(key for mine in groups.values() for key in mine))
        rows = [[label, *(mine.get(name) for name in names)] for label, mine in groups.items()]
        self._figure(title, plot, _table("", ["", *names], rows, 1))

    def stacks(self, title: str, groups: Mapping[str, Mapping[str, float]], *, x: str) -> None:
        """Add a stacked bar a group, of parts that make 1 together, with a table beside it."""
        plot = plots.stacks(title, groups, x=x, name=self._next_name())
        names = list(dict.fromkeys(key for mine in groups.values() for key in mine))
        rows = [[label, *(mine.get(name) for name in names)] for label, mine in groups.items()]
        self._figure(title, plot, _table("", ["", *names], rows, 1))

    def _next_name(self) -> str:
        self._plots += 1
        return f"plot{self._plots}"

    def _figure(self, title: str, plot: str, table: str) -> None:
        self._parts.append(
            f"<figure>\n<figcaption>{escape(title)}</figcaption>\n{plot}\n"
            f"<details><summary>Numbers</summary>\n{table}\n</details>\n</figure>"
        )

    def html(self) -> str:
        """The whole page."""
        title = escape(self.title)
        head = (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
        )
        return "\n".join([head, *self._parts, "</body>\n</html>\n"])

    def write(self, path: str | Path) -> Path:
        """Write the page whole or not at all."""
        path = Path(path)
        write_atomic(path, self.html())
        return path


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], words: int) -> str:
    head = "".join(
        f'<th scope="col"{_kind(place, words)}>{escape(name)}</th>'
        for place, name in enumerate(columns)
    )
    body = "\n".join(f"<tr>{_row(row, words)}</tr>" for row in rows)
    told = f"<caption>{escape(caption)}</caption>\n" if caption else ""
    return (
        f'<div class="wide"><table>\n{told}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _row(row: Sequence[Cell], words: int) -> str:
    cells = []
    for place, cell in enumerate(row):
        told = cell if isinstance(cell, str) else "" if cell is None else shown(cell)
        if place >= words:
            cells.append(f'<td class="number">{escape(told)}</td>')
        elif place:
            cells.append(f'<td dir="auto">{escape(told)}</td>')
        else:
            cells.append(f'<th scope="row" dir="auto">{escape(told)}</th>')
    return "".join(cells)


def _kind(place: int, words: int) -> str:
    return ' class="number"' if place >= words else ""
