"""The record of who was informed of a recording, as a lecture's owner keeps it."""

from typing import Annotated

from pydantic import StringConstraints

from functions.ingest.web.fields import Moment
from shared.models import LegalBasis
from shared.schema import Schema
from shared.text import SHOWN

Informed = Annotated[str, StringConstraints(max_length=1000), *SHOWN]


class Consent(Schema):
    """What is not given is not recorded. Pegasus does not check what is."""

    informed: Informed | None = None
    """Who was informed of the recording, in words: *all students, on the first slide*."""
    basis: LegalBasis | None = None
    """The legal basis of the recording, as the GDPR names them in article 6 (1)."""
    at: Moment | None = None
    """When they were informed."""
