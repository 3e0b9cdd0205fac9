"""The app's files under `/app/`: what is sent, in which encoding, and under which policy."""

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.app import create_app
from functions.ingest.web.problems import install_problem_handlers
from functions.ingest.web_app.files import AppFiles
from functions.ingest.web_app.policy import content_security_policy
from functions.ingest.web_app.serving import install_app
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.runtime import build_runtime

STYLE = "\n  body { margin: 0 }\n"
PAGE = (
    f'<!doctype html><style id="a">{STYLE}</style><div id="root"></div><script src="x.js"></script>'
)
CLOUD = {"plc_environment": "cloud"}
SCRIPT = "_expo/static/js/web/index-0123.js"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    script = folder / SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text("run()")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(b"run()", mtime=0))
    script.with_name(script.name + ".br").write_bytes(b"brotli")
    (folder / "index.html").write_text(PAGE)
    (folder / "sw.js").write_text("serve()")
    (folder / ".sources").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    return folder


@pytest.fixture
def client(export: Path) -> FlaskClient:
    return served(export)


def served(export: Path, **settings: str | None) -> FlaskClient:
    app = Flask("app")
    install_problem_handlers(app)
    nowhere = Settings.model_validate(NOWHERE)
    install_app(app, nowhere.model_copy(update=settings), export)
    return app.test_client()


def test_hashed_files_are_kept_for_a_year_and_all_others_asked_for_again(
    client: FlaskClient,
) -> None:
    script = client.get(f"/app/{SCRIPT}")
    assert (script.data, script.content_type) == (b"run()", "text/javascript; charset=utf-8")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/app/", "/app/sw.js", "/app/lectures/x"):
        assert client.get(path).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", gzip.compress(b"run()", mtime=0)),
        ("br;q=0, gzip;q=0", None, b"run()"),
        ("identity", None, b"run()"),
        ("", None, b"run()"),
    ],
)
def test_a_browser_gets_the_encoding_that_it_takes(
    client: FlaskClient, accepted: str, coding: str | None, body: bytes
) -> None:
    answer = client.get(f"/app/{SCRIPT}", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert len(answer.data) == len(body)
    assert coding == "gzip" or answer.data == body


def test_what_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    for accepted in ("br", "identity"):
        headers = {"Accept-Encoding": accepted}
        etag = client.get(f"/app/{SCRIPT}", headers=headers).headers["ETag"]
        again = client.get(f"/app/{SCRIPT}", headers={**headers, "If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        # The encodings are different bytes.
        other = {"Accept-Encoding": "gzip", "If-None-Match": etag}
        assert client.get(f"/app/{SCRIPT}", headers=other).status_code == 200


def test_every_place_in_the_app_is_its_page(client: FlaskClient) -> None:
    for place in ("/app/", "/app/lectures/abc", "/app/settings", "/app/no/such/place"):
        answer = client.get(place)
        assert (answer.status_code, answer.get_data(as_text=True)) == (200, PAGE)
        assert answer.content_type == "text/html; charset=utf-8"
    assert client.get("/app").headers["Location"] == "/app/"


def test_a_file_that_is_not_there_is_not_the_page(client: FlaskClient) -> None:
    for path in ("/app/_expo/static/js/web/index-old.js", "/app/.sources", "/app/x.css"):
        assert client.get(path).status_code == 404


@given(
    st.lists(
        st.sampled_from(["..", ".", "outside.js", ".sources", "index.html", "%2e%2e", "", "\\.."]),
        min_size=1,
        max_size=5,
    )
)
def test_no_address_leads_out_of_the_folder(parts: list[str]) -> None:
    folder = Path(__file__).parent
    found = AppFiles(folder).find("/".join(parts))
    assert found is None or found.encodings["identity"].is_relative_to(folder)


def test_nothing_outside_of_the_folder_is_sent(client: FlaskClient) -> None:
    for path in ("/app/../outside.js", "/app/%2e%2e/outside.js", "/app/_expo/../../outside.js"):
        assert b"secret" not in client.get(path).data


def test_the_page_may_run_its_own_scripts_and_styles_and_send_to_storage(
    client: FlaskClient, export: Path
) -> None:
    policy = client.get("/app/").headers["Content-Security-Policy"]
    directives = dict(each.split(" ", 1) for each in policy.split("; "))
    assert "unsafe" not in policy
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    # The second is the hash of nothing.
    assert directives["style-src"].split() == [
        "'self'",
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        f"'sha256-{style}'",
    ]
    local = Settings.model_validate(NOWHERE).storage_emulator_host
    assert directives["connect-src"] == f"'self' {local}"
    # The recording is played from the bucket.
    assert directives["media-src"] == f"'self' blob: {local}"
    cloud = served(export, storage_emulator_host=None)
    policy = cloud.get("/app/").headers["Content-Security-Policy"]
    assert "connect-src 'self' https://storage.googleapis.com;" in policy
    assert "media-src 'self' blob: https://storage.googleapis.com;" in policy


@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        ({}, ""),
        (
            {"plc_sign_in_api_key": "key"},
            " https://identitytoolkit.googleapis.com https://securetoken.googleapis.com",
        ),
        (
            {"plc_sign_in_api_key": "key", "plc_identity_emulator_host": "127.0.0.1:8090"},
            " http://127.0.0.1:8090",
        ),
    ],
)
def test_the_page_may_ask_the_service_that_users_sign_in_at(
    export: Path, settings: dict[str, str], origins: str
) -> None:
    policy = (
        served(export, storage_emulator_host=None, **settings)
        .get("/app/")
        .headers["Content-Security-Policy"]
    )

    assert f"connect-src 'self' https://storage.googleapis.com{origins};" in policy


def test_every_style_of_the_page_is_allowed_by_its_own_hash() -> None:
    policy = content_security_policy(
        "<style>a</style><p>not a style</p><style media='x'>b &amp; c</style>", storage="s"
    )
    for style in ("a", "b &amp; c"):
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert len(re.findall("sha256-", policy)) == 3


def test_without_the_app_its_address_says_how_to_build_it(tmp_path: Path) -> None:
    answer = served(tmp_path / "none").get("/app/")
    assert answer.status_code == 404
    assert "make app" in answer.get_data(as_text=True)
    assert served(tmp_path / "none").get("/app/sw.js").status_code == 404


def test_the_api_serves_it_without_a_token_and_nothing_else_that_begins_alike() -> None:
    rt = build_runtime(Settings.model_validate(NOWHERE))
    app = create_app(replace(rt, settings=rt.settings.model_copy(update=CLOUD)))
    client = app.test_client()
    assert client.get("/app").headers["Location"] == "/app/"
    for path in ("/app/", "/app/lectures/x"):
        answer = client.get(path)
        assert answer.status_code in (200, 404)  # Built, or not.
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # What is not there is kept by no cache: it may be there after the next deployment.
    assert client.get("/app/none.js").headers["Cache-Control"] in ("no-cache", "no-store")
    for path in ("/application", "/apps/", "/lectures"):
        assert client.get(path).status_code == 401
    assert client.post("/app/").status_code == 401
