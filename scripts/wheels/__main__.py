"""Check that every pinned package has a wheel in the index for each machine and Python.

    python -m scripts.wheels [--check] [--uv PROGRAM]

Writes docs/platforms.md, or compares it with --check. Exit status 1 if a supported
machine would need a compiler, or if the document is out of date.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.wheels.index import builds_without_compiler, lacking, pinned_packages
from scripts.wheels.report import failures, report
from scripts.wheels.targets import DEVELOPMENT_GLIBC, PRODUCT_GLIBC, all_targets

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "platforms.md"
LOCK = ROOT / "requirements.lock"
PRODUCT = ROOT / "scripts" / "local" / "requirements.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--uv", default="uv", help="the uv to ask the package index with")
    given = parser.parse_args(arguments)
    try:
        everything = pinned_packages(given.uv, LOCK)
        product = pinned_packages(given.uv, PRODUCT)
    except subprocess.CalledProcessError:
        print("The package index could not be asked; see above.", file=sys.stderr)
        return 1
    sources = [package for package in everything if not package.wheels]
    built = [each.name for each in sources if builds_without_compiler(given.uv, each)]
    of_product = lacking(product, all_targets(glibc=PRODUCT_GLIBC), pure=built)
    of_everything = lacking(everything, all_targets(glibc=DEVELOPMENT_GLIBC), pure=built)
    found = failures(of_product, of_everything)
    text = report(of_product, of_everything, built=built)
    if not given.check:
        DOCUMENT.write_text(text)
    elif not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        found.append("docs/platforms.md is out of date: run scripts/lock")
    for line in dict.fromkeys(found):
        print(line, file=sys.stderr)
    if not found:
        print(f"{len(everything)} pinned packages install without a compiler")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
