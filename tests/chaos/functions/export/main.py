from functions.export.main import on_export
from tests.chaos.inside import prepare

__all__ = ["on_export"]
prepare()
