"""Whether two names denote the same concept."""

from dataclasses import dataclass
from enum import Enum

from functions.generate.text.inflection import base_form
from functions.generate.text.language import Language
from functions.generate.text.words import split_word

LINKING_WORDS = {
    "ar": "ال في من على عن إلى و ذو ذات",
    "ca": "el la els les l un una uns unes d de del dels a al als en amb per i o",
    "cs": "v ve na z ze do od s se k ke o u a i nebo pro",
    "da": "en et den det de af i på til for med og eller om ved",
    "de": "der die das den dem des ein eine einen einem einer eines von vom zu zum zur in im am an "
    "auf für mit bei nach und oder",
    "el": "ο η το οι τα του της των τον την ένα μια σε στο στη από με για και ή",
    "en": "a an the of in on at for to by with from as and or",
    "es": "el la los las un una unos unas de del a al en con por para y o",
    "fi": "ja tai",
    "fr": "le la les l un une des d de du à au aux en par pour avec sur dans et ou",
    "hu": "a az egy és vagy",
    "id": "yang di ke dari untuk dengan pada dan atau",
    "it": "il lo la i gli le l un uno una di del dello della dell dei degli delle d a al allo alla "
    "in nel nella con per da dal dalla su e o",
    "nl": "de het een van der den in op aan te voor met door en of bij",
    "no": "en ei et den det de av i på til for med og eller om ved",
    "pl": "w we na z ze do od o u i lub dla przez",
    "pt": "o a os as um uma uns umas de do da dos das em no na nos nas com por para e ou ao à",
    "ro": "un o al ai a ale de din la în cu pe pentru și sau",
    "ru": "в во на с со к ко о об от до из у и или для по",
    "sv": "en ett den det de av i på till för med och eller om vid",
    "tr": "bir ve veya ile için",
    "uk": "в у на з зі до від о про і й та або для по",
}
"""By ISO 639-1 code, what joins the words of a name without being part of what it names.

Not the stop words: these hold "first", "left", "long" and "false", and the first law is not the
second. In a language that is not listed every word of a name counts."""

ELIDED = frozenset({"l", "d", "dell", "nell", "all", "dall", "sull"})


class Kinship(Enum):
    """How two names stand to each other."""

    SAME = "they differ in spelling, number or little words only"
    ACRONYM = "one is made of the other's initials"
    PART = "one is the other with something added: mostly a kind or a part of it"
    CONTRAST = "they share a word, and each has one of its own: mostly two kinds of one thing"
    NONE = "no word is common"


@dataclass(frozen=True)
class Name:
    """A name, taken apart."""

    words: tuple[str, ...]
    """In their base forms, without linking words unless there are no others; may be empty."""
    is_linked: bool
    """A linking word stands between two others."""
    letters: str
    """In small letters, of an acronym: capitals at both ends ("BFS", "CPUs", "PoS")."""
    initials: frozenset[str]
    """What an acronym of it may be, with and without its linking words."""

    @classmethod
    def of(cls, text: str, language: Language) -> "Name":
        words = _words(text, language)
        norms = [norm for norm, _ in words]
        telling = [norm for norm, links in words if not links]
        several = (norms, telling) if len(words) > 1 else ()
        return cls(
            words=tuple(base_form(norm, language) for norm in telling or norms),
            is_linked=any(
                links and 0 < place < len(words) - 1 for place, (_, links) in enumerate(words)
            ),
            letters=_letters(text),
            initials=frozenset("".join(norm[0] for norm in parts) for parts in several),
        )

    def kinship(self, other: "Name") -> Kinship:
        """Neither may be without words."""
        # "Sip hash", "siphash"; "Hash-Tabelle", "Hashtabelle".
        if self.words == other.words or "".join(self.words) == "".join(other.words):
            return Kinship.SAME
        if self.letters in other.initials or other.letters in self.initials:
            return Kinship.ACRONYM
        ours, theirs = set(self.words), set(other.words)
        if ours == theirs and self.is_linked != other.is_linked:
            # "Lookup in search trees", "search tree lookup"; but "tree search" is no search tree.
            return Kinship.SAME
        if ours < theirs or theirs < ours:
            return Kinship.PART
        return Kinship.CONTRAST if ours & theirs else Kinship.NONE


def thread_key(title: str, language: Language) -> str:
    """The name a thread is found by, in base forms, so that "the Hash Tables" and "hash table"
    agree. Empty if the title has no words."""
    return " ".join(Name.of(title, language).words)


def _letters(text: str) -> str:
    bare = text.strip().removesuffix("s").replace(".", "")
    capital = len(bare) > 1 and bare.isalpha() and (bare[0] + bare[-1]).isupper()
    return bare.casefold() if capital else ""


def _words(name: str, language: Language) -> list[tuple[str, bool]]:
    """Each bare word, and whether it only links others."""
    linking = LINKING_WORDS.get(language.code, "").split()
    found: list[tuple[str, bool]] = []
    for written in name.split():
        parts = split_word(written)
        # In a compound every word counts ("in-degree"); an elided article makes none.
        compound = len(parts) > 1 and parts[0] not in ELIDED
        # "Vitamin A", "AND gate"; but the "A" of "A hash table" only begins it.
        capital = written.isupper() and not name.isupper() and bool(found or len(written) > 1)
        for norm in parts:
            found.append((norm, norm in linking and not compound and not capital))
    return found
