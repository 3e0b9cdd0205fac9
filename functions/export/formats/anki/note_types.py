"""The two note types of every deck.

Their ids and field names never change: Anki knows by them that a note it
imports is one it has.
"""

import genanki

_CSS = """\
.card {
  --ink: #1d2733; --soft: #667380; --line: #d9dfe5; --accent: #1f5f8b; --paper: #ffffff;
  max-width: 42em; margin: 0 auto; padding: 1.2em 1em;
  background: var(--paper); color: var(--ink);
  font: 20px/1.5 Georgia, "Noto Serif", "Times New Roman", serif;
  text-align: start; overflow-wrap: anywhere;
}
.card.nightMode, .nightMode .card {
  --ink: #e6e9ec; --soft: #9aa6b2; --line: #3a444e; --accent: #7db8e0; --paper: #1f2429;
}
.mobile .card, .card.mobile { font-size: 18px; padding: 0.8em 0.6em; }
/* Each paragraph runs as its own first letter says, whatever language Anki speaks. */
[dir="auto"] { unicode-bidi: plaintext; text-align: start; }
.question { font-size: 1.15em; font-weight: 600; }
.cloze { color: var(--accent); font-weight: 700; }
hr#answer { border: 0; border-top: 1px solid var(--line); margin: 1.1em 0; }
.extra { margin-top: 0.9em; }
.source {
  margin-top: 1.6em; padding-inline-start: 0.8em;
  border-inline-start: 3px solid var(--line);
  color: var(--soft); font-size: 0.75em; line-height: 1.45;
}
.source .time { color: var(--accent); font-variant-numeric: tabular-nums; }
.source .lecture { margin-top: 0.3em; }
"""

_SOURCE = """\
<div class="source"><div dir="auto">{{Source}}</div>\
<div class="lecture" dir="auto">{{Lecture}}</div></div>"""


def _fields(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


BASIC = genanki.Model(
    1_640_995_201,
    "Pegasus Basic",
    fields=_fields("Front", "Back", "Source", "Lecture"),
    templates=[
        {
            "name": "Card 1",
            "qfmt": '<div class="question" dir="auto">{{Front}}</div>',
            "afmt": (
                f'{{{{FrontSide}}}}<hr id="answer"><div dir="auto">{{{{Back}}}}</div>{_SOURCE}'
            ),
        }
    ],
    css=_CSS,
)

CLOZE = genanki.Model(
    1_640_995_202,
    "Pegasus Cloze",
    fields=_fields("Text", "Extra", "Source", "Lecture"),
    templates=[
        {
            "name": "Cloze",
            "qfmt": '<div dir="auto">{{cloze:Text}}</div>',
            "afmt": (
                '<div dir="auto">{{cloze:Text}}</div>'
                '{{#Extra}}<div class="extra" dir="auto">{{Extra}}</div>{{/Extra}}'
                f"{_SOURCE}"
            ),
        }
    ],
    css=_CSS,
    model_type=genanki.Model.CLOZE,
)
