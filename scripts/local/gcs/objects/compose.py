"""Composing one object of others, end to end."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import BLOCK_BYTES
from scripts.local.gcs.objects.checksums import Expected
from scripts.local.gcs.objects.preconditions import Preconditions
from scripts.local.gcs.objects.resources import Attributes, ObjectRecord
from scripts.local.gcs.objects.store import Store

MAX_SOURCES = 32


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class _SourceConditions(_Wire):
    if_generation_match: int | None = None


class _Source(_Wire):
    name: str
    generation: int | None = None
    object_preconditions: _SourceConditions = _SourceConditions()


class ComposeRequest(_Wire):
    source_objects: list[_Source] = Field(default_factory=list)
    destination: Attributes = Attributes()


def compose(
    store: Store, bucket: str, name: str, request: ComposeRequest, preconditions: Preconditions
) -> ObjectRecord:
    sources = request.source_objects
    if not 1 <= len(sources) <= MAX_SOURCES:
        raise StorageError(
            Refusal.INVALID,
            f"The number of source components provided ({len(sources)}) is not between 1 and "
            f"{MAX_SOURCES}.",
        )
    components = 0
    with store.new_content() as path:
        with path.open("wb") as joined:
            for source in sources:
                condition = source.object_preconditions.if_generation_match
                record, file = store.open(
                    bucket,
                    source.name,
                    source.generation,
                    Preconditions(generation_match=condition),
                )
                components += record.component_count or 1
                with file:
                    while block := file.read(BLOCK_BYTES):
                        joined.write(block)
        return store.put(
            bucket,
            name,
            path,
            attributes=request.destination,
            preconditions=preconditions,
            expected=Expected(),
            component_count=components,
        )
