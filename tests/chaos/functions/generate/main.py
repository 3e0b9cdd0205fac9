from functions.generate.main import on_generate
from tests.chaos.inside import prepare

__all__ = ["on_generate"]
prepare()
