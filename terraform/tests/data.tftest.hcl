# What is kept, how it is kept, and that it can be got back.

variables {
  project_id = "pegasus-test"
}

run "the_database_is_closed_and_backed_up" {
  command = plan

  assert {
    condition     = var.environment != "prod" || (google_sql_database_instance.main.deletion_protection && google_sql_database_instance.main.settings[0].deletion_protection_enabled && !google_storage_bucket.lectures.force_destroy)
    error_message = "production can be deleted by mistake"
  }

  assert {
    condition = (
      google_sql_database_instance.main.settings[0].connector_enforcement == "REQUIRED" &&
      google_sql_database_instance.main.settings[0].ip_configuration[0].ssl_mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED" &&
      length(google_sql_database_instance.main.settings[0].ip_configuration[0].authorized_networks) == 0
    )
    error_message = "the database can be reached without Google's connector"
  }

  assert {
    condition     = contains([for flag in google_sql_database_instance.main.settings[0].database_flags : "${flag.name}=${flag.value}"], "cloudsql.iam_authentication=on")
    error_message = "no function can log in: there are no passwords"
  }

  assert {
    condition     = google_sql_database_instance.main.settings[0].backup_configuration[0].enabled && google_sql_database_instance.main.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "the database cannot be restored"
  }
}

run "the_connection_budget_is_kept" {
  command = plan

  assert {
    condition     = sum([for made in values(module.functions) : made.function.service_config[0].max_instance_count * tonumber(made.function.service_config[0].environment_variables["PLC_DB_POOL_SIZE"])]) * 2 + var.connection_reserve <= local.database_max_connections
    error_message = "the functions may take more connections than the database allows"
  }

  assert {
    condition     = contains([for flag in google_sql_database_instance.main.settings[0].database_flags : "${flag.name}=${flag.value}"], "max_connections=${local.database_max_connections}")
    error_message = "the database allows another number of connections than the budget assumes"
  }
}

run "too_small_a_database_is_refused" {
  command = plan

  variables {
    database_tier = "db-g1-small"
    max_instances = {}
  }

  expect_failures = [google_sql_database_instance.main]
}

run "retention_promises_what_is_configured" {
  command = plan

  variables {
    raw_audio_days          = 40
    transcript_days         = 21
    material_days           = 200
    bucket_soft_delete_days = 9
    backup_days             = 5
  }

  assert {
    condition = alltrue([
      for name in ["retention", "retention-on-sweep"] : alltrue([
        for setting, days in {
          PLC_RETENTION_RAW_AUDIO_DAYS  = 40
          PLC_RETENTION_TRANSCRIPT_DAYS = 21
          PLC_BUCKET_SOFT_DELETE_DAYS   = google_storage_bucket.lectures.soft_delete_policy[0].retention_duration_seconds / 86400
          PLC_DATABASE_BACKUP_DAYS      = google_sql_database_instance.main.settings[0].backup_configuration[0].backup_retention_settings[0].retained_backups
        } : module.functions[name].function.service_config[0].environment_variables[setting] == tostring(days)
      ])
    ])
    error_message = "retention promises other days than the bucket and the database keep"
  }

  assert {
    condition = alltrue([
      for name in ["ingest-api", "retention", "retention-on-sweep"] : alltrue([
        for setting, days in {
          PLC_RETENTION_RAW_AUDIO_DAYS  = 40
          PLC_RETENTION_TRANSCRIPT_DAYS = 21
          PLC_RETENTION_MATERIAL_DAYS   = 200
        } : module.functions[name].function.service_config[0].environment_variables[setting] == tostring(days)
      ])
    ])
    error_message = "the API announces other days of deletion than retention keeps to"
  }

  assert {
    condition     = !google_storage_bucket.lectures.versioning[0].enabled
    error_message = "versions keep for good what retention deletes"
  }

  assert {
    condition = alltrue(flatten([
      for rule in google_storage_bucket.lectures.lifecycle_rule : [
        for condition in rule.condition : condition.age >= 3650 && toset(condition.matches_prefix) == toset(["raw/", "silenced/", "segments/", "transcripts/"])
      ]
    ]))
    error_message = "the bucket deletes what a course may still keep"
  }
}

run "the_backstop_is_never_earlier_than_retention" {
  command = plan

  variables {
    raw_audio_days          = 30
    lifecycle_backstop_days = 31
  }

  expect_failures = [var.lifecycle_backstop_days]
}

run "the_platforms_log_holds_no_addresses_of_requests_and_ends" {
  command = plan

  variables {
    log_days = 20
  }

  assert {
    condition     = strcontains(google_logging_project_exclusion.requests.filter, "log_id(\"run.googleapis.com/requests\")") && google_logging_project_exclusion.requests.disabled != true
    error_message = "the platform logs what people search for beside their addresses"
  }

  assert {
    condition     = google_logging_project_bucket_config.default.bucket_id == "_Default" && google_logging_project_bucket_config.default.retention_days == 20
    error_message = "logs are kept for another time than documented"
  }

  assert {
    condition     = contains([for flag in google_sql_database_instance.main.settings[0].database_flags : "${flag.name}=${flag.value}"], "log_error_verbosity=terse")
    error_message = "the database's log holds values of refused rows"
  }
}
