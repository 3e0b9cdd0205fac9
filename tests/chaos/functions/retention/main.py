from functions.retention.main import on_dead_letter, on_retention, on_sweep
from tests.chaos.faults.process_setup import prepare

__all__ = ["on_dead_letter", "on_retention", "on_sweep"]
prepare()
