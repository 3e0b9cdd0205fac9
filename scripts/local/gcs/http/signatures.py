"""V4 signed URLs: "V4 signing process", "Canonical requests", "Signatures".

Only `GOOG4-RSA-SHA256` in query parameters, which is what signed URLs use.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import Request

_ALGORITHM = "GOOG4-RSA-SHA256"
_MAX_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class _Claim:
    """The `X-Goog-*` parameters of a signed URL."""

    signer: str
    scope: str
    date: str
    signed_at: datetime
    expires_at: datetime
    signed_headers: str
    signature: bytes


class SignatureVerifier:
    def __init__(self, signing_keys: Mapping[str, str], *, now: Callable[[], datetime]) -> None:
        """`signing_keys`: public keys in PEM by the signers' addresses."""
        self._keys = {email: _rsa_key(pem) for email, pem in signing_keys.items()}
        self._now = now

    def verify(self, request: Request) -> str:
        """The signer's address. Raises StorageError unless the request is just what it signed."""
        claim = _read_claim(request.query)
        key = self._keys.get(claim.signer)
        if key is None:
            raise StorageError(
                Refusal.INVALID_SIGNER, "The provided security credentials are not valid."
            )
        _check_header_coverage(request, claim)
        # A URL signed for GET serves HEAD too.
        methods = ["HEAD", "GET"] if request.method == "HEAD" else [request.method]
        attempts = [_string_to_sign(request, claim, method) for method in methods]
        if not any(_signed_by(key, claim.signature, text) for text, _ in attempts):
            text, canonical = attempts[-1]
            raise StorageError(
                Refusal.SIGNATURE,
                "Access denied.",
                details={
                    "Details": "The request signature we calculated does not match the signature "
                    "you provided. Check your Google secret key and signing method.",
                    "StringToSign": text,
                    "CanonicalRequest": canonical,
                },
            )
        if self._now() >= claim.expires_at:
            expired = claim.expires_at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
            raise StorageError(
                Refusal.EXPIRED_TOKEN,
                "Invalid argument.",
                details={
                    "Details": "The provided token has expired. "
                    f"Request signature expired at: {expired}"
                },
            )
        return claim.signer


def is_signed(query: Mapping[str, str]) -> bool:
    return "x-goog-signature" in {key.lower() for key in query}


def _rsa_key(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("signing keys are RSA keys")
    return key


def _read_claim(query: Mapping[str, str]) -> _Claim:
    given = {key.lower(): value for key, value in query.items()}

    def part(name: str, pattern: str) -> re.Match[str]:
        match = re.fullmatch(pattern, given.get(name.lower(), ""))
        if match is None:
            raise _malformed(name, f"{name} is missing or malformed.")
        return match

    part("X-Goog-Algorithm", _ALGORITHM)
    credential = part("X-Goog-Credential", r"([^/]+)/((\d{8})/[^/]+/storage/goog4_request)")
    date = part("X-Goog-Date", r"\d{8}T\d{6}Z").group()
    seconds = int(part("X-Goog-Expires", r"\d{1,7}").group())
    signature = part("X-Goog-Signature", r"(?:[0-9a-fA-F]{2})+").group()
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _malformed("X-Goog-Date", "X-Goog-Date is not a date.") from error
    if not date.startswith(credential.group(3)):
        raise _malformed("X-Goog-Credential", "The credential's date is not the request's.")
    if not timedelta(0) < timedelta(seconds=seconds) <= _MAX_LIFE:
        raise _malformed("X-Goog-Expires", "X-Goog-Expires is not between 1 and 604800.")
    return _Claim(
        signer=credential.group(1),
        scope=credential.group(2),
        date=date,
        signed_at=signed_at,
        expires_at=signed_at + timedelta(seconds=seconds),
        signed_headers=part("X-Goog-SignedHeaders", r"[a-z0-9;_-]+").group(),
        signature=bytes.fromhex(signature),
    )


def _check_header_coverage(request: Request, claim: _Claim) -> None:
    """Signed headers must be there, and `host` and every `x-goog-` header must be signed."""
    signed = set(claim.signed_headers.split(";"))
    sent = {name.lower() for name in request.headers}
    for name in sorted(signed - sent):
        raise _malformed(name, "Header was included in signedheaders, but not in the request.")
    required = {"host"} | {name for name in sent if name.startswith("x-goog-")}
    for name in sorted(required - signed):
        raise _malformed(name, "Header was included in the request, but not in signedheaders.")


def _string_to_sign(request: Request, claim: _Claim, method: str) -> tuple[str, str]:
    """The string to sign, and the canonical request its last line is the digest of."""
    names = claim.signed_headers.split(";")
    values = {
        name: ",".join(" ".join(value.split()) for value in request.headers.get_all(name, []))
        for name in names
    }
    pairs = [
        f"{quote(key, safe='~')}={quote(value, safe='~')}"
        for key, value in request.query_pairs
        if key.lower() != "x-goog-signature"
    ]
    canonical = "\n".join(
        [
            method,
            quote(unquote(request.path), safe="/~"),
            "&".join(sorted(pairs)),
            *(f"{name}:{values[name]}" for name in names),
            "",
            claim.signed_headers,
            values.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD"),
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join([_ALGORITHM, claim.date, claim.scope, digest]), canonical


def _signed_by(key: rsa.RSAPublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _malformed(parameter: str, details: str) -> StorageError:
    return StorageError(
        Refusal.MALFORMED_SECURITY,
        "Your request has a malformed header.",
        details={"ParameterName": parameter, "Details": details},
    )
