#!/usr/bin/env bash
# Make an empty Google Cloud project ready for Pegasus: its APIs, the bucket of Terraform's state,
# the service agents that grants name, and the account that deploys. And put values into secrets.
# Safe to repeat: what is there is left as it is. Needs gcloud, logged in as an owner of the project.
#
# Usage: scripts/setup-gcp.sh --project PROJECT [options]
#
#   --project PROJECT        the project; it needs a billing account
#   --region REGION          where the state bucket is (europe-west1)
#   --state-bucket BUCKET    Terraform's state and the releases (PROJECT-terraform)
#   --deployer NAME          name of the account that deploys (pegasus-deploy)
#   --operator MEMBER        who may act as that account, user:… or group:…; may be given again
#   --kms-key KEY            full name of the key, where kms_key is set
#   --billing-account ID     where a budget is set
#   --private-database       where private_database is set
#   --secret NAME=FILE       put the file's content into the secret, or with NAME=- standard input;
#                            may be given again. A secret that has a value keeps it, and one that
#                            Terraform has not made yet is an error: first scripts/deploy
#   --generate-token         the same with a new token for write-api-token, which is not printed
#   --only-secrets           do nothing but that
#   --dry-run                print each gcloud command, and run none
#   --help                   this text
#
# SETUP_PAUSE_SEC is the pause before a grant is tried again (5): Google needs a moment to know an
# account that is new.
#
# Exit codes: 0 done · 2 wrong use · 3 gcloud is missing · 4 the project or its billing is not there
# · 5 a command of gcloud failed · 6 a secret is not there, or its value is empty
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

help() { sed -n '2,/^set -/p' "$HERE/setup-gcp.sh" | sed '$d; s/^# \{0,1\}//'; }
say() { ((DRY_RUN)) || echo "setup: $*"; }
fail() { echo "setup: $2" >&2; exit "$1"; }

PROJECT='' REGION=europe-west1 STATE_BUCKET='' DEPLOYER=pegasus-deploy KMS_KEY='' BILLING_ACCOUNT=''
OPERATORS=() SECRETS=() PRIVATE_DATABASE=0 GENERATE=0 ONLY_SECRETS=0 DRY_RUN=0
SETUP_PAUSE_SEC=${SETUP_PAUSE_SEC:-5}
KNOWN_SECRETS=(gemini-api-key openai-api-key write-api-token)

while (($#)); do
  case $1 in
    --project | --region | --state-bucket | --deployer | --operator | --kms-key | --billing-account | --secret)
      [[ -n ${2:-} ]] || fail 2 "$1 needs a value" ;;&
    --project) PROJECT=$2; shift ;;
    --region) REGION=$2; shift ;;
    --state-bucket) STATE_BUCKET=$2; shift ;;
    --deployer) DEPLOYER=$2; shift ;;
    --operator) OPERATORS+=("$2"); shift ;;
    --kms-key) KMS_KEY=$2; shift ;;
    --billing-account) BILLING_ACCOUNT=$2; shift ;;
    --secret) SECRETS+=("$2"); shift ;;
    --private-database) PRIVATE_DATABASE=1 ;;
    --generate-token) GENERATE=1 ;;
    --only-secrets) ONLY_SECRETS=1 ;;
    --dry-run) DRY_RUN=1 ;;
    -h | --help) help; exit 0 ;;
    *) fail 2 "it does not know $1, see --help" ;;
  esac
  shift
done

