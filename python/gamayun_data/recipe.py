"""The recipe as a value: frozen dataclasses that can only exist if they are valid."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from gamayun_data import schema
from gamayun_data.cleaning import Clean, Segments
from gamayun_data.errors import ConfigError
from gamayun_data.policies import Policy
from gamayun_data.scoring_recipe import Scoring

VERSION: Final = 1
DATA: Final = Path(__file__).parent / "data"
BUNDLED_MODEL: Final = DATA / "lid.176.ftz"
BUNDLED_MODELS: Final = {"lid.176": BUNDLED_MODEL, "gamayun": DATA / "gamayun.glid"}
"""The language models that come with the package, by the names that stand for their paths."""


def model_path(model: str | Path | None) -> Path:
    """Where a language model lies: a file, a bundled one by its name, or the default.

    >>> model_path("gamayun").name
    'gamayun.glid'
    """
    if model is None:
        return BUNDLED_MODEL
    return BUNDLED_MODELS.get(str(model), Path(model))


MAX_EPOCHS: Final = 4.0
"""The epoch cap unless said: up to it repeats are worth almost as much as fresh text."""

MOST_REPEATS: Final = 1000
"""Beyond this the repeats of a document are a mistake, not a wish."""


@cache
def presets() -> Mapping[str, tuple[str, ...]]:
    """Lists of languages by name.

    >>> presets()["twelve"][:3]
    ('en', 'ru', 'de')
    """
    with (DATA / "presets.toml").open("rb") as file:
        return {name: tuple(codes) for name, codes in tomllib.load(file)["languages"].items()}


@dataclass(frozen=True, slots=True)
class Source:
    """Input files that share a name, a priority, a domain, a licence and a way to be read."""

    name: str
    paths: tuple[str, ...]
    priority: int = 1
    domain: str = "web"
    licence: str | None = None
    language: str | None = None
    rules: str | None = None
    text_column: str = "text"
    id_column: str = "id"
    format: str | None = None
    text_unit: str = "file"


@dataclass(frozen=True, slots=True)
class Curation:
    """How documents are read and judged; sizes in bytes of UTF-8 text."""

    lid_model: str | None = None
    language_thresholds: Mapping[str, float] = field(default_factory=dict)
    on_bad_record: str = "reject"
    max_document_bytes: int = 64 * 1024**2

    def at(self, place: Callable[[str | None], str | None]) -> Curation:
        """The same with its model where `place` says, unless it is a bundled one."""
        if self.lid_model in BUNDLED_MODELS:
            return self
        return replace(self, lid_model=place(self.lid_model))


@dataclass(frozen=True, slots=True)
class Dedup:
    """How near-duplicates are found and which document of a cluster survives.

    `compare` is `near`, `exact` for equal texts alone, or `none`.

    A cluster of more than `max_cluster` documents, and a source or language of which more than the
    share `max_loss` is removed, raise an alarm; they change nothing else. With `containment`, the
    shorter of two documents goes too if the longer one has this share of its shingles.

    `rehydrate` is how often a survivor is repeated at most, by the size of its cluster: 0 repeats
    none, `"fixed"` takes the weights that are the same for all languages.

    `against` are folders of finished runs or indexes: what they kept is compared too, and what a
    document duplicates there is dropped, or with `against_action` "annotate" only listed.
    """

    compare: str = "near"
    threshold: float = 0.8
    containment: float | None = None
    bands: int = 14
    rows: int = 8
    shingle: int = 5
    keep: tuple[str, ...] = ("priority", "quality", "longest", "id")
    max_cluster: int = 10_000
    max_loss: float = 0.5
    rehydrate: int | str = 0
    against: tuple[str, ...] = ()
    against_action: str = "drop"


PASSAGE_CHARACTERS: Final[Mapping[str, int]] = {
    "*": 40,
    "ja": 15,
    "km": 25,
    "ko": 20,
    "lo": 25,
    "my": 25,
    "th": 25,
    "zh": 15,
}
"""Characters of the shortest passage that is looked at: about eight words in each script."""


@dataclass(frozen=True, slots=True)
class Passages:
    """Paragraphs and lines that are removed: those in more than so many documents, 0 for none.

    The first `keep_first` documents by DocId keep one. `document_characters` is the least that a
    text that was cut must have left.
    """

    paragraphs: int = 0
    lines: int = 0
    keep_first: int = 1
    min_characters: Mapping[str, int] = field(default_factory=lambda: dict(PASSAGE_CHARACTERS))
    document_characters: int = 100

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.paragraphs or self.lines)


@dataclass(frozen=True, slots=True)
class Decontamination:
    """Benchmarks whose items no document may hold; nothing is looked for without `files`.

    `fields` are those of a record that make an item's text; empty: those that usually ask.
    """

    files: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    ngram: int = 5
    minimum_words: int = 8
    threshold: float = 0.25
    action: str = "drop"

    def __post_init__(self) -> None:
        """Refuse items that are shorter than an n-gram."""
        if self.minimum_words < self.ngram:
            raise ConfigError(
                f"decontamination.minimum_words: expected at least `ngram`, which is {self.ngram}, "
                f"found {self.minimum_words}",
                parameter="decontamination.minimum_words",
            )


@dataclass(frozen=True, slots=True)
class Substrings:
    """Text that is removed because as many bytes of it stay elsewhere; 0 for none."""

    min_bytes: int = 0


RESERVED: Final = "<|reserved_{}|>"
"""The name of a special token that is kept for later use."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Training in which languages pay alike: what they are compared by, and in which form.

    They are compared on files of `parallel` text, or else by a file of `targets`, or else by those
    that are shipped. The first `hybrid` tokens are classic. With a `window`, a language that had
    more than `alpha` times an equal share of so many last turns is passed over.
    """

    parallel: tuple[str, ...] = ()
    targets: str | None = None
    hybrid: int = 0
    window: int | None = None
    alpha: float = 2.0

    def __post_init__(self) -> None:
        """Refuse two measures at once."""
        if self.parallel and self.targets:
            raise ConfigError(
                "parity: parallel text and targets exclude each other", parameter="tokenizer.parity"
            )

    def identity(self) -> dict[str, Any]:
        """What the result depends on: the contents of files, not their names."""
        files = [*self.parallel, *([self.targets] if self.targets else [])]
        return {
            "files": [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files],
            "parallel": len(self.parallel),
            "hybrid": self.hybrid,
            "window": self.window,
            "alpha": self.alpha if self.window else None,
        }


@dataclass(frozen=True, slots=True)
class TokenizerRecipe:
    """The vocabulary to train, or the `file` of one that exists.

    `weights` is `"stages"` (each language counts as it will in the stages), `"natural"` (as it is
    in the selection), `"equal"`, `"T=2"` (a temperature) or a factor per language. `reserved`
    special tokens follow those named. Tokens have fewer than `max_token_length` bytes; pretokens
    with fewer than `min_pretoken_count` occurrences are left out.
    """

    vocab_size: int = 65_024
    split: str = "gamayun"
    special_tokens: tuple[str, ...] = ("<|endoftext|>",)
    reserved: int = 0
    min_frequency: int = 2
    max_token_length: int | None = None
    min_pretoken_count: int = 1
    weights: str | Mapping[str, float] = "stages"
    parity: Parity | None = None
    file: str | None = None

    def __post_init__(self) -> None:
        """Refuse what parity cannot do."""
        if self.parity and self.min_pretoken_count > 1:
            raise ConfigError(
                "tokenizer.min_pretoken_count: does not go with parity, which reads all pretokens",
                parameter="tokenizer.min_pretoken_count",
            )

    @property
    def specials(self) -> list[str]:
        """All special tokens, those in reserve last."""
        return [*self.special_tokens, *map(RESERVED.format, range(self.reserved))]


@dataclass(frozen=True, slots=True)
class Validation:
    """The held-out set: a share of the clusters of each pool."""

    share: float = 0.005


@dataclass(frozen=True, slots=True)
class Quality:
    """Buckets by percentiles, weighted by bytes, of a score in each language and domain.

    `score` is a field of the record, or `length`, the bytes of the text. Bucket 0 is the lowest and
    has the documents without a score too.
    """

    score: str
    buckets: int


@dataclass(frozen=True, slots=True)
class Pools:
    """What makes a pool beside language and domain."""

    quality: Quality | None = None

    @property
    def buckets(self) -> tuple[str, int] | None:
        """The score and the number of buckets, where there are any."""
        return None if self.quality is None else (self.quality.score, self.quality.buckets)


@dataclass(frozen=True, slots=True)
class Shards:
    """How large a shard file may grow."""

    max_shard_bytes: int = 2**31


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the training run: its budget, the shares that are fixed in it, and the policy.

    `unit` is what shares and `budget` are measured in: `tokens`, `bytes`, or `content`, which is
    bytes times the `content_per_byte` of the language (1 for those not named). The budget is
    `tokens`, or `budget` in that unit. `max_epochs` is one cap, or one by pool, language or domain.
    `packing` is how a trainer is to lay documents into sequences. A stage with `ramp` is cut into
    so many, whose shares go in equal steps from those of the stage before to its own.
    """

    name: str
    tokens: int = 0
    sequence_length: int = 4096
    anchors: Mapping[str, float] = field(default_factory=dict)
    domains: Mapping[str, float] = field(default_factory=dict)
    max_epochs: float | dict[str, float] = MAX_EPOCHS
    policy: Policy = field(default_factory=Policy)
    unit: str = "tokens"
    budget: int = 0
    content_per_byte: Mapping[str, float] = field(default_factory=dict)
    packing: str | None = None
    ramp: int = 1

    @property
    def samples(self) -> int:
        """Whole samples in the budget, which must be in tokens."""
        return self.tokens // self.sequence_length

    def cap_of(self, pool: str, language: str, domain: str) -> float:
        """The most epochs of a pool: its own, else the least of its language's and its domain's."""
        caps = self.max_epochs
        if not isinstance(caps, dict):
            return float(caps)
        if pool in caps:
            return float(caps[pool])
        named = [caps[name] for name in (language, domain) if name in caps]
        return float(min(named) if named else caps.get("*", MAX_EPOCHS))

    def changes(self) -> dict[str, Any]:
        """The keys beyond those of the first recipes that differ from their defaults."""
        plain = Stage(self.name, self.tokens or self.sequence_length, self.sequence_length)
        return {
            name: getattr(self, name)
            for name in LATER_KEYS
            if getattr(self, name) != getattr(plain, name)
        }

    def __post_init__(self) -> None:
        """Refuse what no set of pools could satisfy."""
        for name, shares in (("anchors", self.anchors), ("domains", self.domains)):
            total = sum(exact(share) for share in shares.values())
            if total > 1:
                self._refuse(name, f"{name} sum to {float(total):g}, {float(total - 1):g} above 1")
        if bool(self.tokens) == bool(self.budget):
            self._refuse("tokens", "a budget is either `tokens` or `budget`: give one of the two")
        if self.tokens and self.tokens < self.sequence_length:
            self._refuse(
                "tokens",
                f"a budget of {self.tokens} tokens is less than one sample "
                f"of {self.sequence_length}",
            )
        entry = self.policy.entry()
        if (self.anchors or self.domains) and not entry.has_anchors:
            self._refuse("policy", f"`{self.policy.name}` settles every share: leave out anchors")
        if entry.knows_budget and self.unit != "tokens" and not self.budget:
            self._refuse("policy", f"`{self.policy.name}` in {self.unit} needs a `budget` in them")

    def _refuse(self, parameter: str, message: str) -> NoReturn:
        raise ConfigError(f"stage `{self.name}`: {message}", parameter=parameter)


