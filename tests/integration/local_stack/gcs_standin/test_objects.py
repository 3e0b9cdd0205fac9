"""The official client against the stand-in: objects, ranges, lists, preconditions."""

import base64
import hashlib
import io
import threading
from collections.abc import Callable

import google_crc32c
import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import Blob, Bucket

from scripts.local.gcs import StorageServer
from shared.errors import ObjectMissingError, PreconditionFailedError
from shared.storage.bucket import ObjectStore
from tests.integration.local_stack.gcs_standin.support import BUCKET, UNIT


def media_url(server: StorageServer, name: str) -> str:
    return f"{server.url}/download/storage/v1/b/{BUCKET}/o/{name}?alt=media"


def test_an_object_comes_back_as_it_was_written(bucket: Bucket) -> None:
    data = bytes(range(256)) * 10
    blob = bucket.blob("raw/a lecture/été.mp3")
    blob.metadata = {"origin": "phone"}
    blob.content_disposition = "inline"
    blob.upload_from_string(data, content_type="audio/mpeg")

    found = bucket.get_blob("raw/a lecture/été.mp3")
    assert found.download_as_bytes() == data
    assert found.content_type == "audio/mpeg"
    assert found.metadata == {"origin": "phone"}
    assert found.content_disposition == "inline"
    assert found.size == len(data)
    assert found.md5_hash == base64.b64encode(hashlib.md5(data).digest()).decode()  # noqa: S324
    crc32c = google_crc32c.value(data).to_bytes(4, "big")
    assert found.crc32c == base64.b64encode(crc32c).decode()


def test_every_write_is_a_new_and_higher_generation(bucket: Bucket) -> None:
    generations = []
    for text in ("first", "second"):
        bucket.blob("x").upload_from_string(text)
        generations.append(bucket.get_blob("x").generation)
    assert generations[0] < generations[1]
    assert bucket.blob("x").download_as_bytes() == b"second"
    with pytest.raises(exceptions.NotFound):
        bucket.blob("x", generation=generations[0]).download_as_bytes()


def test_an_empty_object_is_an_object(bucket: Bucket, objects: ObjectStore) -> None:
    bucket.blob("empty").upload_from_string(b"")
    objects.create_from_stream("streamed", io.BytesIO(b""), "text/plain")
    assert bucket.blob("empty").download_as_bytes() == b""
    assert bucket.get_blob("streamed").size == 0


def test_a_large_object_is_streamed_in_chunks_and_read_in_ranges(objects: ObjectStore) -> None:
    data = bytes(range(251)) * 80_000  # 20 MB: three chunks of 8 MiB
    stored = objects.create_from_stream("large", io.BytesIO(data), "audio/flac")
    assert stored.size == len(data)
    with objects.open("large", generation=stored.generation) as stream:
        stream.seek(19_000_000)
        assert stream.read(1000) == data[19_000_000:19_001_000]
        stream.seek(0)
        assert stream.read() == data


def test_a_stream_as_long_as_its_chunks_ends(objects: ObjectStore) -> None:
    data = bytes(16 << 20)  # the client learns of the end only from an empty read
    assert objects.create_from_stream("even", io.BytesIO(data), "audio/flac").size == len(data)
    assert objects.read("even") == data


@pytest.mark.parametrize(
    ("header", "status", "answer"),
    [
        ("bytes=2-4", 206, (b"234", "bytes 2-4/10")),
        ("bytes=7-", 206, (b"789", "bytes 7-9/10")),
        ("bytes=-4", 206, (b"6789", "bytes 6-9/10")),
        ("bytes=5-500", 206, (b"56789", "bytes 5-9/10")),
        ("bytes=nonsense", 200, (b"0123456789", None)),
    ],
)
def test_a_range_is_served_alone(
    server: StorageServer,
    bucket: Bucket,
    header: str,
    status: int,
    answer: tuple[bytes, str | None],
) -> None:
    bucket.blob("digits").upload_from_string(b"0123456789")
    response = requests.get(media_url(server, "digits"), headers={"Range": header}, timeout=10)
    assert response.status_code == status
    assert (response.content, response.headers.get("Content-Range")) == answer


