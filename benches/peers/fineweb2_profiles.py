"""Writes rust/quality/profiles from a checkout of github.com/huggingface/fineweb-2.

    python fineweb2_profiles.py CHECKOUT

English has no configuration there: `en` is datatrove's defaults, which FineWeb used. `default` (for a language without
profile) takes the median of each threshold over the other eleven of the twelve languages, and no stop words. Norwegian is
written twice, since models name it `nb` or `no`. Khmer, Lao, Burmese and Tibetan are left out: FineWeb2's values for them
hold for the words of other segmenters than ours, and nobody has compared them. So are Amharic, whose word mark our segmenter
does not know, and Telugu, Tatar, Malayalam and Maltese: under these settings ordinary sentences (Common Voice, the Universal
Declaration of Human Rights) fall, most for want of stop words that are common in Wikipedia alone.
"""

import statistics
import sys
from pathlib import Path

import yaml

CONFIGS = {
    "af": "afr_Latn", "ar": "arb_Arab", "az": "azj_Latn", "be": "bel_Cyrl", "bg": "bul_Cyrl",
    "bn": "ben_Beng", "bs": "bos_Latn", "ca": "cat_Latn", "cs": "ces_Latn", "cy": "cym_Latn", "da": "dan_Latn",
    "de": "deu_Latn", "el": "ell_Grek", "eo": "epo_Latn", "es": "spa_Latn", "et": "ekk_Latn", "eu": "eus_Latn",
    "fa": "fas_Arab", "fi": "fin_Latn", "fr": "fra_Latn", "ga": "gle_Latn", "gl": "glg_Latn", "gu": "guj_Gujr",
    "he": "heb_Hebr", "hi": "hin_Deva", "hr": "hrv_Latn", "hu": "hun_Latn", "hy": "hye_Armn", "id": "ind_Latn",
    "is": "isl_Latn", "it": "ita_Latn", "ja": "jpn_Jpan", "ka": "kat_Geor", "kk": "kaz_Cyrl", "kn": "kan_Knda",
    "ko": "kor_Hang", "ky": "kir_Cyrl", "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl",
    "mn": "khk_Cyrl", "mr": "mar_Deva", "ms": "zsm_Latn", "nb": "nob_Latn", "ne": "npi_Deva",
    "nl": "nld_Latn", "nn": "nno_Latn", "no": "nob_Latn", "pa": "pan_Guru", "pl": "pol_Latn", "pt": "por_Latn",
    "ro": "ron_Latn", "ru": "rus_Cyrl", "si": "sin_Sinh", "sk": "slk_Latn", "sl": "slv_Latn", "sq": "als_Latn",
    "sr": "srp_Cyrl", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "tg": "tgk_Cyrl",
    "th": "tha_Thai", "tl": "fil_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab",
    "uz": "uzn_Latn", "vi": "vie_Latn", "zh": "cmn_Hani",
}  # fmt: skip
MAIN = ["ru", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "tr"]
FIXED = {"min_doc_words": 50, "max_doc_words": 100000, "max_symbol_word_ratio": 0.1, "max_bullet_lines_ratio": 0.9,
         "max_ellipsis_lines_ratio": 0.3}  # fmt: skip
ENGLISH = {
    "repetition": {
        "dup_para_frac": 0.3,
        "dup_para_char_frac": 0.2,
        "dup_line_frac": 0.3,
        "dup_line_char_frac": 0.2,
    }
    | {"top_2_gram": 0.2, "top_3_gram": 0.18, "top_4_gram": 0.16}
    | {
        f"dup_{n}_gram": f
        for n, f in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.1))
    },
    "fineweb": {
        "line_punct_thr": 0.12,
        "short_line_thr": 0.67,
        "char_duplicates_ratio": 0.01,
        "new_line_ratio": 0.3,
    },
    "quality": FIXED
    | {
        "min_avg_word_length": 3,
        "max_avg_word_length": 10,
        "min_alpha_words_ratio": 0.8,
        "min_stop_words": 2,
    },
    "stop_words": ["the", "be", "to", "of", "and", "that", "have", "with"],
}
ENGLISH_SOURCE = "The defaults of datatrove 0.10.1 (Apache-2.0), as FineWeb used them (examples/fineweb.py, C4 without its rule of terminal punctuation); stop words of Gopher (Rae et al. 2021)."
SOURCE = "Thresholds and stop words: github.com/huggingface/fineweb-2, configs/{}.yml at d0defb24 (Apache-2.0); fixed settings of fineweb-2-pipeline.py."
DEFAULT_SOURCE = "The median of each FineWeb2 threshold over ru de fr es it pt zh ja ko ar tr, the widest range of word lengths, no stop words."
C4 = "\n[c4_quality]\nfilter_no_terminal_punct = false\n"
ORDER = ["gopher_repetition", "fineweb_quality", "gopher_quality"]


def of_config(config):
    grams = {f"top_{n}_gram": f for n, f in config["top_n_grams"]}
    grams |= {f"dup_{n}_gram": f for n, f in config["dup_n_grams"]}
    return {
        "repetition": {"dup_line_frac": config["dup_line_frac"]} | grams,
        "fineweb": {
            "line_punct_thr": config["line_punct_thr"],
            "char_duplicates_ratio": 0.1,
            "new_line_ratio": config["new_line_ratio"],
        },
        "quality": FIXED
        | {key: config[key] for key in ("min_avg_word_length", "max_avg_word_length")}
        | {"min_alpha_words_ratio": config["max_non_alpha_words_ratio"], "min_stop_words": 2},
        "stop_words": config["stopwords"],
    }


def median_of(profiles):
    middle = {
        table: {
            key: round(statistics.median(p[table][key] for p in profiles), 3)
            for key in profiles[0][table]
        }
        for table in ("repetition", "fineweb", "quality")
    }
    middle["quality"] |= {"min_avg_word_length": 1, "max_avg_word_length": 21}
    del middle["quality"]["min_stop_words"]
    return middle | {"stop_words": []}


def table(name, values):
    return [f"\n[{name}]", *(f"{key} = {value}" for key, value in values.items())]


def quoted(words):
    return ", ".join(f'"{word}"' for word in words)


def text(name, language, source, order, profile):
    lines = [
        f'name = "{name}"',
        f'language = "{language}"',
        f'source = "{source}"',
        f"order = [{quoted(order)}]",
    ]
    lines += table("gopher_repetition", profile["repetition"])
    lines += table("fineweb_quality", profile["fineweb"])
    lines += table("gopher_quality", profile["quality"])
    if profile["stop_words"]:
        lines.append(f"stop_words = [{quoted(profile['stop_words'])}]")
    return "\n".join(lines) + "\n"


def main(checkout):
    here = Path(__file__).resolve().parents[2] / "rust" / "quality" / "profiles"
    profiles = {
        lang: of_config(
            yaml.safe_load((checkout / "configs" / f"{code}.yml").read_text(encoding="utf-8"))
        )
        for lang, code in CONFIGS.items()
    }
    files = {
        lang: text(lang, lang, SOURCE.format(CONFIGS[lang]), ORDER, p)
        for lang, p in profiles.items()
    }
    english = ["gopher_repetition", "gopher_quality", "c4_quality", "fineweb_quality"]
    files["en"] = text("en", "en", ENGLISH_SOURCE, english, ENGLISH) + C4
    files["default"] = text(
        "default", "", DEFAULT_SOURCE, ORDER, median_of([profiles[lang] for lang in MAIN])
    )
    for name, content in files.items():
        (here / f"{name}.toml").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
