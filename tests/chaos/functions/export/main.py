from functions.export.main import on_export
from tests.chaos.faults.process_setup import prepare

__all__ = ["on_export"]
prepare()
