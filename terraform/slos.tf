# What is promised, over four weeks. docs/slos.md says what counts.

locals {
  api_requests = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"ingest-api\""

  slos = {
    ingest = {
      title = "Ingest: the API answers without an error of its own"
      goal  = 0.995
    }
    generation = {
      title = "Generation: a transcript becomes study material"
      goal  = 0.99
    }
    upload-to-artifacts = {
      title = "A recording has its material within 15 minutes"
      goal  = 0.95
    }
  }
}

resource "google_monitoring_custom_service" "main" {
  service_id   = "pegasus"
  display_name = "Pegasus (${var.environment})"
  user_labels  = local.labels

  depends_on = [google_project_service.main]
}

resource "google_monitoring_slo" "main" {
  for_each = local.slos

  service             = google_monitoring_custom_service.main.service_id
  slo_id              = each.key
  display_name        = each.value.title
  goal                = each.value.goal
  rolling_period_days = 28
  user_labels         = local.labels

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = each.key == "ingest" ? [true] : []
      content {
        total_service_filter = local.api_requests
        bad_service_filter   = "${local.api_requests} AND metric.labels.response_code_class=\"5xx\""
      }
    }

    # Done once more because its message came twice is neither good nor bad; to be tried again is
    # not yet either.
    dynamic "good_total_ratio" {
      for_each = each.key == "generation" ? [true] : []
      content {
        good_service_filter = "${local.metric["events"]} AND metric.labels.function=\"generate\" AND metric.labels.ending=\"done\""
        bad_service_filter  = "${local.metric["events"]} AND metric.labels.function=\"generate\" AND metric.labels.ending=\"failed\""
      }
    }

    dynamic "distribution_cut" {
      for_each = each.key == "upload-to-artifacts" ? [true] : []
      content {
        distribution_filter = local.metric["upload_to_artifacts"]
        range {
          max = 900
        }
      }
    }
  }

  depends_on = [terraform_data.metrics_known]
}
