"""The tokens that Identity Platform issues, signed with a key of the local stack."""

import os
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from scripts.local.identity.users import User, UserError

ID_TOKEN_SEC = 3600
"""As Google's are valid."""
CODE_SEC = 3600
_ALGORITHM = "RS256"


class Tokens:
    """ID tokens, refresh tokens, and the codes in e-mails. All of them survive a restart."""

    def __init__(self, folder: Path, *, project: str) -> None:
        self._key = _ensure_key(folder / "token-key.pem")
        self._project = project
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._kid = uuid.uuid5(uuid.NAMESPACE_OID, str(public["n"])).hex
        self.published = {
            "keys": [{**public, "kid": self._kid, "use": "sig", "alg": _ALGORITHM}],
        }
        """The keys that verify ID tokens (JWKS)."""

    def id_token(self, user: User) -> str:
        now = int(time.time())
        return self._sign(
            {
                "iss": f"https://securetoken.google.com/{self._project}",
                "aud": self._project,
                "auth_time": now,
                "iat": now,
                "exp": now + ID_TOKEN_SEC,
                "sub": user.id,
                "user_id": user.id,
                "email": user.email,
                "email_verified": user.email_verified,
                "firebase": {
                    "identities": {"email": [user.email]},
                    "sign_in_provider": "password",
                },
            }
        )

    def user_of(self, id_token: str) -> str:
        """Raises UserError."""
        return self._subject(id_token, self._project, refused="INVALID_ID_TOKEN")

    def refresh_token(self, user: User) -> str:
        return self._sign({"aud": "refresh", "sub": user.id, "iat": int(time.time())})

    def user_of_refresh_token(self, token: str) -> str:
        """Raises UserError."""
        return self._subject(token, "refresh", refused="INVALID_REFRESH_TOKEN")

    def code(self, user: User, purpose: str) -> str:
        return self._sign({"aud": purpose, "sub": user.id, "exp": int(time.time()) + CODE_SEC})

    def user_of_code(self, code: str, purpose: str) -> str:
        """Raises UserError."""
        return self._subject(code, purpose, refused="INVALID_OOB_CODE")

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._kid})

    def _subject(self, token: str, audience: str, *, refused: str) -> str:
        try:
            claims = jwt.decode(
                token, self._key.public_key(), algorithms=[_ALGORITHM], audience=audience
            )
        except jwt.PyJWTError as error:
            raise UserError(refused) from error
        subject: str = claims["sub"]
        return subject


def _ensure_key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        partial.replace(path)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return loaded
