"""A stand-in for Identity Platform's REST API, as Firebase's clients use it.

It has the addresses of Firebase's own emulator: each Google host is the first part of the path.
Users sign in by e-mail and password; e-mails are written to a file. There are no
other limits: it is for one machine, and for tests.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_cors import CORS
from markupsafe import escape
from werkzeug.serving import WSGIRequestHandler, make_server

from scripts.local.identity.tokens import ID_TOKEN_SEC, Tokens
from scripts.local.identity.users import User, UserError, Users
from scripts.local.ports import HOST

Json = dict[str, Any]

ACCOUNTS = "/identitytoolkit.googleapis.com/v1/accounts"
VERIFY, RESET = "VERIFY_EMAIL", "PASSWORD_RESET"
MAX_BODY_BYTES = 64 * 1024


def keys_url(host: str) -> str:
    """Where the keys that verify its tokens are published (JWKS)."""
    return f"http://{host}/keys"


class IdentityServer:
    """Serves the users in `folder`."""

    def __init__(self, folder: Path, *, port: int, project: str) -> None:
        self.users = Users(folder / "users.json")
        self._tokens = Tokens(folder, project=project)
        self._mail = folder / "mail.txt"
        self._server = make_server(HOST, port, self._app(), threaded=True, request_handler=_Handler)
        self.host = f"{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="identity", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _app(self) -> Flask:
        app = Flask(__name__)
        app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
        CORS(app)
        methods: dict[str, Callable[[Json], Json]] = {
            "signUp": self._sign_up,
            "signInWithPassword": self._sign_in,
            "lookup": self._look_up,
            "sendOobCode": self._send_code,
            "delete": self._delete,
        }
        for name, answer in methods.items():
            app.add_url_rule(f"{ACCOUNTS}:{name}", name, _by(answer), methods=["POST"])
        app.add_url_rule(
            "/securetoken.googleapis.com/v1/token", "token", self._refresh, methods=["POST"]
        )
        app.add_url_rule("/keys", "keys", lambda: jsonify(self._tokens.published))
        app.add_url_rule("/action", "action", self._action, methods=["GET", "POST"])
        app.register_error_handler(UserError, _refusal)
        return app

    def _sign_up(self, body: Json) -> Json:
        return self._signed_in(self.users.sign_up(_text(body, "email"), _text(body, "password")))

    def _sign_in(self, body: Json) -> Json:
        user = self.users.sign_in(_text(body, "email"), _text(body, "password"))
        return {**self._signed_in(user), "registered": True, "displayName": ""}

    def _signed_in(self, user: User) -> Json:
        return {
            "localId": user.id,
            "email": user.email,
            "idToken": self._tokens.id_token(user),
            "refreshToken": self._tokens.refresh_token(user),
            "expiresIn": str(ID_TOKEN_SEC),
        }

    def _look_up(self, body: Json) -> Json:
        user = self.users.get(self._tokens.user_of(_text(body, "idToken")))
        return {
            "users": [
                {
                    "localId": user.id,
                    "email": user.email,
                    "emailVerified": user.email_verified,
                    "providerUserInfo": [
                        {
                            "providerId": "password",
                            "federatedId": user.email,
                            "email": user.email,
                            "rawId": user.email,
                        }
                    ],
                }
            ]
        }

    def _send_code(self, body: Json) -> Json:
        purpose = _text(body, "requestType")
        if purpose == VERIFY:
            user = self.users.get(self._tokens.user_of(_text(body, "idToken")))
        elif purpose == RESET:
            user = self.users.by_email(_text(body, "email"))
        else:
            raise UserError("INVALID_REQ_TYPE")
        link = f"http://{self.host}/action?mode={purpose}&code={self._tokens.code(user, purpose)}"
        with self._mail.open("a") as file:
            file.write(
                f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {purpose} for {user.email}\n{link}\n"
            )
        return {"email": user.email}

    def _delete(self, body: Json) -> Json:
        self.users.delete(self._tokens.user_of(_text(body, "idToken")))
        return {}

    def _refresh(self) -> Response:
        user = self.users.get(
            self._tokens.user_of_refresh_token(request.form.get("refresh_token", ""))
        )
        token = self._tokens.id_token(user)
        return jsonify(
            access_token=token,
            id_token=token,
            refresh_token=self._tokens.refresh_token(user),
            expires_in=str(ID_TOKEN_SEC),
            token_type="Bearer",  # noqa: S106 - a kind of tokens
            user_id=user.id,
        )

    def _action(self) -> Response:
        """The pages that the links in e-mails lead to."""
        mode, code = request.values.get("mode", ""), request.values.get("code", "")
        user = self._tokens.user_of_code(code, mode)
        if mode == VERIFY:
            self.users.verify_email(user)
            return _page("<p>The address is confirmed. You can close this page.</p>")
        if request.method == "POST":
            self.users.set_password(user, request.form.get("password", ""))
            return _page("<p>The password is changed. You can close this page.</p>")
        return _page(
            '<form method="post"><label>New password <input type="password" name="password">'
            f'</label><input type="hidden" name="mode" value="{escape(mode)}">'
            f'<input type="hidden" name="code" value="{escape(code)}"><button>Change</button>'
            "</form>"
        )


class _Handler(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Not each request: the functions' failures are what `make up` shows."""


def _by(answer: Callable[[Json], Json]) -> Callable[[], Response]:
    return lambda: jsonify(answer(request.get_json(force=True)))


def _text(body: Json, name: str) -> str:
    """Raises UserError."""
    if not isinstance(value := body.get(name), str) or not value:
        raise UserError(f"MISSING_{name.upper()}")
    return value


def _refusal(error: UserError) -> tuple[Response, int]:
    reason = {"message": error.code, "domain": "global", "reason": "invalid"}
    return jsonify(error={"code": 400, "message": error.code, "errors": [reason]}), 400


def _page(body: str) -> Response:
    return Response(f"<!doctype html><title>Pegasus</title>{body}", content_type="text/html")
