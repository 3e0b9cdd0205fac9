#!/usr/bin/env bash
# Try smoke_worker_queue.sh without a network: in place of curl is a stub that gives written
# answers. Every branch and every exit code is seen once.
#
# Usage: scripts/test_smoke_worker_queue.sh
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
trap 'rm -rf "$WORK"' EXIT
export ANSWERS=$WORK/answers CALLS=$WORK/calls
mkdir "$WORK/bin"

cat >"$WORK/bin/curl" <<'STUB'
#!/usr/bin/env bash
# The answers to a request are the lines STATUS|LOCATION|BODY of a file with its name; each is
# given once, and the last for ever. Without a file no server answers.
set -euo pipefail
method=GET output=/dev/null headers=/dev/null
while (($# > 1)); do
  case $1 in
    --request) method=$2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    --dump-header) headers=$2; shift 2 ;;
    --header)
      [[ $2 != @* ]] || grep -q . "${2#@}"
      sent="${sent:-} ${2}"
      [[ $2 != @* ]] || sent="$sent $(cat "${2#@}")"
      shift 2
      ;;
    --data) sent="${sent:-} $2"; shift 2 ;;
    --upload-file) sent="${sent:-} $(cksum <"$2")"; shift 2 ;;
    --max-time | --write-out) shift 2 ;;
    --silent) shift ;;
    *) echo "the stub does not know $1" >&2; exit 2 ;;
  esac
done
name=$(sed -E 's|^https?://[^/]+||; s|smoke-[0-9-]+|lec|g; s|[/?=]|_|g' <<<"$1")
echo "$method $1 ${sent:-}" | tr '\n' ' ' >>"$CALLS"
echo >>"$CALLS"
answers=$ANSWERS/$method$name
[[ -f $answers ]] || exit 7
IFS='|' read -r status location body <"$answers"
[[ $(wc -l <"$answers") -eq 1 ]] || { sed 1d "$answers" >"$answers.next"; mv "$answers.next" "$answers"; }
printf '%s' "$body" >"$output"
printf 'HTTP/1.1 %s\r\nLocation: %s\r\n' "$status" "$location" >"$headers"
printf %s "$status"
STUB
chmod +x "$WORK/bin/curl"

# --- answers ---

# answer METHOD PATH LINE …: replaces what was there.
answer() {
  local name
  name=$(tr '/?=' ___ <<<"$2")
  printf '%s\n' "${@:3}" >"$ANSWERS/$1$name"
}

HISTORY='"history": [{"status": "queued"}, {"status": "running"}, {"status": "succeeded"}]'
job() { echo "200||{\"status\": \"$1\", \"error\": ${3:-null}, ${2:-$HISTORY}}"; }
progress() { # OVERALL JOB [SEGMENTS] [ERROR]
  echo "200||{\"overallStatus\": \"$1\", \"error\": ${4:-null},
    \"stages\": [{}, {\"jobId\": $2, \"segments\": ${3:-[{\"status\": \"succeeded\"\}]}}]}" | tr -d '\n'
  echo
}
problem() { echo "{\"code\": \"$1\", \"message\": \"because\", \"detail\": \"because\"}"; }

# The way of a recording of speech through an installation that works.
all_well() {
  rm -rf "$ANSWERS" "$CALLS"
  mkdir "$ANSWERS"
  : >"$CALLS"
  answer GET /health '200||{"status": "ok"}'
  answer GET /health/ready '200||{"status": "ready"}'
  answer POST /lectures/ingest \
    '201||{"upload": {"url": "https://bucket/start", "headers": {"x-goog-resumable": "start"}}}'
  answer POST /start '201|https://bucket/session|'
  answer PUT /session '200||'
  answer GET /lectures/lec/progress "$(progress not_started null null)" \
    "$(progress in_progress '"j1"' '[]')" "$(progress in_progress '"j1"')" "$(progress completed '"j1"')"
  answer GET /jobs/j1 "$(job queued)" "$(job running)" "$(job succeeded)"
  answer POST /lectures/lec/transcribe '202||{"jobId": "j1"}'
  answer GET /exports/lec/pdf '302|https://bucket/booklet|'
  answer GET /booklet '200||%PDF-1.7'
  answer DELETE /lectures/lec '200||{"lectures": 1}'
}

