from functions.transcribe.main import on_segment, on_transcribe
from functions.transcribe.recognizers.loaded import load_with
from tests.chaos.faults.process_setup import prepare
from tests.chaos.standins.recognizer import load

__all__ = ["on_segment", "on_transcribe"]
prepare()
load_with(load)
