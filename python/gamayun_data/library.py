"""The engines as functions over texts: a list of `str`, or any Arrow array or stream of strings.

Polars Series, pyarrow arrays and the blocks of other loaders are taken without a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from gamayun_data import _core, recipe
from gamayun_data.errors import ConfigError
from gamayun_data.texts import Texts, threads_of
from gamayun_data.tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A language model of our own or of fastText (which equals the official library)."""

    core: _core.LanguageModel
    path: str

    @staticmethod
    def load(path: str | Path | None = None, *, whole: bool = False) -> LanguageModel:
        """Read a model: a file, or a bundled one by its name, `lid.176` (default) or `gamayun`.

        Of a text longer than 4 KiB models of our own read stretches, spread evenly; with `whole`
        all of it. Models of fastText always read all.

        Raises `FormatError` for a file that is no supervised fastText model, and `OSError`.
        """
        chosen = recipe.model_path(path)
        return LanguageModel(_core.LanguageModel.open(chosen, whole=whole), str(chosen))

    @property
    def labels(self) -> list[str]:
        """The labels of the model, without `__label__`."""
        return self.core.labels

    def score(self, texts: Texts, k: int = 3, *, threads: int | None = None) -> pl.Series:
        """Score texts: for each a list of at most `k` {label, probability}, best first.

        >>> scores = LanguageModel.load().score(["Guten Morgen, wie geht es dir?"], k=1)
        >>> scores.to_list()[0][0]["label"]
        'de'
        """
        return pl.Series("scores", self.core.score(texts, k=k, threads=threads_of(threads)))

    def doubts(self, texts: Texts, *, threads: int | None = None) -> list[tuple[str, str] | None]:
        """For each text the two confusable labels that its answer is in doubt between, or `None`.

        The model names such pairs, each with the margin of probability under which the better one
        is not to be trusted; models of fastText name none.
        """
        return self.core.doubts(texts, threads=threads_of(threads))


def judge(
    texts: Texts,
    *,
    language: str,
    profile: str | Path | None = None,
    words: Sequence[Sequence[str]] | None = None,
    threads: int | None = None,
) -> pl.DataFrame:
    """Judge texts by the rules of a profile; a row a text.

    `profile` is the name of a shipped one (`profiles()`) or the path of a TOML file; without it
    the language's own. `words` are each text's words where you bring your own segmenter. Columns:
    kept, step, rule, reason, measurement, value, threshold, and one for each measurement.

    >>> judge(["Too short."], language="en", profile="en")["kept"].to_list()
    [False]
    """
    name, toml = _profile(profile)
    return pl.DataFrame(
        _core.judge(
            texts,
            language=language,
            profile=name,
            profile_toml=toml,
            words=words,
            threads=threads_of(threads),
        )
    )


def _profile(profile: str | Path | None) -> tuple[str | None, str | None]:
    if profile is None:
        return None, None
    if recipe.is_path(str(profile)):
        return Path(profile).name, Path(profile).read_text(encoding="utf-8")
    return str(profile), None


def profiles() -> list[str]:
    """Name the shipped rule profiles.

    >>> {"en", "ru", "zh"} <= set(profiles())
    True
    """
    return _core.profile_names()


def rules() -> pl.DataFrame:
    """Every rule: step, name, reason, summary, measurement.

    >>> rules().columns
    ['step', 'rule', 'reason', 'summary', 'measurement']
    """
    columns = ("step", "rule", "reason", "summary", "measurement")
    return pl.DataFrame(_core.catalogue(), schema=columns, orient="row")


@dataclass(frozen=True, slots=True)
class Removal:
    """A text that is removed: whose duplicate it is, by which measure, and how similar."""

    id: object
    kept_id: object
    measure: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Deduplication:
    """What is kept, by id and in the order given, and what is removed with its evidence."""

    kept: list[Any]
    removed: list[Removal]
    cluster_sizes: NDArray[np.uint64]


