"""Language models as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from gamayun_data.language_models import FileLanguages, LanguageEvaluation, LanguageTraining
    from gamayun_data.segmented_files import SegmentedFiles


def training(console: Console, result: LanguageTraining) -> None:
    """Where the model lies and what it knows."""
    table = _table("model", "bytes", "labels", "texts", "held out", "confusable pairs")
    numbers = (result.bytes, result.labels, result.texts, result.held_out, len(result.pairs))
    table.add_row(str(result.path), *(f"{n:,}" for n in numbers))
    console.print(table, highlight=False)


def evaluation(console: Console, result: LanguageEvaluation) -> None:
    """The figures of all texts, then a row a label, the worst first."""
    total = _table("texts", "accuracy", "macro F1", "leak", "ECE", "in doubt", "of them wrong")
    shares = (result.accuracy, result.macro_f1, result.leak, result.ece)
    doubted = (f"{result.doubted:,}", f"{result.doubted_wrong:,}")
    total.add_row(f"{result.texts:,}", *(f"{share:.4f}" for share in shares), *doubted)
    console.print(total, highlight=False)
    table = _table("label", "texts", "recall", "F1", "wrong answers")
    for row in result.labels:
        wrong = " ".join(f"{answer}:{n}" for answer, n in row.wrong)
        table.add_row(row.label, f"{row.texts:,}", f"{row.recall:.4f}", f"{row.f1:.4f}", wrong)
    console.print(table, highlight=False)


def scores(console: Console, result: tuple[FileLanguages, ...]) -> None:
    """A row a file."""
    table = _table("file", "languages", "in doubt")
    for one in result:
        said = " ".join(f"{label} {probability:.3f}" for label, probability in one.languages)
        table.add_row(str(one.path), said or "und", one.doubt or "")
    console.print(table, highlight=False)


def segmented(console: Console, result: SegmentedFiles) -> None:
    """A row for each language of documents, the commonest first, and what could not be read."""
    table = _table(
        "documents in", "documents", "foreign in", "mixed", "bytes", "not told", "foreign"
    )
    rows = sorted(result.languages.items(), key=lambda one: (-one[1].documents, one[0]))
    for language, row in rows:
        others = {name: size for name, size in row.paragraphs.items() if name != language}
        most = sorted(others.items(), key=lambda one: (-one[1], one[0]))[:4]
        told = " ".join(f"{name} {100 * size / row.bytes:.2f}%" for name, size in most)
        counts = (row.documents, row.with_foreign, row.mixed, row.bytes)
        unknown = f"{100 * row.unknown_bytes / max(row.bytes, 1):.1f}%"
        table.add_row(language, *(f"{n:,}" for n in counts), unknown, told)
    console.print(table, highlight=False)
    for reason, records in result.rejected.items():
        console.print(f"rejected: {reason}: {records:,}", markup=False, highlight=False)
    if result.first_rejected:
        told = f"the first: {result.first_rejected}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    if result.table:
        console.print(f"rows: {result.table}", markup=False, highlight=False, soft_wrap=True)


def _table(first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for column in others:
        table.add_column(column, justify="right", overflow="fold")
    return table
