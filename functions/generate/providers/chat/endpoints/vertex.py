"""Vertex AI through its OpenAI-compatible address, as the function's own service account."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import google.auth
from google.auth.transport.requests import Request

from functions.generate.providers.chat.endpoints.connecting import model_at
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from shared.config import Settings
from shared.errors import TransientError

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class AccessToken:
    """An access token that lives about an hour; google-auth takes it for expired some minutes
    before it is. May be shared by threads."""

    def __init__(self, credentials: Any, refresh: Callable[[Any], None] | None = None) -> None:
        self._credentials = credentials
        self._refresh = refresh or (lambda credentials: credentials.refresh(Request()))
        self._lock = Lock()

    def __call__(self) -> str:
        with self._lock:
            if not self._credentials.valid:
                self._renew()
            return str(self._credentials.token)

    def renew(self) -> None:
        """Fetch another although this one should still hold: the endpoint does not take it."""
        with self._lock:
            self._renew()

    def _renew(self) -> None:
        try:
            self._refresh(self._credentials)
        except google.auth.exceptions.TransportError as error:
            raise TransientError("Google's token service is not available") from error


def connect(settings: Settings, answers: Answers) -> OpenAICompatible:
    """Raises google.auth.exceptions.DefaultCredentialsError where there is no account."""
    credentials, _ = google.auth.default(scopes=[SCOPE])
    return with_token(settings, answers, AccessToken(credentials), base_url=address(settings))


def with_token(
    settings: Settings, answers: Answers, token: AccessToken, *, base_url: str
) -> OpenAICompatible:
    return model_at(
        base_url,
        settings,
        answers,
        api_key=token,
        model=settings.vertex_model,
        name="vertex",
        renew_key=token.renew,
    )


def address(settings: Settings) -> str:
    """https://cloud.google.com/vertex-ai/generative-ai/docs/start/openai"""
    location = settings.vertex_location or settings.plc_region
    host = "aiplatform" if location == "global" else f"{location}-aiplatform"
    return (
        f"https://{host}.googleapis.com/v1/projects/{settings.google_cloud_project}"
        f"/locations/{location}/endpoints/openapi"
    )
