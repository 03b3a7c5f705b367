"""Quality classifiers as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.report import table_of

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.quality import (
        Evaluation,
        QualityEvaluation,
        QualityScores,
        QualityTraining,
    )


def quality_training(console: Console, result: QualityTraining) -> None:
    """What was trained, and how good it is."""
    table = table_of("Quality classifier", [result.model], [""])
    for name in ("positive", "negative", "repeated", "rejected", "trained_bytes", "words", "rows"):
        table.add_row(name.replace("_", " "), f"{getattr(result, name):,}")
    console.print(table)
    _evaluation(console, result.evaluation, "Held-out documents")


def quality_evaluation(console: Console, result: QualityEvaluation) -> None:
    """How good a classifier is."""
    _evaluation(console, result.evaluation, result.model)


def quality_scores(console: Console, result: QualityScores) -> None:
    """What was scored, and the scores between parts of equal bytes."""
    table = table_of("Quality scores", [result.model], [""])
    for name in ("documents", "without", "rejected", "bytes"):
        table.add_row(name, f"{getattr(result, name):,}")
    console.print(table)
    parts = table_of("Twenty parts of equal bytes", ["part"], ["scores above"])
    for number, score in enumerate(result.vigintiles, start=2):
        parts.add_row(str(number), f"{score:.4f}")
    console.print(parts)


def _evaluation(console: Console, found: Evaluation, title: str) -> None:
    table = table_of(title, [f"{found.documents:,} documents, {found.good:,} good"], [""])
    names = ("precision", "recall", "f1", "accuracy", "auc", "calibration_error")
    for name in (*names, "calibrated_error"):
        value = getattr(found, name)
        table.add_row(name.replace("_", " "), "" if value is None else f"{value:.4f}")
    console.print(table)
    parts = table_of("Twenty parts of equal bytes", ["part"], ["scores above", "% good"])
    limits = (None, *found.vigintiles)
    for number, (limit, good) in enumerate(zip(limits, found.good_by_vigintile, strict=True), 1):
        parts.add_row(str(number), "" if limit is None else f"{limit:.4f}", f"{100 * good:.1f}")
    console.print(parts)
