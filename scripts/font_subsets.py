"""Cut the booklet's fonts out of Debian's Noto packages, and list what can be set with them and
those of Typst; `scripts/fonts` calls this.

    python -m scripts.font_subsets UNPACKED INTO

`UNPACKED` is the folder where the packages' files lie. The same packages and the same fontTools
give the same bytes.
"""

import io
import re
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import typst
from fontTools import subset  # type: ignore[import-not-found]
from fontTools.ttLib import TTFont  # type: ignore[import-not-found]

REGULAR_AND_BOLD = (
    "NotoNaskhArabic",
    "NotoSerifArmenian",
    "NotoSerifGeorgian",
    "NotoSerifHebrew",
    "NotoSerifThai",
)
REGULAR = (
    "NotoSansOriya",
    "NotoSerifBengali",
    "NotoSerifDevanagari",
    "NotoSerifEthiopic",
    "NotoSerifGujarati",
    "NotoSerifGurmukhi",
    "NotoSerifKannada",
    "NotoSerifKhmer",
    "NotoSerifLao",
    "NotoSerifMalayalam",
    "NotoSerifMyanmar",
    "NotoSerifSinhala",
    "NotoSerifTamil",
    "NotoSerifTelugu",
    "NotoSerifTibetan",
)
SYMBOLS = ("NotoSansSymbols", "NotoSansSymbols2")
SYMBOL_BLOCKS = (
    range(0x2300, 0x2400),  # technical
    range(0x2460, 0x2500),  # enclosed letters and digits
    range(0x25A0, 0x27C0),  # shapes, signs, dingbats
    range(0x2B00, 0x2C00),  # arrows and shapes
    range(0x1F100, 0x1F200),  # enclosed letters
    range(0x1F300, 0x1F700),  # pictographs
    range(0x1F780, 0x1F900),  # shapes and arrows
)

SIMPLIFIED = 2
"""Index in the collection of the font that draws Han characters as in Beijing."""
CJK_BLOCKS = (
    range(0x2010, 0x2070),  # dashes, quotation marks and ellipsis, full width in these scripts
    range(0x2460, 0x2500),  # enclosed digits
    range(0x3000, 0x3400),  # punctuation, kana, bopomofo, compatibility letters
    range(0xAC00, 0xD7A4),  # every syllable of Hangul
    range(0xFE30, 0xFE50),
    range(0xFF00, 0xFFF0),  # full and half width
)
# Jōyō kanji that JIS X 0208 lacks, and the commonest signs of written Cantonese.
BEYOND_STANDARDS = "𠮟塡剝頰喺咗嚟啲嗰嘢哋咁冇佢嘅揾瞓攰睇畀噉嗮晒咪啱嘞喇㗎吖咩嘥镕"

OF_TYPST = ("Libertinus Serif", "NewComputerModern Math", "DejaVu Sans Mono")
"""Families inside Typst that the booklet names, as the fonts call themselves."""
_SFNT = re.compile(
    rb"(?:OTTO|\x00\x01\x00\x00)\x00[\x08-\x20].{6}(?:BASE|CFF |DSIG|FFTM|GDEF)", re.DOTALL
)


def main(arguments: Sequence[str]) -> None:
    unpacked, into = map(Path, arguments)
    truetype = unpacked / "usr/share/fonts/truetype/noto"
    opentype = unpacked / "usr/share/fonts/opentype/noto"
    into.mkdir(parents=True, exist_ok=True)
    for family in REGULAR_AND_BOLD:
        for weight in ("Regular", "Bold"):
            _cut(truetype / f"{family}-{weight}.ttf", into)
    for family in REGULAR:
        _cut(truetype / f"{family}-Regular.ttf", into)
    for family in SYMBOLS:
        _cut(truetype / f"{family}-Regular.ttf", into, only=_in(SYMBOL_BLOCKS))
    _cut_cjk(opentype / "NotoSansCJK-Regular.ttc", into / "NotoSansCJKsc-Regular.otf")
    (into / "coverage.txt").write_text(_listed(_coverage(into)))


def _cut(source: Path, into: Path, *, only: set[int] | None = None) -> None:
    """Without hinting, which no PDF viewer uses, and without Latin, which Libertinus has."""
    options = subset.Options(hinting=False, layout_features=["*"])
    font = subset.load_font(str(source), options)
    covered = set(font.getBestCmap())
    wanted = {code for code in covered if not 0x21 <= code < 0x250} if only is None else only
    _save(font, options, wanted & covered, into / source.name)


