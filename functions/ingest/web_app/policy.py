"""What the app's page may load, run and send to: its content security policy."""

import base64
import hashlib
from html.parser import HTMLParser

EMPTY_STYLE = ""
"""React Native Web makes an empty style element and fills it by `insertRule`."""
GOOGLE_STORAGE = "https://storage.googleapis.com"
GOOGLE_IDENTITY = "https://identitytoolkit.googleapis.com https://securetoken.googleapis.com"
"""Where users sign in, and where their tokens are renewed."""


def content_security_policy(index: str, *, storage: str, identity: str = "") -> str:
    """The policy of the page `index`; `storage` is the origin that recordings are uploaded to
    and played from, `identity` those that users sign in at.

    Styles are allowed by the hashes of those that the page has, scripts by their origin alone:
    an inline script in the page would not run.
    """
    styles = " ".join(f"'{_hash_of(style)}'" for style in (EMPTY_STYLE, *_styles_of(index)))
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' {styles}",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {storage} {identity}".rstrip(),
        "media-src": f"'self' blob: {storage}",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _hash_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _styles_of(page: str) -> list[str]:
    parser = _Styles()
    parser.feed(page)
    parser.close()
    return parser.found


class _Styles(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "style":
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data
