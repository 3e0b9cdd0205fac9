from functions.generate.main import on_generate
from tests.chaos.faults.process_setup import prepare

__all__ = ["on_generate"]
prepare()
