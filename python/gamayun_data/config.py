"""Configuration: recipe files are read here, and merged with what a call or command says.

A recipe is a TOML file; `data/recipe.toml` is a commented example that names every key. What the
command line says overrides the recipe, and what the recipe leaves out has a default: `resolve`
is the one place where the three are merged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gamayun_data import policies, schema
from gamayun_data.cleaning import (
    CLEAN_KEYS,
    SEGMENTS,
    SEGMENTS_KEYS,
    Clean,
    Segments,
    segments_of,
)
from gamayun_data.errors import ConfigError
from gamayun_data.places import PLACES
from gamayun_data.ramps import ramped
from gamayun_data.recipe import (
    DATA,
    MOST_REPEATS,
    PASSAGE_CHARACTERS,
    VERSION,
    Curation,
    Decontamination,
    Dedup,
    Parity,
    Passages,
    Pools,
    Quality,
    Recipe,
    Shards,
    Source,
    Stage,
    Substrings,
    TokenizerRecipe,
    Validation,
    config_hash,
    is_path,
    presets,
)
from gamayun_data.scoring_recipe import SCORING, SCORING_KEYS
from gamayun_data.units import parse_bytes, parse_count
from gamayun_data.weighting import is_classic

__all__ = [
    "Curation",
    "Decontamination",
    "Dedup",
    "Parity",
    "Passages",
    "Recipe",
    "Shards",
    "Source",
    "Stage",
    "Substrings",
    "TokenizerRecipe",
    "Validation",
    "config_hash",
    "from_table",
    "load",
    "parse",
    "parse_bytes",
    "parse_count",
    "presets",
    "resolve",
    "template",
]

EVERY_LANGUAGE: Final = "*"
LEAST_SUBSTRING: Final = 20
SPLITS: Final = (
    *("gamayun", "gpt2", "cl100k", "o200k", "tekken", "qwen", "gamayun-right", "gamayun-run"),
    *("gpt2-single", "gpt2-threes", "gpt2-right", "cl100k-right", "cl100k-run"),
    *("o200k-single", "o200k-right", "o200k-run"),
)

# --- the keys ---------------------------------------------------------------------------------

_LANGUAGE = schema.matching(r"[A-Za-z][A-Za-z0-9_]*", 'a language such as "en" or "srp_Latn"')
_DOMAIN = schema.matching(r"[a-z][a-z0-9_]*", 'a name such as "web": lower case, digits and _')
_NAME = schema.matching(
    r"[A-Za-z0-9][A-Za-z0-9_.-]*", "a name of letters, digits, `_`, `.` and `-`"
)
_SHARE = schema.number(0, 1)
_KEEP_KEY = schema.matching(
    r"priority|longest|id|(quality|newest)(:.+)?",
    "priority, quality, quality:FIELD, longest, newest, newest:FIELD or id",
)


def _count(value: object, where: str) -> int:
    if not isinstance(value, int | str):
        schema.refuse(where, 'a whole number such as 1500000 or "1.5B"', value)
    return parse_count(value, where)


def _size(value: object, where: str) -> int:
    if not isinstance(value, int | str):
        schema.refuse(where, 'a number of bytes such as 4096, "512M" or "16G"', value)
    size = parse_bytes(value, where)
    return size if size > 0 else schema.refuse(where, "at least one byte", value)


def _languages(value: object, where: str) -> tuple[str, ...]:
    """A list, the name of a preset, or names with commas between them."""
    if isinstance(value, str):
        value = presets().get(value, [name.strip() for name in value.split(",")])
    check = schema.distinct(schema.list_of(_LANGUAGE, least=1))
    return tuple(check(value, where))


def _thresholds(value: object, where: str) -> dict[str, float]:
    """A table from language to score, or one score for all."""
    if isinstance(value, Mapping):
        key = schema.matching(r"\*|[A-Za-z][A-Za-z0-9_]*", "a language")
        return dict(schema.mapping_of(key, _SHARE)(value, where))
    return {EVERY_LANGUAGE: _SHARE(value, where)}


def _weights(value: object, where: str) -> str | dict[str, float]:
    if isinstance(value, Mapping):
        return dict(schema.mapping_of(_LANGUAGE, schema.number(0, above=True))(value, where))
    if value != "stages" and not (isinstance(value, str) and is_classic(value)):
        told = '"stages", "natural", "equal", "T=2" or a table such as { ru = 2.0 }'
        schema.refuse(where, told, value)
    return str(value)


def _rehydrate(value: object, where: str) -> int | str:
    """The most repeats, 0 for none, or `fixed`; as digits from the command line."""
    if value == "fixed":
        return "fixed"
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST_REPEATS:
        schema.refuse(where, f'a whole number from 0 to {MOST_REPEATS}, or "fixed"', value)
    return number


def _max_epochs(value: object, where: str) -> float | dict[str, float]:
    """One cap, or a table from pool, language, domain or `*` to caps."""
    above = schema.number(0, above=True)
    if not isinstance(value, Mapping):
        return float(above(value, where))
    key = schema.matching(r"\*|[A-Za-z][A-Za-z0-9_-]*", "a pool, a language, a domain or `*`")
    return dict(schema.mapping_of(key, above)(value, where))


def _keep(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return tuple(schema.distinct(schema.list_of(_KEEP_KEY, least=1))(value, where))


def _passage_characters(value: object, where: str) -> dict[str, int]:
    """A table from language to characters, `*` for the others; what it leaves out has a default."""
    key = schema.matching(r"\*|[A-Za-z][A-Za-z0-9_]*", "a language")
    given = schema.mapping_of(key, schema.integer(1, 2**31 - 1))(value, where)
    return dict(sorted({**PASSAGE_CHARACTERS, **given}.items()))


def _names(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return tuple(schema.distinct(schema.list_of(schema.text))(value, where))


def _substring(value: object, where: str) -> int:
    size: int = schema.integer(0, 2**31 - 1)(value, where)
    if 0 < size < LEAST_SUBSTRING:
        schema.refuse(where, f"0 for none, or at least {LEAST_SUBSTRING} bytes", value)
    return size


SOURCE_KEYS: Final[Mapping[str, schema.Check]] = {
    "name": schema.text,
    "paths": schema.list_of(schema.text, least=1),
    "priority": schema.integer(0, 2**31 - 1),
    "domain": _DOMAIN,
    "licence": schema.text,
    "language": _LANGUAGE,
    "rules": schema.text,
    "text_column": schema.text,
    "id_column": schema.text,
    "format": schema.choice("jsonl", "parquet", "text"),
    "text_unit": schema.choice("file", "line"),
}
CURATION_KEYS: Final[Mapping[str, schema.Check]] = {
    "lid_model": schema.text,
    "language_thresholds": _thresholds,
    "on_bad_record": schema.choice("reject", "fail"),
    "max_document_bytes": _size,
}
DECONTAMINATION_KEYS: Final[Mapping[str, schema.Check]] = {
    "files": schema.list_of(schema.text),
    "fields": _names,
    "ngram": schema.integer(1, 64),
    "minimum_words": schema.integer(1, 10_000),
    "threshold": schema.number(0, 1, above=True),
    "action": schema.choice("drop", "annotate"),
}
DEDUP_KEYS: Final[Mapping[str, schema.Check]] = {
    "compare": schema.choice("near", "exact", "none"),
    "threshold": schema.number(0, 1, above=True),
    "containment": schema.number(0, 1, above=True),
    "bands": schema.integer(1, 256),
    "rows": schema.integer(1, 64),
    "shingle": schema.integer(1, 64),
    "keep": _keep,
    "max_cluster": schema.integer(1),
    "max_loss": _SHARE,
    "rehydrate": _rehydrate,
    "against": schema.distinct(schema.list_of(schema.text)),
    "against_action": schema.choice("drop", "annotate"),
}
PASSAGES_KEYS: Final[Mapping[str, schema.Check]] = {
    "paragraphs": schema.integer(0, 2**63 - 1),
    "lines": schema.integer(0, 2**63 - 1),
    "keep_first": schema.integer(0, 2**63 - 1),
    "min_characters": _passage_characters,
    "document_characters": schema.integer(0, 2**31 - 1),
}
SUBSTRINGS_KEYS: Final[Mapping[str, schema.Check]] = {"min_bytes": _substring}
PARITY_KEYS: Final[Mapping[str, schema.Check]] = {
    "parallel": schema.distinct(schema.list_of(schema.text)),
    "targets": schema.text,
    "hybrid": schema.integer(0, 2**24),
    "window": schema.integer(1, 2**31 - 1),
    "alpha": schema.number(0, 1_000_000),
}
TOKENIZER_KEYS: Final[Mapping[str, schema.Check]] = {
    "vocab_size": schema.integer(257, 2**24),
    "split": schema.choice_or("regex:", *SPLITS),
    "special_tokens": schema.distinct(schema.list_of(schema.text, least=1)),
    "reserved": schema.integer(0, 2**16),
    "min_frequency": schema.integer(1),
    "max_token_length": schema.integer(2),
    "min_pretoken_count": schema.integer(1),
    "weights": _weights,
    "parity": schema.record(Parity, PARITY_KEYS),
    "file": schema.text,
}
VALIDATION_KEYS: Final[Mapping[str, schema.Check]] = {"share": schema.number(0, 0.5)}
QUALITY_KEYS: Final[Mapping[str, schema.Check]] = {
    "score": schema.text,
    "buckets": schema.integer(2, 100),
}
POOLS_KEYS: Final[Mapping[str, schema.Check]] = {
    "quality": schema.record(Quality, QUALITY_KEYS, required=("score", "buckets")),
}
SHARDS_KEYS: Final[Mapping[str, schema.Check]] = {"max_shard_bytes": _size}
STAGE_KEYS: Final[Mapping[str, schema.Check]] = {
    "name": _NAME,
    "tokens": _count,
    "sequence_length": schema.integer(2, 2**31 - 1),
    "anchors": schema.mapping_of(_LANGUAGE, _SHARE),
    "domains": schema.mapping_of(_DOMAIN, _SHARE),
    "max_epochs": _max_epochs,
    "policy": policies.check,
    "unit": schema.choice("tokens", "bytes", "content"),
    "budget": _count,
    "content_per_byte": schema.mapping_of(_LANGUAGE, schema.number(0, above=True)),
    "packing": schema.choice("concat", "best_fit", "pow2"),
    "ramp": schema.integer(1, 1000),
}
RECIPE_KEYS: Final[Mapping[str, schema.Check]] = {
    "version": schema.integer(VERSION, VERSION),
    "seed": schema.integer(0, 2**63 - 1),
    "languages": _languages,
    "preset": schema.text,
    "sources": schema.list_of(schema.record(Source, SOURCE_KEYS, required=("name", "paths"))),
    "curation": schema.record(Curation, CURATION_KEYS),
    "clean": schema.record(Clean, CLEAN_KEYS),
    "segments": schema.record(Segments, SEGMENTS_KEYS),
    "decontamination": schema.record(Decontamination, DECONTAMINATION_KEYS),
    "quality": SCORING,
    "dedup": schema.record(Dedup, DEDUP_KEYS),
    "passages": schema.record(Passages, PASSAGES_KEYS),
    "substrings": schema.record(Substrings, SUBSTRINGS_KEYS),
    "tokenizer": schema.record(TokenizerRecipe, TOKENIZER_KEYS),
    "validation": schema.record(Validation, VALIDATION_KEYS),
    "pools": schema.record(Pools, POOLS_KEYS),
    "shards": schema.record(Shards, SHARDS_KEYS),
    "stages": schema.list_of(schema.record(Stage, STAGE_KEYS, required=("name",))),
}


# --- reading ----------------------------------------------------------------------------------


def parse(text: str, *, folder: str | Path = ".") -> Recipe:
    r"""Read a recipe from the text of a TOML file; relative paths in it start at `folder`.

    Raises `ConfigError` with the path of the key, what was expected and what stands there.

    >>> parse('version = 1\nlanguages = ["en", "ru"]').languages
    ('en', 'ru')
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}") from error
    return from_table(raw, folder=folder)


