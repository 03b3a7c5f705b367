"""Recipes: every key is checked, every refusal names the key and what was expected."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from gamayun_data import config, recipe, toml
from gamayun_data.errors import ConfigError

SECTIONS = {
    "sources": (recipe.Source, config.SOURCE_KEYS),
    "curation": (recipe.Curation, config.CURATION_KEYS),
    "dedup": (recipe.Dedup, config.DEDUP_KEYS),
    "tokenizer": (recipe.TokenizerRecipe, config.TOKENIZER_KEYS),
    "validation": (recipe.Validation, config.VALIDATION_KEYS),
    "shards": (recipe.Shards, config.SHARDS_KEYS),
    "stages": (recipe.Stage, config.STAGE_KEYS),
}
STAGE = 'version = 1\n[[stages]]\nname = "s"\ntokens = 1000\nsequence_length = 10\n'


@pytest.mark.parametrize("section", SECTIONS)
def test_each_key_of_a_section_is_a_field_of_its_value(section: str) -> None:
    kind, keys = SECTIONS[section]
    assert list(keys) == [one.name for one in fields(kind)]


def test_the_template_parses_and_names_every_key() -> None:
    text = config.template()
    assert config.parse(text).stages[1].anchors == {"en": 0.7}
    for section, (_, keys) in SECTIONS.items():
        assert f"[{section}]" in text
        assert all(f"{key} = " in text for key in keys)
    assert all(f"{key} = " in text for key in ("version", "seed", "languages", "preset"))


def test_the_commented_keys_of_the_template_parse_too() -> None:
    lines = config.template().splitlines()
    sources = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    keys = [line for line in sources if line.startswith(("[[", *(f"{k} =" for k in all_keys())))]
    start = keys.index("[[sources]]")
    end = max(index for index, line in enumerate(keys) if line.startswith("rules ="))
    parsed = config.parse("version = 1\n" + "\n".join(keys[start : end + 1]))
    assert [source.domain for source in parsed.sources] == ["web", "code"]


def all_keys() -> list[str]:
    return [key for _, keys in SECTIONS.values() for key in keys]


def test_the_template_states_the_defaults() -> None:
    parsed = config.parse(config.template())
    assert replace(parsed, stages=()) == recipe.Recipe()


def test_the_recipe_of_the_sample_parses() -> None:
    sample = config.resolve(sample=True)
    assert len(sample.stages) == 2
    assert all(Path(path).is_absolute() for source in sample.sources for path in source.paths)


def test_relative_paths_start_at_the_folder_of_the_recipe(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(
        'version = 1\nsources = [{name = "a", paths = ["x/*.gz", "/abs", "-"], rules = "r.toml"}]\n'
        '[curation]\nlid_model = "m.bin"\n[tokenizer]\nfile = "t.json"\n'
    )
    parsed = config.load(file)
    assert parsed.sources[0].paths == (f"{tmp_path}/x/*.gz", "/abs", "-")
    assert parsed.sources[0].rules == f"{tmp_path}/r.toml"
    assert parsed.curation.lid_model == f"{tmp_path}/m.bin"
    assert parsed.tokenizer.file == f"{tmp_path}/t.json"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = 1", "version: missing"),
        ("version = 2", "version: expected a whole number from 1 to 1, found 2"),
        ("version = 1\nsead = 3", "sead: unknown key; did you mean `seed`?"),
        ("version = ", "not valid TOML: Invalid value"),
        ("version = 1\nlanguages = []", "languages: expected a list of at least 1"),
        ('version = 1\nlanguages = ["en", "en"]', "languages: 'en' stands there twice"),
        ('version = 1\nlanguages = ["e n"]', "languages[0]: expected a language such as"),
        ('version = 1\npreset = "twelv"', "preset: no preset is named 'twelv'; did you mean `tw"),
        (
            'version = 1\npreset = "twelve"\nlanguages = ["en"]',
            "preset: `languages` stands there too",
        ),
        ("version = 1\ncuration = 3", "curation: expected a table, found 3"),
        ("version = 1\n[dedup]\nthreshold = 0", "dedup.threshold: expected a number above 0 to 1"),
        ("version = 1\n[dedup]\nbands = 1.5", "dedup.bands: expected a whole number from 1 to 256"),
        ('version = 1\n[dedup]\nkeep = ["oldest"]', "dedup.keep[0]: expected priority"),
        ("version = 1\n[tokenizer]\nvocab_size = 12", "tokenizer.vocab_size: expected a whole num"),
        ('version = 1\n[tokenizer]\nweights = "parity"', 'tokenizer.weights: expected "stages", '),
        (
            "version = 1\n[tokenizer.weights]\nxx = 1.0",
            "tokenizer.weights.xx: is not in `languages",
        ),
        (
            'version = 1\n[curation]\nmax_document_bytes = "64X"',
            "curation.max_document_bytes: expected a number of bytes",
        ),
        ("version = 1\n[curation]\nmax_document_bytes = 0", "expected at least one byte, found 0"),
        ('version = 1\n[[sources]]\nname = "a"', "sources[0].paths: missing"),
        ('version = 1\nsources = [{name="a",paths=[]}]', "sources[0].paths: expected a list of at"),
        (
            'version = 1\nsources = [{name="a",paths=["x"]},{name="a",paths=["y"]}]',
            "sources[1].name: 'a' stands there twice",
        ),
        (STAGE + "anchrs = {en = 0.3}", "stages[0].anchrs: unknown key; did you mean `anchors`?"),
        (STAGE + "anchors = {en = 1.3}", "stages[0].anchors.en: expected a number from 0 to 1"),
        (STAGE + "anchors = {en = 0.7, ru = 0.4}", "stage `s`: anchors sum to 1.1, 0.1 above 1"),
        (STAGE + "anchors = {eo = 0.3}", "stages[0].anchors.eo: is not in `languages`; did you m"),
        (STAGE + 'max_epochs = "4"', "stages[0].max_epochs: expected a number above 0, found '4'"),
        (STAGE.replace("1000", '"1.5X"'), "stages[0].tokens: expected a whole number such as"),
        (STAGE.replace("1000", "9"), "stage `s`: a budget of 9 tokens is less than one sample of"),
        (
            STAGE + 'domains = {cod = 0.1}\n[[sources]]\nname="a"\npaths=["x"]\ndomain="code"',
            "stages[0].domains.cod: no source has it; did you mean `code`?",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text)
    assert message in str(caught.value)


def test_an_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("version = 1\nseeed = 2\n")
    with pytest.raises(ConfigError, match=r"r\.toml: seeed: unknown key") as caught:
        config.load(file)
    assert caught.value.parameter == "seeed"
    assert caught.value.path == str(file)
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        config.load(file)
    with pytest.raises(FileNotFoundError):
        config.load(tmp_path / "absent.toml")


def test_a_call_overrides_the_recipe_which_overrides_the_defaults() -> None:
    base = config.parse(
        'version = 1\nseed = 5\nlanguages = ["en"]\n[dedup]\nkeep = ["id"]\nbands = 7\n'
        '[[sources]]\nname = "a"\npaths = ["x"]\ndomain = "books"\n'
        "[curation]\nlanguage_thresholds = { en = 0.5, ru = 0.6 }"
    )
    merged = config.resolve(
        base,
        seed=6,
        langs="en,ru",
        keep="quality,id",
        text_column="body",
        language_threshold={"ru": 0.9},
        max_document_bytes="1K",
        on_bad_record=None,
        lid_model=Path("model.bin"),
    )
    assert merged.curation.lid_model == "model.bin"
    assert (merged.seed, merged.languages, merged.dedup.bands) == (6, ("en", "ru"), 7)
    assert merged.dedup.keep == ("quality", "id")
    assert merged.sources[0].text_column == "body"
    assert merged.sources[0].domain == "books"
    assert merged.curation.language_thresholds == {"en": 0.5, "ru": 0.9}
    assert merged.curation.max_document_bytes == 1024
    assert merged.curation.on_bad_record == "reject"


def test_paths_of_a_call_replace_the_sources_of_the_recipe() -> None:
    base = config.parse('version = 1\n[[sources]]\nname = "a"\npaths = ["x"]')
    merged = config.resolve(base, sources=["y.gz", "z"], format="text", text_unit="line")
    assert merged.sources == (
        recipe.Source("input", ("y.gz", "z"), format="text", text_unit="line"),
    )


def test_one_threshold_holds_for_every_language() -> None:
    assert config.resolve(language_threshold=0.7).curation.language_thresholds == {"*": 0.7}


def test_only_the_outcome_of_a_merge_must_be_valid() -> None:
    base = config.parse("version = 1\n[tokenizer.weights]\nru = 2.0")
    merged = config.resolve(base, weights={"eo": 2.0}, langs="eo")
    assert merged.tokenizer.weights == {"eo": 2.0}
    with pytest.raises(ConfigError, match=r"tokenizer\.weights\.ru: is not in `languages`"):
        config.resolve(base, langs="eo")


def test_a_preset_is_a_list_of_languages() -> None:
    assert config.resolve(langs="twelve").languages == recipe.Recipe().languages


def test_a_vocabulary_to_train_takes_the_place_of_a_file() -> None:
    base = config.parse('version = 1\n[tokenizer]\nfile = "/t.json"')
    assert config.resolve(base).tokenizer.file == "/t.json"
    assert config.resolve(base, vocab_size=500).tokenizer.file is None
    assert config.resolve(base, tokenizer="/u.json").tokenizer.file == "/u.json"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"langs": "en,,ru"}, r"langs\[1\]: expected a language"),
        ({"seed": -1}, "seed: expected a whole number from 0"),
        ({"keep": "best"}, r"keep\[0\]: expected priority"),
        ({"vocab_sise": 3}, "vocab_sise: unknown option; did you mean `vocab_size`"),
        ({"language_threshold": 2.0}, "language_threshold: expected a number from 0 to 1"),
        ({"sample": True, "sources": ["x"]}, "takes the place of sources"),
    ],
)
def test_a_call_that_cannot_be_used_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.resolve(**options)  # type: ignore[arg-type]


def test_the_hash_sees_what_changes_results_and_nothing_else() -> None:
    base = config.parse(
        'version = 1\nlanguages = ["en", "ru"]\n[[sources]]\nname = "a"\npaths = ["x"]\n'
        '[[sources]]\nname = "b"\npaths = ["y"]\n'
    )
    mine = config.config_hash(base)
    same = [
        replace(base, languages=("ru", "en")),
        replace(base, sources=base.sources[::-1]),
        config.resolve(base, on_bad_record="fail", lid_model="other.bin"),
        replace(base, sources=(replace(base.sources[0], paths=("z",)), base.sources[1])),
    ]
    other = [
        config.resolve(base, seed=1),
        config.resolve(base, langs="en"),
        config.resolve(base, keep="id"),
        replace(base, sources=(replace(base.sources[0], priority=9), base.sources[1])),
    ]
    assert {config.config_hash(one) for one in same} == {mine}
    assert len({mine, *map(config.config_hash, other)}) == len(other) + 1


def test_the_printed_form_reads_back_as_the_same_recipe() -> None:
    sample = config.resolve(sample=True, language_threshold={"*": 0.5, "ru": 0.7})
    assert config.parse(toml.to_toml(sample)) == sample


def test_a_recipe_may_ask_for_parity(tmp_path: Path) -> None:
    told = "version = 1\n[tokenizer]\nreserved = 2\n[tokenizer.parity]\n"
    parsed = config.parse(told + 'parallel = ["a.tsv"]\nhybrid = 500', folder=tmp_path).tokenizer
    assert parsed.parity == recipe.Parity(parallel=(f"{tmp_path}/a.tsv",), hybrid=500)
    assert parsed.specials == ["<|endoftext|>", "<|reserved_0|>", "<|reserved_1|>"]
    assert config.parse(told).tokenizer.parity == recipe.Parity()
    assert list(config.PARITY_KEYS) == [one.name for one in fields(recipe.Parity)]
    for wrong, complaint in (
        ('parallel = ["a"]\ntargets = "b"', "parallel text and targets exclude each other"),
        ("tagets = 1", "tokenizer.parity.tagets: unknown key; did you mean `targets`?"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            config.parse(told + wrong)
    with pytest.raises(ConfigError, match="does not go with parity"):
        config.parse("version = 1\n[tokenizer]\nmin_pretoken_count = 2\nparity = {}")


def test_the_place_of_parallel_text_changes_nothing(tmp_path: Path) -> None:
    def hash_in(folder: str) -> str:
        told = 'version = 1\n[tokenizer.parity]\nparallel = ["a.tsv"]'
        return config.config_hash(config.parse(told, folder=tmp_path / folder))

    assert hash_in("one") == hash_in("two")
    assert hash_in("one") != config.config_hash(config.parse("version = 1"))