silence_fails() {
  answer GET /jobs/j1 "$(job failed '' "$(problem no_speech)" | sed 's/, }/, "history": [{"status": "queued"}, {"status": "running"}]}/')"
}

# --- cases ---

speech=$WORK/speech.wav
printf 'some speech' >"$speech"
cases=0 failures=0

# run CODE WORDS [NAME=VALUE …]: the script ends with the code, and says the words.
run() {
  local code=0 told
  told=$(env -i PATH="$WORK/bin:$PATH" TMPDIR="$WORK" ANSWERS="$ANSWERS" CALLS="$CALLS" \
    API_BASE_URL=https://api.example SMOKE_AUDIO_FILE="$speech" SMOKE_POLL_INTERVAL_SEC=0 \
    SMOKE_TIMEOUT_SEC=20 "${@:3}" bash "$SCRIPT" 2>&1) || code=$?
  cases=$((cases + 1))
  if [[ $code -ne $1 || $told != *"$2"* ]]; then
    failures=$((failures + 1))
    printf 'FAILED: %s\n  wanted %s and “%s”, got %s:\n%s\n' "${CASE}" "$1" "$2" "$code" "$told"
  fi
}

# called WORDS, uncalled WORDS: whether curl was.
called() { grep -qE -- "$1" "$CALLS" || { failures=$((failures + 1)); echo "FAILED: $CASE: no call $1"; }; }
uncalled() { ! grep -qE -- "$1" "$CALLS" || { failures=$((failures + 1)); echo "FAILED: $CASE: a call $1"; }; }

CASE="a recording of speech goes all the way"
all_well; run 0 "OK in"
called "PUT https://bucket/session  $(cksum <"$speech")"
called '^POST https://bucket/start  @.* x-goog-resumable: start'
called '^DELETE https://api.example/lectures/smoke-'
uncalled '/transcribe'

CASE="a lecture that the operator named is kept"
all_well; run 0 "OK in" SMOKE_LECTURE_ID=lec SMOKE_COURSE_ID=course SMOKE_PRESET_ID=seminar
called '"courseId": "course",.*"lectureId": "lec", "presetId": "seminar"'
uncalled ^DELETE

CASE="the token goes to the API, and nowhere else"
all_well; run 0 "OK in" PLC_API_TOKEN=the-token
called '^GET https://api.example/jobs/j1 .*Authorization: Bearer the-token'
called '^DELETE https://api.example/.*Authorization: Bearer the-token'
uncalled 'https://bucket/.*the-token'

CASE="silence is made where no recording is named, and fails as it should"
all_well; silence_fails; run 0 "as it should be" SMOKE_AUDIO_FILE=
called '"sizeBytes": 64044'

CASE="the same failure of a recording of speech is one"
all_well; silence_fails; run 40 no_speech

CASE="a failure is accepted as an end if that was asked for"
all_well; silence_fails; run 0 "accepted as an end" SMOKE_ACCEPT_FAILED_TERMINAL=1

CASE="silence that fails for another reason is a failure"
all_well; answer GET /jobs/j1 "$(job failed '' "$(problem worker_lost)")"
run 40 worker_lost SMOKE_AUDIO_FILE=

CASE="another model is a transcription of its own"
all_well; answer POST /lectures/lec/transcribe_model=tiny '202||{"jobId": "j2"}'
answer GET /jobs/j2 "$(job running)" "$(job succeeded)"
run 0 "with the model tiny" SMOKE_MODEL=tiny
called '^GET .*/jobs/j2'

