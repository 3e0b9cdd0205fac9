"""Every setting of Pegasus, read from the environment once and checked as a whole.

No other module looks at the environment. Google's own libraries read theirs
(`GOOGLE_CLOUD_PROJECT`, `STORAGE_EMULATOR_HOST`, `PUBSUB_EMULATOR_HOST`,
`GOOGLE_APPLICATION_CREDENTIALS`); the local stack sets those.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TranscribeProvider = Literal["whisper", "openai"]
WITHOUT_WORD_TIMES = "gpt-"
"""Prefixes of the names of OpenAI's transcription models without word timestamps."""


class ConfigurationError(Exception):
    """The environment does not describe a Pegasus that can run; lists every problem."""


def _entries(listed: str) -> list[str]:
    """What a setting lists, separated by commas."""
    return [entry for each in listed.split(",") if (entry := each.strip())]


class Settings(BaseSettings):
    """Field names are the environment's names in lower case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    # --- where it runs ---

    plc_environment: Literal["cloud", "local"] = "cloud"
    """`local` is the stack on one machine: no auth, plain connections to the stand-ins."""
    google_cloud_project: str = Field("", validate_default=True)
    """Always needed."""
    plc_region: str = "europe-west1"
    """Where the Cloud Tasks queue is."""
    k_service: str = "pegasus"
    """Name of the running function; Cloud Run sets it."""
    k_revision: str | None = None
    """Its revision; Cloud Run sets it, and nothing else does."""
    plc_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # --- database: one URL, or a Cloud SQL instance ---

    database_url: SecretStr | None = None
    """`postgresql://user:password@host:port/name`; wins over the three below."""
    instance_connection_name: str | None = None
    """Cloud SQL `project:region:instance`."""
    db_user: str | None = None
    """With IAM login: the service account's address without `.gserviceaccount.com`."""
    db_name: str | None = Field(None, validate_default=True)
    plc_db_ip_type: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    plc_db_pool_size: int = Field(2, ge=1, le=20)
    """Connections per instance. Small Cloud SQL tiers allow 25 in all."""

    # --- storage ---

    gcs_bucket: str
    """Holds recordings, segments, transcripts, artifacts and exports."""
    gcs_prefix: str = ""
    """Folder inside the bucket that holds everything; empty for the root."""
    storage_emulator_host: str | None = None
    """URL of the local stand-in for Cloud Storage; empty means Google's."""
    plc_signing_key_file: str | None = None
    """A service account key for signing URLs on the laptop. In the cloud there is none:
    IAM signs (`signBlob`)."""
    plc_signing_account: str | None = None
    """Address of the service account whose name IAM signs in."""
    plc_upload_url_ttl_sec: int = Field(3600, ge=60, le=604800)
    """How long an upload may be started; once started it has a week."""
    plc_download_url_ttl_sec: int = Field(900, ge=60, le=604800)
    plc_max_audio_upload_mb: int = Field(200, ge=1, le=5000)
    """Millions of bytes; part of the signature of an upload URL."""
    plc_max_audio_duration_sec: float = Field(12 * 3600, ge=1, le=48 * 3600)
    """A longer recording is refused."""

    # --- messages ---

    pubsub_emulator_host: str | None = None
    """host:port of the local stand-in for Pub/Sub; empty means Google's."""
    plc_tasks_emulator_host: str | None = None
    """host:port of the local stand-in for Cloud Tasks; empty means Google's."""
    plc_segment_url: str | None = None
    """Where Cloud Tasks delivers a segment: the URL of transcribe:on_segment."""
    plc_tasks_service_account: str | None = None
    """Whose OIDC token a task carries."""

    # --- jobs ---

    plc_job_max_attempts: int = Field(5, ge=1, le=50)
    """Claims of one job, or of one upload's registration, crashes included, before it fails."""
    plc_segment_max_attempts: int = Field(5, ge=1, le=50)
    """The same for one segment."""
    plc_lease_sec: float = Field(60, ge=1, le=600)
    """How long a worker may be silent before its work is given to another. The
    heartbeat renews at a third of it."""
    plc_fanout_lease_sec: float = Field(900, ge=1, le=7200)
    """How long a transcription may go without a finished segment before the sweep repairs it."""
    plc_resend_after_sec: float = Field(60, ge=1, le=7200)
    """How long a queued job or segment may wait while workers are free before the sweep sends
    its message again; twice as long each time, up to `PLC_FANOUT_LEASE_SEC`."""
    plc_outbox_grace_sec: float = Field(15, ge=0, le=600)
    """Age at which the sweep publishes a message its writer has not."""

    # --- transcription ---

    plc_transcribe_provider: TranscribeProvider = "whisper"
    """`whisper` runs here; `openai` is a service that hears one segment after the other."""
    plc_whisper_model: str = "base"
    """A model's name, a directory, or a `gs://` prefix."""
    plc_model_cache_dir: str = "/tmp/pegasus-models"  # noqa: S108 - the only writable place there
    """Where weights from the hub, a bucket or a package are kept."""
    plc_whisper_device: Literal["cpu", "cuda", "auto"] = "cpu"
    """Where the model runs."""
    plc_whisper_compute_type: str = "int8"
    """A quantization of CTranslate2: int8 on processors, float16 on graphics cards."""
    plc_whisper_threads: int = Field(1, ge=1, le=64)
    """Per instance; measured, more instances with one thread each beat one with more."""
    plc_whisper_batch_size: int = Field(4, ge=1, le=64)
    """Half-minute pieces decoded together; memory grows with it, and past 8 nothing else."""
    plc_segment_target_sec: float = Field(300, ge=10, le=1500)
    """The longest a segment should be. It is less where a lecture can then be divided evenly
    among the workers, down to 150 s: each segment has its fixed costs."""
    plc_segment_workers: int = Field(20, ge=1, le=1000)
    """How many segments are recognized at a time: what the queue and the instances allow."""

    # --- generation ---

    plc_llm_provider: Literal["openai", "gemini", "vertex", "extractive"] = "extractive"
    """`extractive` needs no model and no key: everything is drawn from what was said."""
    openai_base_url: str | None = None
    """Any endpoint that speaks OpenAI's protocol (Ollama, vLLM, a gateway); empty means
    OpenAI's own."""
    openai_api_key: SecretStr | None = Field(None, validate_default=True)
    """For `openai`. Other endpoints may not need it."""
    openai_model: str = "gpt-6-luna"
    gemini_api_key: SecretStr | None = Field(None, validate_default=True)
    """For `gemini`: the Gemini API with a key."""
    gemini_model: str = "gemini-3.5-flash-lite"
    vertex_location: str | None = None
    """For `vertex`, which is Vertex AI in `GOOGLE_CLOUD_PROJECT`, as the function's own service
    account: the region that processes the transcript; empty means `PLC_REGION`. `global` is any
    region of the world."""
    vertex_model: str = "google/gemini-3.5-flash-lite"
    plc_llm_answers: Literal["schema", "json", "text"] = "schema"
    """How an endpoint is held to the form of its answers: by a JSON Schema it keeps to, by its
    JSON mode, or by words alone. One that refuses a schema is sent one without the lengths of
    texts, and in JSON mode if it refuses that as well."""
    plc_llm_timeout_sec: float = Field(120, ge=1, le=600)
    """For one call. One that takes longer is not repeated."""
    plc_llm_attempt_sec: float = Field(480, ge=1, le=540)
    """For all calls of one attempt of a job: less than the function's own limit of 600 s, so that
    what the model wrote in time is stored. The next attempt asks only for what is missing."""
    plc_llm_context_tokens: int = Field(64_000, ge=2_000, le=2_000_000)
    """The model's input and output together, in one call. A lecture that does not fit is read
    in parts, and the material is written from notes."""
    plc_llm_concurrency: int = Field(3, ge=1, le=32)
    """Concurrent calls for one lecture. With 3 a lecture is done in two rounds without
    exhausting a small account's tokens per minute."""

    # --- transcription by a service ---

    openai_transcribe_base_url: str | None = None
    """Any service that speaks OpenAI's transcription API; empty means OpenAI's own."""
    openai_transcribe_api_key: SecretStr | None = Field(None, validate_default=True)
    """For a service at another address, if it needs one. OpenAI's own takes
    `OPENAI_API_KEY` too."""
    openai_transcribe_model: str = "whisper-1"
    """A model that returns word timestamps."""
    plc_transcribe_timeout_sec: float = Field(300, ge=1, le=600)
    """For one call, which is up to 12 minutes of speech."""

    # --- export ---

    plc_export_min_summary_sections: int = Field(1, ge=0, le=50)
    """A summary with fewer is not exported: the job fails and says so."""

    # --- retention ---

    plc_retention_raw_audio_days: int = Field(30, ge=1)
    """Days from the lecture's creation until its recording is deleted."""
    plc_retention_transcript_days: int = Field(14, ge=1)
    """Days from the lecture's creation until its transcript is deleted."""
    plc_retention_material_days: int | None = Field(None, ge=1, le=3650)
    """Days from the lecture's creation until its study material is deleted: artifacts, files and
    what threads say of it. Without it material is kept until its lecture is deleted."""
    plc_retention_course_days_max: int = Field(3650, ge=1, le=3650)
    """Most days that the rules of a course may keep anything."""
    plc_retention_hold_days_max: int = Field(730, ge=1, le=3650)
    """Most days, from the moment it is set, that a hold of a course may last, and that an operator
    may keep the objects of a deleted lecture."""
    plc_account_export_days: int = Field(3, ge=1, le=30)
    """Days until the files of an account's export (`POST /me/exports`) are deleted."""
    plc_bucket_soft_delete_days: int = Field(7, ge=0, le=90)
    """How long the bucket's soft delete keeps what was deleted. Only stated, in retention's
    reports: the bucket itself is set up elsewhere."""
    plc_database_backup_days: int = Field(7, ge=0, le=365)
    """How long the database's backups and logs keep rows that are gone; likewise only stated."""
    plc_missed_upload_grace_sec: float = Field(120, ge=0)
    """Age at which the sweep asks the bucket itself for an upload it heard nothing of."""

    # --- API ---

    plc_write_api_token: SecretStr | None = None
    """A static bearer token. In the cloud it opens lectures of its own, with which a deployment is
    tried, and no other owner's data; on the local stack it is an operator's."""
    plc_operators: str = ""
    """Operators, separated by commas: e-mail addresses of Google accounts, and subjects (`sub`) of
    users' ID tokens. They see and replay the jobs of all owners, and export and delete accounts;
    each access is recorded."""
    plc_operator_audience: str = Field("32555940559.apps.googleusercontent.com", min_length=1)
    """Audience of the ID tokens of operators' Google accounts. The default is that of
    `gcloud auth print-identity-token`."""
    plc_id_token_audience: str | None = None
    """The Firebase or Identity Platform project whose ID tokens are accepted; it is also the
    end of their issuer. Without it no user can sign in."""
    plc_id_token_keys_url: str = (
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"  # noqa: S105 - an address
    )
    """Where the keys that sign ID tokens are published (JWKS)."""
    plc_allowed_email_domains: str = ""
    """Domains of the e-mail addresses whose accounts are admitted, separated by commas; empty
    for all. Such an address has to be verified, and a subdomain is listed separately."""
    plc_require_verified_email: bool = False
    """Admit only accounts whose e-mail address is verified (`email_verified`)."""
    plc_write_rate_limit_max_requests: int = Field(60, ge=1, le=100_000)
    """Writes of one caller in a row, over all instances."""
    plc_write_rate_limit_window_sec: float = Field(60, ge=1, le=86_400)
    """Time in which that many are allowed again."""
    plc_read_rate_limit_max_requests: int = Field(1200, ge=1, le=1_000_000)
    """Reads of one caller in a row, for each instance: over all of them it is this times their
    number. Callers without a valid token are counted by their network address. Operators are
    not limited."""
    plc_read_rate_limit_window_sec: float = Field(60, ge=1, le=86_400)
    """Time in which that many are allowed again."""
    plc_trusted_proxy_hops: int = Field(1, ge=0, le=10)
    """How many proxies in front append the address they were called from to `X-Forwarded-For`;
    the entry of the outermost of them is taken for the caller's address. 1 is Cloud Run's own
    front end, 2 a load balancer before it, 0 no proxy."""
    plc_handled_at_once: int = Field(16, ge=1, le=1000)
    """Requests that one instance of the API handles at a time; the others it has accepted wait.
    A request that only waits for its client's bytes does not count."""
    plc_body_timeout_sec: float = Field(100, ge=1, le=3600)
    """Longest time in which a request body has to arrive, in all."""
    plc_body_min_bytes_per_sec: int = Field(4096, ge=1, le=1 << 20)
    """Least rate at which a body has to arrive and an answer has to be taken, measured over
    64 KiB: with 4096 each 64 KiB, and all of a smaller body, has 16 seconds."""
    plc_daily_lectures_max: int = Field(200, ge=1, le=1_000_000)
    """Lectures that one user may announce in a day (UTC). The static token is not limited."""
    plc_daily_audio_hours_max: float = Field(100, ge=0.01, le=1_000_000)
    """Hours of audio that one user may have transcribed in a day (UTC), repetitions included.
    The static token is not limited."""
    plc_idempotency_ttl_sec: int = Field(3600, ge=60, le=604_800)
    """How long the answer to a write with an `Idempotency-Key` is kept for its repetition."""
    plc_cors_origins: str = ""
    """Origins of web pages that may call the API, separated by commas; empty for none."""
    plc_progress_streams_max: int = Field(32, ge=0, le=1000)
    """Progress streams per instance; each holds a thread, so half of them is the most, and asks
    the database once a second."""
    threads: int | None = Field(None, ge=1, le=1000)
    """Requests that one instance accepts concurrently. The functions framework reads the same
    variable; not set, it makes four per processor."""
    plc_progress_stream_sec: float = Field(55, ge=1, le=110)
    """How long one stream lasts at most; the client opens the next."""

    # --- internal entry points ---

    plc_internal_audience: str | None = None
    """Audience of the OIDC tokens that Pub/Sub, Cloud Tasks and Cloud Scheduler show a
    function. Outside the local stack a function without it refuses every call."""
    plc_internal_service_accounts: str = ""
    """Addresses of the accounts whose tokens are accepted there, separated by commas. Outside
    the local stack a function without any refuses every call."""
    plc_caller_check: Literal["signature", "platform"] = Field("signature", validate_default=True)
    """Who verifies the signature of those tokens: the function (`signature`), or Cloud Run's check
    of the invoker, which hands them on without it (`platform`). The latter is refused outside Cloud
    Run, and for the API, which has no such check before it."""
    plc_oidc_keys_url: str = "https://www.googleapis.com/oauth2/v3/certs"
    """Where the keys that sign Google's OIDC tokens are published (JWKS)."""

    @field_validator(
        "database_url",
        "plc_write_api_token",
        "openai_api_key",
        "gemini_api_key",
        "openai_transcribe_api_key",
        mode="before",
    )
    @classmethod
    def _strip_secret(cls, value: object) -> object:
        # A secret typed into Secret Manager often ends in a newline.
        # One that holds nothing else is none: an empty token must not authenticate a request.
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("plc_operators")
    @classmethod
    def _names_operators(cls, value: str) -> str:
        for each in _entries(value):
            local, at, domain = each.rpartition("@")
            named = bool(local and "." in domain and each.isascii()) if at else True
            if not named or len(each) > 254 or not each.isprintable() or len(each.split()) > 1:
                raise ValueError("lists addresses and subjects, separated by commas")
        return value

    @field_validator("gcs_prefix")
    @classmethod
    def _strip_prefix(cls, value: str) -> str:
        return value.strip("/")

    # What belongs together is checked field by field, not on the whole model: that check
    # would not run, and its problems not be reported, while any one field is wrong.

    @field_validator("google_cloud_project")
    @classmethod
    def _has_project(cls, value: str) -> str:
        if not value:
            raise ValueError("is always needed")
        return value

    @field_validator("db_name")
    @classmethod
    def _has_database(cls, value: str | None, info: ValidationInfo) -> str | None:
        cloud_sql = (info.data.get("instance_connection_name"), info.data.get("db_user"), value)
        if info.data.get("database_url", "wrong") is None and not all(cloud_sql):
            raise ValueError(
                "set DATABASE_URL, or all of INSTANCE_CONNECTION_NAME, DB_USER and DB_NAME"
            )
        return value

    @field_validator("openai_api_key")
    @classmethod
    def _has_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        own = info.data.get("openai_base_url")
        if value is None and info.data.get("plc_llm_provider") == "openai" and not own:
            raise ValueError("PLC_LLM_PROVIDER=openai needs it, or OPENAI_BASE_URL")
        return value

    @field_validator("gemini_api_key")
    @classmethod
    def _has_gemini_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("plc_llm_provider") == "gemini":
            raise ValueError("PLC_LLM_PROVIDER=gemini needs it")
        return value

    @field_validator("openai_transcribe_api_key")
    @classmethod
    def _has_transcription_key(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        told = (value, info.data.get("openai_transcribe_base_url"), info.data.get("openai_api_key"))
        if info.data.get("plc_transcribe_provider") == "openai" and not any(told):
            raise ValueError(
                "PLC_TRANSCRIBE_PROVIDER=openai needs it, OPENAI_API_KEY or"
                " OPENAI_TRANSCRIBE_BASE_URL"
            )
        return value

    @field_validator("plc_caller_check")
    @classmethod
    def _is_checked(cls, value: str, info: ValidationInfo) -> str:
        if value == "platform":
            if info.data.get("plc_environment") != "cloud" or not info.data.get("k_revision"):
                raise ValueError("platform needs Cloud Run, which sets K_REVISION")
            audience = info.data.get("plc_internal_audience")
            if not audience or not info.data.get("plc_internal_service_accounts"):
                raise ValueError(
                    "platform is for internal functions: set PLC_INTERNAL_AUDIENCE and"
                    " PLC_INTERNAL_SERVICE_ACCOUNTS"
                )
        return value

    @field_validator("openai_transcribe_model")
    @classmethod
    def _tells_word_times(cls, value: str) -> str:
        if value.startswith(WITHOUT_WORD_TIMES):
            raise ValueError(f"{value} does not tell when each word was said; whisper-1 does")
        return value

    @property
    def max_audio_bytes(self) -> int:
        return self.plc_max_audio_upload_mb * 1_000_000

    @cached_property
    def transcribe_model(self) -> str:
        """The model that recognizes a lecture unless the request names another."""
        hosted = self.plc_transcribe_provider == "openai"
        return self.openai_transcribe_model if hosted else self.plc_whisper_model

    @cached_property
    def allowed_email_domains(self) -> frozenset[str]:
        return frozenset(each.lower() for each in _entries(self.plc_allowed_email_domains))

    @cached_property
    def operator_addresses(self) -> frozenset[str]:
        """Of Google accounts, in lower case."""
        return frozenset(each.lower() for each in _entries(self.plc_operators) if "@" in each)

    @cached_property
    def operator_subjects(self) -> frozenset[str]:
        """Of users."""
        return frozenset(each for each in _entries(self.plc_operators) if "@" not in each)

    @cached_property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.plc_lease_sec)

    @cached_property
    def progress_streams(self) -> int:
        """How many there may be, so that other requests always find a thread."""
        threads = self.threads or 4 * (os.cpu_count() or 1)
        return min(self.plc_progress_streams_max, threads // 2)

    @cached_property
    def fanout_lease(self) -> timedelta:
        return timedelta(seconds=self.plc_fanout_lease_sec)


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