[[ $PROJECT =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || fail 2 "--project must be a project's id: '$PROJECT'"
[[ $DEPLOYER =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] ||
  fail 2 "--deployer must be 6 to 30 lower-case letters, digits and hyphens: '$DEPLOYER'"
[[ -n $STATE_BUCKET ]] || STATE_BUCKET=$PROJECT-terraform
ACCOUNT=$DEPLOYER@$PROJECT.iam.gserviceaccount.com
for operator in "${OPERATORS[@]}"; do
  [[ $operator =~ ^(user|group|serviceAccount):.+@.+$ ]] || fail 2 "--operator must be user:… or group:…: '$operator'"
done
((!GENERATE)) || SECRETS+=("write-api-token=generated")
standard_input=0
for each in "${SECRETS[@]}"; do
  [[ " ${KNOWN_SECRETS[*]} " == *" ${each%%=*} "* && $each == *=?* ]] ||
    fail 2 "--secret must be NAME=FILE, with a name of ${KNOWN_SECRETS[*]}"
  case ${each#*=} in
    -) standard_input=$((standard_input + 1)) ;;
    generated) ;;
    *) [[ -r ${each#*=} ]] || fail 2 "the file ${each#*=} cannot be read" ;;
  esac
done
((standard_input < 2)) || fail 2 "standard input has one value only"
((DRY_RUN)) || command -v gcloud >/dev/null || fail 3 "gcloud is needed and not installed"

# --- gcloud ---

exec 3>&1

# run COMMAND …: one that changes something.
run() {
  if ((DRY_RUN)); then
    printf '%q ' gcloud "$@" --quiet
    echo
  else
    gcloud "$@" --quiet >/dev/null || fail 5 "this failed: gcloud $*"
  fi
}

# look COMMAND …: one that only looks. A dry run knows nothing, so all is missing there.
look() {
  if ((DRY_RUN)); then
    { printf '%q ' gcloud "$@"; echo; } >&3
  else
    gcloud "$@" || fail 5 "this failed: gcloud $*"
  fi
}

# grant COMMAND …: again and again, since a new account is not known everywhere at once.
grant() {
  local try
  if ((DRY_RUN)); then run "$@"; return; fi
  for try in {1..6}; do
    if gcloud "$@" --quiet >/dev/null 2>"$WORK/refused"; then return; fi
    ((try == 6)) || sleep "$SETUP_PAUSE_SEC"
  done
  cat "$WORK/refused" >&2
  fail 5 "this failed: gcloud $*"
}

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# --- the project ---

prepare() {
  local found service role operator
  found=$(look projects describe "$PROJECT" --format='value(projectNumber)') || fail 4 "there is no project $PROJECT, or you may not see it"
  found=$(look billing projects describe "$PROJECT" --format='value(billingEnabled)')
  ((DRY_RUN)) || [[ $found == True ]] ||
    fail 4 "the project has no billing account: gcloud billing projects link $PROJECT --billing-account=…"

  # The list is Terraform's own. The others let Terraform switch on more, and scripts/preflight ask.
  mapfile -t services < <(sed -n '/concat(/,/^    \],/s/^ *"\(.*\.googleapis\.com\)",$/\1/p' "$HERE/../terraform/apis.tf")
  run services enable "${services[@]}" serviceusage.googleapis.com \
    cloudquotas.googleapis.com orgpolicy.googleapis.com --project="$PROJECT"
  say "${#services[@]} APIs are on"

  found=$(look storage buckets list --project="$PROJECT" --filter="name=$STATE_BUCKET" --format='value(name)')
  if [[ -z $found ]]; then
    run storage buckets create "gs://$STATE_BUCKET" --project="$PROJECT" --location="$REGION" \
      --uniform-bucket-level-access --public-access-prevention
  fi
  # Also of one that was there: a state that was overwritten can be had back.
  run storage buckets update "gs://$STATE_BUCKET" --versioning --uniform-bucket-level-access \
    --public-access-prevention
  say "the state bucket is gs://$STATE_BUCKET"

  for service in pubsub.googleapis.com ${KMS_KEY:+sqladmin.googleapis.com secretmanager.googleapis.com}; do
    run beta services identity create --service="$service" --project="$PROJECT"
  done
  run storage service-agent --project="$PROJECT"
  say "the service agents are there"

  found=$(look iam service-accounts list --project="$PROJECT" --filter="email=$ACCOUNT" --format='value(email)')
  if [[ -z $found ]]; then
    run iam service-accounts create "$DEPLOYER" --project="$PROJECT" --display-name='Pegasus: deploys'
  fi
  # It makes accounts, grants and whatever else terraform/ declares, and acts as the accounts it
  # has made. An account that may impersonate it can do anything in this project.
  for role in artifactregistry.admin cloudfunctions.admin cloudscheduler.admin cloudsql.admin \
    cloudtasks.admin iam.roleAdmin iam.serviceAccountAdmin iam.serviceAccountUser \
    logging.configWriter monitoring.admin pubsub.admin resourcemanager.projectIamAdmin run.admin \
    secretmanager.admin serviceusage.serviceUsageAdmin storage.admin; do
    grant projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$ACCOUNT" \
      --role="roles/$role" --condition=None
  done
  if ((PRIVATE_DATABASE)); then
    for role in compute.networkAdmin compute.securityAdmin servicenetworking.networksAdmin; do
      grant projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$ACCOUNT" \
        --role="roles/$role" --condition=None
    done
  fi
  if [[ -n $KMS_KEY ]]; then
    grant kms keys add-iam-policy-binding "$KMS_KEY" --member="serviceAccount:$ACCOUNT" \
      --role=roles/cloudkms.admin
  fi
  if [[ -n $BILLING_ACCOUNT ]]; then
    grant billing accounts add-iam-policy-binding "$BILLING_ACCOUNT" \
      --member="serviceAccount:$ACCOUNT" --role=roles/billing.costsManager
  fi
  # No key file is made: people impersonate the account in their own name.
  for operator in "${OPERATORS[@]}"; do
    grant iam service-accounts add-iam-policy-binding "$ACCOUNT" --project="$PROJECT" \
      --member="$operator" --role=roles/iam.serviceAccountTokenCreator --condition=None
  done
  say "the account that deploys is $ACCOUNT"
}

# --- secrets ---

# What cannot be found out is not taken for missing: a second value would come of it.
has_value() {
  local found
  found=$(look secrets versions list "$1" --project="$PROJECT" --filter='state:ENABLED' --limit=1 \
    --format='value(name)') || exit
  [[ -n $found ]]
}

is_made() { grep -qE "(^|/)$1\$" <<<"$MADE"; }

# fill NAME SOURCE. The value goes by standard input: a command line is there for everybody to read.
fill() {
  local value add=(secrets versions add "$1" --project="$PROJECT" --data-file=-)
  if ((DRY_RUN)); then
    has_value "$1" || true
    run "${add[@]}"
    return
  fi
  is_made "$1" || fail 6 "there is no secret $1 yet: Terraform makes it, so first scripts/deploy"
  if has_value "$1"; then
    say "the secret $1 has a value, which is kept (scripts/rotate-secret changes it)"
    return
  fi
  case $2 in
    -) value=$(cat) ;;
    generated) value=$(head -c 32 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_') ;;
    *) value=$(cat "$2") ;;
  esac
  [[ -n ${value//[[:space:]]/} ]] || fail 6 "the value for $1 is empty"
  printf %s "$value" | gcloud "${add[@]}" --quiet >/dev/null || fail 5 "this failed: gcloud ${add[*]}"
  say "the secret $1 has a value now"
}

((ONLY_SECRETS)) || prepare
MADE=$(look secrets list --project="$PROJECT" --format='value(name)')
for each in "${SECRETS[@]}"; do fill "${each%%=*}" "${each#*=}"; done

filled=()
for name in "${KNOWN_SECRETS[@]}"; do
  if is_made "$name" && has_value "$name"; then filled+=("\"$name\""); fi
done
told=$(printf ', %s' "${filled[@]}")
say "in the tfvars file: filled_secrets = [${told:2}]"
