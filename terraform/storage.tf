resource "google_storage_bucket" "lectures" {
  name     = coalesce(var.bucket_name, "${var.project_id}-lectures")
  location = var.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # Pegasus writes no object twice; versions would keep for good what retention deletes.
  versioning {
    enabled = false
  }

  # Retention's reports promise this number, so the functions receive the same variable.
  soft_delete_policy {
    retention_duration_seconds = var.bucket_soft_delete_days * 24 * 3600
  }

  # A backstop: retention deletes earlier, keeps to courses' own rules and holds, and says so.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.lifecycle_backstop_days
      matches_prefix = ["raw/", "silenced/", "segments/", "transcripts/"]
    }
  }

  # A browser starts a resumable upload, sends it, asks how far it came, and fetches files.
  cors {
    origin          = concat([local.app_origin], var.client_origins)
    method          = ["GET", "HEAD", "POST", "PUT"]
    max_age_seconds = 3600
    response_header = [
      "Content-Disposition", "Content-Range", "Content-Type", "Location", "Range",
      "x-goog-content-length-range", "x-goog-if-generation-match", "x-goog-resumable",
    ]
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

resource "google_storage_notification" "main" {
  for_each = local.topology.notifications

  bucket             = google_storage_bucket.lectures.name
  topic              = google_pubsub_topic.main[each.value.topic].id
  event_types        = each.value.event_types
  object_name_prefix = each.value.object_name_prefix
  payload_format     = "JSON_API_V1"

  # Cloud Storage tries whether it may publish when the notification is made.
  depends_on = [google_pubsub_topic_iam_member.storage_publishes]
}

resource "google_pubsub_topic_iam_member" "storage_publishes" {
  for_each = local.topology.notifications

  topic  = google_pubsub_topic.main[each.value.topic].id
  role   = "roles/pubsub.publisher"
  member = local.agents.storage
}

# What is deployed. Archives are code, and lie in a bucket that no function can read.
resource "google_storage_bucket" "archives" {
  name     = "${var.project_id}-archives"
  location = var.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning {
    enabled = false
  }

  # They can be built again, byte for byte.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

# Weights of the speech model. From the hub every cold start would fetch them anonymously, twenty at a time, which
# its rate limits refuse.
resource "google_storage_bucket" "models" {
  name     = "${var.project_id}-models"
  location = var.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning {
    enabled = false
  }

  # They can be fetched again.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

locals {
  archive_files = { for stage in local.stages : stage => "${path.module}/${var.archives}/${stage}.zip" }

  # A plan can be examined before anything is built. Applying it stops at the missing file, with
  # every function as it was.
  archive_digests = { for stage, file in local.archive_files : stage => try(filesha256(file), "not-built") }
}

resource "google_storage_bucket_object" "archive" {
  for_each = local.archive_files

  bucket = google_storage_bucket.archives.name
  name   = "${each.key}-${local.archive_digests[each.key]}.zip"
  source = each.value

  lifecycle {
    # A function is moved to the new one before the old one goes.
    create_before_destroy = true
  }
}
