"""The language models that come with the package are found by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

import gamayun_data as gd
from gamayun_data import config, recipe

TEXTS = {
    "en": "The children went home after school because it was raining.",
    "ru": "Дети пошли домой после школы, потому что шёл дождь.",
    "de": "Die Kinder gingen nach der Schule nach Hause, weil es regnete.",
    "fr": "Les enfants sont rentrés à la maison après l'école parce qu'il pleuvait.",
    "es": "Los niños se fueron a casa después de la escuela porque estaba lloviendo.",
    "it": "I bambini sono tornati a casa dopo la scuola perché pioveva.",
    "pt": "As crianças foram para casa depois da escola porque estava chovendo.",
    "zh": "孩子们放学后回家了,因为下雨了。",
    "ja": "雨が降っていたので、子どもたちは学校のあと家に帰りました。",
    "ko": "비가 와서 아이들은 학교가 끝난 뒤 집으로 갔습니다.",
    "ar": "ذهب الأطفال إلى المنزل بعد المدرسة لأن المطر كان يهطل.",
    "tr": "Yağmur yağdığı için çocuklar okuldan sonra eve gittiler.",
    "uk": "Діти пішли додому після школи, бо йшов дощ.",
}


@pytest.mark.parametrize("name", recipe.BUNDLED_MODELS)
def test_a_bundled_model_is_found_by_name_and_knows_the_twelve(name: str) -> None:
    model = gd.LanguageModel.load(name)
    best = [one[0]["label"] for one in model.score(list(TEXTS.values()), k=1).to_list()]
    assert [label.split("-")[0] for label in best] == list(TEXTS)
    assert Path(model.path) == recipe.BUNDLED_MODELS[name]


def test_ours_says_what_it_was_made_from() -> None:
    said = gd.LanguageModel.load("gamayun").core.provenance
    assert "Common Voice" in said
    assert "seed 0" in said


def test_a_long_text_is_read_in_stretches_unless_told_otherwise() -> None:
    text = f"{TEXTS['de']} " * 200
    found = [
        gd.LanguageModel.load("gamayun", whole=whole).score([text], k=1).to_list()[0][0]
        for whole in (False, True)
    ]
    assert [one["label"] for one in found] == ["de", "de"]
    short = [
        gd.LanguageModel.load("gamayun", whole=whole).score([TEXTS["de"]]).to_list()
        for whole in (False, True)
    ]
    assert short[0] == short[1]


def test_a_recipe_names_a_model_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    for said, meant in (("gamayun", "gamayun"), ("./gamayun", str(tmp_path / "gamayun"))):
        path.write_text(f'version = 1\n[curation]\nlid_model = "{said}"\n')
        found = config.load(path).curation.lid_model
        assert found is not None
        assert recipe.model_path(found) == recipe.model_path(meant)
    assert recipe.model_path(None) == recipe.BUNDLED_MODELS["lid.176"]


def test_a_run_can_use_ours(sample_file: Path, tmp_path: Path) -> None:
    result = gd.curate([sample_file], output=tmp_path / "run", lid_model="gamayun", langs="ru,zh")
    rows = {row.language: row for row in result.languages}
    assert rows["ru"].read > 0
    assert rows["zh"].read > 0


@pytest.fixture
def sample_file(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    lines = [f'{{"text": "{text} {number}"}}' for text in TEXTS.values() for number in range(3)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
