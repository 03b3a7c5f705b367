"""Language models made and measured: training on texts with labels, accuracy on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from gamayun_data import _core, recipe
from gamayun_data.errors import ConfigError, InputError
from gamayun_data.library import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from gamayun_data.progress import Progress

    OnProgress = Callable[[int, int, int, int], None]


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """One label: its texts, the share answered rightly, F1, and the commonest wrong answers."""

    label: str
    texts: int
    recall: float
    f1: float
    wrong: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LanguageEvaluation:
    """What a model says of texts whose language is known.

    `accuracy` and `macro_f1` are over the texts and labels of `targets`; wrong answers from other
    languages count in F1. `leak` is the share of texts of other languages that are answered with
    a target. `ece` is the calibration error over all texts, in 15 equal bins (Naeini et al. 2015).
    `doubted` texts were answered in doubt between confusable labels, `doubted_wrong` of them
    wrongly.
    """

    model: str
    targets: tuple[str, ...]
    texts: int
    accuracy: float
    macro_f1: float
    leak: float
    ece: float
    doubted: int
    doubted_wrong: int
    labels: tuple[LabelAccuracy, ...]


@dataclass(frozen=True, slots=True)
class LanguageTraining:
    """A trained model: where it lies, its labels, and the texts it was learnt from."""

    path: Path
    bytes: int
    labels: int
    texts: int
    held_out: int
    pairs: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True)
class FileLanguages:
    """A file's best labels with probabilities, and the two it is in doubt between, if it is."""

    path: Path
    languages: tuple[tuple[str, float], ...]
    doubt: str | None


def labelled(paths: Sequence[str | Path]) -> tuple[pl.Series, pl.Series]:
    """Read files of lines with the label first and the text last, between tabs.

    Raises `InputError` for a line without a tab, and `OSError`.
    """
    labels, texts = [pl.Series(dtype=pl.String)], [pl.Series(dtype=pl.String)]
    for path in paths:
        try:
            content = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: byte {error.start}: not UTF-8", path=path) from error
        lines = pl.Series(content.removesuffix("\n").split("\n")).str.strip_suffix("\r")
        whole = lines.str.contains("\t", literal=True)
        if not whole.all():
            number = (~whole).arg_max() or 0
            expected = "no tab; expected a label, a tab and a text"
            raise InputError(f"{path}: line {number + 1}: {expected}", path=path, record=number + 1)
        fields = lines.str.split("\t")
        labels.append(fields.list.first())
        texts.append(fields.list.last())
    return pl.concat(labels), pl.concat(texts)


def train_language_model(
    data: Sequence[str | Path],
    output: str | Path,
    *,
    held_out: Sequence[str | Path] = (),
    provenance: str = "",
    progress: Progress | None = None,
    **params: Any,  # noqa: ANN401
) -> LanguageTraining:
    """Train a language model on files of labels and texts; the same files give the same bytes.

    `held_out` are files of the same form, best of other sources, that fit the probabilities and
    find the confusable pairs; without them one text in fifty is kept back. `provenance` is kept in
    the file: sources and licence. `params`: features, epochs, rate, balance, seed.
    """
    labels, texts = labelled(data)
    held = labelled(held_out)
    made = _core.train_language_model(
        labels, texts, *held, provenance=provenance, on_progress=_heard(progress), **params
    )
    path = Path(output)
    _write(path, made)
    model = LanguageModel.load(path)
    return LanguageTraining(
        path, len(made), len(model.labels), len(texts), len(held[0]), tuple(model.core.pairs)
    )


def _heard(progress: Progress | None) -> OnProgress | None:
    if progress is None:
        return None

    def on_progress(done: int, total: int, documents: int, size: int) -> None:
        progress("train", done, total, documents, size)

    return on_progress


def _write(path: Path, made: bytes) -> None:
    """The file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.tmp")
    partial.write_bytes(made)
    partial.replace(path)


def score_files(
    paths: Sequence[str | Path],
    *,
    model: str | Path | None = None,
    k: int = 3,
    whole: bool = False,
    threads: int | None = None,
) -> tuple[FileLanguages, ...]:
    """The `k` best languages of text files, each scored as one text; `whole`: all of it is read."""
    used = LanguageModel.load(model, whole=whole)
    texts = [Path(path).read_text(encoding="utf-8", errors="replace") for path in paths]
    scores = used.score(texts, max(k, 2), threads=threads).to_list()
    doubts = used.doubts(texts, threads=threads)
    return tuple(
        FileLanguages(
            Path(path),
            tuple((one["label"], one["probability"]) for one in best[:k]),
            "/".join(doubt) if doubt else None,
        )
        for path, best, doubt in zip(paths, scores, doubts, strict=True)
    )


def evaluate_language_model(
    model: LanguageModel | str | Path | None,
    data: Sequence[str | Path],
    *,
    targets: Sequence[str] | None = None,
) -> LanguageEvaluation:
    """Measure a model, by default the bundled one, on files of labels and texts.

    `targets` are the languages that matter, by default the preset `twelve`. Labels are compared as
    languages: `zh` for `zh-hant`, `ru` for `rus_Cyrl`.
    """
    used = model if isinstance(model, LanguageModel) else LanguageModel.load(model)
    wanted = tuple(targets or recipe.presets()["twelve"])
    labels, texts = labelled(data)
    if not len(texts):
        raise ConfigError("no texts to evaluate on")
    answers, bins, doubted, doubted_wrong = used.core.evaluate(labels, texts)
    rows = _by_label(answers)
    there = [row for row in rows if row.label in wanted]
    inside = sum(n for label, _, n in answers if label in wanted)
    outside = sum(n for label, _, n in answers if label not in wanted)
    leaked = sum(n for label, said, n in answers if label not in wanted and said in wanted)
    right = sum(n for label, said, n in answers if label in wanted and said == label)
    return LanguageEvaluation(
        model=used.path,
        targets=wanted,
        texts=inside + outside,
        accuracy=_share(right, inside),
        macro_f1=_share(sum(row.f1 for row in there), len(there)),
        leak=_share(leaked, outside),
        ece=sum(abs(hit - total) for _, hit, total in bins) / (inside + outside),
        doubted=doubted,
        doubted_wrong=doubted_wrong,
        labels=rows,
    )


def _by_label(answers: Sequence[tuple[str, str, int]]) -> tuple[LabelAccuracy, ...]:
    """The labels that occur, the lowest recall first."""
    rows = []
    for label in sorted({label for label, _, _ in answers}):
        own = {said: n for one, said, n in answers if one == label}
        texts, right = sum(own.values()), own.pop(label, 0)
        said = sum(n for _, answer, n in answers if answer == label)
        wrong = sorted(own.items(), key=lambda item: (-item[1], item[0]))[:4]
        f1 = _share(2 * right, texts + said)
        rows.append(LabelAccuracy(label, texts, _share(right, texts), f1, tuple(wrong)))
    return tuple(sorted(rows, key=lambda row: (row.recall, row.label)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
