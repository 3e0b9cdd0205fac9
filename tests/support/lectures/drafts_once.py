"""What the provider without a model draws from a lecture, computed once for each process.

The same transcript, preset and known threads always give the same draft (test_extractive.py), and
most tests of what is done with material generate it from the same few lectures. Everything else of
the job runs each time.
"""

from collections.abc import Callable

import pytest

from functions.generate import job
from functions.generate.grounding.grounding import GroundedDraft
from functions.generate.providers.base import Provider
from functions.generate.providers.extractive.provider import ExtractiveProvider

_Draft = Callable[[Provider, job.Source], GroundedDraft]
_drafts: dict[tuple[bytes, str], GroundedDraft] = {}


def draft_once(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, a job whose draft has been made before takes that one."""
    make: _Draft = job._draft

    def remembered(provider: Provider, source: job.Source) -> GroundedDraft:
        if type(provider) is not ExtractiveProvider:
            return make(provider, source)
        lecture = source.lecture
        asked = (source.preset, lecture.course.title, lecture.title, source.threads)
        key = source.transcript.to_json(), repr(asked)
        if key not in _drafts:
            _drafts[key] = make(provider, source)
        return _drafts[key]

    patch.setattr(job, "_draft", remembered)
