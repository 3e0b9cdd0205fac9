"""How a language defines, refers back, organises and asks. One JSON file per language.

A language without a file gets `neutral`: no patterns, and templates made of signs alone.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from functions.generate.text.words import tokens
from shared.schema import Schema

Phrases = Annotated[
    tuple[str, ...],
    AfterValidator(lambda phrases: tuple(" ".join(tokens(phrase)) for phrase in phrases)),
]
"""Bare words in lower case, as sentences are searched for them."""


class DefinitionPattern(Schema):
    """A way to introduce a term: a regular expression with a group `term`, tried on one
    sentence without regard to case."""

    pattern: str
    explained_by: Literal["sentence", "previous", "next"]
    """Where the meaning stands: in the same sentence, or in its neighbour."""


class Templates(Schema):
    """Sentences with `{…}` places, for `str.format`."""

    what_is: str
    what_are: str
    why: str = ""
    """Asks for the reason of what `{text}` says."""
    what_if: str = ""
    """Asks for what follows from a `{condition}`, which begins with its conjunction."""
    consequence: str = "{text}"
    """What follows, as a sentence of its own."""
    differ: str = ""
    """Why, what_if and differ empty: no such questions are asked."""
    who_was: str = ""
    """Of a person; empty: persons are asked about like other terms."""
    which_term: str
    fill_blank: str
    is_it_true: str
    what_is_said_about: str
    what_is_said_at: str
    what_supports: str
    what_opposes: str
    where_it_fails: str
    what_follows: str
    """The four ask the reader about a claim on `{topic}`."""
    discuss: str
    quoted: str
    joint: str
    """Two titles in one: “a and b”."""
    because: str
    instead: str
    """Why a statement with a wrong term in it is false."""


class Phrasing(Schema):
    """All lists are lower case; phrases match whole words."""

    function_words: tuple[str, ...] = ()
    """Words that no term begins or ends with; empty: the general stop list serves."""
    common_nouns: tuple[str, ...] = ()
    """Everyday words that name a subject only together with another word."""
    ambiguous_endings: tuple[str, ...] = ()
    """A word with such an ending may be a verb's form: it must be seen as a noun elsewhere."""
    deriving_endings: tuple[str, ...] = ()
    """What makes another kind of word of a noun ("key", "keyed")."""
    infinitive_endings: tuple[str, ...] = ()
    """A word with such an ending is mostly a verb."""
    nouns_are_capital: bool = False
    """Every noun is written with a capital letter, so that capitals show no names."""
    name_joiners: tuple[str, ...] = ()
    """Small words inside a name ("Statute of Labourers")."""
    noun_followers: tuple[str, ...] = ()
    """Words before which a noun phrase ends: postpositions."""
    noun_markers: tuple[str, ...] = ()
    """Words after which a noun phrase begins: determiners and prepositions."""
    verb_markers: tuple[str, ...] = ()
    """Words after which a verb stands: auxiliaries and pronouns."""
    articles: tuple[str, ...] = ()
    """What may stand before a name without being part of it."""
    indefinite_articles: tuple[str, ...] = ()
    definite_articles: tuple[str, ...] = ()
    """Both only where a question repeats them ("What is a …?", "What is the …?")."""
    back_references: tuple[str, ...] = ()
    """A sentence that begins with one of these leans on what came before."""
    pronouns: tuple[str, ...] = ()
    """The same of one that has these among its first words."""
    personal: tuple[str, ...] = ()
    """Pronouns that stand for something named before, in whatever place of the sentence."""
    clause_openers: tuple[str, ...] = ()
    """Words that begin a clause where no comma shows it."""
    relatives: tuple[str, ...] = ()
    """Words that begin a clause about the thing before them."""
    first_person: tuple[str, ...] = ()
    """The lecturer, speaking of himself or herself."""
    finite_verbs: tuple[str, ...] = ()
    """Common verbs, of which a sentence mostly has one; empty: that tells nothing."""
    verb_endings: tuple[str, ...] = ()
    """Endings of verbs in sentences of which none of these is one."""
    elliptic_ends: tuple[str, ...] = ()
    """A sentence that ends with one of these leaves out what was said before ("then they do")."""
    vague: Phrases = ()
    """What a definition begins with that defines nothing ("is a different thing")."""
    conditionals: Phrases = ()
    """Words that begin a condition, which the first comma ends."""
    unreal: tuple[str, ...] = ()
    """Signs that what follows from a condition is only thought of ("would")."""
    coordinating_kept: tuple[str, ...] = ()
    """Words before which a coordinating opener stays ("And yet", "But for the storm")."""
    named_subject: str = ""
    """A regular expression with the groups `noun` and `term`: a name for something described
    before ("The function is called a hash function"). Empty: such descriptions are not used."""
    description: str = ""
    """A regular expression with the group `described`, in which `{noun}` stands for the noun: "a
    function that maps …"."""
    correlates: Phrases = ()
    """What may begin the clause behind a condition ("then")."""
    question_words: Phrases = ()
    """A question without one of these is answered by yes or no."""
    predicate_markers: tuple[str, ...] = ()
    """Words after which an adjective stands ("is elastic", "more elastic")."""
    nominal_endings: tuple[str, ...] = ()
    """Endings of names of a process or a quality ("modulation", "elasticity")."""
    verb_particles: tuple[str, ...] = ()
    """Parts of verbs that stand at the end of a clause ("steigt … auf")."""
    addresses: tuple[str, ...] = ()
    """Words by which lecturer and listener speak of themselves."""
    conjunctions: tuple[str, ...] = ()
    """After a comma, these begin a clause that the sentence can do without."""
    coordinators: tuple[str, ...] = ()
    """Of these, those that also join things ("tea and coffee")."""
    pairing: tuple[str, ...] = ()
    """Words that ask for a second thing after a coordinator ("between … and")."""
    reasons: tuple[str, ...] = ()
    """Conjunctions that begin a clause without any comma."""
    grounds: tuple[str, ...] = ()
    """Conjunctions that begin a reason."""
    starters: tuple[str, ...] = ()
    """Words that a clause begins with, beside articles and pronouns."""
    subordinators: tuple[str, ...] = ()
    """A sentence that begins with one of these is no sentence up to its first comma."""
    openers: Phrases = ()
    """Words that a sentence loses nothing without where a comma sets them off ("Well, …"). Without
    it they may be part of what is said ("Well insulated houses …", "No two electrons …")."""
    coordinating_openers: Phrases = ()
    """Openers that join a sentence to the one before and say nothing within it ("And …")."""
    bare_openers: Phrases = ()
    """Openers that open a sentence before an article, without any comma ("So the …")."""
    fillers: Phrases = ()
    """Sounds of hesitation: single words that say nothing wherever they stand."""
    asides: Phrases = ()
    """Words that are fillers where commas set them off ("is, you know, a measure")."""
    corrections: Phrases = ()
    """Between commas, what the lecturer says before a correction ("forty, sorry, fifty")."""
    doubled: Phrases = ()
    """Words that are said twice in a row only by mistake."""
    announcements: Phrases = ()
    """Signs that a sentence organizes the course: dates, rooms, what is due, what to bring."""
    organized: Phrases = ()
    """What a course consists of: a sentence with one of these and a date or place organizes it."""
    dated: Phrases = ()
    """Days, dates and places of a course."""
    classroom: Phrases = ()
    """Questions and answers that keep a class going and are not about the subject."""
    interrogatives: Phrases = ()
    """A question has one of these: "thumbs up in the back?" has none."""
    connectives: Phrases = ()
    """Words that stand before a sentence's subject without being part of it, with a comma or not.
    They are shown; a quantifier, a negation or an adjective is none."""
    talk: Phrases = ()
    """Signs that the lecturer speaks of the course, not of its subject."""
    cues: Phrases = ()
    """Signs that what is said matters."""
    examples: Phrases = ()
    suppositions: Phrases = ()
    """A short sentence that begins so is the case that the next one is about ("Suppose …")."""
    contrasts: Phrases = ()
    """Signs that one thing is set against another."""
    relations: Phrases = ()
    """Signs that one thing brings about, or rests on, another."""
    evidence: Phrases = ()
    """Signs of what a claim rests on."""
    limits: Phrases = ()
    """Signs of what a claim does not cover, and of what is not known."""
    contradictions: Phrases = ()
    """Signs that an earlier claim is corrected or limited."""
    recalls: Phrases = ()
    """Signs that an earlier claim is brought up: with a negation, it is corrected."""
    negations: Phrases = ()
    person_signs: Phrases = ()
    """Words that show that the name before them is a person's."""
    also_called: Phrases = ()
    """Between two names of one thing ("a hash map, also called a hash table")."""
    opposites: tuple[tuple[str, str], ...] = ()
    """Words of which one turns a statement with the other into its contrary."""
    fixed_before: tuple[str, ...] = ()
    """Words before which an opposite does not turn the statement ("or more", "most common")."""
    definitions: tuple[DefinitionPattern, ...] = ()
    templates: Templates


@cache
def load_phrasing(code: str) -> Phrasing:
    """Phrasing of a language by ISO 639-1 code."""
    folder = Path(__file__).parent
    file = folder / f"{code}.json"
    if not (code.isalpha() and file.is_file()):
        file = folder / "neutral.json"
    return Phrasing.model_validate_json(file.read_bytes())
