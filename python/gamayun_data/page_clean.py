"""What cleaning changed, on the page of a run and in the terminal: by kind and language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.page import Page

COLUMNS: Final = ("documents", "changes", "removed_bytes", "added_bytes")


def kind_rows(cleaned: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[list[Any]]:
    """Rows of kind, language and counts: the kinds by name, of each the largest language first.

    >>> kind_rows({"en": {"email": {"documents": 1, "changes": 2, "removed_bytes": 9,
    ...     "added_bytes": 20}}})
    [['email', 'en', 1, 2, 9, 20]]
    """
    rows = [
        [kind, language, *(counts[column] for column in COLUMNS)]
        for language, kinds in cleaned.items()
        for kind, counts in kinds.items()
    ]
    return sorted(rows, key=lambda row: (row[0], -row[2], row[1]))


def cleaned(page: Page, counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
    """The table of what was changed in texts, where anything was."""
    rows = kind_rows(counts)
    if not rows:
        return
    page.heading("Cleaning")
    columns = ["kind", "language", "documents", "changes", "bytes removed", "bytes added"]
    page.table("What was changed in texts before they were judged", columns, rows, words=2)
