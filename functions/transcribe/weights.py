"""Find the speech model's weights: a directory, a bucket, an installed package or the hub."""

from collections.abc import Callable
from pathlib import Path

from functions.transcribe.bucket_weights import BucketOpener, from_bucket
from functions.transcribe.digests import PUBLISHED, check_complete, check_digest, published_sha256
from functions.transcribe.hub_weights import from_hub
from functions.transcribe.package_weights import from_package


def locate_weights(
    model: str,
    *,
    cache_dir: Path,
    open_bucket: BucketOpener,
    download: Callable[[str, str | None, Path], Path] = from_hub,
) -> Path:
    """A local directory with the model's files, fetched into `cache_dir` if need be.

    `model` is a directory (absolute, or from `./`: a folder that happens to be called `base`
    must not pass for the model), `gs://bucket/prefix` or a model's name; for a name
    installed packages come first, then the hub (`download`: name, revision, cache) at
    the pinned revision. What carries the name of a published model must have its digest;
    a directory is the operator's own and is taken as it is.

    Raises ModelUnavailableError if there is no such model or it is not what it should be,
    TransientError if the bucket or the hub does not answer just now.
    """
    if model.startswith("gs://"):
        directory = from_bucket(model, cache_dir=cache_dir, open_bucket=open_bucket)
        sha256 = published_sha256(model.rstrip("/").rsplit("/", 1)[-1])
    elif model.startswith(("/", "./", "../")):
        directory, sha256 = Path(model), None
    else:
        directory = from_package(model, cache_dir=cache_dir) or download(
            model, PUBLISHED[model].revision if model in PUBLISHED else None, cache_dir / "hub"
        )
        sha256 = published_sha256(model)
    check_complete(directory)
    if sha256 is not None:
        check_digest(directory / "model.bin", sha256, cache_dir=cache_dir)
    return directory
