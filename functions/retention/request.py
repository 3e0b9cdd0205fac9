"""What a call of retention may ask for."""

from typing import Self

from pydantic import ValidationError

from shared.errors import MalformedEventError
from shared.messaging.events import Event
from shared.schema import Schema


class RetentionRequest(Schema):
    """An unknown field is refused: a misspelt `dryRun` must not delete anything."""

    dry_run: bool = False

    @classmethod
    def of(cls, event: Event) -> Self:
        """Read the event's payload; an empty one asks for a real run.

        Raises MalformedEventError.
        """
        try:
            return cls.model_validate(event.json() if event.data else {}, strict=True)
        except ValidationError as error:
            raise MalformedEventError(
                'retention takes {"dryRun": true} or {"dryRun": false}'
            ) from error
