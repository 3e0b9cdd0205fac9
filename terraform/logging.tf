# What the platform itself logs, and for how long. The functions' own lines hold ids, codes and
# numbers (shared/log.py); the platform's line of a request holds its whole address, beside that of
# the caller.

locals {
  # The API writes a line of its own for each request, with the pattern of the path and no address.
  request_logs = "log_id(\"run.googleapis.com/requests\") AND resource.type=\"cloud_run_revision\""
}

resource "google_logging_project_exclusion" "requests" {
  name        = "request-addresses"
  description = "Paths and queries may hold what a person searched for or called a lecture."
  filter      = local.request_logs

  depends_on = [google_project_service.main]
}

# Every project has this bucket; Terraform takes it over and cannot make another of its name.
resource "google_logging_project_bucket_config" "default" {
  project        = var.project_id
  location       = "global"
  bucket_id      = "_Default"
  retention_days = var.log_days

  depends_on = [google_project_service.main]
}
