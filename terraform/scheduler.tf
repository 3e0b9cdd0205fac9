resource "google_cloud_scheduler_job" "main" {
  for_each = local.topology.schedules

  name             = each.key
  region           = var.region
  schedule         = each.value.cron
  time_zone        = each.value.time_zone
  attempt_deadline = "${each.value.attempt_deadline_seconds}s"

  http_target {
    http_method = "POST"
    uri         = local.function_urls[each.value.function]
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.caller["scheduler"].email
      audience              = local.run_urls[each.value.function]
    }
  }

  lifecycle {
    precondition {
      condition     = local.functions[each.value.function].timeout_seconds <= each.value.attempt_deadline_seconds
      error_message = "${each.value.function} may take longer than the schedule ${each.key} waits for it."
    }
  }

  depends_on = [google_project_service.main]
}
