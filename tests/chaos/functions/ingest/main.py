from functions.ingest.main import api, on_upload
from tests.chaos.inside import prepare

__all__ = ["api", "on_upload"]
prepare()