LATER_KEYS: Final = ("policy", "unit", "budget", "content_per_byte", "packing", "ramp")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a run is told; see `data/recipe.toml` for the meaning of each key."""

    version: int = VERSION
    seed: int = 17
    languages: tuple[str, ...] = field(default_factory=lambda: presets()["twelve"])
    sources: tuple[Source, ...] = ()
    curation: Curation = field(default_factory=Curation)
    clean: Clean = field(default_factory=Clean)
    segments: Segments = field(default_factory=Segments)
    decontamination: Decontamination = field(default_factory=Decontamination)
    quality: Scoring = field(default_factory=Scoring)
    dedup: Dedup = field(default_factory=Dedup)
    passages: Passages = field(default_factory=Passages)
    substrings: Substrings = field(default_factory=Substrings)
    tokenizer: TokenizerRecipe = field(default_factory=TokenizerRecipe)
    validation: Validation = field(default_factory=Validation)
    pools: Pools = field(default_factory=Pools)
    shards: Shards = field(default_factory=Shards)
    stages: tuple[Stage, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that stand twice and names that nothing stands behind."""
        _distinct("sources", [source.name for source in self.sources])
        _distinct("stages", [stage.name for stage in self.stages])
        languages = {*self.languages, *(s.language for s in self.sources if s.language)}
        domains = {source.domain for source in self.sources}
        for index, stage in enumerate(self.stages):
            _known(f"stages[{index}].anchors", stage.anchors, languages, "is not in `languages`")
            if domains:
                _known(f"stages[{index}].domains", stage.domains, domains, "no source has it")
        if isinstance(self.tokenizer.weights, Mapping):
            _known("tokenizer.weights", self.tokenizer.weights, languages, "is not in `languages`")

    def identity(self) -> dict[str, Any]:
        """All that changes what a user receives: no paths, no threads, no memory.

        Files are identified by their content, by the steps that read them.
        """
        whole = asdict(self)
        for source in whole["sources"]:
            del source["paths"]
            if source["rules"] and is_path(source["rules"]):
                source["rules"] = "file"
        whole["languages"] = sorted(self.languages)
        for number, stage in enumerate(self.stages):
            for key in set(LATER_KEYS) - set(stage.changes()):
                del whole["stages"][number][key]
        whole["quality"] = self.quality.said()
        if whole["quality"] is None:
            del whole["quality"]
        if self.pools.quality is None:
            del whole["pools"]
        whole["clean"] = self.clean.said()
        for name in ("clean", "segments"):
            if whole[name] is None or (name == "segments" and not self.segments.wanted):
                del whole[name]
        whole["sources"] = sorted(whole["sources"], key=lambda source: str(source["name"]))
        whole["curation"]["lid_model"] = None
        del whole["curation"]["on_bad_record"]
        del whole["dedup"]["max_cluster"], whole["dedup"]["max_loss"]
        whole["dedup"]["against"] = len(self.dedup.against)
        whole["decontamination"]["files"] = len(self.decontamination.files)
        whole["tokenizer"]["file"] = self.tokenizer.file and "file"
        if self.tokenizer.parity:
            whole["tokenizer"]["parity"]["parallel"] = len(self.tokenizer.parity.parallel)
            whole["tokenizer"]["parity"]["targets"] = self.tokenizer.parity.targets and "file"
        return whole


def config_hash(recipe: Recipe) -> str:
    """Hash of `Recipe.identity`: SHA-256 of its canonical JSON, in hexadecimal."""
    canonical = json.dumps(
        recipe.identity(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def exact(share: float) -> Fraction:
    """Read a share as the decimal that was written: 0.37 is 37/100, not the nearest double."""
    return Fraction(str(share))


def is_path(rules: str) -> bool:
    """Whether a source's `rules` names a file rather than a profile."""
    return rules.endswith(".toml")


def _distinct(where: str, names: Sequence[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ConfigError(
                f"{where}[{index}].name: {name!r} stands there twice", parameter=where
            )


def _known(where: str, named: Mapping[str, float], known: set[str], complaint: str) -> None:
    for name in named:
        if name not in known:
            hint = schema.nearest(name, known)
            raise ConfigError(f"{where}.{name}: {complaint}{hint}", parameter=f"{where}.{name}")
