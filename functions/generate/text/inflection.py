"""Words of a name as they would stand alone: number and spelling make no difference."""

import re

from functions.generate.text.language import Language

IRREGULAR_PLURALS = {
    "analyses": "analysis", "antennae": "antenna", "automata": "automaton", "axes": "axis",
    "bacteria": "bacterium", "bias": "bias", "biases": "bias", "children": "child",
    "corpora": "corpus", "crises": "crisis", "criteria": "criterion", "diagnoses": "diagnosis",
    "extrema": "extremum", "feet": "foot", "foci": "focus", "formulae": "formula",
    "fungi": "fungus", "gas": "gas", "gases": "gas", "genera": "genus", "halves": "half",
    "hypotheses": "hypothesis", "indices": "index", "larvae": "larva", "leaves": "leaf",
    "lens": "lens", "lenses": "lens", "loci": "locus", "matrices": "matrix", "maxima": "maximum",
    "mice": "mouse", "minima": "minimum", "mitochondria": "mitochondrion", "nuclei": "nucleus",
    "optima": "optimum", "parentheses": "parenthesis", "phenomena": "phenomenon",
    "polyhedra": "polyhedron", "quanta": "quantum", "radii": "radius", "shelves": "shelf",
    "simplices": "simplex", "spectra": "spectrum", "stimuli": "stimulus", "strata": "stratum",
    "syntheses": "synthesis", "teeth": "tooth", "theses": "thesis", "vertices": "vertex",
    "women": "woman",
}  # fmt: skip
"""English plurals that lectures are full of and no rule covers, and words that only look like
plurals."""

_BRITISH = re.compile(r"(?<=\w[iy])s(?=(?:e|ed|es|er|ers|ing|ation|ations)$)")
"""The letter in which "amortised" and "amortized", "analyse" and "analyze" differ."""
_PLURALS = (
    (re.compile(r"(?<=\w\w)ies$"), "y"),
    (re.compile(r"(?<=ss|sh|ch|.x|.z|.o)es$"), ""),
    (re.compile(r"(?<=[^aeo]us)es$"), ""),
    (re.compile(r"(?<=[^sui])s$"), ""),
)
"""After the S-stemmer (Harman, 1991), with more of the plurals on -es."""
_MUTE = re.compile(r"(?<=ss|sh|ch|.x|.z|.o)e$")
""""Caches" may be of "cache" or "cach": the rules cannot decide."""


def base_form(norm: str, language: Language) -> str:
    """Of a bare word, case folded. What it shares with other forms of the word need not be one.

    The stem, except in English: there a stem has a word's relatives as well, and "product" is
    neither "production" nor "productivity", nor is a chain chaining.
    """
    if language.code != "en":
        return language.stem(norm)
    if norm in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[norm]
    word = _BRITISH.sub("z", norm)
    for ending, singular in _PLURALS:
        word, changed = ending.subn(singular, word)
        if changed:
            break
    word = _MUTE.sub("", word)
    return f"{word[:-3]}or" if word.endswith("our") else word


def is_plural(text: str, language: Language) -> bool:
    """Judged by a final -s: "keys", not "analysis" or "photosynthesis"."""
    last = text.rsplit(maxsplit=1)[-1].casefold()
    return (
        last.endswith("s")
        and not last.endswith(("ss", "is", "us", "ics"))
        and (language.stem(last) != last)
    )
