"""What a provider of study material takes and gives, whichever model is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.generate.drafts import Claim, Draft, Fault, KnownThread, Repairs, Verdicts
from shared.documents.transcript import Transcript
from shared.presets import Preset


@dataclass(frozen=True)
class GenerationRequest:
    transcript: Transcript
    preset: Preset
    course_title: str | None
    lecture_title: str | None
    known_threads: tuple[KnownThread, ...]


class Provider(Protocol):
    """Raises GenerationRefusedError, GenerationInvalidError, another PermanentError where
    trying again is of no use, and TransientError."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    def generate(self, request: GenerationRequest) -> Draft: ...

    def repair(self, request: GenerationRequest, faults: Sequence[Fault]) -> Repairs:
        """One try at making the items right."""
        ...

    def verify(self, request: GenerationRequest, claims: Sequence[Claim]) -> Verdicts:
        """Whether the claims follow from their passages, of those that the provider can tell."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
