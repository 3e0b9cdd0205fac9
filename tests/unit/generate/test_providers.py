"""The settings choose the provider."""

from functions.generate.providers.language_model.provider import LanguageModelProvider
from functions.generate.providers.registry import build_provider
from shared.config import Settings
from tests.unit.generate.language_model.chat_server import serving
from tests.unit.generate.language_model.test_openai_provider import good
from tests.unit.generate.lectures import lecture, request


def settings(**values: object) -> Settings:
    return Settings.model_validate(
        {
            "gcs_bucket": "bucket",
            "google_cloud_project": "project",
            "database_url": "postgresql://user@127.0.0.1/name",
            **values,
        }
    )


def test_without_a_word_the_provider_needs_no_model() -> None:
    provider = build_provider(settings(plc_llm_provider="extractive"))
    assert provider.name == "extractive"
    assert provider.generate(request(lecture("economics"))).cost.calls == 0


def test_address_key_and_model_reach_the_service() -> None:
    with serving(good) as server:
        provider = build_provider(
            settings(
                plc_llm_provider="openai",
                openai_api_key="sk-mine\n",
                openai_base_url=server.url,
                openai_model="my-model",
            )
        )
        assert isinstance(provider, LanguageModelProvider)
        assert (provider.name, provider.model) == ("openai", "my-model")
        provider.generate(request(lecture("hashing-1")))
        provider.close()
        assert set(server.keys) == {"Bearer sk-mine"}
        assert {body["model"] for body in server.requests} == {"my-model"}
