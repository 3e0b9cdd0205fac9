# An HTTP function from a source archive.

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }
}

resource "google_cloudfunctions2_function" "this" {
  name     = var.name
  project  = var.project_id
  location = var.region
  labels   = var.labels

  build_config {
    runtime           = "python313"
    entry_point       = var.declared.entry_point
    service_account   = var.build.service_account
    docker_repository = var.build.repository

    # Security updates of the base image come without a deployment.
    automatic_update_policy {}

    source {
      storage_source {
        bucket = var.archive.bucket
        object = var.archive.object
      }
    }
  }

  service_config {
    service_account_email            = var.service_account
    timeout_seconds                  = var.declared.timeout_seconds
    available_memory                 = "${var.declared.memory_mib}Mi"
    available_cpu                    = tostring(var.declared.cpu)
    max_instance_request_concurrency = var.declared.concurrency
    max_instance_count               = var.declared.max_instances
    min_instance_count               = var.declared.min_instances
    all_traffic_on_latest_revision   = true

    # Pub/Sub, Cloud Tasks and Cloud Scheduler of this project count as internal.
    ingress_settings = var.declared.public ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"

    environment_variables = merge(
      var.environment,
      # By default the framework accepts four per processor, whatever the concurrency.
      { THREADS = tostring(var.declared.concurrency) },
      # Most of the others wait for bytes of a slow client (docs/decisions/021-slow-clients.md).
      var.declared.handled_at_once == null ? {} : { PLC_HANDLED_AT_ONCE = tostring(var.declared.handled_at_once) },
    )

    dynamic "secret_environment_variables" {
      for_each = var.secrets
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }

    direct_vpc_egress = var.network == null ? null : "VPC_EGRESS_PRIVATE_RANGES_ONLY"

    dynamic "direct_vpc_network_interface" {
      for_each = var.network[*]
      content {
        network    = direct_vpc_network_interface.value.network
        subnetwork = direct_vpc_network_interface.value.subnetwork
      }
    }
  }
}
