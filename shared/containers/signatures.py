"""Types of files that are not recordings, by their first bytes."""

HEAD_BYTES = 512
"""How much of a file `foreign_kind` and `likely_kind` look at."""

_FOREIGN = (
    (0, b"PK\x03\x04", "a zip archive or an office document"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a rar archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (0, b"\x89PNG", "an image"),
    (0, b"\xff\xd8\xff", "an image"),
    (0, b"GIF8", "an image"),
)
"""Not the beginning of any recording. What lies inside may be one, uncompressed, and FFmpeg
would find and decode it in the middle of everything else."""

_TEXTS = (
    (b"#EXTM3U", "a playlist, which only points to audio elsewhere"),
    (b"ffconcat", "a playlist, which only points to audio elsewhere"),
    (b"v=0", "a stream description, which only points to audio elsewhere"),
    (b"<", "a web page or another marked-up text"),
    (b"{", "a JSON text"),
)


def foreign_kind(head: bytes) -> str | None:
    """The kind of a file that is certainly no recording, with its article."""
    for at, signature, kind in _FOREIGN:
        if head.startswith(signature, at):
            return kind
    return None


def likely_kind(head: bytes) -> str | None:
    """The kind of a file that could not be opened as a recording."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in _TEXTS:
        if text.startswith(signature):
            return kind
    return None
