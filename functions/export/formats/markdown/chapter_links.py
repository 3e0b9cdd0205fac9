"""Times in Markdown that lead to the chapter they are in."""

from collections.abc import Iterable, Sequence

from functions.export.text.clock import clock
from shared.documents.artifacts import Citation, OutlineNode


class ChapterLinks:
    def __init__(self, chapters: Sequence[OutlineNode]) -> None:
        self._spans = [(chapter.start_sec, chapter.end_sec) for chapter in chapters]

    def anchor(self, index: int) -> str:
        """What a link to the chapter finds. CommonMark has no anchors of its own, and every
        renderer names headings in another way."""
        return f'<a id="chapter-{index + 1}"></a>'

    def time(self, seconds: float) -> str:
        """`[03:15](#chapter-2)`; without chapters `[03:15]`."""
        if not self._spans:
            return f"[{clock(seconds)}]"
        # What was said between two chapters belongs to the one that begins nearest.
        chapter = min(
            range(len(self._spans)),
            key=lambda index: (
                not self._spans[index][0] <= seconds <= self._spans[index][1],
                abs(self._spans[index][0] - seconds),
            ),
        )
        return f"[{clock(seconds)}](#chapter-{chapter + 1})"

    def times(self, citations: Iterable[Citation]) -> str:
        return " ".join(dict.fromkeys(self.time(citation.start_sec) for citation in citations))
