locals {
  # Title → queries, three to a row.
  charts = [
    ["Events by how they end", ["sum by (function, ending) (rate(logging_googleapis_com:user_pegasus_events{monitored_resource=\"cloud_run_revision\"}[5m]))"]],
    ["Requests to the API, by class of answer", ["sum by (response_code_class) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"ingest-api\"}[5m]))"]],
    ["Seconds an answer of the API takes: half, and 19 in 20", [for share in ["0.5", "0.95"] : "histogram_quantile(${share}, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\",service_name=\"ingest-api\"}[5m]))) / 1000"]],
    ["Seconds from upload to material: half, and 19 in 20", [for share in ["0.5", "0.95"] : "histogram_quantile(${share}, sum by (le) (increase(logging_googleapis_com:user_pegasus_upload_to_artifacts_bucket{monitored_resource=\"cloud_run_revision\"}[1h])))"]],
    ["Age of the oldest message that is not acknowledged, s", ["max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"})"]],
    ["Segments that wait for a worker", ["sum by (queue_id) (cloudtasks_googleapis_com:queue_depth{monitored_resource=\"cloud_tasks_queue\"})"]],
    ["Dead letters and lost jobs", ["sum(increase(logging_googleapis_com:user_pegasus_dead_letters{monitored_resource=\"cloud_run_revision\"}[1h]))", "sum(increase(logging_googleapis_com:user_pegasus_lost_jobs{monitored_resource=\"cloud_run_revision\"}[1h]))"]],
    ["Instances", ["sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\"})"]],
    ["Memory of the fullest instance, share of its limit", ["histogram_quantile(0.99, sum by (le, service_name) (rate(run_googleapis_com:container_memory_utilizations_bucket{monitored_resource=\"cloud_run_revision\"}[5m])))"]],
    ["Connections to the database (${local.database_max_connections} allowed)", ["sum(cloudsql_googleapis_com:database_postgresql_num_backends{monitored_resource=\"cloudsql_database\"})"]],
    ["The database's processor and disk, share used", ["cloudsql_googleapis_com:database_cpu_utilization{monitored_resource=\"cloudsql_database\"}", "cloudsql_googleapis_com:database_disk_utilization{monitored_resource=\"cloudsql_database\"}"]],
    ["Dollars for the language model in 24 hours", ["sum(increase(logging_googleapis_com:user_pegasus_generation_usd_sum{monitored_resource=\"cloud_run_revision\"}[24h]))"]],
  ]
}

resource "google_monitoring_dashboard" "main" {
  dashboard_json = jsonencode({
    displayName = "Pegasus (${var.environment})"
    mosaicLayout = {
      columns = 12
      tiles = [
        for index, chart in local.charts : {
          xPos   = index % 3 * 4
          yPos   = floor(index / 3) * 4
          width  = 4
          height = 4
          widget = {
            title = chart[0]
            xyChart = {
              dataSets = [for query in chart[1] : { plotType = "LINE", timeSeriesQuery = { prometheusQuery = query } }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.main]
}
