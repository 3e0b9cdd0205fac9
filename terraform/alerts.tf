# Alert policies. Each has a section of its name in docs/runbooks/alerts.md.

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  # A counter's growth over a time, 0 where nothing was counted.
  grown = "(sum(increase(logging_googleapis_com:user_pegasus_%s{monitored_resource=\"cloud_run_revision\"%s}[%s])) or vector(0))"

  failed_jobs = "(${format(local.grown, "events", ",ending=\"failed\"", "1h")} + ${format(local.grown, "lost_jobs", "", "1h")})"
  ended_jobs  = "(${local.failed_jobs} + ${format(local.grown, "events", ",ending=\"done\",function=~\"transcribe|generate|export\"", "1h")})"

  alerts = {
    dead-letters = {
      title    = "A message could not be handled"
      severity = "ERROR"
      lasting  = "0s"
      # What Pub/Sub gave up on, and what was recorded: the one without the other is seen too.
      query = "${format(local.grown, "dead_letters", "", "10m")} + (sum(increase(pubsub_googleapis_com:subscription_dead_letter_message_count{monitored_resource=\"pubsub_subscription\"}[10m])) or vector(0)) > 0"
    }
    unacked-messages = {
      title    = "Messages wait for half an hour"
      severity = "ERROR"
      lasting  = "300s"
      # One that is being worked on is unacknowledged too, for ten minutes at most.
      query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"}) > 1800"
    }
    job-failures = {
      title    = "More than one job in twenty fails"
      severity = "ERROR"
      lasting  = "300s"
      # Three at least: one recording that is none is not a failure of ours.
      query = "${local.failed_jobs} / ${local.ended_jobs} > 0.05 and ${local.failed_jobs} >= 3"
    }
    sweep-not-running = {
      title    = "The sweep does not come to an end"
      severity = "CRITICAL"
      lasting  = "300s"
      query    = "${format(local.grown, "events", ",function=\"retention-on-sweep\",ending=\"done\"", "10m")} < 1"
    }
    retention-not-run = {
      title    = "Retention has not ended a run for a day"
      severity = "ERROR"
      lasting  = "3600s"
      query    = "${format(local.grown, "retention_runs", "", "24h")} < 1"
    }
    retention-incomplete = {
      title    = "Retention could not delete what was due"
      severity = "ERROR"
      lasting  = "0s"
      query    = "${format(local.grown, "retention_incomplete", "", "1h")} > 0"
    }
    lecture-stuck = {
      title    = "A lecture stood between two stages"
      severity = "WARNING"
      lasting  = "0s"
      query    = "${format(local.grown, "stuck_lectures", "", "1h")} > 0"
    }
    callers-refused = {
      title    = "Functions refuse their callers"
      severity = "ERROR"
      lasting  = "300s"
      query    = "${format(local.grown, "refused_callers", "", "10m")} >= 5"
    }
    google-refuses = {
      title    = "Google Cloud refuses a function a permission or a quota"
      severity = "ERROR"
      lasting  = "0s"
      query    = "${format(local.grown, "google_refusals", "", "10m")} > 0"
    }
    database-connections = {
      title    = "The database's connections run out"
      severity = "ERROR"
      lasting  = "300s"
      query    = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource=\"cloudsql_database\"}) > ${floor(local.database_max_connections * 0.8)}"
    }
    generation-cost = {
      title    = "The language model costs more than expected"
      severity = "WARNING"
      lasting  = "0s"
      query    = "sum(increase(logging_googleapis_com:user_pegasus_generation_usd_sum{monitored_resource=\"cloud_run_revision\"}[24h])) > ${var.generation_cost_alert_usd}"
    }
  }

  # The budget of four weeks: gone in two days at 14 times the pace that uses it up, in five at 6.
  burns = {
    for pair in setproduct(keys(local.slos), ["fast", "slow"]) : "${pair[0]}-${pair[1]}" => {
      slo     = pair[0]
      pace    = pair[1] == "fast" ? 14 : 6
      windows = pair[1] == "fast" ? ["3600s", "300s"] : ["21600s", "1800s"]
    }
  }

  # What is shown with an alert: its section, as a link where we know where it is read.
  runbook = { for name in concat(keys(local.alerts), ["api-down", "error-budget-burn"]) : name => "docs/runbooks/alerts.md#${name}" }
  runbook_link = {
    for name in keys(local.runbook) : name => var.runbooks_url == null ? [] : ["${var.runbooks_url}/alerts.md#${name}"]
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = "Pegasus: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = local.labels

  depends_on = [google_project_service.main]
}

resource "google_monitoring_alert_policy" "main" {
  for_each = local.alerts

  display_name          = "Pegasus (${var.environment}): ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = each.key

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = each.value.lasting
      evaluation_interval = "60s"
      rule_group          = "pegasus"

      # A metric of log lines is unknown until the first line comes.
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to do: ${local.runbook[each.key]}"

    dynamic "links" {
      for_each = local.runbook_link[each.key]
      content {
        display_name = "What to do"
        url          = links.value
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  # Before there are functions and schedules, nothing has run: an alert would come of the first deployment.
  depends_on = [terraform_data.metrics_known, module.functions, google_cloud_scheduler_job.main]
}

# Both windows must burn: the long one, so that a short disturbance sends no alert, and the short
# one, so that the alert ends when the disturbance does.
resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burns

  display_name          = "Pegasus (${var.environment}): the error budget of ${each.value.slo} burns ${each.value.pace} times too fast"
  combiner              = "AND"
  severity              = each.value.pace > 10 ? "CRITICAL" : "WARNING"
  notification_channels = local.channels
  user_labels           = local.labels

  dynamic "conditions" {
    for_each = each.value.windows
    content {
      display_name = "over ${conditions.value}"

      condition_threshold {
        filter          = "select_slo_burn_rate(\"${google_monitoring_slo.main[each.value.slo].id}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.pace
        duration        = "0s"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to do: ${local.runbook["error-budget-burn"]}"

    dynamic "links" {
      for_each = local.runbook_link["error-budget-burn"]
      content {
        display_name = "What to do"
        url          = links.value
      }
    }
  }
}

# Asked from outside, as a student's phone would: whether an instance answers. To ask for its readiness would keep
# a connection to the database, and more often an instance, in an installation that is meant to sleep.
resource "google_monitoring_uptime_check_config" "api" {
  display_name = "Pegasus (${var.environment}): the API answers"
  timeout      = "60s"
  period       = "300s"
  user_labels  = local.labels

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(module.functions["ingest-api"].url, "https://")
    }
  }
}

resource "google_monitoring_alert_policy" "api_down" {
  display_name          = "Pegasus (${var.environment}): the API does not answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = "api-down"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.api.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "300s"

      # From how many places it fails.
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to do: ${local.runbook["api-down"]}"

    dynamic "links" {
      for_each = local.runbook_link["api-down"]
      content {
        display_name = "What to do"
        url          = links.value
      }
    }
  }
}
