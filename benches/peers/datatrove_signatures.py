"""Are our signatures datatrove's, bit for bit? In steps, since the two tools seldom share an environment.

    python datatrove_signatures.py dump tests/golden/datatrove    # needs datatrove 0.10.1 and its word tokenizers
    python datatrove_signatures.py scan OUT                       # needs datatrove: what it makes of every character
    python datatrove_signatures.py compare OUT                    # needs gamayun_data: characters that differ

`dump` writes minhash/signatures.jsonl beside the documents that the tests hold: of some documents of each language and of some
odd strings the simplified text, the words that datatrove's tokenizer of the language makes of it, and the signatures of
64 and of 32 bits under datatrove's defaults (little-endian, base64). The tests need neither datatrove nor its tokenizers.
"""

import argparse
import base64
import json
import sys
import unicodedata
from pathlib import Path

CODES = {
    "en": "eng_Latn", "ru": "rus_Cyrl", "de": "deu_Latn", "fr": "fra_Latn", "es": "spa_Latn", "it": "ita_Latn",
    "pt": "por_Latn", "zh": "cmn_Hani", "ja": "jpn_Jpan", "ko": "kor_Hang", "ar": "arb_Arab", "tr": "tur_Latn",
}  # fmt: skip
ODD = [
    "",
    "too few words here",
    "exactly five words are here",
    "ΟΔΥΣΣΕΥΣ ΚΑΙ ΣΟΦΟΣ Σ ΑΣ. Istanbul İSTANBUL ISPARTA",
    "1,234.56 and 1.2.3 and ١٢٫٣ and 12٬5 and ４５．６ and 7⎖8 and x9y and १२.३४५",
    "a\tb\r\nc\x0bd\x1ce\x85f\xa0g\u2003h\u3000i\u200bj\ufeffk",
    "Crème brûlée, naïve façade; Ångström — “quoted” ‘single’ «guillemets» 50% [x]{y}|z~`^_",
    "한글 자모 분해 그리고 다시, café\u0301 e\u0301 हिन्दी की किताब ไทยภาษา",
    "。、，！？（括号）【】：；《书名》 日本語のテキスト。ﾊﾝｶｸ ｱｲｳ",
    "\u0301 \u0301leading marks \u0301 inside \u0301",
]  # fmt: skip
EACH = 3


def tokenizers():
    from datatrove.utils.word_tokenizers import load_word_tokenizer

    return {lang: load_word_tokenizer(code) for lang, code in CODES.items()}


def signer(precision):
    """datatrove's first step without its pipeline."""
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=precision))
    return MinhashDedupSignature("unused", config=config, language=CODES["en"])


def packed(step, tokenizer, text, size):
    step.word_tokenizer = tokenizer
    shingles = step.get_shingles(text)
    if not shingles.size:
        return None
    values = [value for bucket in step.get_signature(shingles) for value in bucket]
    return base64.b64encode(b"".join(v.to_bytes(size, "little") for v in values)).decode()


def dump(folder):
    from datatrove.utils.text import simplify_text

    known, wide, narrow = tokenizers(), signer(64), signer(32)
    rows = [("en", f"odd-{n}", text) for n, text in enumerate(ODD)]
    for lang in CODES:
        lines = (folder / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
        documents = [json.loads(line) for line in lines]
        documents = sorted(documents, key=lambda d: abs(len(d["text"]) - 500))[:EACH]
        rows += [(lang, d["id"], d["text"]) for d in documents]
    with (folder / "minhash" / "signatures.jsonl").open("w", encoding="utf-8") as file:
        for lang, name, text in rows:
            simple = simplify_text(text)
            row = {
                "id": name,
                "lang": lang,
                "text": text,
                "simplified": simple,
                "words": known[lang].word_tokenize(simple),
                "signature_64": packed(wide, known[lang], text, 8),
                "signature_32": packed(narrow, known[lang], text, 4),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def characters():
    """Every assigned character between letters, and every one between digits."""
    for code in range(0x110000):
        c = chr(code)
        if unicodedata.category(c) not in {"Cs", "Cn", "Co"}:
            yield f"Ab{c}cD {c} 1{c}2"


def scan(out):
    from datatrove.utils.text import simplify_text

    texts = list(characters())
    out.write_text(json.dumps([texts, [simplify_text(text) for text in texts]]), encoding="utf-8")


def compare(out):
    import gamayun_data as gd

    texts, theirs = json.loads(out.read_text(encoding="utf-8"))
    ours = gd.MinHasher.datatrove().simplify(texts)
    different = [(t, a, b) for t, a, b in zip(texts, ours, theirs, strict=True) if a != b]
    for text, a, b in different[:20]:
        print(f"{text!a}: ours {a!a}, datatrove's {b!a}")
    print(f"{len(texts)} characters, {len(different)} differ")
    return bool(different)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=("dump", "scan", "compare"))
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    sys.exit(globals()[options.step](options.path))


if __name__ == "__main__":
    main()
