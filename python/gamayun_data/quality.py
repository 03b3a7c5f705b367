"""Quality classifiers: trained from good and bad text, measured, and run on texts and files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_atomic
from gamayun_data.scoring import FORMAT, POSITIVE, Words, scorer
from gamayun_data.steps import Limits, heard
from gamayun_data.texts import Texts, threads_of

if TYPE_CHECKING:
    from gamayun_data.progress import Progress

WITHOUT_SPACES: Final = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages that put no spaces between words: their features are n-grams of characters."""

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures on documents whose labels are known; `None` where there is nothing to divide by.

    Precision, recall, F1 and accuracy are at a score of 0.5. `auc` is the chance that a good
    document has the higher score. `calibration_error` (ECE, 15 bins) is that of the scores,
    `calibrated_error` that of calibrated ones on documents that calibration did not see.
    `vigintiles` are the scores between twenty parts of equal bytes, `good_by_vigintile` the share
    of good documents in each, from the worst.
    """

    documents: int
    good: int
    bytes: int
    precision: float | None
    recall: float | None
    f1: float | None
    accuracy: float | None
    auc: float | None
    calibration_error: float | None
    calibrated_error: float | None
    vigintiles: tuple[float, ...]
    good_by_vigintile: tuple[float, ...]

    @staticmethod
    def of(said: Mapping[str, Any]) -> Evaluation:
        """From what the core, or a file beside a model, says."""
        lists = {name: tuple(said[name]) for name in ("vigintiles", "good_by_vigintile")}
        return Evaluation(**{**said, **lists})


@dataclass(frozen=True, slots=True)
class QualityTraining:
    """A trained classifier: what it was trained on, and how good it is on held-out documents."""

    model: str
    language: str | None
    positive: int
    negative: int
    rejected: int
    repeated: int
    trained_bytes: int
    words: int
    rows: int
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class QualityEvaluation:
    """A classifier measured on labelled documents; copies within a label count once."""

    model: str
    rejected: int
    repeated: int
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class QualityScores:
    """What was scored; `vigintiles` are the scores between twenty parts of equal bytes."""

    model: str
    output: str | None
    documents: int
    without: int
    rejected: int
    bytes: int
    vigintiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class QualityModel:
    """A classifier in fastText's format; equal to the official library on the same model.

    `words` says whether our segmenter puts spaces between words first; `calibration` is the slope
    and the shift from scores to probabilities.
    """

    core: _core.Scorer
    path: str
    label: str
    language: str | None
    words: Words
    calibration: tuple[float, float] | None

    @staticmethod
    def load(path: str | Path, *, label: str | None = None) -> QualityModel:
        """Read a model, and what was written beside it when it was trained here.

        `label` is the one whose probability is the score; a model of others must be told it.
        Raises `FormatError` for another file, `ConfigError` for an unknown label, and `OSError`.
        """
        chosen, words_of, words, said = scorer(path, label)
        core = _core.Scorer.open(path, label=chosen, words_of=words_of)
        fitted = said.get("calibration")
        calibration = (fitted["slope"], fitted["shift"]) if fitted else None
        return QualityModel(core, str(path), chosen, said.get("language"), words, calibration)

    def score(
        self, texts: Texts, *, calibrated: bool = False, threads: int | None = None
    ) -> pl.Series:
        """The probability of the label for each text; null where nothing of a text is known."""
        scores = pl.Series("score", self.core.score(texts, threads=threads_of(threads)))
        if not calibrated:
            return scores
        if self.calibration is None:
            raise ConfigError(f"{self.path}: no calibration is known of it", parameter="calibrated")
        slope, shift = self.calibration
        kept = scores.cast(pl.Float64).clip(1e-6, 1 - 1e-6)
        logits = (kept / (1 - kept)).log()
        return (1 / (1 + (-(slope * logits + shift)).exp())).cast(pl.Float32)


def train_quality(
    positive: Paths,
    negative: Paths,
    output: str | Path,
    *,
    language: str | None = None,
    words: Words = "spaces",
    word_ngrams: int | None = None,
    char_ngrams: tuple[int, int] | None = None,
    dim: int = 100,
    epochs: int = 5,
    learning_rate: float = 0.1,
    loss: Literal["softmax", "hs", "ns", "ova"] = "softmax",
    buckets: int = 2_000_000,
    min_count: int = 1,
    cutoff: int = 0,
    held_out: float = 0.2,
    seed: int = 0,
    text_column: str = "text",
    text_unit: Literal["file", "line"] = "file",
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> QualityTraining:
    """Train a classifier of good and bad documents; write its model, and a JSON file beside it.

    The model has fastText's format: `.bin`, or quantised, for a name that ends in `.ftz`, with the
    `cutoff` rows of the greatest norms, 0 for all. Its bytes do not depend on threads, memory, or
    the order of files and records. Features are words and n-grams of up to two of them; in a
    language without spaces n-grams of one to three characters, unless `words` is `segmented`: our
    segmenter then puts spaces between words. `held_out` is the share of documents, by a hash of
    their texts, that training does not see and that the measures come from.

    Raises `ConfigError` for parameters, and `InputError` for files that cannot be read.
    """
    if words == "segmented" and language is None:
        raise ConfigError("words: segmented needs a language", parameter="words")
    by_characters = language in WITHOUT_SPACES and words == "spaces"
    limits = Limits.of(threads, memory)
    min_n, max_n = char_ngrams or ((1, 3) if by_characters else (0, 0))
    settings: dict[str, Any] = {
        "quantise": Path(output).suffix == ".ftz",
        "cutoff": cutoff,
        "held_out": held_out,
        "dim": dim,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "loss": loss,
        "word_ngrams": word_ngrams or (1 if by_characters else 2),
        "min_n": min_n,
        "max_n": max_n,
        "buckets": buckets,
        "min_count": min_count,
        "seed": seed,
    }
    answer = json.loads(
        _core.train_scorer(
            _source("positive", positive, text_column, text_unit),
            _source("negative", negative, text_column, text_unit),
            output,
            words_of=language if words == "segmented" else None,
            threads=limits.threads,
            memory=limits.memory // 2,
            on_progress=heard(progress, "train"),
            **settings,
        )
    )
    calibration, evaluation = answer.pop("calibration"), Evaluation.of(answer.pop("evaluation"))
    trained = QualityTraining(str(output), language, **answer, evaluation=evaluation)
    said = {
        "format": FORMAT,
        "label": POSITIVE,
        "language": language,
        "words": words,
        "training": settings,
        "calibration": calibration,
        "documents": {"positive": trained.positive, "negative": trained.negative},
        "evaluation": asdict(evaluation),
        "sha256": _core.file_sha256(output),
    }
    write_atomic(Path(output).with_suffix(".json"), json.dumps(said, indent=2) + "\n")
    return trained


def evaluate_quality(
    model: str | Path,
    positive: Paths,
    negative: Paths,
    *,
    label: str | None = None,
    text_column: str = "text",
    text_unit: Literal["file", "line"] = "file",
    threads: int | None = None,
    progress: Progress | None = None,
) -> QualityEvaluation:
    """Measure a model on good and bad documents; a text without any known feature scores 0."""
    read = QualityModel.load(model, label=label)
    answer = json.loads(
        _core.evaluate_scorer(
            model,
            _source("positive", positive, text_column, text_unit),
            _source("negative", negative, text_column, text_unit),
            label=read.label,
            words_of=read.language if read.words == "segmented" else None,
            threads=threads_of(threads),
            on_progress=heard(progress, "evaluate"),
        )
    )
    evaluation = Evaluation.of(answer.pop("evaluation"))
    return QualityEvaluation(str(model), **answer, evaluation=evaluation)


def score_quality(
    model: str | Path,
    files: Paths,
    *,
    output: str | Path | None = None,
    name: str = "score",
    label: str | None = None,
    text_column: str = "text",
    id_column: str = "id",
    text_unit: Literal["file", "line"] = "file",
    threads: int | None = None,
    progress: Progress | None = None,
) -> QualityScores:
    """Score the documents of files, into a Parquet file `output` if there is to be one.

    Its columns are id, source, input, record, text_bytes and `name`, the score; `curate --scores`
    takes it.
    """
    read = QualityModel.load(model, label=label)
    answer = json.loads(
        read.core.score_files(
            _source("files", files, text_column, text_unit, id_column),
            name=name,
            output=output,
            threads=threads_of(threads),
            on_progress=heard(progress, "score"),
        )
    )
    vigintiles = tuple(answer.pop("vigintiles"))
    return QualityScores(
        str(model), str(output) if output else None, **answer, vigintiles=vigintiles
    )


def _source(
    name: str,
    paths: Paths,
    text_column: str,
    text_unit: str,
    id_column: str = "id",
) -> list[_core.Source]:
    named = [str(paths)] if isinstance(paths, str | Path) else [str(path) for path in paths]
    if not named:
        raise ConfigError(f"{name}: no files", parameter=name)
    return [
        _core.Source(name, named, text_column=text_column, id_column=id_column, text_unit=text_unit)
    ]
