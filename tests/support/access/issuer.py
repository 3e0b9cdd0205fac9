"""An issuer of signed tokens, with keys of its own: Google's place in these tests."""

import json
import threading
import time
import uuid
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.lectures.builders import PROJECT

SERVICE_ACCOUNT = f"caller@{PROJECT}.iam.gserviceaccount.com"
SERVICE_AUDIENCE = "https://pegasus.test/internal"
OPERATOR = "Xk3-ops"
"""Subject of the user who is an operator, as `PLC_OPERATORS` lists it."""
OPERATOR_OWNER = f"user:{OPERATOR}"
LIFE_SEC = 3600


class Issuer:
    """Publishes its keys at `url` (JWKS) from `start` to `stop`, and signs tokens.

    A claim given as None is left out. `forged=True` signs with another key under the same
    `kid`; `kid` names a key that is not the one that signed.
    """

    def __init__(self) -> None:
        self.fetches = 0
        self.max_age: int | None = 3600
        """Seconds, as told with the keys."""
        self.away = False
        """Asked for its keys it answers 503."""
        self._forger = _key(0)
        self._rotations = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        # The path is this issuer's own: what a process has fetched is kept by URL.
        self.url = f"http://127.0.0.1:{self._server.server_port}/{uuid.uuid4().hex}/keys"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.rotate()

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def rotate(self) -> None:
        """From now on another key signs, and the last one is published no longer."""
        self._rotations += 1
        self._key = _key(self._rotations)
        self.kid = uuid.uuid4().hex

    def id_token(self, sub: str | None = "alice", audience: str = PROJECT, **claims: Any) -> str:
        """As Firebase makes it for a user of the project `audience`."""
        now = int(time.time())
        return self.sign(
            **{
                "iss": f"https://securetoken.google.com/{audience}",
                "aud": audience,
                "auth_time": now,
                "iat": now,
                "exp": now + LIFE_SEC,
                "sub": sub,
                **claims,
            }
        )

    def operator_token(self) -> str:
        """Of the user whose subject is `OPERATOR`."""
        return self.id_token(sub=OPERATOR)

    def service_token(
        self, email: str | None = SERVICE_ACCOUNT, audience: str = SERVICE_AUDIENCE, **claims: Any
    ) -> str:
        """As Pub/Sub, Cloud Tasks and Cloud Scheduler show it."""
        now = int(time.time())
        return self.sign(
            **{
                "iss": "https://accounts.google.com",
                "aud": audience,
                "azp": "1",
                "email": email,
                "email_verified": True,
                "iat": now,
                "exp": now + LIFE_SEC,
                "sub": "1",
                **claims,
            }
        )

    def sign(self, *, forged: bool = False, kid: str | None = None, **claims: Any) -> str:
        given = {name: value for name, value in claims.items() if value is not None}
        key = self._forger if forged else self._key
        # Not `jwt.encode`: it would refuse claims that a test wants to be refused later.
        return jwt.PyJWS().encode(
            json.dumps(given).encode(),
            key,
            algorithm="RS256",
            headers={"kid": kid or self.kid},
        )

    def public_pem(self) -> bytes:
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches += 1
                key = RSAAlgorithm.to_jwk(issuer._key.public_key(), as_dict=True)
                published = {"keys": [{**key, "kid": issuer.kid, "alg": "RS256", "use": "sig"}]}
                body = json.dumps(published).encode()
                self.send_response(503 if issuer.away else 200)
                if issuer.max_age is not None:
                    self.send_header("Cache-Control", f"public, max-age={issuer.max_age}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """Kept for the next issuer of the process: making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
