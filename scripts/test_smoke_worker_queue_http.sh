#!/usr/bin/env bash
# Try smoke_worker_queue.sh with the real curl, against a small server on 127.0.0.1 that is API and
# bucket at once: what arrives there, and what is done about connections that break.
#
# Usage: scripts/test_smoke_worker_queue_http.sh
#
# SMOKE_SCRIPT names another copy of the script. Exits with 0 if every case ends as it should.
set -euo pipefail

case "${1:-}" in
  "") ;;
  -h | --help) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) echo "it takes no arguments, see --help" >&2; exit 2 ;;
esac

SCRIPT=$(realpath "${SMOKE_SCRIPT:-$(dirname "$0")/smoke_worker_queue.sh}")
WORK=$(mktemp -d)
SERVER=
trap '[[ -z $SERVER ]] || kill "$SERVER"; rm -rf "$WORK"' EXIT

cat >"$WORK/server.py" <<'PYTHON'
"""Each lecture is a case: its id says what goes wrong. Everything that comes is written down."""

import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder, seen = sys.argv[1], {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=None, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle_one(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(f"{folder}/seen", "a") as file:
            told = {name.lower(): value for name, value in self.headers.items()}
            print(json.dumps([self.command, self.path, told]), file=file)
        base = f"http://127.0.0.1:{self.server.server_port}"
        match (self.command, *self.path.strip("/").split("/")):
            case ("GET", "health"):
                self.answer(200, {"status": "ok"})
            case ("GET", "health", "ready"):
                self.answer(200, {"status": "ready"})
            case ("POST", "lectures", "ingest"):
                asked = json.loads(content)
                lecture = asked["lectureId"]
                seen[lecture] = seen.get(lecture, 0) + 1
                if lecture == "strict" and self.headers.get("Authorization") != "Bearer the-token":
                    return self.answer(401, {"code": "unauthorized", "detail": "Who are you?"})
                if lecture == "breaks" and seen[lecture] == 1:
                    self.close_connection = True
                    return None
                if lecture == "busy" and seen[lecture] == 1:
                    return self.answer(503, {"code": "unavailable", "detail": "Again."}, Retry_After="1")
                headers = {"x-goog-resumable": "start", "Content-Type": "application/octet-stream",
                           "x-goog-content-length-range": f"{asked['sizeBytes']},{asked['sizeBytes']}"}
                self.answer(201, {"upload": {"url": f"{base}/bucket/{lecture}", "headers": headers}})
            case ("POST", "bucket", lecture):
                right = self.headers.get("x-goog-resumable") == "start" and not content
                self.answer(201 if right else 400, Location=f"{base}/session/{lecture}")
            case ("PUT", "session", lecture):
                if lecture == "torn":
                    self.close_connection = True
                    return None
                with open(f"{folder}/{lecture}", "wb") as file:
                    file.write(content)
                self.answer(200)
            case ("GET", "lectures", lecture, "progress"):
                stages = [{}, {"jobId": lecture, "segments": [{"status": "succeeded"}]}]
                self.answer(200, {"overallStatus": "completed", "stages": stages})
            case ("GET", "jobs", lecture):
                seen[lecture] += 1
                if lecture == "away" and seen[lecture] < 4:
                    self.close_connection = True
                    return None
                history = [{"status": status} for status in ("queued", "running", "succeeded")]
                self.answer(200, {"status": "succeeded", "history": history})
            case ("GET", "exports", lecture, "pdf"):
                self.answer(302, Location=f"{base}/booklet/{lecture}")
            case ("GET", "booklet", _):
                self.answer(200, b"%PDF-1.7 and so on")
            case ("DELETE", "lectures", _):
                self.answer(200, {"lectures": 1})
            case _:
                self.answer(404, {"code": "not_found", "detail": "Nothing is here."})

    do_GET = do_POST = do_PUT = do_DELETE = handle_one

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(f"{folder}/port.new", "w") as file:
    file.write(str(server.server_port))
import os
os.rename(f"{folder}/port.new", f"{folder}/port")
server.serve_forever()
PYTHON

python3 "$WORK/server.py" "$WORK" &
SERVER=$!
for _ in {1..100}; do [[ ! -f $WORK/port ]] || break; sleep 0.1; done
API=http://127.0.0.1:$(cat "$WORK/port")

recording=$WORK/recording
head -c 300000 /dev/urandom >"$recording"
before=$(cksum <"$recording")
mkdir "$WORK/tmp"
cases=0 failures=0

wrong() { failures=$((failures + 1)); echo "FAILED: $*"; }

# run CODE WORDS [NAME=VALUE …]
run() {
  local code=0 told
  : >"$WORK/seen"
  told=$(env -i PATH="$PATH" TMPDIR="$WORK/tmp" API_BASE_URL="$API" SMOKE_AUDIO_FILE="$recording" \
    SMOKE_POLL_INTERVAL_SEC=0.05 SMOKE_TIMEOUT_SEC=20 PLC_API_TOKEN=the-token "${@:3}" \
    bash "$SCRIPT" 2>&1) || code=$?
  cases=$((cases + 1))
  [[ $code -eq $1 && $told == *"$2"* ]] ||
    wrong "$(printf '%s\n  wanted %s and “%s”, got %s:\n%s' "$CASE" "$1" "$2" "$code" "$told")"
}

# seen PYTHON: an expression over calls, a list of [method, path, headers], is true.
seen() {
  python3 -ISc 'import json, sys
calls = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(not eval(sys.argv[2]))' "$WORK/seen" "$1" || wrong "$CASE: not so: $1"
}

CASE="the recording arrives as it is"
run 0 "OK in" SMOKE_LECTURE_ID=whole
cmp -s "$recording" "$WORK/whole" || wrong "$CASE"
[[ $(cksum <"$recording") == "$before" ]] || wrong "$CASE: the operator's own file was changed"

CASE="the token is shown to the API, never to the bucket"
run 0 "OK in" SMOKE_LECTURE_ID=strict
seen 'all(("authorization" in headers) == path.startswith(("/lectures", "/jobs", "/exports"))
  for _, path, headers in calls if not path.startswith("/health")) and len(calls) > 8'

CASE="a wrong token is no passing trouble"
run 12 "401 unauthorized Who are you?" SMOKE_LECTURE_ID=strict PLC_API_TOKEN=another
seen 'sum(path == "/lectures/ingest" for _, path, _ in calls) == 1'

for lecture in breaks busy; do
  CASE="a write whose answer is lost is sent again under its key: $lecture"
  run 0 "OK in" SMOKE_LECTURE_ID=$lecture
  seen '(lambda keys: len(keys) == 2 and len(set(keys)) == 1)(
    [headers["idempotency-key"] for _, path, headers in calls if path == "/lectures/ingest"])'
done

CASE="an API that is away for a moment is waited for"
run 0 "OK in" SMOKE_LECTURE_ID=away

CASE="an upload that is torn off is a failure"
run 21 "does not take the upload: 000" SMOKE_LECTURE_ID=torn

CASE="the recording that is made is two seconds of sound, and goes when the script does"
run 0 "OK in" SMOKE_AUDIO_FILE=
made=$(find "$WORK" -maxdepth 1 -name 'smoke-*')
python3 -c 'import sys, wave
with wave.open(sys.argv[1]) as file:
    sys.exit((file.getframerate(), file.getnframes(), file.getnchannels()) != (16000, 32000, 1))' \
  "$made" || wrong "$CASE"
[[ -z $(ls "$WORK/tmp") ]] || wrong "$CASE: something is left"
seen 'calls[-1][0] == "DELETE"'

CASE="no server listens"
run 10 "with 000" API_BASE_URL=http://127.0.0.1:9 SMOKE_TIMEOUT_SEC=1

CASE="something else listens"
run 10 "with 404" API_BASE_URL="$API/elsewhere" SMOKE_TIMEOUT_SEC=1

echo "$cases runs, $failures failures"
((failures == 0))
