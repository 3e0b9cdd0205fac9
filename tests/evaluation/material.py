"""Study material of one lecture as the product stores it, without a database."""

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.generate.announcements import announcements
from functions.generate.assemble import Identity, Provenance, assemble
from functions.generate.drafts import Contents, Cost
from functions.generate.grounding.grounding import ground
from functions.generate.providers.base import GenerationRequest, Provider
from functions.generate.text.language import language_of
from shared.documents.artifacts import ArtifactType
from shared.documents.transcript import Transcript
from shared.presets import Preset

JSON = dict[str, Any]


@dataclass(frozen=True)
class Material:
    artifacts: tuple[JSON, ...]
    """The five, as they lie in the bucket."""
    quoted_by_threads: tuple[str, ...]
    """What the course's threads quote of it."""
    contents: Contents
    """The same, as the generator holds them."""
    dropped: int
    """Items that the generator's own check turned away."""
    cost: Cost
    seconds: float


def make(provider: Provider, transcript: Transcript, preset: Preset) -> Material:
    """Raises what the provider raises."""
    request = GenerationRequest(
        transcript=transcript,
        preset=preset,
        course_title=None,
        lecture_title=None,
        known_threads=(),
    )
    started = time.perf_counter()
    draft = ground(provider.generate(request), request, provider)
    seconds = time.perf_counter() - started
    language = language_of(transcript.language)
    artifacts = assemble(
        draft,
        thread_ids=[None] * len(draft.concepts),
        identities={kind: Identity(str(uuid.uuid4()), 1) for kind in ArtifactType},
        provenance=Provenance(
            course_id="evaluation",
            lecture_id="evaluation",
            preset_id=preset.id,
            provider=provider.name,
            generated_at=datetime.now(UTC),
        ),
        language=language,
        announced=announcements(transcript, language),
    )
    return Material(
        artifacts=tuple(json.loads(artifact.to_json()) for artifact in artifacts.all),
        quoted_by_threads=tuple(
            citation.quote for concept in draft.concepts for citation in concept.evidence
        ),
        contents=draft.contents,
        dropped=sum(grounding.dropped for grounding in draft.grounding.values()),
        cost=draft.cost,
        seconds=seconds,
    )
