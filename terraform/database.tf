locals {
  # What Cloud SQL allows by default for a machine's memory, in megabytes. Set explicitly, so that
  # the number that is reckoned with below is the one that is in force.
  database_memory = (
    var.database_tier == "db-f1-micro" ? 614 :
    var.database_tier == "db-g1-small" ? 1740 :
    tonumber(regex("[0-9]+$", var.database_tier))
  )
  database_max_connections = (
    local.database_memory < 1024 ? 25 :
    local.database_memory < 3840 ? 50 :
    local.database_memory < 6144 ? 100 :
    local.database_memory < 7680 ? 200 :
    local.database_memory < 15360 ? 400 :
    local.database_memory < 30720 ? 500 :
    local.database_memory < 61440 ? 600 :
    local.database_memory < 122880 ? 800 : 1000
  )

  # While a deployment is in progress, instances of two revisions are there, each with its pool.
  connections_needed = sum(values(local.functions)[*].max_instances) * var.database_pool_size * 2 + var.connection_reserve
}

resource "google_sql_database_instance" "main" {
  name             = "pegasus"
  region           = var.region
  database_version = "POSTGRES_18"

  encryption_key_name = var.kms_key
  deletion_protection = var.deletion_protection

  settings {
    edition           = "ENTERPRISE"
    tier              = var.database_tier
    availability_type = var.database_availability
    user_labels       = local.labels

    disk_type       = "PD_SSD"
    disk_autoresize = true

    deletion_protection_enabled = var.deletion_protection
    retain_backups_on_delete    = var.deletion_protection

    # Connections come only through Google's connector, which checks IAM and encrypts both ways.
    connector_enforcement = "REQUIRED"

    ip_configuration {
      ipv4_enabled    = !var.private_database
      private_network = var.private_database ? google_compute_network.main[0].id : null
      ssl_mode        = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "02:00"
      location                       = var.region
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = min(var.backup_days, 7)

      backup_retention_settings {
        retained_backups = var.backup_days
        retention_unit   = "COUNT"
      }
    }

    maintenance_window {
      day          = 7
      hour         = 4
      update_track = "stable"
    }

    insights_config {
      query_insights_enabled = true
    }

    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }

    database_flags {
      name  = "max_connections"
      value = tostring(local.database_max_connections)
    }

    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }

    database_flags {
      name  = "log_connections"
      value = "on"
    }

    database_flags {
      name  = "log_disconnections"
      value = "on"
    }

    # Of a refused row the log has the constraint, not the values.
    database_flags {
      name  = "log_error_verbosity"
      value = "terse"
    }

    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }

    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }

    database_flags {
      name  = "log_temp_files"
      value = "0"
    }
  }

  lifecycle {
    # The disk grows automatically.
    ignore_changes = [settings[0].disk_size]

    precondition {
      condition     = local.connections_needed <= local.database_max_connections
      error_message = "The functions may take ${local.connections_needed} connections and ${var.database_tier} allows ${local.database_max_connections}: fewer instances (max_instances), or a larger database_tier."
    }
  }

  depends_on = [
    google_project_service.main,
    google_service_networking_connection.database,
    google_kms_crypto_key_iam_member.agents,
  ]
}

resource "google_sql_database" "main" {
  name     = "pegasus"
  instance = google_sql_database_instance.main.name

  # What is in it goes with the instance; it is not dropped before.
  deletion_policy = "ABANDON"
}

# A login for each function's account. What it may do to which table is in
# shared/database/grants.py; it gets its role from scripts/migrate, which makes the roles. An update
# of a login by Terraform takes its roles away, so scripts/deploy migrates after each apply.
resource "google_sql_user" "function" {
  for_each = local.functions

  instance = google_sql_database_instance.main.name
  name     = trimsuffix(google_service_account.function[each.key].email, ".gserviceaccount.com")
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
}

resource "google_sql_user" "migrator" {
  for_each = toset(var.migrator[*])

  instance = google_sql_database_instance.main.name
  name     = trimsuffix(each.value, ".gserviceaccount.com")
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
  # It may make roles. The tables belong to pegasus_owner, as which migrations run.
  database_roles = ["cloudsqlsuperuser"]

  # Postgres refuses to drop a role that has granted something.
  deletion_policy = "ABANDON"
}
