from functions.ingest.main import api, on_upload
from tests.chaos.faults.process_setup import prepare

__all__ = ["api", "on_upload"]
prepare()