CASE="asked for by hand, the upload need not start anything"
all_well; answer GET /lectures/lec/progress "$(progress completed null)"
run 0 "started by this script" SMOKE_REQUIRE_QUEUE_PATH=0
called '^POST https://api.example/lectures/smoke-[0-9-]+/transcribe '

CASE="no server answers"
all_well; rm "$ANSWERS/GET_health"; run 10 "with 000" SMOKE_TIMEOUT_SEC=1

CASE="something else answers"
all_well; answer GET /health '200||<html>'; run 10 "does not answer with ok" SMOKE_TIMEOUT_SEC=1

CASE="the schema is behind"
all_well; answer GET /health/ready '503||{"status": "not_ready", "failing": {"database": "run the migrations"}}'
run 11 "run the migrations" SMOKE_TIMEOUT_SEC=1

CASE="a cold start is waited for"
all_well; answer GET /health/ready '503||{"status": "not_ready"}' '000||' '200||{"status": "ready"}'; run 0 "OK in"

for status in 401 403; do
  CASE="no token, $status"
  all_well; answer POST /lectures/ingest "$status||$(problem unauthorized)"; run 12 unauthorized
done

CASE="the lecture is refused"
all_well; answer POST /lectures/ingest "409||$(problem conflict)"; run 20 "409 conflict because"

CASE="too many writes are waited for"
all_well
ingest=$(cat "$ANSWERS/POST_lectures_ingest")
answer POST /lectures/ingest "429||$(problem rate_limited)" "503||$(problem unavailable)" "$ingest"; run 0 "OK in"

CASE="the bucket does not start the upload"
all_well; answer POST /start '403||signature'; run 21 signature

CASE="the bucket breaks the upload off"
all_well; rm "$ANSWERS/PUT_session"; run 21 "does not take the upload: 000"

CASE="the recording is turned away"
all_well; answer GET /lectures/lec/progress "$(progress failed null null "$(problem not_audio)")"; run 22 not_audio

CASE="the notification is lost"
all_well; answer GET /lectures/lec/progress "$(progress not_started null)"
run 30 "notification" SMOKE_QUEUE_WAIT_SEC=1

CASE="the notification is lost, and asking by hand is allowed"
all_well
answer GET /lectures/lec/progress "$(progress completed null)"
run 0 "WARNING: the upload has not started" SMOKE_QUEUE_WAIT_SEC=1 SMOKE_ALLOW_QUEUE_FALLBACK=1
called /transcribe

CASE="the transcription cannot be asked for"
all_well; answer POST /lectures/lec/transcribe "409||$(problem conflict)"
run 31 conflict SMOKE_REQUIRE_QUEUE_PATH=0

CASE="no segment went by the queue"
all_well; answer GET /lectures/lec/progress "$(progress in_progress '"j1"' '[]')"; run 32 "task queue"

CASE="study material failed"
all_well; answer GET /lectures/lec/progress "$(progress in_progress '"j1"')" "$(progress in_progress '"j1"')" \
  "$(progress failed '"j1"' '' "$(problem model_rejected)")"
run 41 model_rejected

CASE="study material failed, which is accepted"
run 41 model_rejected
run 0 "accepted as an end" SMOKE_ACCEPT_FAILED_TERMINAL=1

CASE="a job never ends"
all_well; answer GET /lectures/lec/progress "$(progress in_progress '"j1"')"; answer GET /jobs/j1 "$(job running)"; run 42 "which is running" SMOKE_TIMEOUT_SEC=1

CASE="a lecture never ends"
all_well; answer GET /jobs/j1 "$(job succeeded)"; answer GET /lectures/lec/progress "$(progress in_progress '"j1"')"; run 42 "the end of lecture" SMOKE_TIMEOUT_SEC=1

CASE="the API goes away for good"
all_well; answer GET /lectures/lec/progress "$(progress in_progress '"j1"')"; rm "$ANSWERS/GET_jobs_j1"; run 42 "the last was 000" SMOKE_TIMEOUT_SEC=1

