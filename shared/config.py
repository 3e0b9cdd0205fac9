"""Every setting of Pegasus, read from the environment once and checked as a whole.

No other module looks at the environment. Google's own libraries read theirs
(`GOOGLE_CLOUD_PROJECT`, `STORAGE_EMULATOR_HOST`, `PUBSUB_EMULATOR_HOST`,
`GOOGLE_APPLICATION_CREDENTIALS`); the local stack sets those.
"""

from collections.abc import Mapping
from functools import cached_property

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from shared.settings.api import ApiSettings
from shared.settings.callers import CallerSettings
from shared.settings.export import ExportSettings
from shared.settings.generation import GenerationSettings
from shared.settings.host import DatabaseSettings, HostSettings
from shared.settings.retention import RetentionSettings
from shared.settings.storage import StorageSettings
from shared.settings.transcription import HostedTranscriptionSettings, TranscriptionSettings
from shared.settings.work import JobSettings, MessageSettings


class ConfigurationError(Exception):
    """The environment does not describe a Pegasus that can run; lists every problem."""


# Pydantic reads the fields of the last base first. A validator sees the fields read before its own:
# each base may ask for those of the bases below it.
class Settings(
    CallerSettings,
    ApiSettings,
    RetentionSettings,
    ExportSettings,
    HostedTranscriptionSettings,
    GenerationSettings,
    TranscriptionSettings,
    JobSettings,
    MessageSettings,
    StorageSettings,
    DatabaseSettings,
    HostSettings,
):
    """Field names are the environment's names in lower case.

    What belongs together is checked field by field, not on the whole model: that check would not
    run, and its problems not be reported, while any one field is wrong.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    @cached_property
    def transcribe_model(self) -> str:
        """The model that recognizes a lecture unless the request names another."""
        hosted = self.plc_transcribe_provider == "openai"
        return self.openai_transcribe_model if hosted else self.plc_whisper_model


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the process's environment, or another one.

    Raises ConfigurationError with one line per problem.
    """
    try:
        if environment is None:
            return Settings()
        return Settings.model_validate(
            {
                name.lower(): value
                for name, value in environment.items()
                if value and name.lower() in Settings.model_fields
            }
        )
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in problem['loc']).upper()}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigurationError("\n".join(lines)) from None
