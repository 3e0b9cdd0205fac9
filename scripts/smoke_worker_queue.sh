#!/usr/bin/env bash
# Does a running Pegasus work? Sends one recording through it, as a phone would:
# health → ingest → enqueue → poll. Needs bash, curl and python3.
#
# Usage: API_BASE_URL=https://… PLC_API_TOKEN=… scripts/smoke_worker_queue.sh
#
# It is told what to do by the environment:
#   API_BASE_URL            the API, without a slash at its end (http://127.0.0.1:8080)
#   PLC_API_TOKEN           the static token, or a user's ID token; none for the local stack.
#                           Sent to the API only, and over http:// to this machine only
#   SMOKE_COURSE_ID         course of the lecture (smoke)
#   SMOKE_LECTURE_ID        id of the lecture, one that has no recording yet. One that you name is
#                           kept; one that is made up is deleted when all went well
#   SMOKE_PRESET_ID         preset of the study material (exam)
#   SMOKE_MODEL             speech model: the recording is transcribed once more, with it. By
#                           default once, with the installation's own
#   SMOKE_AUDIO_FILE        recording to send; only read. By default two seconds of silence are
#                           made in a temporary folder, and the right end is “no speech”
#   SMOKE_TIMEOUT_SEC       patience for everything together, in seconds (600)
#   SMOKE_POLL_INTERVAL_SEC pause between two questions, in seconds (2)
#   SMOKE_ACCEPT_FAILED_TERMINAL    1: an end is enough, also if work failed for good (0)
#   SMOKE_REQUIRE_QUEUED_TRANSITION 1: the job's history must have queued and then running (1)
#   SMOKE_REQUIRE_QUEUE_PATH        1: the finished upload must start the transcription by itself,
#                                   and a task each of its segments; 0: it is asked for by hand (1)
#   SMOKE_ALLOW_QUEUE_FALLBACK      1: if the upload starts nothing, it is asked for by hand, with
#                                   a warning, and need not have gone by the queues (0)
#   SMOKE_QUEUE_WAIT_SEC    how long the upload may take to start it, in seconds (90)
#
# Exit codes:
#   0  it works                              30 the upload did not start the transcription
#   2  a switch cannot be used               31 the transcription cannot be asked for
#   3  curl or python3 is missing            32 no segment went by the task queue
#   10 the API does not answer               40 the transcription failed
#   11 the API is not ready                  41 study material or files failed
#   12 the token is not accepted             42 the end did not come in time
#   20 the lecture is refused                43 the history has no queued and then running
#   21 the bucket does not take the upload   44 the booklet cannot be fetched
#   22 the recording was turned away         50 an answer that is no Pegasus API's
set -euo pipefail

case "${1:-}" in
  "") ;;
  -h | --help) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) echo "smoke: it takes no arguments, see --help" >&2; exit 2 ;;
esac

say() { echo "smoke: $*"; }
fail() { echo "smoke: FAILED: $2" >&2; exit "$1"; }