def from_table(raw: Mapping[str, object], *, folder: str | Path = ".") -> Recipe:
    """Read a recipe from the table that a TOML file holds; as `parse` otherwise."""
    values = schema.fields(raw, "", RECIPE_KEYS, ("version",))
    if "preset" in values:
        if "languages" in values:
            raise ConfigError("preset: `languages` stands there too", parameter="preset")
        values["languages"] = _preset(values.pop("preset"))
    values["stages"] = ramped(values.get("stages", ()))
    return _anchored(Recipe(**values), Path(folder))


def _preset(name: str) -> tuple[str, ...]:
    if name not in presets():
        raise ConfigError(
            f"preset: no preset is named {name!r}{schema.nearest(name, presets())}",
            parameter="preset",
        )
    return presets()[name]


def load(path: str | Path) -> Recipe:
    """Read a recipe file. Raises `ConfigError`, or `OSError` when it cannot be read."""
    path = Path(path)
    try:
        return parse(path.read_text(encoding="utf-8"), folder=path.parent)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text", path=path) from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", parameter=error.parameter, path=path) from error


def template() -> str:
    """The commented recipe that `recipe init` writes."""
    return (DATA / "recipe.toml").read_text(encoding="utf-8")


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    """Make the relative paths of a recipe start at its folder."""

    def at(path: str | None) -> str | None:
        plain = path is None or path == "-" or "://" in path
        return path if plain else str(folder / Path(str(path)).expanduser())

    return replace(
        recipe,
        sources=tuple(
            replace(
                source,
                paths=tuple(str(at(path)) for path in source.paths),
                rules=at(source.rules) if source.rules and is_path(source.rules) else source.rules,
            )
            for source in recipe.sources
        ),
        curation=recipe.curation.at(at),
        clean=recipe.clean.at(at),
        decontamination=replace(
            recipe.decontamination,
            files=tuple(str(at(path)) for path in recipe.decontamination.files),
        ),
        quality=recipe.quality.at(at),
        dedup=replace(recipe.dedup, against=tuple(str(at(path)) for path in recipe.dedup.against)),
        tokenizer=replace(
            recipe.tokenizer, file=at(recipe.tokenizer.file), parity=_parity(recipe, at)
        ),
    )


