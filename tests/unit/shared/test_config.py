"""The environment is read once, and every problem in it is named at once."""

import pytest

from shared.config import ConfigurationError, Settings, load_settings

COMPLETE = {
    "GOOGLE_CLOUD_PROJECT": "p",
    "GCS_BUCKET": "b",
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/d",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of ours is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        environment.setenv(name, value)
    return load_settings()


def test_little_is_needed(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, **COMPLETE)

    assert (settings.gcs_bucket, settings.plc_environment) == ("b", "cloud")


def test_every_problem_is_named(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            environment,
            PLC_LEASE_SEC="0",
            PLC_REGION="x",
            PLC_JOB_MAX_ATTEMPTS="many",
            PLC_LLM_PROVIDER="openai",
        )

    for name in (
        "GCS_BUCKET",
        "PLC_LEASE_SEC",
        "PLC_JOB_MAX_ATTEMPTS",
        "DATABASE_URL",
        "OPENAI_API_KEY",
    ):
        assert name in str(caught.value)


def test_what_belongs_together_is_asked_for_together(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(environment, GCS_BUCKET="b", PLC_LLM_PROVIDER="openai")

    for name in ("DATABASE_URL", "OPENAI_API_KEY", "GOOGLE_CLOUD_PROJECT"):
        assert name in str(caught.value)


def test_an_instance_is_as_good_as_a_url_if_it_is_whole(environment: pytest.MonkeyPatch) -> None:
    variables = {**COMPLETE, "DATABASE_URL": "", "INSTANCE_CONNECTION_NAME": "p:r:i"}
    with pytest.raises(ConfigurationError):
        load(environment, **variables)

    assert load(environment, **variables, DB_USER="u", DB_NAME="d").database_url is None


def test_a_secret_that_ends_in_a_newline_is_the_secret(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment,
        **{**COMPLETE, "DATABASE_URL": f"{COMPLETE['DATABASE_URL']}\n"},
        PLC_WRITE_API_TOKEN=" token\n",
    )

    assert settings.plc_write_api_token is not None
    assert settings.plc_write_api_token.get_secret_value() == "token"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == COMPLETE["DATABASE_URL"]


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_secret_that_holds_nothing_is_none(environment: pytest.MonkeyPatch, blank: str) -> None:
    assert load(environment, **COMPLETE, PLC_WRITE_API_TOKEN=blank).plc_write_api_token is None


def test_operators_are_addresses_in_lower_case_and_subjects(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = load(environment, **COMPLETE, PLC_OPERATORS=" Ops@Uni.example,Xk3-Subject,, ")
    assert settings.operator_addresses == {"ops@uni.example"}
    assert settings.operator_subjects == {"Xk3-Subject"}
    none = load(environment, **COMPLETE, PLC_OPERATORS=" , ")
    assert none.operator_addresses | none.operator_subjects == frozenset()


@pytest.mark.parametrize(
    "entry",
    [
        *("@uni.example", "ops@", "ops@uni", "ops uni", "Ops <o@u.example>", "o@u.x;p@u.x y"),
        *("ops@ban\u212a.example", "\u212aim@uni.example", "o" * 255),
    ],
)
def test_what_names_no_operator_is_refused(environment: pytest.MonkeyPatch, entry: str) -> None:
    with pytest.raises(ConfigurationError, match="PLC_OPERATORS"):
        load(environment, **COMPLETE, PLC_OPERATORS=f"ops@uni.example, {entry}")


def test_neither_settings_nor_problems_show_a_secret(environment: pytest.MonkeyPatch) -> None:
    secrets = {**COMPLETE, "PLC_WRITE_API_TOKEN": "s3cret", "OPENAI_API_KEY": "s3cret"}
    assert "s3cret" not in repr(load(environment, **secrets))

    with pytest.raises(ConfigurationError) as caught:
        load(environment, PLC_LEASE_SEC="0")
    assert "s3cret" not in str(caught.value)


def test_a_prefix_is_a_folder_without_slashes(environment: pytest.MonkeyPatch) -> None:
    assert load(environment, **COMPLETE, GCS_PREFIX="/stage/one/").gcs_prefix == "stage/one"