def deduplicate(
    texts: Texts,
    *,
    ids: Sequence[object] | None = None,
    order: Sequence[int] | None = None,
    threshold: float = 0.8,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 0,
    threads: int | None = None,
) -> Deduplication:
    """Find near-duplicates by MinHash LSH and prove each by the Jaccard of its shingles.

    A text is removed only if its shingles (`shingle` words) reach `threshold` with those of the
    text that is kept; of a cluster the one of least `order` is, the first without it. `ids` name
    the texts in the result; without them their places do. Texts are normalised as in a run.

    >>> text = "one two three four five six seven eight nine ten"
    >>> found = deduplicate([text, "another thing", text + "!"], ids=["a", "b", "c"])
    >>> found.kept, found.removed[0].id, found.removed[0].kept_id
    (['a', 'b'], 'c', 'a')
    """
    found = pl.DataFrame(
        _core.deduplicate(
            texts,
            order=order,
            threshold=threshold,
            bands=bands,
            rows=rows,
            shingle=shingle,
            seed=seed,
            threads=threads_of(threads),
        )
    )
    if ids is not None and len(ids) != found.height:
        raise ConfigError(f"ids: {len(ids)} for {found.height} texts", parameter="ids")
    return outcome_of(found, range(found.height) if ids is None else ids)


def outcome_of(found: pl.DataFrame, names: Sequence[Any]) -> Deduplication:
    """What the core found out about texts of these names."""
    kept = found["kept"].to_list()
    measures, similarities = found["measure"].to_list(), found["similarity"].to_list()
    removed = [
        Removal(names[place], names[twin], measures[place], similarities[place])
        for place, twin in enumerate(kept)
        if twin != place
    ]
    survivors = [names[place] for place, twin in enumerate(kept) if twin == place]
    return Deduplication(survivors, removed, found["cluster_size"].to_numpy())


def decontaminate(
    texts: Texts,
    items: Texts,
    *,
    ngram: int = 5,
    minimum_words: int = 8,
    threshold: float = 0.25,
    threads: int | None = None,
) -> pl.DataFrame:
    """Find the items of test sets in texts, as `curate` does for files.

    A row for each item in each text that holds it, by `text`, the best first: `text` and `item`
    (their places), `score` (the weight of the item's n-grams that the text has over that of all of
    them, at least `threshold`), `ngrams` (shared) and `item_ngrams`. n-grams of `ngram` words are
    weighted by their rarity among these texts and items; items of fewer than `minimum_words` are
    not looked for. Texts and items are normalised as in a run.

    >>> item = "Which planet of the solar system has the shortest day of all?"
    >>> page = f"A page with a quiz. {item} Write it down."
    >>> found = decontaminate(["Nothing of the kind.", page], [item])
    >>> found.select("text", "item", "score").rows()
    [(1, 0, 1.0)]
    """
    found = _core.items_in_texts(
        texts,
        items,
        ngram=ngram,
        minimum_words=minimum_words,
        threshold=threshold,
        threads=threads_of(threads),
    )
    return pl.DataFrame(found)


def train_tokenizer(
    texts: Texts | Mapping[str, Texts] | Sequence[Path],
    *,
    vocab_size: int = 65_024,
    split: str = "gamayun",
    special_tokens: Sequence[str] = ("<|endoftext|>",),
    min_frequency: int = 2,
    max_token_length: int | None = None,
    weights: Mapping[str, float] | None = None,
    threads: int | None = None,
) -> Tokenizer:
    """Train byte-level BPE; merges are those of Hugging Face tokenizers, with 64-bit counts.

    `texts` are texts, texts by language (then `weights` by language scale their counts), or paths
    of UTF-8 files, each one text. `split` is `gamayun` or another of `config.SPLITS`.

    >>> train_tokenizer({"en": ["low lower lowest"] * 4}, vocab_size=262).vocab_size
    262
    """
    return Tokenizer(
        _core.train(
            _by_language(texts),
            vocab_size=vocab_size,
            split=split,
            special_tokens=list(special_tokens),
            min_frequency=min_frequency,
            max_token_length=max_token_length,
            weights=sorted((weights or {}).items()),
            threads=threads_of(threads),
        )
    )


def _by_language(texts: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 (what the caller gives)
    if isinstance(texts, Mapping):
        return sorted(texts.items())
    if isinstance(texts, Sequence) and texts and isinstance(texts[0], Path):
        return [("", [path.read_text(encoding="utf-8") for path in texts])]
    return [("", texts)]