def _parity(recipe: Recipe, at: Callable[[str | None], str | None]) -> Parity | None:
    given = recipe.tokenizer.parity
    if given is None:
        return None
    parallel = tuple(str(at(path)) for path in given.parallel)
    return replace(given, parallel=parallel, targets=at(given.targets))


# --- merging ----------------------------------------------------------------------------------

_SECTIONS: Final = {
    "": RECIPE_KEYS,
    "sources": SOURCE_KEYS,
    "curation": CURATION_KEYS,
    "clean": CLEAN_KEYS,
    "segments": {"asked": SEGMENTS},
    "decontamination": DECONTAMINATION_KEYS,
    "quality": SCORING_KEYS,
    "dedup": DEDUP_KEYS,
    "passages": PASSAGES_KEYS,
    "substrings": SUBSTRINGS_KEYS,
    "tokenizer": TOKENIZER_KEYS,
}


def resolve(
    recipe: Recipe | str | Path | None = None,
    *,
    sources: Sequence[str | Path] = (),
    sample: bool = False,
    **options: object,
) -> Recipe:
    """Merge what a call says over what its recipe says over the defaults; `None` says nothing.

    `sources` replaces the sources of the recipe by one named `input`. `sample` takes the sources
    of the bundled sample, and its whole recipe where no other is given. Each other option
    overrides one key: `langs`, `seed`, `language_threshold` (one for all, or by language),
    `lid_model`, `on_bad_record`, `max_document_bytes`, `keep`, `against`, `against_action`,
    `rehydrate`, `repair`, `private`, `page_lines` (the key `lines` of `[clean]`), `phrases`,
    `block_domains`, `block_urls`, `segments` (some of look, foreign, mixed), `decontaminate`,
    `decontaminate_fields`, `decontaminate_action`; `text_column`, `id_column`, `text_unit` and
    `format` for every source; `vocab_size`, `split`, `special_tokens`, `reserved`,
    `min_frequency`, `max_token_length`, `min_pretoken_count`, `weights`; `tokenizer`, the file of
    one that exists.

    >>> resolve(langs="en,ru", keep=["longest", "id"]).dedup.keep
    ('longest', 'id')
    """
    base = _base(recipe, [str(path) for path in sources], sample=sample)
    changes: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for option, value in options.items():
        if option not in PLACES:
            hint = schema.nearest(option, PLACES)
            raise ConfigError(f"{option}: unknown option{hint}", parameter=option)
        if value is not None:
            section, key = PLACES[option]
            plain = str(value) if isinstance(value, Path) else value
            changes[section][key] = _SECTIONS[section][key](plain, option)
    return _apply(base, changes)


