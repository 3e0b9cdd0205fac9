"""Languages as Whisper's services name them ("english"), as ISO 639-1."""

_CODES = """
afrikaans af, albanian sq, amharic am, arabic ar, armenian hy, assamese as, azerbaijani az,
bashkir ba, basque eu, belarusian be, bengali bn, bosnian bs, breton br, bulgarian bg, burmese my,
cantonese yue, castilian es, catalan ca, chinese zh, croatian hr, czech cs, danish da, dutch nl,
english en, estonian et, faroese fo, finnish fi, flemish nl, french fr, galician gl, georgian ka,
german de, greek el, gujarati gu, haitian ht, haitian creole ht, hausa ha, hawaiian haw, hebrew he,
hindi hi, hungarian hu, icelandic is, indonesian id, italian it, japanese ja, javanese jw,
kannada kn, kazakh kk, khmer km, korean ko, lao lo, latin la, latvian lv, letzeburgesch lb,
lingala ln, lithuanian lt, luxembourgish lb, macedonian mk, malagasy mg, malay ms, malayalam ml,
maltese mt, mandarin zh, maori mi, marathi mr, moldavian ro, moldovan ro, mongolian mn, myanmar my,
nepali ne, norwegian no, nynorsk nn, occitan oc, panjabi pa, pashto ps, persian fa, polish pl,
portuguese pt, punjabi pa, pushto ps, romanian ro, russian ru, sanskrit sa, serbian sr, shona sn,
sindhi sd, sinhala si, sinhalese si, slovak sk, slovenian sl, somali so, spanish es, sundanese su,
swahili sw, swedish sv, tagalog tl, tajik tg, tamil ta, tatar tt, telugu te, thai th, tibetan bo,
turkish tr, turkmen tk, ukrainian uk, urdu ur, uzbek uz, valencian ca, vietnamese vi, welsh cy,
yiddish yi, yoruba yo
"""
"""Of OpenAI's reference implementation (whisper/tokenizer.py), aliases included. `jw`, `haw` and
`yue` are its own and no ISO 639-1; faster-whisper gives the same."""

_BY_NAME = {
    name: code
    for name, _, code in (
        each.strip().rpartition(" ") for each in _CODES.replace("\n", " ").split(",")
    )
}


LANGUAGES = frozenset(_BY_NAME.values())
"""The codes that Whisper's models and services take."""


def iso_639_1(told: str | None) -> str | None:
    """None for an unknown language. A code is returned unchanged."""
    name = (told or "").strip().casefold()
    if name in _BY_NAME:
        return _BY_NAME[name]
    return name if name in _BY_NAME.values() else None


_THREE_LETTERS = """
afr af, alb sq, sqi sq, amh am, ara ar, arm hy, hye hy, asm as, aze az, bak ba, baq eu, eus eu,
bel be, ben bn, bos bs, bre br, bul bg, bur my, mya my, cat ca, chi zh, zho zh, cmn zh, hrv hr,
cze cs, ces cs, dan da, dut nl, nld nl, eng en, est et, fao fo, fin fi, fre fr, fra fr, glg gl,
geo ka, kat ka, ger de, deu de, gre el, ell el, guj gu, hat ht, hau ha, heb he, hin hi, hun hu,
ice is, isl is, ind id, ita it, jpn ja, jav jw, kan kn, kaz kk, khm km, kor ko, lao lo, lat la,
lav lv, ltz lb, lin ln, lit lt, mac mk, mkd mk, mlg mg, may ms, msa ms, mal ml, mlt mt, mao mi,
mri mi, mar mr, mon mn, nep ne, nor no, nob no, nno nn, oci oc, pan pa, pus ps, per fa, fas fa,
pol pl, por pt, rum ro, ron ro, rus ru, san sa, srp sr, sna sn, snd sd, sin si, slo sk, slk sk,
slv sl, som so, spa es, sun su, swa sw, swe sv, tgl tl, fil tl, tgk tg, tam ta, tat tt, tel te,
tha th, tib bo, bod bo, tur tr, tuk tk, ukr uk, urd ur, uzb uz, vie vi, wel cy, cym cy, yid yi,
yor yo
"""
"""ISO 639-2, bibliographic and terminological, of the languages above."""

_BY_TAG = {
    letters: code
    for letters, _, code in (
        each.strip().partition(" ") for each in _THREE_LETTERS.replace("\n", " ").split(",")
    )
}


def from_tag(tag: str | None) -> str | None:
    """The language of a track's tag (ISO 639-2, or BCP 47 as "en-GB"); None if undetermined."""
    primary = (tag or "").strip().casefold().replace("_", "-").partition("-")[0]
    return _BY_TAG.get(primary) or iso_639_1(primary)
