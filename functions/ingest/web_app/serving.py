"""The routes under `/app`: files by name, and the page for every place in the app."""

from pathlib import Path

from flask import Flask, Response, request

from functions.ingest.web_app.files import INDEX, AppFile, AppFiles
from functions.ingest.web_app.policy import (
    GOOGLE_IDENTITY,
    GOOGLE_STORAGE,
    content_security_policy,
)
from shared.config import Settings
from shared.errors import NotFoundError

EXPORT = Path(__file__).with_name("export")
ENDPOINTS = frozenset({"app_without_slash", "app_page", "app_file"})
YEAR = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
NOT_BUILT = """<!doctype html>
<html lang="en">
<title>Pegasus</title>
<h1>The app is not part of this installation</h1>
<p>The API works without it. <code>make app</code> builds it (Node 20 or newer is needed);
then start the stack or deploy again.</p>
</html>
"""


def install_app(app: Flask, settings: Settings, folder: Path = EXPORT) -> None:
    """`folder` is listed now: what is built later is served by the next start."""
    files = AppFiles(folder)
    storage = settings.storage_emulator_host or GOOGLE_STORAGE

    def app_without_slash() -> Response:
        # Relative addresses in the page are below `/app/`. 302: another installation may be
        # at this address tomorrow.
        return Response(status=302, headers={"Location": "/app/"})

    def app_page() -> Response:
        index = files.find(INDEX)
        if index is None:
            return Response(NOT_BUILT, status=404, headers={"Cache-Control": REVALIDATED})
        answer = _answer(index)
        page = index.encodings["identity"].read_text()
        policy = content_security_policy(page, storage=storage, identity=_identity(settings))
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return answer

    def app_file(name: str) -> Response:
        if (found := files.find(name)) is not None and name != INDEX:
            return _answer(found)
        # A place in the app, such as `/app/lectures/ID`, which no file is named like.
        if "." in name.rpartition("/")[2]:
            raise NotFoundError()
        return app_page()

    app.add_url_rule("/app", endpoint="app_without_slash", view_func=app_without_slash)
    app.add_url_rule("/app/", endpoint="app_page", view_func=app_page)
    app.add_url_rule("/app/<path:name>", endpoint="app_file", view_func=app_file)


def _identity(settings: Settings) -> str:
    if settings.plc_sign_in_api_key is None:
        return ""
    emulator = settings.plc_identity_emulator_host
    return f"http://{emulator}" if emulator else GOOGLE_IDENTITY


def _answer(file: AppFile) -> Response:
    coding = file.encoding_for(request.accept_encodings)
    etag = file.etag if coding == "identity" else f"{file.etag}-{coding}"
    if request.if_none_match.contains_weak(etag):
        answer = Response(status=304)
    else:
        answer = Response(file.encodings[coding].read_bytes(), content_type=file.content_type)
        if coding != "identity":
            answer.headers["Content-Encoding"] = coding
    answer.set_etag(etag)
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = YEAR if file.is_hashed else REVALIDATED
    return answer