API_BASE_URL=${API_BASE_URL:-http://127.0.0.1:8080}
API_BASE_URL=${API_BASE_URL%/}
PLC_API_TOKEN=${PLC_API_TOKEN:-}
SMOKE_COURSE_ID=${SMOKE_COURSE_ID:-smoke}
MADE_UP_ID=smoke-$(date -u +%Y%m%d-%H%M%S)-$$-$RANDOM
LECTURE=${SMOKE_LECTURE_ID:-$MADE_UP_ID}
SMOKE_PRESET_ID=${SMOKE_PRESET_ID:-exam}
SMOKE_MODEL=${SMOKE_MODEL:-}
SMOKE_AUDIO_FILE=${SMOKE_AUDIO_FILE:-}
SMOKE_TIMEOUT_SEC=${SMOKE_TIMEOUT_SEC:-600}
SMOKE_POLL_INTERVAL_SEC=${SMOKE_POLL_INTERVAL_SEC:-2}
SMOKE_ACCEPT_FAILED_TERMINAL=${SMOKE_ACCEPT_FAILED_TERMINAL:-0}
SMOKE_REQUIRE_QUEUED_TRANSITION=${SMOKE_REQUIRE_QUEUED_TRANSITION:-1}
SMOKE_REQUIRE_QUEUE_PATH=${SMOKE_REQUIRE_QUEUE_PATH:-1}
SMOKE_ALLOW_QUEUE_FALLBACK=${SMOKE_ALLOW_QUEUE_FALLBACK:-0}
SMOKE_QUEUE_WAIT_SEC=${SMOKE_QUEUE_WAIT_SEC:-90}

# --- can it be asked like this? ---

for tool in curl python3; do
  command -v "$tool" >/dev/null || fail 3 "$tool is needed and not installed"
done
for name in SMOKE_COURSE_ID LECTURE SMOKE_PRESET_ID; do
  [[ ${!name} =~ ^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$ ]] ||
    fail 2 "${name/#LECTURE/SMOKE_LECTURE_ID} must be 1 to 64 letters, digits, - and _: ${!name}"
done
[[ -z $SMOKE_MODEL || $SMOKE_MODEL =~ ^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$ ]] ||
  fail 2 "SMOKE_MODEL must be a model's name: $SMOKE_MODEL"
for name in SMOKE_TIMEOUT_SEC SMOKE_QUEUE_WAIT_SEC; do
  [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "$name must be whole seconds, 1 or more: ${!name}"
done
[[ $SMOKE_POLL_INTERVAL_SEC =~ ^[0-9]{1,4}(\.[0-9]{1,3})?$ ]] ||
  fail 2 "SMOKE_POLL_INTERVAL_SEC must be seconds: $SMOKE_POLL_INTERVAL_SEC"
for name in SMOKE_ACCEPT_FAILED_TERMINAL SMOKE_REQUIRE_QUEUED_TRANSITION \
  SMOKE_REQUIRE_QUEUE_PATH SMOKE_ALLOW_QUEUE_FALLBACK; do
  [[ ${!name} =~ ^[01]$ ]] || fail 2 "$name must be 0 or 1: ${!name}"
done
case $API_BASE_URL in
  https://?* | http://127.0.0.1:* | http://localhost:* | 'http://[::1]:'*) ;;
  http://?*) [[ -z $PLC_API_TOKEN ]] || fail 2 "a token is not sent over http:// to $API_BASE_URL" ;;
  *) fail 2 "API_BASE_URL must begin with https:// or http://: $API_BASE_URL" ;;
esac
[[ -z $SMOKE_AUDIO_FILE || (-f $SMOKE_AUDIO_FILE && -r $SMOKE_AUDIO_FILE && -s $SMOKE_AUDIO_FILE) ]] ||
  fail 2 "SMOKE_AUDIO_FILE is no file that can be read, or it is empty: $SMOKE_AUDIO_FILE"

umask 077
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
DEADLINE=$((SECONDS + SMOKE_TIMEOUT_SEC))

# --- asking ---

# Headers from a file: what is on a command line, everybody on this machine can read.
AUTH=()
if [[ -n $PLC_API_TOKEN ]]; then
  printf 'Authorization: Bearer %s\n' "$PLC_API_TOKEN" >"$WORK/auth"
  AUTH=(--header "@$WORK/auth")
fi

# request METHOD URL [CURL OPTION …]: sets STATUS, 000 without an answer; the body is in $WORK/body.
request() {
  : >"$WORK/body"
  STATUS=$(curl --silent --max-time 60 --output "$WORK/body" --write-out '%{http_code}' \
    --request "$1" "${@:3}" "$2") || STATUS=000
}

# ask METHOD PATH [CURL OPTION …]: the same of the API, again and again while it is only passing
# trouble. A write must bring its Idempotency-Key, so that it is done once.
ask() {
  while :; do
    request "$1" "$API_BASE_URL$2" "${AUTH[@]}" "${@:3}"
    case $STATUS in
      401 | 403) fail 12 "the token is not accepted: $STATUS $(problem)" ;;
      000 | 429 | 5??) wait_or_fail "an answer to $1 $2 (the last was $STATUS $(problem))" ;;
      *) return 0 ;;
    esac
  done
}

wait_or_fail() {
  ((SECONDS < DEADLINE)) || fail 42 "after $SMOKE_TIMEOUT_SEC s still waiting for $1"
  sleep "$SMOKE_POLL_INTERVAL_SEC"
}

