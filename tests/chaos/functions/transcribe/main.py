from functions.transcribe.engine import load_with
from functions.transcribe.main import on_segment, on_transcribe
from tests.chaos.inside import prepare
from tests.chaos.recognizer import load

__all__ = ["on_segment", "on_transcribe"]
prepare()
load_with(load)
