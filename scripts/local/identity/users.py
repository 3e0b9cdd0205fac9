"""Users of the local stack, in one file."""

import json
import threading
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

LEAST_PASSWORD_CHARS = 6
"""Identity Platform's own limit."""


class UserError(Exception):
    """What Identity Platform refuses; its code as the REST API has it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class User:
    id: str
    email: str
    password_hash: str
    email_verified: bool = False


class Users:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        stored = json.loads(path.read_text()) if path.exists() else []
        self._users = {user.id: user for user in (User(**each) for each in stored)}

    def ensure(self, id: str, email: str, password: str) -> None:
        """A user with a verified address who is there from the start."""
        with self._lock:
            if id not in self._users:
                self._put(User(id, email, generate_password_hash(password), email_verified=True))

    def sign_up(self, email: str, password: str) -> User:
        """Raises UserError."""
        if "@" not in email.strip("@"):
            raise UserError("INVALID_EMAIL")
        _require_strong(password)
        with self._lock:
            if self._find(email) is not None:
                raise UserError("EMAIL_EXISTS")
            user = User(uuid.uuid4().hex, email.lower(), generate_password_hash(password))
            self._put(user)
            return user

    def sign_in(self, email: str, password: str) -> User:
        """Raises UserError, which does not say whether there is such a user."""
        user = self._find(email)
        if user is None or not check_password_hash(user.password_hash, password):
            raise UserError("INVALID_LOGIN_CREDENTIALS")
        return user

    def get(self, id: str) -> User:
        """Raises UserError."""
        if (user := self._users.get(id)) is None:
            raise UserError("USER_NOT_FOUND")
        return user

    def by_email(self, email: str) -> User:
        """Raises UserError."""
        if (user := self._find(email)) is None:
            raise UserError("EMAIL_NOT_FOUND")
        return user

    def verify_email(self, id: str) -> None:
        with self._lock:
            self._put(replace(self.get(id), email_verified=True))

    def set_password(self, id: str, password: str) -> None:
        """Raises UserError."""
        _require_strong(password)
        with self._lock:
            hashed = generate_password_hash(password)
            self._put(replace(self.get(id), password_hash=hashed, email_verified=True))

    def delete(self, id: str) -> None:
        with self._lock:
            self._users.pop(id, None)
            self._write()

    def _find(self, email: str) -> User | None:
        return next((each for each in self._users.values() if each.email == email.lower()), None)

    def _put(self, user: User) -> None:
        self._users[user.id] = user
        self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_text(json.dumps([asdict(user) for user in self._users.values()], indent=1))
        partial.replace(self._path)


def _require_strong(password: str) -> None:
    if len(password) < LEAST_PASSWORD_CHARS:
        raise UserError("WEAK_PASSWORD : Password should be at least 6 characters")
