# Counted from the functions' log lines, which are events with fields (shared/log.py). Each name
# and field here is one that the code writes; tests/terraform/test_monitoring.py looks.

locals {
  counters = {
    events = {
      description = "Events handled, by function and how they ended: done, duplicate, failed (for good), retry."
      filter      = "jsonPayload.message=\"event.handled\""
      fields      = ["function", "ending"]
    }
    dead_letters = {
      description = "Messages that no function could handle, recorded."
      filter      = "jsonPayload.message=\"dead_letter.recorded\""
      fields      = []
    }
    lost_jobs = {
      description = "Jobs that the sweep failed: every attempt's worker died."
      filter      = "jsonPayload.message=\"sweep.job\" AND jsonPayload.status=\"failed\""
      fields      = []
    }
    stuck_lectures = {
      description = "Lectures that stood between two stages, which no crash can bring about."
      filter      = "jsonPayload.message=\"sweep.lecture_stuck\""
      fields      = []
    }
    retention_runs = {
      description = "Runs of retention that ended."
      filter      = "jsonPayload.message=\"retention.done\" AND jsonPayload.dry_run=false"
      fields      = []
    }
    retention_incomplete = {
      description = "Runs of retention that could not delete all that was due."
      filter      = "jsonPayload.message=\"retention.done\" AND jsonPayload.dry_run=false AND severity=\"ERROR\""
      fields      = []
    }
    google_refusals = {
      description = "Calls that Google Cloud refused for want of a permission, a quota or a billing account."
      filter      = "jsonPayload.message=\"google.refused\""
      fields      = ["function", "service", "code"]
    }
    refused_callers = {
      description = "Calls of an internal function without a token it accepts."
      filter      = "jsonPayload.message=\"event.unauthorized\""
      fields      = ["function"]
    }
  }

  distributions = {
    generation_usd = {
      description = "What a lecture's material cost, in dollars by the price table."
      filter      = "jsonPayload.message=\"generation.done\" AND jsonPayload.usd>0"
      field       = "usd"
      unit        = "1"
      scale       = 0.001
    }
    upload_to_artifacts = {
      description = "Seconds from the acceptance of a recording to its lecture's first material."
      filter      = "jsonPayload.message=\"generation.done\" AND jsonPayload.since_upload_sec>0"
      field       = "since_upload_sec"
      unit        = "s"
      scale       = 10
    }
  }

  # In a filter of Cloud Monitoring.
  metric = {
    for name in keys(merge(local.counters, local.distributions)) :
    name => "metric.type=\"logging.googleapis.com/user/pegasus_${name}\" AND resource.type=\"cloud_run_revision\""
  }
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  name        = "pegasus_${each.key}"
  description = each.value.description
  filter      = "resource.type=\"cloud_run_revision\" AND ${each.value.filter}"

  label_extractors = { for field in each.value.fields : field => "EXTRACT(jsonPayload.${field})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.fields
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.main]
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  name            = "pegasus_${each.key}"
  description     = each.value.description
  filter          = "resource.type=\"cloud_run_revision\" AND ${each.value.filter}"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  # Each bound a fifth above the one before: fine enough for a percentile.
  bucket_options {
    exponential_buckets {
      scale              = each.value.scale
      growth_factor      = 1.2
      num_finite_buckets = 60
    }
  }

  depends_on = [google_project_service.main]
}

# Cloud Monitoring refuses an SLO over a metric that it does not know yet, and says that this takes up to ten
# minutes. The database takes as long, so the first apply takes no longer for it.
resource "terraform_data" "metrics_known" {
  triggers_replace = concat(
    [for metric in google_logging_metric.counter : metric.id],
    [for metric in google_logging_metric.distribution : metric.id],
  )

  provisioner "local-exec" {
    command = "sleep \"$${PEGASUS_METRICS_WAIT_SEC:-600}\""
  }
}
