"""Who processes personal data for an installation, by the settings that choose them.

docs/reference/data-map.md and docs/reference/processors.md show it; a provider that a setting can
name and that is not here fails a test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Processor:
    name: str
    chosen_by: tuple[tuple[str, str], ...]
    """Setting and value; empty for what every installation in the cloud has."""
    gets: str
    why: str
    region: str
    keeps: str
    """What the vendor keeps, and what is done against it."""


PROCESSORS = (
    Processor(
        "Google Cloud (Cloud Run, Cloud SQL, Cloud Storage, Pub/Sub, Cloud Tasks, Cloud Logging)",
        (),
        "everything in the tables and folders above; the log fields",
        "hosting",
        "`var.region` of Terraform; the log bucket `_Default` is global",
        "what is stored, until it is deleted; soft-deleted objects and backups as"
        " [retention](../retention.md#what-is-still-held) says",
    ),
    Processor(
        "Identity Platform or Firebase Authentication",
        (),
        "the users' accounts; Pegasus reads the ID token's subject and e-mail address",
        "sign-in",
        "as the identity project is set up",
        "accounts, until the operator deletes them there",
    ),
    Processor(
        "none: Whisper in the functions",
        (("plc_transcribe_provider", "whisper"),),
        "the recording",
        "speech recognition",
        "`var.region`",
        "nothing",
    ),
    Processor(
        "OpenAI, or the service at OPENAI_TRANSCRIBE_BASE_URL",
        (("plc_transcribe_provider", "openai"),),
        "parts of the recording; titles of course and threads and corrected terms as hints",
        "speech recognition",
        "the service's; OpenAI's follows the account's project",
        "by the contract with it; the transcription API has no `store` field",
    ),
    Processor(
        "none: extractive, in the functions",
        (("plc_llm_provider", "extractive"),),
        "the transcript",
        "study material",
        "`var.region`",
        "nothing",
    ),
    Processor(
        "OpenAI, or the endpoint at OPENAI_BASE_URL",
        (("plc_llm_provider", "openai"),),
        "the transcript, titles of the course's threads and what earlier lectures said of them",
        "study material",
        "the endpoint's; OpenAI's follows the account's project",
        "OpenAI's own endpoint is sent `store: false`, so completions are not kept for its"
        " dashboard; its logs against abuse follow the contract. Other endpoints need not know the"
        " field, and are not sent it",
    ),
    Processor(
        "Google, Gemini API",
        (("plc_llm_provider", "gemini"),),
        "the transcript, titles of the course's threads and what earlier lectures said of them",
        "study material",
        "Google's choice",
        "by the terms of the Gemini API, which differ between paid and free use; it has no field"
        " against it",
    ),
    Processor(
        "Google Cloud, Vertex AI",
        (("plc_llm_provider", "vertex"),),
        "the transcript, titles of the course's threads and what earlier lectures said of them",
        "study material",
        "`VERTEX_LOCATION`, by default `PLC_REGION`; `global` is any region of the world",
        "by the Cloud terms; caching and abuse monitoring follow the project's settings",
    ),
)
