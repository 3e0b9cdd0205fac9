"""Write docs/openapi.json from the API's operations: `python -m scripts.document_api`.

With `--check` nothing is written; the exit status reports whether the file is up to date.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from functions.ingest.app import all_operations
from functions.ingest.web.reference.openapi import openapi_document
from shared.config import Settings
from shared.runtime import build_runtime

FILE = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"

NOWHERE = {
    "plc_environment": "local",
    "google_cloud_project": "none",
    "gcs_bucket": "none",
    "database_url": "postgresql://none@127.0.0.1/none",
    "storage_emulator_host": "http://127.0.0.1:9",
}
"""Settings of a Pegasus that is described and never run."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="only check whether the file is up to date"
    )
    document = openapi_document(all_operations(build_runtime(Settings.model_validate(NOWHERE))))
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if parser.parse_args(arguments).check:
        if FILE.exists() and FILE.read_text() == text:
            return 0
        print("docs/openapi.json is out of date: python -m scripts.document_api")
        return 1
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