CASE="a job that was never queued"
all_well; answer GET /jobs/j1 "$(job succeeded '"history": [{"status": "running"}, {"status": "succeeded"}]')"
run 43 history
run 0 "OK in" SMOKE_REQUIRE_QUEUED_TRANSITION=0

CASE="a job that never ran"
all_well; answer GET /jobs/j1 "$(job succeeded '"history": [{"status": "queued"}, {"status": "succeeded"}]')"; run 43 history

CASE="there is no booklet"
all_well; answer GET /exports/lec/pdf "404||$(problem not_found)"; run 44 "404 not_found"

CASE="the booklet's address does not work"
all_well; answer GET /booklet '403||<Error>'; run 44 "cannot be fetched: 403"

CASE="what is fetched is no booklet"
all_well; answer GET /booklet '200||<html>'; run 44 "cannot be fetched"

CASE="answers of something else"
all_well; answer POST /lectures/ingest '201||<html>'; run 50 "<html>"
all_well; answer POST /lectures/ingest '201||{"lectureId": "lec"}'; run 50 "no upload.url"
all_well; answer GET /jobs/j1 "$(job over)"; run 50 "no status over"
all_well; answer GET /jobs/j1 "404||$(problem not_found)"; run 50 "not told"
all_well; answer GET /lectures/lec/progress "$(progress in_progress '"j1"')" "$(progress in_progress '"j1"')" \
  "$(progress over '"j1"')"; run 50 "no overallStatus over"

CASE="the lecture cannot be deleted afterwards"
all_well; answer DELETE /lectures/lec "503||$(problem unavailable)"; run 0 "WARNING: the lecture"

CASE="switches that cannot be used"
all_well
run 2 "SMOKE_COURSE_ID" SMOKE_COURSE_ID='../x'
run 2 "SMOKE_LECTURE_ID" SMOKE_LECTURE_ID='a b'
run 2 "SMOKE_PRESET_ID" SMOKE_PRESET_ID='"'
run 2 "SMOKE_MODEL" SMOKE_MODEL='a&b'
run 2 "SMOKE_TIMEOUT_SEC" SMOKE_TIMEOUT_SEC=soon
run 2 "SMOKE_QUEUE_WAIT_SEC" SMOKE_QUEUE_WAIT_SEC=0
run 2 "SMOKE_POLL_INTERVAL_SEC" SMOKE_POLL_INTERVAL_SEC=-1
run 2 "SMOKE_ACCEPT_FAILED_TERMINAL" SMOKE_ACCEPT_FAILED_TERMINAL=yes
run 2 "SMOKE_REQUIRE_QUEUED_TRANSITION" SMOKE_REQUIRE_QUEUED_TRANSITION=2
run 2 "SMOKE_REQUIRE_QUEUE_PATH" SMOKE_REQUIRE_QUEUE_PATH=no
run 2 "SMOKE_ALLOW_QUEUE_FALLBACK" SMOKE_ALLOW_QUEUE_FALLBACK=true
run 2 "SMOKE_AUDIO_FILE" SMOKE_AUDIO_FILE="$WORK/nothing"
run 2 "API_BASE_URL" API_BASE_URL=api.example
run 2 "not sent over http" API_BASE_URL=http://api.example PLC_API_TOKEN=the-token
uncalled .

CASE="a tool is missing"
mkdir "$WORK/few"
for tool in bash sed date env; do ln -s "$(command -v "$tool")" "$WORK/few/"; done
run 3 "curl is needed" PATH="$WORK/few"

CASE="nothing is left behind, and the recording is as it was"
[[ -z $(find "$WORK" -mindepth 1 -maxdepth 1 -name 'tmp.*') && $(cat "$speech") == "some speech" ]] ||
  { failures=$((failures + 1)); echo "FAILED: $CASE"; }

echo "$cases runs, $failures failures"
((failures == 0))
