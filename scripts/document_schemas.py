"""Write docs/schemas from the models of what is stored: `python -m scripts.document_schemas`.

With `--check` nothing is written; the exit status reports whether the files are up to date.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from functions.export.formats.json_format import LectureExport
from shared.documents.artifacts import ExamQuestions, Flashcards, KeyTerms, Outline, Summary
from shared.documents.transcript import Transcript
from shared.schema import Schema

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: Mapping[str, type[Schema]] = {
    "summary": Summary,
    "outline": Outline,
    "key-terms": KeyTerms,
    "flashcards": Flashcards,
    "exam-questions": ExamQuestions,
    "transcript": Transcript,
    "lecture-export": LectureExport,
}


def documents() -> Mapping[str, str]:
    """The text of each file, by name."""
    return {f"{name}.schema.json": _document(name, model) for name, model in MODELS.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="only check whether the files are up to date"
    )
    if parser.parse_args(arguments).check:
        found = {path.name: path.read_text() for path in FOLDER.glob("*.schema.json")}
        if found == documents():
            return 0
        print("docs/schemas is out of date: python -m scripts.document_schemas")
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text)
    return 0


def _document(name: str, model: type[Schema]) -> str:
    # As written, fields with defaults are always there.
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    whole = {"$schema": DIALECT, "$id": f"urn:pegasus:schema:{name}", **schema}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
