# Who reads and writes the bucket's objects and connects to the database, functions and people alike.
# Cloud Audit Logs records data access only where it is enabled; no account is exempt.

resource "google_project_iam_audit_config" "data" {
  for_each = toset(["cloudsql.googleapis.com", "storage.googleapis.com"])

  project = var.project_id
  service = each.value

  audit_log_config {
    log_type = "ADMIN_READ"
  }
  audit_log_config {
    log_type = "DATA_READ"
  }
  audit_log_config {
    log_type = "DATA_WRITE"
  }

  depends_on = [google_project_service.main]
}
