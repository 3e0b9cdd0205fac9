"""What a lecture's language means for the setting of its pages."""

import re
from dataclasses import dataclass
from typing import Literal

_CODE = re.compile(r"[a-z]{2,3}(?![a-z])")
_CHINESE = frozenset({"zh", "yue", "cmn", "wuu", "nan"})
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})
_INDIC = frozenset(
    {"as", "bn", "gu", "hi", "kn", "ml", "mr", "ne", "or", "pa", "sa", "si", "ta", "te"}
)
_OF_ONE_WEIGHT = _INDIC | _CHINESE | {"am", "bo", "ja", "km", "ko", "lo", "my", "ti"}
_TALL = _RIGHT_TO_LEFT | _INDIC | {"am", "bo", "km", "lo", "my", "th", "ti"}
_TRADITIONAL = re.compile(r"[-_](?:hant|tw|hk|mo)\b", re.IGNORECASE)
_SIMPLIFIED = re.compile(r"[-_](?:hans|cn|sg)\b", re.IGNORECASE)

Script = Literal["plain", "tall", "square"]


@dataclass(frozen=True, kw_only=True)
class Typography:
    language: str
    """ISO 639: rules for line ends, forms of letters."""
    region: str | None
    """ISO 3166; for Chinese alone, where it distinguishes simplified from traditional forms."""
    right_to_left: bool
    bold: bool
    """Whether its letters come in a bold weight too."""
    script: Script
    """`tall`: with marks above and below that need room; `square`: Chinese and Japanese."""


def typography(language: str, text: str) -> Typography:
    """For a language tag, of which anything but the first part may be missing, and text in it."""
    found = _CODE.match(language.lower())
    code = found[0] if found else "en"
    chinese = code in _CHINESE
    script: Script = "plain"
    if code in _TALL:
        script = "tall"
    elif chinese or code == "ja":
        script = "square"
    return Typography(
        language="zh" if chinese else code,
        region=_chinese_region(language, text) if chinese else None,
        right_to_left=code in _RIGHT_TO_LEFT,
        bold=code not in _OF_ONE_WEIGHT,
        script=script,
    )


def _chinese_region(language: str, text: str) -> str:
    """Speech recognition says `zh` and no more; which characters are written says the rest."""
    if _TRADITIONAL.search(language):
        return "TW"
    if _SIMPLIFIED.search(language):
        return "CN"
    characters = re.sub("[^\u4e00-\u9fff]", "", text)
    traditional = len(characters.encode("big5", "ignore"))
    return "TW" if traditional > len(characters.encode("gb2312", "ignore")) else "CN"
