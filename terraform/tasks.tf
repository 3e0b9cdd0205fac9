locals {
  # More concurrent tasks than there can be instances would only be refused.
  concurrent_dispatches = {
    for name, queue in local.topology.queues : name => min(
      queue.max_concurrent_dispatches,
      local.functions[queue.function].max_instances * local.functions[queue.function].concurrency,
    )
  }
}

resource "google_cloud_tasks_queue" "main" {
  for_each = local.topology.queues

  name     = each.key
  location = var.region

  rate_limits {
    max_dispatches_per_second = each.value.max_dispatches_per_second
    max_concurrent_dispatches = local.concurrent_dispatches[each.key]
  }

  retry_config {
    max_attempts  = each.value.max_attempts
    min_backoff   = "${each.value.min_backoff_seconds}s"
    max_backoff   = "${each.value.max_backoff_seconds}s"
    max_doublings = each.value.max_doublings
  }

  stackdriver_logging_config {
    sampling_ratio = 0.1
  }

  lifecycle {
    precondition {
      condition     = local.functions[each.value.function].timeout_seconds <= each.value.dispatch_deadline_seconds
      error_message = "${each.value.function} may take longer than a task of ${each.key} waits for it."
    }
  }

  depends_on = [google_project_service.main]
}