# take NAME.NAME …: values of the JSON in $WORK/body, as GOT; empty where there is none.
take() {
  mapfile -t GOT < <(python3 -ISc 'import json, sys
answer = json.load(open(sys.argv[1]))
if isinstance(answer, dict):
    print("an answer")
    for path in sys.argv[2:]:
        value = answer
        for name in path.split("."):
            try:
                value = value[int(name) if isinstance(value, list) else name]
            except (KeyError, IndexError, TypeError):
                value = None
        print("" if value is None else " ".join(str(value).split()))' "$WORK/body" "$@" 2>/dev/null)
  ((${#GOT[@]})) || return 1
  GOT=("${GOT[@]:1}")
}

# must_take NAME.NAME …: the same of what can only be an answer of Pegasus.
must_take() { take "$@" || fail 50 "this is no answer of Pegasus: $STATUS $(head -c 200 "$WORK/body")"; }

problem() { take code detail && echo "${GOT[*]}"; }

# --- health ---

patience=$((SECONDS + 30 < DEADLINE ? SECONDS + 30 : DEADLINE))
healthy() {
  request GET "$API_BASE_URL$1"
  [[ $STATUS == 200 ]] && take status && [[ ${GOT[0]} == "$2" ]]
}
until healthy /health ok; do
  ((SECONDS < patience)) || fail 10 "$API_BASE_URL/health does not answer with ok, but with $STATUS"
  sleep "$SMOKE_POLL_INTERVAL_SEC"
done
until healthy /health/ready ready; do
  ((SECONDS < patience)) || fail 11 "the API is not ready: $STATUS $(head -c 300 "$WORK/body")"
  sleep "$SMOKE_POLL_INTERVAL_SEC"
done
say "health: $API_BASE_URL is ready"

# --- ingest ---

AUDIO=$SMOKE_AUDIO_FILE
if [[ -z $AUDIO ]]; then
  AUDIO=$WORK/silence.wav
  python3 -ISc 'import sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(16000)
    file.writeframes(bytes(64000))' "$AUDIO"
fi
SIZE=$(wc -c <"$AUDIO" | tr -d ' ')

ask POST /lectures/ingest --header 'Content-Type: application/json' \
  --header "Idempotency-Key: $MADE_UP_ID-ingest" --data "{\"courseId\": \"$SMOKE_COURSE_ID\",
    \"lectureId\": \"$LECTURE\", \"presetId\": \"$SMOKE_PRESET_ID\", \"title\": \"Smoke test\",
    \"sizeBytes\": $SIZE}"
[[ $STATUS == 201 ]] || fail 20 "the lecture $LECTURE is refused: $STATUS $(problem)"
must_take upload.url
URL=${GOT[0]}
[[ -n $URL ]] || fail 50 "the answer has no upload.url: $(head -c 200 "$WORK/body")"
python3 -ISc 'import json, sys
for name, value in json.load(open(sys.argv[1]))["upload"]["headers"].items():
    print(f"{name}: {value}")' "$WORK/body" >"$WORK/upload"

# The bucket is another host, and its URL is signed: the token is not for it.
request POST "$URL" --header "@$WORK/upload" --data '' --dump-header "$WORK/session"
SESSION=$(sed -n 's/^[Ll]ocation: //p' "$WORK/session" 2>/dev/null | tr -d '\r')
[[ $STATUS == 201 && -n $SESSION ]] ||
  fail 21 "the bucket does not start the upload: $STATUS $(head -c 300 "$WORK/body")"
request PUT "$SESSION" --max-time "$SMOKE_TIMEOUT_SEC" --upload-file "$AUDIO"
[[ $STATUS == 20[01] ]] || fail 21 "the bucket does not take the upload: $STATUS $(head -c 300 "$WORK/body")"
say "ingest: lecture $LECTURE, $SIZE bytes uploaded"

# --- enqueue ---

STARTED_BY=
JOB=
if ((SMOKE_REQUIRE_QUEUE_PATH)); then
  patience=$((SECONDS + SMOKE_QUEUE_WAIT_SEC))
  while :; do
    ask GET "/lectures/$LECTURE/progress"
    must_take stages.1.jobId overallStatus error.code error.message
    JOB=${GOT[0]}
    [[ -z $JOB ]] || { STARTED_BY="the upload"; break; }
    [[ ${GOT[1]} != failed ]] || fail 22 "the recording was turned away: ${GOT[*]:2}"
    ((SECONDS < patience && SECONDS < DEADLINE)) || break
    sleep "$SMOKE_POLL_INTERVAL_SEC"
  done
  if [[ -z $JOB ]]; then
    ((SMOKE_ALLOW_QUEUE_FALLBACK)) || fail 30 "nothing has started the transcription: \
is the bucket's notification there, and does the subscription of its topic reach ingest-on-upload?"
    say "WARNING: the upload has not started the transcription; asking for it"
  fi
fi

# by_hand [MODEL]: sets JOB.
by_hand() {
  ask POST "/lectures/$LECTURE/transcribe${1:+?model=$1}" --header "Idempotency-Key: $MADE_UP_ID-$JOB" \
    --data ''
  [[ $STATUS == 202 ]] || fail 31 "the transcription cannot be asked for: $STATUS $(problem)"
  must_take jobId
  JOB=${GOT[0]}
  [[ -n $JOB ]] || fail 50 "the answer has no jobId: $(head -c 200 "$WORK/body")"
}

if [[ -z $JOB ]]; then
  by_hand "$SMOKE_MODEL"
  STARTED_BY="this script"
fi
say "enqueue: transcription $JOB, started by $STARTED_BY"

# --- poll ---

SILENT=0
# A failure that this run takes for a good end.
forgiven() {
  if [[ -z $SMOKE_AUDIO_FILE && $1 == no_speech ]]; then
    SILENT=1
    say "poll: no speech was found in two seconds of silence, as it should be"
  elif ((SMOKE_ACCEPT_FAILED_TERMINAL)); then
    say "WARNING: it has failed with $1, which is accepted as an end"
  else
    return 1
  fi
}

# follow JOB: to its end. Sets JOB_STATUS.
follow() {
  while :; do
    ask GET "/jobs/$1"
    [[ $STATUS == 200 ]] || fail 50 "the job $1 is not told: $STATUS $(problem)"
    must_take status history.0.status history.1.status error.code error.message
    JOB_STATUS=${GOT[0]}
    case $JOB_STATUS in
      succeeded | failed) break ;;
      queued | running) wait_or_fail "the job $1, which is $JOB_STATUS" ;;
      *) fail 50 "a job has no status $JOB_STATUS" ;;
    esac
  done
  if ((SMOKE_REQUIRE_QUEUED_TRANSITION)); then
    [[ "${GOT[*]:1:2}" == "queued running" ]] ||
      fail 43 "the history of job $1 does not begin with queued and running"
  fi
  say "poll: transcription $JOB_STATUS"
  [[ $JOB_STATUS == succeeded ]] || forgiven "${GOT[3]}" || fail 40 "the transcription failed: ${GOT[*]:3}"
}

follow "$JOB"
if [[ $STARTED_BY == "the upload" ]]; then
  ask GET "/lectures/$LECTURE/progress"
  must_take stages.1.segments.0.status
  [[ -n ${GOT[0]} ]] || fail 32 "no segment of job $JOB went by the task queue"
  if [[ -n $SMOKE_MODEL ]]; then
    by_hand "$SMOKE_MODEL"
    say "enqueue: transcription $JOB, with the model $SMOKE_MODEL"
    follow "$JOB"
  fi
fi

if [[ $JOB_STATUS == succeeded ]]; then
  while :; do
    ask GET "/lectures/$LECTURE/progress"
    must_take overallStatus error.code error.message
    case ${GOT[0]} in
      completed) ENDED=completed; break ;;
      failed) ENDED=failed; break ;;
      in_progress) wait_or_fail "the end of lecture $LECTURE" ;;
      *) fail 50 "a lecture has no overallStatus ${GOT[0]}" ;;
    esac
  done
  say "poll: lecture $ENDED"
  if [[ $ENDED == failed ]]; then
    forgiven "${GOT[1]}" || fail 41 "the lecture failed after its transcription: ${GOT[*]:1}"
  else
    : >"$WORK/sent-to"
    ask GET "/exports/$LECTURE/pdf" --dump-header "$WORK/sent-to"
    FILE=$(sed -n 's/^[Ll]ocation: //p' "$WORK/sent-to" | tr -d '\r')
    [[ $STATUS == 302 && -n $FILE ]] || fail 44 "the booklet has no address: $STATUS $(problem)"
    request GET "$FILE"
    [[ $STATUS == 200 && $(head -c 4 "$WORK/body") == %PDF ]] ||
      fail 44 "the booklet cannot be fetched: $STATUS"
    say "poll: the booklet has $(wc -c <"$WORK/body" | tr -d ' ') bytes"
  fi
fi

# --- afterwards ---

if [[ -z ${SMOKE_LECTURE_ID:-} ]]; then
  request DELETE "$API_BASE_URL/lectures/$LECTURE" "${AUTH[@]}" --header "Idempotency-Key: $MADE_UP_ID-delete"
  if [[ $STATUS == 200 ]]; then
    say "deleted the lecture $LECTURE"
  else
    say "WARNING: the lecture $LECTURE is left: $STATUS $(problem)"
  fi
fi
((!SILENT)) || say "nothing was said, so no study material was made; name a recording of speech in SMOKE_AUDIO_FILE for that"
say "OK in $SECONDS s"
