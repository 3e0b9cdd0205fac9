"""When a period does not end a sentence."""

import re

_ALWAYS_FOLLOWED = frozenset(
    (
        # English
        *("mr", "mrs", "ms", "mx", "dr", "prof", "rev", "gen", "sgt", "capt", "lt", "gov"),
        *("hon", "st", "mt", "messrs", "vs", "e.g", "i.e", "cf", "viz", "approx", "resp"),
        # German
        *("hr", "fr", "frl", "bzw", "z.b", "d.h", "u.a", "ggf", "evtl", "sog", "vgl", "bspw"),
        # French, Spanish, Portuguese, Italian
        *("mme", "mlle", "sra", "srta", "dra", "ud", "uds", "p.ej", "dott", "sig", "sigg"),
        # Dutch, Scandinavian, Polish
        *("bijv", "dhr", "mevr", "m.b.t", "f.eks", "t.ex", "bl.a", "tzn", "np"),
    )
)

_BEFORE_A_NUMBER = frozenset(
    (
        *("no", "nos", "fig", "figs", "eq", "eqs", "vol", "vols", "ch", "sec", "p", "pp"),
        *("art", "nr", "abb", "abs", "kap", "núm", "pág", "págs", "cap", "pag"),
    )
)

_INSIDE_OR_AT_THE_END = frozenset(
    (
        *("etc", "al", "inc", "ltd", "co", "corp", "jr", "sr", "bros", "dept", "univ"),
        *("usw", "uvm", "ecc", "ph.d", "m.d", "b.c", "a.d"),
    )
)

_INITIAL = re.compile(r"^[^\W\d_]\.$")
_DOTTED = re.compile(r"^(?:[^\W\d_]{1,3}\.){2,}$")
_NUMBER = re.compile(r"^\d+\.$")

_ORDINAL_LANGUAGES = frozenset(
    (
        *("cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv"),
        *("nb", "nn", "no", "pl", "sk", "sl", "sr", "tr"),
    )
)
"""Write the 3rd of May as "3. May"."""

_SHORT_PAUSE_SEC = 0.3
"""Speakers pause longer than this between most sentences, and shorter inside a name."""


def period_ends_sentence(
    word: str, *, before: str, after: str, pause_sec: float, language: str
) -> bool:
    """Whether the period that `word` ends in also ends the sentence.

    `before` is the word before it ("" at the sentence's start) and `after` the one
    behind it, which does not begin in lower case; `pause_sec` is the silence between.
    """
    bare = word.lstrip("\"'“‘«»([{„")
    name = bare[:-1].lower()
    run_together = pause_sec <= _SHORT_PAUSE_SEC
    if name in _BEFORE_A_NUMBER:
        return not after[:1].isdigit()
    if _NUMBER.match(bare):
        counted = language in _ORDINAL_LANGUAGES or after[:1].isdigit()
        return not (counted and run_together)
    if name in _INSIDE_OR_AT_THE_END:
        return not run_together
    if name in _ALWAYS_FOLLOWED:
        return False
    if _INITIAL.match(bare):
        # "John F. Kennedy" against "vitamin C. It ..."
        return bool(before) and not before[:1].isupper()
    return not (_DOTTED.match(bare) and run_together)
