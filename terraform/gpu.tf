# The segment worker on a graphics card, which a function cannot have: a service from an image.

locals {
  gpu_functions = var.gpu_worker == null ? [] : ["transcribe-on-segment"]
}

resource "google_cloud_run_v2_service" "gpu_worker" {
  for_each = toset(local.gpu_functions)

  name     = each.key
  location = var.region
  labels   = local.labels
  ingress  = "INGRESS_TRAFFIC_INTERNAL_ONLY"

  deletion_protection = false

  template {
    service_account                  = google_service_account.function[each.key].email
    timeout                          = "${local.functions[each.key].timeout_seconds}s"
    max_instance_request_concurrency = local.functions[each.key].concurrency
    labels                           = local.labels

    # One zone: half the price of a card that is reserved in two.
    gpu_zonal_redundancy_disabled = true

    scaling {
      max_instance_count = local.functions[each.key].max_instances
      min_instance_count = local.functions[each.key].min_instances
    }

    node_selector {
      accelerator = var.gpu_worker.accelerator
    }

    dynamic "vpc_access" {
      for_each = local.network[*]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
        }
      }
    }

    containers {
      image = var.gpu_worker.image

      resources {
        limits = {
          cpu              = tostring(var.gpu_worker.cpu)
          memory           = "${var.gpu_worker.memory_mib}Mi"
          "nvidia.com/gpu" = "1"
        }
        # A card is there only with processors that are not throttled.
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.environment[each.key], { THREADS = tostring(local.functions[each.key].concurrency) })
        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  depends_on = [google_project_service.main]
}
