"""Measures tokenizers: on text by language, on parallel text, and their vocabularies."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamayun_data import _core
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.evaluated import (
    Evaluation,
    EvaluationRow,
    Token,
    TokenizerEvaluation,
    TokenPlace,
    VocabularyFindings,
)
from gamayun_data.exchange import load_tokenizer
from gamayun_data.parallel_text import ParallelText
from gamayun_data.steps import Limits, heard, need_selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gamayun_data.progress import Progress


def evaluate_tokenizer(
    run: str | Path | None = None,
    *,
    texts: Sequence[str | Path] = (),
    tokenizer: str | Path | Sequence[str | Path] | None = None,
    compare: Sequence[str | Path] = (),
    parallel_text: Sequence[str | Path] = (),
    split: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure tokenizers side by side, by language.

    Text is the validation split of a run, or `texts`: files, folders or globs, `LANG=FILES` where
    records do not say their `language` (or `lang`). Without `tokenizer` that of the run is
    measured; `compare` names others; `split` is that of files that have none, such as tiktoken
    ranks. `parallel_text` holds the same lines in several languages:
    see `gamayun_data.parallel_text`; only lines that all have count. Words are rule words: UAX
    29, with dictionaries for Chinese and Japanese. Formulas stand in `docs/evaluation.md`.

    Raises `ConfigError` if there is no text or tokenizer, `InputError` for a bad record.
    """
    started = time.perf_counter()
    paths, limits = _paths(run, tokenizer, compare), Limits.of(threads, None)
    cores = [_load(path, split) for path in paths]
    lines = _aligned(parallel_text)
    outcomes = _on_text(run, [str(one) for one in texts], cores, limits.threads, progress)
    aligned = _outcomes(
        _core.evaluate_texts(lines, cores, threads=limits.threads) if lines else None,
        len(cores),
    )
    if not outcomes[0].get("languages") and not lines:
        raise ConfigError(f"{run}: has no validation documents; curate with a larger share")
    columns = zip(paths, cores, _names(paths), outcomes, aligned, strict=True)
    measured = tuple(_measured(*row, progress) for row in columns)
    return Evaluation(
        text=_text(run, texts, parallel_text),
        tokenizers=measured,
        seconds=round(time.perf_counter() - started, 3),
        parallel_lines=len(lines[0][1]) if lines else 0,
    )


def _paths(
    run: str | Path | None,
    tokenizer: str | Path | Sequence[str | Path] | None,
    compare: Sequence[str | Path],
) -> list[Path]:
    """The tokenizers that are asked for, or that of the run, and those to compare with."""
    asked = [tokenizer] if isinstance(tokenizer, str | Path) else list(tokenizer or ())
    if not asked and run is not None:
        need_selection(Path(run))
        own = Path(run) / "tokenizer" / "tokenizer.json"
        if not own.exists():
            raise ConfigError(
                f"{run}: has no tokenizer; name one, or train it: "
                f"gamayun-data tokenizer train {run}",
                path=own,
            )
        asked = [own]
    paths = [Path(one) for one in (*asked, *compare)]
    if not paths:
        raise ConfigError("tokenizer: name one, or a run that has one", parameter="tokenizer")
    return paths