def test_a_range_past_the_end_is_refused_with_the_size(
    server: StorageServer, bucket: Bucket
) -> None:
    bucket.blob("digits").upload_from_string(b"0123456789")
    response = requests.get(media_url(server, "digits"), headers={"Range": "bytes=10-"}, timeout=10)
    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */10")


def test_a_list_is_ordered_paged_and_folds_folders(bucket: Bucket) -> None:
    names = ["a/1", "a/2", "b", "c/x/1", "c/x/2", "c/y", "d"]
    for name in reversed(names):
        bucket.blob(name).upload_from_string(name)
    client = bucket.client

    assert [blob.name for blob in client.list_blobs(bucket, page_size=2)] == names
    assert [blob.name for blob in client.list_blobs(bucket, prefix="c/")] == names[3:6]
    assert [blob.name for blob in client.list_blobs(bucket, max_results=3)] == names[:3]
    for page_size in (1, 2, 1000):
        folded = client.list_blobs(bucket, delimiter="/", page_size=page_size)
        assert [blob.name for blob in folded] == ["b", "d"]
        assert folded.prefixes == {"a/", "c/"}
    inner = client.list_blobs(bucket, prefix="c/", delimiter="/")
    assert ([blob.name for blob in inner], inner.prefixes) == (["c/y"], {"c/x/"})
    for page_size in (1, 2, 1000):
        later = client.list_blobs(bucket, prefix="c/", start_offset="c/x/2", page_size=page_size)
        assert [blob.name for blob in later] == names[4:6]
    assert list(client.list_blobs(bucket, prefix="c/", start_offset="d")) == []


def test_a_missing_object_and_a_missing_bucket_are_not_found(
    bucket: Bucket, objects: ObjectStore
) -> None:
    assert bucket.get_blob("none") is None
    assert objects.stat("none") is None
    assert objects.delete("none") is False
    with pytest.raises(ObjectMissingError):
        objects.read("none")
    with pytest.raises(exceptions.NotFound, match="bucket"):
        bucket.client.bucket("no-such-bucket").blob("x").upload_from_string(b"x")


def test_a_bucket_is_created_once(bucket: Bucket) -> None:
    client = bucket.client
    assert client.create_bucket("another", location="EU").location == "EU"
    assert client.get_bucket("another").name == "another"
    with pytest.raises(exceptions.Conflict):
        client.create_bucket("another")


@pytest.mark.parametrize(
    "act",
    [
        lambda blob, wrong: blob.upload_from_string(b"new", **wrong),
        lambda blob, wrong: blob.upload_from_file(io.BytesIO(b"new"), **wrong),
        lambda blob, wrong: blob.download_as_bytes(**wrong),
        lambda blob, wrong: blob.reload(**wrong),
        lambda blob, wrong: blob.patch(**wrong),
        lambda blob, wrong: blob.delete(**wrong),
        lambda blob, wrong: blob.compose([blob], **wrong),
    ],
    ids=["upload", "resumable", "download", "get", "patch", "delete", "compose"],
)
@pytest.mark.parametrize("condition", ["if_generation_match", "if_metageneration_match"])
def test_nothing_happens_when_a_precondition_fails(
    bucket: Bucket, act: Callable[[Blob, dict[str, int]], object], condition: str
) -> None:
    bucket.blob("x").upload_from_string(b"old")
    before = bucket.get_blob("x")
    with pytest.raises(exceptions.PreconditionFailed):
        act(bucket.blob("x"), {condition: 12345})
    after = bucket.get_blob("x")
    assert (after.generation, after.metageneration) == (before.generation, before.metageneration)
    act(bucket.blob("x"), {condition: getattr(before, condition.split("_")[1])})


