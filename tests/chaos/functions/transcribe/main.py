from functions.transcribe.main import on_segment, on_transcribe
from functions.transcribe.recognizers.loaded import load_with
from tests.chaos.inside import prepare
from tests.chaos.recognizer import load

__all__ = ["on_segment", "on_transcribe"]
prepare()
load_with(load)