def _load(path: Path, split: str | None) -> _core.Tokenizer:
    try:
        return load_tokenizer(path, split=split).core
    except (FormatError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: cannot be used: {why}", path=path) from error


def _on_text(
    run: str | Path | None,
    texts: list[str],
    cores: list[_core.Tokenizer],
    threads: int,
    progress: Progress | None,
) -> list[dict[str, Any]]:
    on_progress = heard(progress, "evaluate")
    if texts:
        files = [_file(text) for text in texts]
        answer = _core.evaluate_files(files, cores, threads=threads, on_progress=on_progress)
    elif run is not None:
        answer = _core.evaluate(
            run, cores, split="validation", threads=threads, on_progress=on_progress
        )
    else:
        answer = None
    return _outcomes(answer, len(cores))


def _aligned(paths: Sequence[str | Path]) -> list[tuple[str, list[str]]]:
    """The lines of parallel text that all its languages have, by language."""
    if not paths:
        return []
    found = ParallelText.read(paths)
    whole = [line for line in found.lines.values() if len(line) == len(found.languages)]
    if not whole:
        named = ", ".join(found.languages)
        raise ConfigError(f"parallel text: no line is in all of {named}", parameter="parallel")
    return [(name, [line[name] for line in whole]) for name in found.languages]


def _outcomes(answer: str | None, number: int) -> list[dict[str, Any]]:
    """What the core measured, one a tokenizer; nothing if it was not asked."""
    if answer is None:
        return [{}] * number
    outcomes: list[dict[str, Any]] = json.loads(answer)
    return outcomes


def _file(text: str) -> tuple[str, str | None]:
    """Read `LANG=FILES`, or the path of files whose records say their language."""
    language, equals, path = text.partition("=")
    return (path, language) if equals and "/" not in language else (text, None)


def _text(
    run: str | Path | None, texts: Sequence[str | Path], parallel_text: Sequence[str | Path]
) -> str:
    if texts:
        return ", ".join(str(one) for one in texts)
    if run is not None:
        return f"held-out text of {run}"
    return ", ".join(str(one) for one in parallel_text)


def _names(paths: Sequence[Path]) -> list[str]:
    """Short names: as many parts of the paths, from their ends, as tell them apart."""
    for parts in range(1, max(len(path.parts) for path in paths) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _measured(
    path: Path,
    core: _core.Tokenizer,
    name: str,
    outcome: Mapping[str, Any],
    aligned: Mapping[str, Any],
    progress: Progress | None,
) -> TokenizerEvaluation:
    found = vocabulary(core, progress)
    return TokenizerEvaluation(
        path=str(path),
        vocab_size=core.vocab_size,
        rows=_rows(outcome),
        name=name,
        tokens=found.tokens,
        used=outcome.get("used", 0),
        renyi=outcome.get("renyi", 0.0),
        parallel=_rows(aligned),
        concentrated=places(core, outcome.get("concentrated", ())),
        vocabulary=found,
    )


def _rows(outcome: Mapping[str, Any]) -> tuple[EvaluationRow, ...]:
    rows = outcome.get("languages", {})
    return tuple(EvaluationRow(language, **counts) for language, counts in rows.items())


def vocabulary(core: _core.Tokenizer, progress: Progress | None = None) -> VocabularyFindings:
    """Look at each token: what is out of reach, in parts, alike or a run."""
    found = json.loads(_core.vocabulary_report(core, on_progress=heard(progress, "vocabulary")))
    return VocabularyFindings(
        tokens=found["tokens"],
        special=found["special"],
        holes=found["holes"],
        unreachable=tuple(token(core, number, why) for number, why in found["unreachable"]),
        partial=tuple(token(core, number) for number in found["partial"]),
        runs=tuple(token(core, number) for number in found["runs"]),
        duplicates=tuple(
            tuple(token(core, number) for number in group) for group in found["duplicates"]
        ),
        scripts=found["scripts"],
    )


def token(core: _core.Tokenizer, number: int, note: str = "") -> Token:
    """A token as people read it."""
    return Token(number, shown(core.token_bytes(number)), note)


def shown(raw: bytes | None) -> str:
    r"""The text of a token; bytes that are no characters as `\xNN`."""
    return (raw or b"").decode("utf-8", errors="backslashreplace")


def places(core: _core.Tokenizer, found: Iterable[Mapping[str, Any]]) -> tuple[TokenPlace, ...]:
    """Tokens of one place, with their text."""
    return tuple(TokenPlace(text=shown(core.token_bytes(one["id"])), **one) for one in found)