def test_a_reader_that_has_this_version_is_told_so(server: StorageServer, bucket: Bucket) -> None:
    bucket.blob("x").upload_from_string(b"x")
    generation = bucket.get_blob("x").generation
    url = f"{server.url}/storage/v1/b/{BUCKET}/o/x"
    for query, status in (
        (f"ifGenerationNotMatch={generation}", 304),
        ("ifGenerationNotMatch=1", 200),
    ):
        assert requests.get(f"{url}?{query}", timeout=10).status_code == status
        assert requests.get(f"{url}?alt=media&{query}", timeout=10).status_code == status
    refused = requests.delete(f"{url}?ifGenerationNotMatch={generation}", timeout=10)
    assert refused.status_code == 412


def test_what_must_not_exist_yet_is_created_once(objects: ObjectStore) -> None:
    first = objects.create("artifact", b"one", "application/json")
    again = objects.create("artifact", b"two", "application/json")
    assert again == first
    assert objects.read("artifact") == b"one"
    with pytest.raises(PreconditionFailedError):
        objects.create_from_stream("artifact", io.BytesIO(b"three"), "application/json")


def test_of_many_creators_at_once_exactly_one_wins(bucket: Bucket) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def create(text: str) -> None:
        barrier.wait()
        try:
            bucket.blob("contested").upload_from_string(text, if_generation_match=0)
            outcomes.append(text)
        except exceptions.PreconditionFailed:
            outcomes.append("")

    threads = [threading.Thread(target=create, args=(f"writer {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [text for text in outcomes if text]
    assert len(outcomes) == 8
    assert [bucket.blob("contested").download_as_text()] == winners


def test_only_the_generation_asked_for_is_deleted(objects: ObjectStore) -> None:
    stored = objects.create("x", b"x", "text/plain")
    assert objects.delete("x", generation=stored.generation - 1) is False
    assert objects.delete("x", generation=stored.generation) is True
    assert objects.stat("x") is None


def test_a_download_survives_the_replacement_of_its_object(
    server: StorageServer, bucket: Bucket
) -> None:
    old = b"o" * (32 << 20)
    bucket.blob("x").upload_from_string(old)
    with requests.get(media_url(server, "x"), stream=True, timeout=10) as response:
        bucket.blob("x").upload_from_string(b"new")
        assert response.content == old
    assert bucket.blob("x").download_as_bytes() == b"new"


def test_custom_metadata_is_merged_and_removed(bucket: Bucket) -> None:
    blob = bucket.blob("x")
    blob.metadata = {"a": "1", "b": "2"}
    blob.upload_from_string(b"x")
    blob.metadata = {"b": None, "c": "3"}
    blob.cache_control = "no-store"
    blob.patch()
    found = bucket.get_blob("x")
    assert found.metadata == {"a": "1", "c": "3"}
    assert found.cache_control == "no-store"
    assert (found.generation, found.metageneration) == (blob.generation, 2)


@pytest.mark.parametrize(
    "wrong", [{"metadata": "text"}, {"metadata": {"a": {}}}, {"contentType": 5}, ["contentType"]]
)
def test_metadata_of_another_shape_is_refused(
    server: StorageServer, bucket: Bucket, wrong: object
) -> None:
    bucket.blob("x").upload_from_string(b"x")
    url = f"{server.url}/storage/v1/b/{BUCKET}/o/x"
    assert requests.patch(url, json=wrong, timeout=10).status_code == 400
    assert bucket.get_blob("x").metageneration == 1


def test_compose_joins_objects_in_order(bucket: Bucket) -> None:
    for name in ("one", "two", "three"):
        bucket.blob(name).upload_from_string(name)
    whole = bucket.blob("whole")
    whole.content_type = "text/plain"
    whole.compose([bucket.blob("one"), bucket.blob("two"), bucket.blob("three")])
    found = bucket.get_blob("whole")
    assert found.download_as_bytes() == b"onetwothree"
    assert (found.component_count, found.md5_hash, found.content_type) == (3, None, "text/plain")
    with pytest.raises(exceptions.NotFound):
        whole.compose([bucket.blob("one"), bucket.blob("missing")])


@pytest.mark.parametrize("header", ["crc32c=AAAAAA==", "md5=AAAAAAAAAAAAAAAAAAAAAA=="])
def test_bytes_that_do_not_match_their_checksum_make_no_object(
    server: StorageServer, bucket: Bucket, header: str
) -> None:
    url = f"{server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=x"
    response = requests.post(url, data=b"data", headers={"x-goog-hash": header}, timeout=10)
    assert response.status_code == 400
    assert "doesn't match" in response.json()["error"]["message"]
    assert bucket.get_blob("x") is None


def test_a_checksum_in_the_resource_is_verified_too(server: StorageServer, bucket: Bucket) -> None:
    body = (
        b'--b\r\nContent-Type: application/json\r\n\r\n{"name": "x", "crc32c": "AAAAAA=="}\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\ndata\r\n--b--"
    )
    url = f"{server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=multipart"
    headers = {"Content-Type": "multipart/related; boundary=b"}
    assert requests.post(url, data=body, headers=headers, timeout=10).status_code == 400
    assert bucket.get_blob("x") is None
    right = body.replace(b', "crc32c": "AAAAAA=="', b"")
    assert requests.post(url, data=right, headers=headers, timeout=10).status_code == 200
    assert bucket.blob("x").download_as_bytes() == b"data"
    truncated = right.removesuffix(b"--b--")
    assert requests.post(url, data=truncated, headers=headers, timeout=10).status_code == 400


@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["by RFC 2387", "as gcloud does"])
def test_a_multipart_upload_may_end_its_lines_as_clients_do(
    server: StorageServer, bucket: Bucket, end: str
) -> None:
    data = "one\ntwo\r\n\r\nthree\n"
    first = ("--b", "Content-Type: application/json", "", '{"name": "x"}')
    second = ("--b", "Content-Type: text/plain", "", data, "--b--", "")
    answer = requests.post(
        f"{server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=multipart",
        data=end.join((*first, *second)).encode(),
        headers={"Content-Type": "multipart/related; boundary=b"},
        timeout=10,
    )
    assert answer.status_code == 200
    assert bucket.blob("x").download_as_bytes() == data.encode()


def test_a_simple_upload_may_be_sent_in_http_chunks(server: StorageServer, bucket: Bucket) -> None:
    pieces = [b"a" * UNIT, b"b" * 17]
    url = f"{server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=x"
    response = requests.post(
        url, data=iter(pieces), headers={"Content-Type": "audio/wav"}, timeout=10
    )
    assert response.json()["contentType"] == "audio/wav"
    assert bucket.blob("x").download_as_bytes() == b"".join(pieces)


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/storage/v1/b/lectures/o/none", 404, "notFound"),
        ("GET", "/storage/v1/b/none/o", 404, "notFound"),
        ("GET", "/storage/v1/b/lectures/o?maxResults=many", 400, "invalid"),
        ("GET", "/storage/v1/b/lectures/o?pageToken=%C3%BC", 400, "invalid"),
        ("PUT", "/storage/v1/b/lectures/o/none", 405, "methodNotAllowed"),
        ("GET", "/storage/v1/nonsense", 404, "notFound"),
        ("POST", "/upload/storage/v1/b/lectures/o?uploadType=media", 400, "invalid"),
        ("POST", "/upload/storage/v1/b/lectures/o?uploadType=media&name=..", 400, "invalid"),
        ("POST", "/upload/storage/v1/b/lectures/o?uploadType=new&name=x", 400, "invalid"),
        ("PUT", "/upload/storage/v1/b/lectures/o?upload_id=none", 404, "notFound"),
    ],
)
def test_errors_are_googles_json(
    server: StorageServer, method: str, path: str, status: int, reason: str
) -> None:
    response = requests.request(method, server.url + path, data=b"", timeout=10)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, status)
    assert error["errors"][0]["reason"] == reason
    assert error["message"] == error["errors"][0]["message"]
