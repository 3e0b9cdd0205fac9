"""Fetch the files that were made of a lecture.

    python -m scripts.fetch LECTURE [--type pdf --type anki …] [--into FOLDER]

Each file is compared with its SHA-256 and appears whole or not at all; what is there already with
the right one is left alone. The API is PLC_API_URL or `--api`, the token PLC_API_TOKEN or
`--token`. Exits with 0 if all is there, with 1 if a file is missing or damaged, with 2 if the API
could not be asked.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from scripts.api import Api, ApiError, Json, add_api_options

DONE, MISSING, UNABLE = 0, 1, 2


def fetch(api: Api, lecture: str, *, types: Sequence[str], into: Path) -> int:
    """All files of the lecture, or those of the types."""
    place = quote(lecture, safe="")
    listed: list[Json] = api.get(f"/lectures/{place}/exports")["exports"]
    wanted = [each for each in listed if not types or each["type"] in types]
    absent = sorted({*types} - {each["type"] for each in listed})
    for kind in absent:
        print(f"{kind}: there is none", file=sys.stderr)
    if not listed:
        print("there are no files yet", file=sys.stderr)
    into.mkdir(parents=True, exist_ok=True)
    damaged = 0
    for each in wanted:
        # The name is the server's: only its last part may say where the file goes.
        file = into / Path(each["fileName"]).name
        if file.exists() and _digest(file.read_bytes()) == each["sha256"]:
            print(f"{file} is there")
            continue
        data = api.download(f"/exports/{place}/{each['type']}")
        if _digest(data) != each["sha256"]:
            damaged += 1
            print(f"{file.name}: what came is not what was stored", file=sys.stderr)
            continue
        partial = file.with_name(f"{file.name}.partial")
        partial.write_bytes(data)
        partial.replace(file)
        print(f"{file} {len(data):,} bytes")
    return MISSING if absent or damaged or not listed else DONE


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.fetch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lecture")
    parser.add_argument("--type", action="append", default=[], help="one kind of file; repeatable")
    parser.add_argument("--into", type=Path, default=Path(), help="folder (default: this one)")
    add_api_options(parser)
    given = parser.parse_args(arguments)
    api = Api(given.api, given.token)
    try:
        return fetch(api, given.lecture, types=given.type, into=given.into)
    except ApiError as error:
        print(error, file=sys.stderr)
        return MISSING if error.status == 404 else UNABLE
    finally:
        api.close()


if __name__ == "__main__":
    sys.exit(main())