def _apply(recipe: Recipe, changes: dict[str, dict[str, Any]]) -> Recipe:
    """Put checked values in their places, all at once, so that only the outcome must be valid."""
    curation, tokenizer = changes["curation"], changes["tokenizer"]
    asked = changes["segments"].get("asked")
    if "language_thresholds" in curation:
        curation["language_thresholds"] = {
            **recipe.curation.language_thresholds,
            **curation["language_thresholds"],
        }
    if tokenizer:
        tokenizer.setdefault("file", None)  # a vocabulary to train takes the place of a file
    return replace(
        recipe,
        sources=tuple(replace(source, **changes["sources"]) for source in recipe.sources),
        curation=replace(recipe.curation, **curation),
        clean=replace(recipe.clean, **changes["clean"]),
        segments=segments_of(asked, recipe.segments) if asked else recipe.segments,
        decontamination=replace(recipe.decontamination, **changes["decontamination"]),
        quality=replace(recipe.quality, **changes["quality"]),
        dedup=replace(recipe.dedup, **changes["dedup"]),
        passages=replace(recipe.passages, **changes["passages"]),
        substrings=replace(recipe.substrings, **changes["substrings"]),
        tokenizer=replace(recipe.tokenizer, **tokenizer),
        **changes[""],
    )


def _base(recipe: Recipe | str | Path | None, sources: Sequence[str], *, sample: bool) -> Recipe:
    if sample and sources:
        raise ConfigError(
            "sample: takes the place of sources; give one of the two", parameter="sample"
        )
    bundled = load(DATA / "sample" / "recipe.toml") if sample else Recipe()
    base = bundled if recipe is None else recipe
    base = base if isinstance(base, Recipe) else load(base)
    if sample:
        return replace(base, sources=bundled.sources)
    if sources:
        return replace(base, sources=(Source(name="input", paths=tuple(sources)),))
    return base