def _cut_cjk(source: Path, target: Path) -> None:
    """The characters of the national standards: simplified forms of Han characters, and those of
    Japan and Taiwan where they differ, to be chosen by the text's language."""
    options = subset.Options(
        hinting=False,
        font_number=SIMPLIFIED,
        layout_features=["ccmp", "locl", "mark", "mkmk"],
        layout_scripts=[
            *(f"{script}.dflt" for script in ("DFLT", "hang", "hani", "kana", "latn")),
            *("hani.JAN ", "hani.ZHT ", "kana.JAN "),
        ],
        drop_tables=[*subset.Options().drop_tables, "vhea", "vmtx", "VORG"],
    )
    font = subset.load_font(str(source), options)
    japanese, taiwanese = _double_bytes("euc_jp"), _double_bytes("big5", last_lead=0xC6)
    han = japanese | taiwanese | _double_bytes("gb2312") | _double_bytes("euc_kr")
    wanted = _in(CJK_BLOCKS) | {code for code in han if 0x4E00 <= code < 0xA000}
    _keep_variants(font, "JAN ", japanese)
    _keep_variants(font, "ZHT ", taiwanese)
    _save(font, options, wanted | set(map(ord, BEYOND_STANDARDS)), target)


def _keep_variants(font: TTFont, language: str, codes: set[int]) -> None:
    """A language's own forms of these characters alone."""
    characters = font.getBestCmap()
    kept = {characters[code] for code in codes if code in characters}
    table = font["GSUB"].table
    for record in table.ScriptList.ScriptRecord:
        for system in record.Script.LangSysRecord:
            if system.LangSysTag != language:
                continue
            for index in system.LangSys.FeatureIndex:
                feature = table.FeatureList.FeatureRecord[index]
                if feature.FeatureTag == "locl":
                    for lookup in feature.Feature.LookupListIndex:
                        _prune(table.LookupList.Lookup[lookup], kept)


def _prune(lookup: object, kept: set[str]) -> None:
    for part in lookup.SubTable:  # type: ignore[attr-defined]
        mapping = getattr(part, "ExtSubTable", part).mapping
        for glyph in set(mapping) - kept:
            del mapping[glyph]


def _save(font: TTFont, options: subset.Options, codes: set[int], target: Path) -> None:
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def _coverage(folder: Path) -> set[int]:
    """What every weight and style of some family has, and what is not drawn at all."""
    families: dict[str, set[int]] = {}
    ours = (TTFont(path) for path in sorted(folder.glob("*.[ot]tf")))
    for font in (*ours, *_fonts_of_typst()):
        names = font["name"]
        family, style = names.getBestFamilyName(), names.getBestSubFamilyName()
        if "Bold" in style and ("Italic" in style or "Oblique" in style):
            continue  # nowhere in the booklet
        codes = set(font.getBestCmap())
        families[family] = families.get(family, codes) & codes
    named = [*OF_TYPST, *(name for name in families if name.startswith("Noto"))]
    unseen = {code for code in range(0x20000) if unicodedata.category(chr(code)) in {"Cf", "Zs"}}
    variation_selectors = set(range(0xFE00, 0xFE10))
    return unseen.union(variation_selectors, *(families[name] for name in named))


def _fonts_of_typst() -> Iterator[TTFont]:
    """Typst carries its fonts in its library, as they are."""
    library = next(Path(typst.__file__).parent.glob("_typst*.so")).read_bytes()
    for found in _SFNT.finditer(library):
        tables = struct.unpack_from(">H", library, found.start() + 4)[0]
        records = struct.iter_unpack(
            ">4sIII", library[found.start() + 12 : found.start() + 12 + 16 * tables]
        )
        size = max(offset + length for _, _, offset, length in records)
        yield TTFont(io.BytesIO(library[found.start() : found.start() + size]))


def _listed(codes: set[int]) -> str:
    """A range a line, first and last code point in hexadecimal."""
    lines, ordered = [], sorted(codes)
    start = ordered[0]
    for here, following in zip(ordered, [*ordered[1:], -1], strict=True):
        if following != here + 1:
            lines.append(f"{start:X}-{here:X}\n")
            start = following
    return "".join(lines)


def _in(blocks: Iterable[range]) -> set[int]:
    return {code for block in blocks for code in block}


def _double_bytes(codec: str, *, last_lead: int = 0xFE) -> set[int]:
    """What a national standard holds in two bytes; the level's end is its last lead byte."""
    return set(map(ord, "".join(_decoded(codec, last_lead))))


def _decoded(codec: str, last_lead: int) -> Iterator[str]:
    for lead in range(0xA1, last_lead + 1):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            try:
                text = bytes((lead, trail)).decode(codec)
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                yield text


if __name__ == "__main__":
    main(sys.argv[1:])
