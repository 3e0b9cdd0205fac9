"""What a client reads before and after its user has signed in."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from shared.models import Lecture
from shared.runtime import Runtime
from tests.integration.api.test_contract_stateful import cloud
from tests.support.access.issuer import Issuer
from tests.support.clock import HeldClock
from tests.support.lectures.builders import OWNER, add_lecture, changed, get_lecture
from tests.support.lectures.whole_lecture import add_whole_lecture

__all__ = ["cloud"]


class TestConfig:
    def test_it_needs_no_token_and_shows_what_is_offered(self, cloud: Runtime) -> None:
        answer = create_app(cloud).test_client().get("/config")

        shown = answer.get_json()
        assert answer.status_code == 200
        assert shown["signIn"] == {
            "provider": "identity-platform",
            "projectId": cloud.settings.plc_id_token_audience,
            "apiKey": None,
            "emulatorUrl": None,
        }
        assert shown["upload"]["maxBytes"] == 200_000_000
        assert "audio/mp4" in shown["upload"]["contentTypes"]
        assert shown["defaultPreset"] in shown["presets"]
        assert shown["retentionDays"] == {"rawAudio": 30, "transcript": 14, "material": None}

    def test_it_says_what_a_firebase_client_needs(self, cloud: Runtime) -> None:
        rt = changed(cloud, plc_sign_in_api_key="key", plc_identity_emulator_host="127.0.0.1:8090")

        shown = create_app(rt).test_client().get("/config").get_json()["signIn"]

        assert (shown["apiKey"], shown["emulatorUrl"]) == ("key", "http://127.0.0.1:8090")

    def test_the_local_stack_needs_no_sign_in(self, runtime: Runtime) -> None:
        rt = changed(runtime, plc_id_token_audience=None)

        assert create_app(rt).test_client().get("/config").get_json()["signIn"] is None

    @pytest.mark.parametrize(
        ("model", "languages"), [("base.en", ["en"]), ("base", ["de", "en", "ja"])]
    )
    def test_what_it_offers_is_accepted(
        self, runtime: Runtime, model: str, languages: list[str]
    ) -> None:
        rt = changed(runtime, plc_whisper_model=model, plc_write_rate_limit_max_requests=10_000)
        client = create_app(rt).test_client()
        offered = client.get("/config").get_json()["transcription"]

        assert set(languages) <= set(offered["languages"])
        assert model in offered["models"]
        for language in offered["languages"]:
            # 404: the options were accepted, and there is no lecture of this name.
            answer = client.post(f"/lectures/none/transcribe?language={language}")
            assert answer.status_code == 404, language
        for name in offered["models"]:
            assert client.post(f"/lectures/none/transcribe?model={name}").status_code == 404, name

    @pytest.mark.parametrize("place", ["gs://models/base", "/opt/models/base"])
    def test_where_weights_are_is_no_model_to_choose(self, runtime: Runtime, place: str) -> None:
        client = create_app(changed(runtime, plc_whisper_model=place)).test_client()

        assert place not in client.get("/config").get_json()["transcription"]["models"]


class TestMe:
    def test_a_user_sees_what_was_used_and_what_is_left(
        self, cloud: Runtime, issuer: Issuer, clock: HeldClock
    ) -> None:
        client = create_app(cloud).test_client()
        headers = {"Authorization": f"Bearer {issuer.id_token('bob')}"}
        for name in ("one", "two"):
            client.post(
                "/lectures/ingest", json={"courseId": "c", "lectureId": name}, headers=headers
            )

        shown = client.get("/me", headers=headers).get_json()

        assert shown["operator"] is False
        assert (shown["usageToday"]["lectures"], shown["usageToday"]["audioSec"]) == (2, 0)
        assert shown["dailyLimits"] == {
            "lectures": cloud.settings.plc_daily_lectures_max,
            "audioSec": cloud.settings.plc_daily_audio_hours_max * 3600,
        }
        assert shown["holdings"] == {"courses": 1, "lectures": 2, "storageBytes": 0}
        clock.advance(timedelta(days=1).total_seconds())
        later = client.get(
            "/me", headers={"Authorization": f"Bearer {issuer.id_token('bob')}"}
        ).get_json()
        assert later["usageToday"]["lectures"] == 0

    def test_only_ones_own_is_counted(self, runtime: Runtime, client: FlaskClient) -> None:
        add_whole_lecture(runtime, owner="user:bob", course="c", slug="bobs", secret="aether")
        add_lecture(runtime, "mine")

        shown = client.get("/me").get_json()

        assert shown["holdings"] == {"courses": 1, "lectures": 1, "storageBytes": 0}
        assert shown["dailyLimits"] is None

    def test_recordings_material_and_files_take_room(
        self, runtime: Runtime, client: FlaskClient
    ) -> None:
        whole = add_whole_lecture(runtime, owner=OWNER, course="c", slug="x", secret="aether")
        folders = [
            runtime.names.folder("artifacts", whole.lecture.id),
            runtime.names.folder("exports", whole.lecture.id),
        ]
        sizes = [each.size for folder in folders for each in runtime.store.list(folder)]
        recording = get_lecture(runtime, whole.lecture).source_size or 0

        def shown() -> int:
            return int(client.get("/me").get_json()["holdings"]["storageBytes"])

        assert shown() == recording + sum(sizes) > recording > 0
        with runtime.database.unit_of_work() as session:
            session.get_one(Lecture, whole.lecture.id).raw_deleted_at = runtime.clock()
            session.commit()
        assert shown() == sum(sizes)


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


class TestDeprecation:
    def test_an_operation_that_is_deprecated_says_so_with_each_answer(
        self, client: FlaskClient
    ) -> None:
        document = client.get("/openapi.json").get_json()
        deprecated = [
            (method, path)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if operation.get("deprecated")
        ]
        assert deprecated == [("get", "/search")]

        for query in ("?q=light", "?nonsense=1"):
            value = client.get(f"/search{query}").headers["Deprecation"]
            since = datetime.fromtimestamp(int(value.removeprefix("@")), UTC)
            assert since.date().isoformat() == "2026-11-29"
        assert "Deprecation" not in client.post("/search", json={"q": "light"}).headers
