"""Failed jobs and lost messages, listed and tried again through the API.

    python -m scripts.replay list [--type export] [--limit 20]
    python -m scripts.replay job ID
    python -m scripts.replay all [--type export] [--limit 20]
    python -m scripts.replay messages [--limit 20]
    python -m scripts.replay message ID

The API is PLC_API_URL or `--api`, the token PLC_API_TOKEN or `--token`. An operator, whose token
`gcloud auth print-identity-token` prints, sees the jobs and messages of all owners. Exits with 0 if
what was asked for is done, with 1 if something was not replayed, with 2 if the API could not be
asked. See docs/runbooks/dead-letter-queue.md.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from scripts.api import Api, ApiError, Json, add_api_options
from shared.models import JobType

DONE, NOT_REPLAYED, UNABLE = 0, 1, 2

AT_A_TIME = 50
"""Jobs of one request, so that it is answered long before it times out."""


def list_jobs(api: Api, *, type: str | None, limit: int | None) -> int:
    for job in islice(_dead_jobs(api, type), limit):
        print(_described(job))
    return DONE


def replay_job(api: Api, job_id: str) -> int:
    """Through the batch, which unlike a single replay refuses a job that was replayed before."""
    return _replay(api, [job_id], {})


def replay_all(api: Api, *, type: str | None, limit: int | None) -> int:
    """All that have failed by now, the oldest first. One that fails again meanwhile is not tried
    a second time: it has another id, and those to replay are read before the first is."""
    jobs = {job["jobId"]: job for job in _dead_jobs(api, type)}
    return _replay(api, [*reversed(jobs)][:limit], jobs)


def _dead_jobs(api: Api, type: str | None) -> Iterator[Json]:
    return api.listed("/jobs/dead-letter", "jobs", type=type)


def _replay(api: Api, ids: Sequence[str], jobs: Mapping[str, Json]) -> int:
    replayed = skipped = 0
    for start in range(0, len(ids), AT_A_TIME):
        batch = ids[start : start + AT_A_TIME]
        answer = api.post("/jobs/dead-letter/replay", {"jobIds": batch, "limit": len(batch)})
        for done in answer["replayed"]:
            replayed += 1
            _tell(replayed + skipped, len(ids), jobs, done["jobId"], f"job {done['newJobId']}")
        for job_id in answer["skipped"]:
            skipped += 1
            told = "skipped: replayed before, or no failed job of yours"
            _tell(replayed + skipped, len(ids), jobs, job_id, told)
    print(f"{replayed} replayed, {skipped} skipped")
    return NOT_REPLAYED if skipped else DONE


def _tell(place: int, count: int, jobs: Mapping[str, Json], job_id: str, fate: str) -> None:
    job = _described(jobs[job_id]) if job_id in jobs else job_id
    print(f"{place}/{count} {job} → {fate}", flush=True)


def _described(job: Json) -> str:
    error = job["error"] or {}
    return f"{job['jobId']} {job['type']} {job['lectureId']} {error.get('code', '')}"


def list_messages(api: Api, *, limit: int | None) -> int:
    for message in islice(api.listed("/messages/dead-letter", "messages", pending="true"), limit):
        print(message["messageId"], message["source"], message["createdAt"], message["payload"])
    return DONE


def replay_message(api: Api, message_id: str) -> int:
    sent = api.post(f"/messages/dead-letter/{message_id}/replay")
    where = f"job {sent['newJobId']}" if sent["newJobId"] else f"topic {sent['topic']}"
    print(f"{message_id} → {where}")
    return DONE


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    api = Api(given.api, given.token)
    try:
        match given.command:
            case "list":
                return list_jobs(api, type=given.type, limit=given.limit)
            case "job":
                return replay_job(api, given.id)
            case "all":
                return replay_all(api, type=given.type, limit=given.limit)
            case "messages":
                return list_messages(api, limit=given.limit)
            case _:
                return replay_message(api, given.id)
    except ApiError as error:
        print(error, file=sys.stderr)
        # What is refused because of its state was found, and not replayed.
        return NOT_REPLAYED if error.status in (404, 409) else UNABLE
    finally:
        api.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("list", "all", "messages", "job", "message"):
        command = commands.add_parser(name)
        add_api_options(command)
        if name in ("job", "message"):
            command.add_argument("id")
            continue
        command.add_argument("--limit", type=_positive, help="how many at most")
        if name != "messages":
            command.add_argument("--type", choices=[type.value for type in JobType])
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
