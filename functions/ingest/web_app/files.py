"""The exported files, and which of their encodings a browser gets."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from werkzeug.datastructures import Accept

INDEX = "index.html"
HASHED = ("_expo/static/", "assets/")
"""Folders whose names hold a hash of the content: a name never gets another content."""
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The preferred first, with the ending of the file that lies beside the plain one."""
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class AppFile:
    name: str
    """Relative to the app's address, with slashes."""
    content_type: str
    etag: str
    """Of the plain content; each encoding has its own."""
    encodings: Mapping[str, Path]
    """By content coding; `identity` is always there."""

    @property
    def is_hashed(self) -> bool:
        return self.name.startswith(HASHED)

    def encoding_for(self, accepted: Accept) -> str:
        """The best coding that the browser takes."""
        for coding in _ENCODINGS:
            if coding in self.encodings and accepted.quality(coding) > 0:
                return coding
        return "identity"


class AppFiles:
    """The files of a folder, listed once: an address can only name one of them."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self._known: dict[str, AppFile] = {}

    @property
    def is_built(self) -> bool:
        return INDEX in self._files

    def find(self, name: str) -> AppFile | None:
        """None for what is not there, and for files that are only an encoding of another."""
        path = self._files.get(name)
        if path is None or path.suffix not in _TYPES:
            return None
        if name not in self._known:
            encodings = {
                coding: self._files[name + ending]
                for coding, ending in _ENCODINGS.items()
                if name + ending in self._files
            }
            self._known[name] = AppFile(
                name=name,
                content_type=_TYPES[path.suffix],
                etag=hashlib.sha256(path.read_bytes()).hexdigest()[:32],
                encodings={**encodings, "identity": path},
            )
        return self._known[name]
