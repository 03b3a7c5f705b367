"""Makes the small models of tests/golden/fasttext and what the official library says with them and with lid.176.ftz.

Run with fasttext 0.9.2 and numpy below 2 (`pip install fasttext-wheel==0.9.2 'numpy<2' zstandard`):

    python benches/peers/fasttext_golden.py --corpus DIR

DIR holds `lid_train/common_voice.tsv.zst` (label, file, sentence; Common Voice sentences, CC0) and
`lid_train/udhr.tsv.zst` (label, script, paragraph; the Universal Declaration of Human Rights). The models are toys:
they cover the loss functions, the n-gram kinds and the forms of quantisation, and answer badly.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from pathlib import Path

import fasttext
import numpy as np
import zstandard

ROOT = Path(__file__).resolve().parents[2]
MODELS_AT = ROOT / "tests/golden/fasttext"
LID = ROOT / "python/gamayun_data/data/lid.176.ftz"
LANGUAGES = ("en", "de", "fr", "tr", "zh-CN", "ar", "ja", "it", "uk")
SENTENCES = 2000  # of each language
DECLARATIONS = 300  # labels
COMMON = {"thread": 1, "seed": 7, "verbose": 0}
NGRAMS = {"minn": 2, "maxn": 4, "wordNgrams": 2}

# name: (training text, training parameters, quantisation parameters or None)
MODELS: dict[str, tuple[str, dict[str, object], dict[str, object] | None]] = {
    "softmax.bin": (
        "voice",
        {"loss": "softmax", "dim": 6, "bucket": 700, "minCount": 25, **NGRAMS},
        None,
    ),
    "hs-word-ngrams.bin": (
        "voice",
        {"loss": "hs", "dim": 5, "bucket": 500, "minCount": 30, "wordNgrams": 3},
        None,
    ),
    "ova.bin": (
        "voice",
        {"loss": "ova", "dim": 4, "bucket": 400, "minCount": 40, "minn": 1, "maxn": 3, "lr": 1.0},
        None,
    ),
    "ns-words.bin": ("voice", {"loss": "ns", "dim": 4, "bucket": 0, "minCount": 20}, None),
    "wide.bin": (
        "voice",
        {"loss": "softmax", "dim": 20, "bucket": 100, "minCount": 100, "minn": 3, "maxn": 3},
        None,
    ),
    "ns.ftz": ("voice", {"loss": "ns", "dim": 5, "bucket": 900, "minCount": 30, **NGRAMS}, {}),
    "pruned-qnorm.ftz": (
        "voice",
        {"loss": "softmax", "dim": 6, "bucket": 5000, "minCount": 30, **NGRAMS},
        {"qnorm": True, "cutoff": 600, "retrain": True, "epoch": 1},
    ),
    "hs-qout.ftz": (
        "udhr",
        {"loss": "hs", "dim": 5, "bucket": 800, "minCount": 300, "minn": 2, "maxn": 3},
        {"qnorm": True, "qout": True, "cutoff": 500, "retrain": False},
    ),
    "softmax-qout.ftz": (
        "udhr",
        {"loss": "softmax", "dim": 4, "bucket": 600, "minCount": 400, "minn": 1, "maxn": 2},
        {"qnorm": False, "qout": True, "dsub": 2},
    ),
}

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "All human beings are born free and equal in dignity and rights.",
    "Все люди рождаются свободными и равными в своём достоинстве и правах.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.",
    "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "人人生而自由，在尊严和权利上一律平等。",
    "人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心。",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    "Wszyscy ludzie rodzą się wolni i równi w swojej godności i prawach.",
    "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.",
    "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.",
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है।",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.",
    "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama.",
    "Toate ființele umane se nasc libere și egale în demnitate și în drepturi.",
    "Minden emberi lény szabadon születik és egyenlő méltósága és joga van.",
    "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Alla människor är födda fria och lika i värde och rättigheter.",
    "Alle mennesker er født frie og med samme menneskeverd.",
    "Alle mennesker er født frie og lige i værdighed og rettigheder.",
    "Всички хора се раждат свободни и равни по достойнство и права.",
    "Сва људска бића рађају се слободна и једнака у достојанству и правима.",
    "Барлық адамдар тумысынан азат және қадір-қасиеті тең болып дүниеге келеді.",
    "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებით.",
    "Բոլոր մարդիկ ծնվում են ազատ ու հավասար։",
    "எல்லா மனிதர்களும் சுதந்திரமாகவே பிறக்கின்றனர்.",
    "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।",
    "Mixed: hello мир 世界 bonjour",
    "ﬁne print: naïve façade — “quotes” … №5",
    "",
    " ",
    "\n",
    "\t \r\n\v\f ",
    "\0",
    "a",
    ".",
    "é",
    "日",
    "a b c d e f g",
    "two\nlines of\ntext",
    "split\0by\vodd\fwhite\rspace\u00a0but\u3000not\u2028these",
    "1234567890 3.14 -273.15 2026-11-21",
    "😀😃😄 👩‍👩‍👧‍👦 🇫🇷",
    "e\u0301 a\u030a combining",
    "\ufeffbyte order mark",
    "word __label__en more",
    "__label__ __label__unknown text",
    "before </s> after the end of the line",
    "</s>",
    "<html><body>a &amp; b</body></html>",
    "https://example.com/path?query=1#fragment user@example.com",
    "for (int i = 0; i < n; ++i) { sum += a[i]; }",
    "x" * 3000,
    "слово" * 400 + " конец",
    "漢字" * 500,
    "the " * 500,
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
]


def voice(corpus: Path) -> list[str]:
    """Two thousand sentences of each language at most, as training lines."""
    lines, seen = [], dict.fromkeys(LANGUAGES, 0)
    for label, _, text in rows(corpus / "lid_train/common_voice.tsv.zst"):
        if label in seen and seen[label] < SENTENCES:
            seen[label] += 1
            lines.append(f"__label__{label} {text}")
    return lines


def udhr(corpus: Path) -> list[str]:
    """The first 300 languages of the Declaration, as training lines."""
    lines, seen = [], {}
    for label, _, text in rows(corpus / "lid_train/udhr.tsv.zst"):
        if label in seen or len(seen) < DECLARATIONS:
            seen[label] = True
            lines.append(f"__label__{label} {text}")
    return lines


def rows(path: Path):
    stream = zstandard.ZstdDecompressor().stream_reader(path.open("rb"))
    for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
        yield line.rstrip("\n").split("\t")


def train(name: str, corpus: Path) -> None:
    source, parameters, quantisation = MODELS[name]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as text:
        text.write("\n".join(globals()[source](corpus)) + "\n")
        text.flush()
        model = fasttext.train_supervised(
            text.name, **{"epoch": 3, "lr": 0.5, **COMMON, **parameters}
        )
        if quantisation is not None:
            model.quantize(input=text.name, thread=1, verbose=0, **quantisation)
        model.save_model(str(MODELS_AT / name))


def answers(path: Path, k: int) -> list[tuple[str, str]]:
    """Labels and probabilities for each text, as TOML; a line feed is a space, for the official binding refuses it."""
    model = fasttext.load_model(str(path))
    out = []
    for text in TEXTS:
        found = model.f.predict(text.replace("\n", " ") + "\n", k, 0.0, "strict")
        labels = [label.removeprefix("__label__") for _, label in found]
        probabilities = ", ".join(str(np.float32(p)) for p, _ in found)
        out.append((json.dumps(labels, ensure_ascii=False), f"[{probabilities}]"))
    return out


def cases() -> str:
    """A case for each text: what lid.176.ftz says."""
    out = []
    for text, (labels, probabilities) in zip(TEXTS, answers(LID, 3), strict=True):
        quoted = (
            json.dumps(text, ensure_ascii=False)
            .replace("\u2028", "\\u2028")
            .replace("\ufeff", "\\ufeff")
        )
        out.append(
            f"[[case]]\ntext = {quoted}\nlabels = {labels}\nprobabilities = {probabilities}\n"
        )
    return "\n".join(out)


def model(name: str) -> str:
    """What a small model says of the same texts, in the same order."""
    both = answers(MODELS_AT / name, 4)
    labels, probabilities = (",\n".join(f"  {answer[i]}" for answer in both) for i in (0, 1))
    return f"[[model]]\nname = {json.dumps(name)}\nlabels = [\n{labels},\n]\nprobabilities = [\n{probabilities},\n]\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--keep-models", action="store_true", help="make the predictions only")
    options = parser.parse_args()
    if not options.keep_models:
        for name in MODELS:
            train(name, options.corpus)
    made = "# Answers of fasttext 0.9.2, made by benches/peers/fasttext_golden.py; probabilities are 32-bit floats in their shortest form.\n"
    (ROOT / "tests/golden" / "lid176.toml").write_text(f"{made}\n{cases()}", encoding="utf-8")
    models = "\n".join(model(name) for name in MODELS)
    order = "# Texts: those of ../lid176.toml, in its order.\n"
    (MODELS_AT / "predictions.toml").write_text(f"{made}{order}\n{models}", encoding="utf-8")


if __name__ == "__main__":
    main()
