# --- accounts ---

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "fn-${each.key}"
  display_name = "Pegasus: the function ${each.key}"

  depends_on = [google_project_service.main]
}

# In whose name a function is called. No function runs as one of these, so none can call another
# but by a message, and none can make a token of theirs.
resource "google_service_account" "caller" {
  for_each = {
    pubsub    = "pushes messages"
    scheduler = "calls on schedule"
    tasks     = "delivers tasks"
  }

  account_id   = "call-${each.key}"
  display_name = "Pegasus: ${each.value}"

  depends_on = [google_project_service.main]
}

resource "google_service_account" "build" {
  account_id   = "build-images"
  display_name = "Pegasus: Cloud Build makes images of archives"

  depends_on = [google_project_service.main]
}

# --- calling ---

# Cloud Run checks who calls an internal function: one account, that of its own kind of caller. The API has no
# such grant: scripts/deploy switches the check off for it, which a function's resource cannot, and which takes
# no grant to allUsers (docs/decisions/011-callers-are-verified-twice.md).
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = { for name, callers in local.callers_of : name => callers if !local.functions[name].public }

  location = var.region
  name     = contains(local.gpu_functions, each.key) ? google_cloud_run_v2_service.gpu_worker[each.key].name : module.functions[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.caller[one(each.value)].member
}

# --- building ---

resource "google_project_iam_member" "build" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# Cloud Functions copies an archive into a bucket of its own, which it makes at the first build.
resource "google_project_iam_member" "build_reads" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "archives"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.archives.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

# --- the bucket ---

resource "google_project_iam_custom_role" "object" {
  for_each = { create = "create", delete = "delete", list = "list", read = "get" }

  role_id     = "pegasusObject${title(each.key)}"
  title       = "Pegasus: ${each.key} objects"
  permissions = ["storage.objects.${each.value}"]
}

resource "google_storage_bucket_iam_member" "reads" {
  for_each = local.object_grants.read

  bucket = google_storage_bucket.lectures.name
  role   = google_project_iam_custom_role.object["read"].name
  member = google_service_account.function[each.key].member

  condition {
    title      = "its-folders"
    expression = each.value
  }
}

resource "google_storage_bucket_iam_member" "creates" {
  for_each = local.object_grants.create

  bucket = google_storage_bucket.lectures.name
  role   = google_project_iam_custom_role.object["create"].name
  member = google_service_account.function[each.key].member

  condition {
    title      = "its-folders"
    expression = each.value
  }
}

resource "google_storage_bucket_iam_member" "deletes" {
  for_each = local.object_grants.delete

  bucket = google_storage_bucket.lectures.name
  role   = google_project_iam_custom_role.object["delete"].name
  member = google_service_account.function[each.key].member

  condition {
    title      = "its-folders"
    expression = each.value
  }
}

# To an account that may not list, Cloud Storage answers "forbidden" for a missing object, and the
# code would retry for ever. Names are ids, and a condition cannot narrow a listing.
resource "google_storage_bucket_iam_member" "lists" {
  for_each = local.granted.reads

  bucket = google_storage_bucket.lectures.name
  role   = google_project_iam_custom_role.object["list"].name
  member = google_service_account.function[each.key].member
}

resource "google_storage_bucket_iam_member" "speech_model" {
  for_each = { for function in keys(local.granted.loads) : function => local.speech_model_bucket if local.speech_model_bucket != null }

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.function[each.key].member
}

# It signs URLs in its own name, with a key that stays with Google.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = google_service_account.function["ingest-api"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.function["ingest-api"].member
}

# --- messages ---

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = local.message_grants.publishes

  topic  = google_pubsub_topic.main[each.value.destination].id
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.function].member
}

resource "google_pubsub_topic_iam_member" "looks_up" {
  for_each = local.message_grants.looks_up

  topic  = google_pubsub_topic.main[each.value.destination].id
  role   = "roles/pubsub.viewer"
  member = google_service_account.function[each.value.function].member
}

resource "google_cloud_tasks_queue_iam_member" "enqueues" {
  for_each = local.message_grants.enqueues

  location = var.region
  name     = google_cloud_tasks_queue.main[each.value.destination].name
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function[each.value.function].member
}

# A task carries the token of an account that its sender may act as.
resource "google_service_account_iam_member" "enqueues_as_caller" {
  for_each = toset(local.enqueues)

  service_account_id = google_service_account.caller["tasks"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.function[each.value].member
}

# In projects of before April 2021 Pub/Sub may not make tokens by default.
resource "google_service_account_iam_member" "pubsub_signs" {
  service_account_id = google_service_account.caller["pubsub"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.agents.pubsub
}

# --- the database, and the model ---

resource "google_project_iam_member" "database" {
  for_each = {
    for pair in setproduct(concat(keys(local.functions), var.migrator == null ? [] : ["migrator"]), ["client", "instanceUser"]) :
    join("/", pair) => { who = pair[0], role = pair[1] }
  }

  project = var.project_id
  role    = "roles/cloudsql.${each.value.role}"
  member  = each.value.who == "migrator" ? "serviceAccount:${var.migrator}" : google_service_account.function[each.value.who].member

  condition {
    title      = "its-instance"
    expression = "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/${var.project_id}/instances/${google_sql_database_instance.main.name}\""
  }
}

resource "google_project_iam_member" "vertex" {
  for_each = toset(var.llm_provider == "vertex" ? ["generate"] : [])

  project = var.project_id
  role    = "roles/aiplatform.user"
  member  = google_service_account.function[each.value].member
}

# --- the key ---

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each = var.kms_key == null ? {} : { for name in ["pubsub", "secrets", "sql", "storage"] : name => local.agents[name] }

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
