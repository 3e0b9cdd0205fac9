"""Sets one booklet: `python typeset.py TIMESTAMP < booklet.json > booklet.pdf`.

A process of its own, because Typst keeps all it has computed for a next time that
never comes (33 MB for an hour's lecture, 300 MB for 200 pages) and its Python
package has no way to drop it. It imports nothing of Pegasus, so as to start fast.
"""

import sys
from pathlib import Path

import typst

REFUSED = 65
"""Exit status when Typst cannot set the booklet (EX_DATAERR of sysexits.h)."""


def main() -> int:
    try:
        pdf = typst.compile(
            Path(__file__).with_name("template.typ").read_bytes(),
            format="pdf",
            sys_inputs={"data": sys.stdin.buffer.read().decode()},
            # Only the fonts inside the package: the same pages on every machine.
            ignore_system_fonts=True,
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
