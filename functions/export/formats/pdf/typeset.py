"""Sets one booklet: `python typeset.py TIMESTAMP < booklet.json > booklet.pdf`.

A process of its own, because Typst keeps all it has computed for a next time that
never comes (up to 480 MiB for 200 pages) and its Python
package has no way to drop it. It imports nothing of Pegasus, so as to start fast.
"""

import sys
from pathlib import Path

import typst

REFUSED = 65
"""Exit status when Typst cannot set the booklet (EX_DATAERR of sysexits.h)."""


def main() -> int:
    here = Path(__file__).parent
    try:
        pdf = typst.compile(
            here.joinpath("template.typ").read_bytes(),
            format="pdf",
            # Only our fonts and those inside Typst: the same pages on every machine.
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[here / "fonts"]),
            sys_inputs={"data": sys.stdin.buffer.read().decode()},
            timestamp=int(sys.argv[1]),
        )
    except typst.TypstError as error:
        sys.stderr.write(error.message)
        return REFUSED
    assert isinstance(pdf, bytes)  # noqa: S101 - of several pages only images come as a list
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
