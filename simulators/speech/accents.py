"""The accent phrases of a text, read off the full-context labels of Open JTalk.

A label describes one phoneme with its surroundings (`lab_format.pdf` of the HTS demo): after `-` the phoneme, after
`/A:…+` its mora's number in the accent phrase, after `/F:` the phrase's moras, its accent (0: flat) and whether it is
a question.
"""

import re
from collections.abc import Iterable

from simulators.speech.query import AccentPhrase, Mora

LABEL = re.compile(
    r"-(?P<phoneme>\w+)\+.*/A:[-\dx]+\+(?P<number>\d+)\+.*/F:(?P<moras>\d+)_(?P<accent>\d+)#(?P<asks>\w+)_"
)
PAUSE = re.compile(r"-pau\+")
VOWELS = "aiueo"
KANA = """
-  ア イ ウ エ オ
k  カ キ ク ケ コ
ky キャ キィ キュ キェ キョ
kw クァ クィ クゥ クェ クォ
g  ガ ギ グ ゲ ゴ
gy ギャ ギィ ギュ ギェ ギョ
gw グヮ グィ グゥ グェ グォ
s  サ スィ ス セ ソ
sh シャ シ シュ シェ ショ
z  ザ ズィ ズ ゼ ゾ
j  ジャ ジ ジュ ジェ ジョ
t  タ ティ トゥ テ ト
ty テャ ティ テュ テェ テョ
ch チャ チ チュ チェ チョ
ts ツァ ツィ ツ ツェ ツォ
d  ダ ディ ドゥ デ ド
dy デャ ディ デュ デェ デョ
n  ナ ニ ヌ ネ ノ
ny ニャ ニィ ニュ ニェ ニョ
h  ハ ヒ フ ヘ ホ
hy ヒャ ヒィ ヒュ ヒェ ヒョ
f  ファ フィ フ フェ フォ
fy フャ フィ フュ フェ フョ
b  バ ビ ブ ベ ボ
by ビャ ビィ ビュ ビェ ビョ
v  ヴァ ヴィ ヴ ヴェ ヴォ
p  パ ピ プ ペ ポ
py ピャ ピィ ピュ ピェ ピョ
m  マ ミ ム メ モ
my ミャ ミィ ミュ ミェ ミョ
y  ヤ イ ユ イェ ヨ
r  ラ リ ル レ ロ
ry リャ リィ リュ リェ リョ
w  ワ ウィ ウ ウェ ウォ
"""
SPELLING = {"N": "ン", "cl": "ッ"} | {
    consonant.strip("-") + vowel: kana
    for consonant, *row in map(str.split, KANA.strip().splitlines())
    for vowel, kana in zip(VOWELS, row, strict=True)
}


def accent_phrases(labels: Iterable[str]) -> list[AccentPhrase]:
    phrases: list[AccentPhrase] = []
    last_number, consonant = 0, ""
    for label in labels:
        if PAUSE.search(label) and phrases:
            phrases[-1].pause_mora = Mora(text="、", vowel="pau")
            last_number = 0
        if not (match := LABEL.search(label)):
            continue
        number, moras, accent = (int(match[name]) for name in ("number", "moras", "accent"))
        if number == 1 != last_number:
            phrases.append(AccentPhrase.model_construct(moras=[], accent=accent or moras))
            phrases[-1].is_interrogative = match["asks"] == "1"
        last_number = number
        if not _closes_a_mora(match["phoneme"]):
            consonant = match["phoneme"]
            continue
        phrases[-1].moras.append(_mora(consonant, match["phoneme"]))
        consonant = ""
    return phrases


def _closes_a_mora(phoneme: str) -> bool:
    return phoneme in ("N", "cl") or phoneme.lower() in VOWELS


def _mora(consonant: str, vowel: str) -> Mora:
    """A vowel in capitals is whispered."""
    sound = consonant + (vowel if vowel in SPELLING else vowel.lower())
    return Mora(
        text=SPELLING[sound],
        consonant=consonant or None,
        consonant_length=0.0 if consonant else None,
        vowel=vowel,
    )
