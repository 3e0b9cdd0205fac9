# What a variable adds.

variables {
  project_id = "pegasus-test"
}

run "without_options_nothing_is_added" {
  command = plan

  assert {
    condition     = length(google_compute_network.main) + length(google_cloud_run_v2_service.gpu_worker) + length(google_billing_budget.project) + length(google_kms_crypto_key_iam_member.agents) == 0
    error_message = "a resource exists that was not configured"
  }
}

run "a_private_database_has_no_public_address" {
  command = plan

  variables {
    private_database = true
  }

  assert {
    condition     = !google_sql_database_instance.main.settings[0].ip_configuration[0].ipv4_enabled
    error_message = "the database has a public address"
  }

  assert {
    condition = alltrue([
      for made in values(module.functions) :
      made.function.service_config[0].environment_variables["PLC_DB_IP_TYPE"] == "PRIVATE" && length(made.function.service_config[0].direct_vpc_network_interface) == 1
    ])
    error_message = "a function cannot reach the database"
  }
}

run "a_graphics_card_takes_the_place_of_the_function" {
  command = plan

  variables {
    gpu_worker = { image = "europe-west1-docker.pkg.dev/pegasus-test/pegasus/segment-worker:1" }
  }

  assert {
    condition     = keys(google_cloud_run_v2_service.gpu_worker) == ["transcribe-on-segment"] && !contains(keys(module.functions), "transcribe-on-segment")
    error_message = "segments have two workers or none"
  }

  assert {
    condition     = google_cloud_run_v2_service.gpu_worker["transcribe-on-segment"].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY" && google_cloud_run_v2_service.gpu_worker["transcribe-on-segment"].invoker_iam_disabled != true
    error_message = "the worker can be reached from outside, or its callers are not checked"
  }

  assert {
    condition     = contains([for env in google_cloud_run_v2_service.gpu_worker["transcribe-on-segment"].template[0].containers[0].env : "${env.name}=${env.value}" if env.name == "PLC_WHISPER_DEVICE"], "PLC_WHISPER_DEVICE=cuda")
    error_message = "the card is not used"
  }
}

run "a_customer_managed_key_encrypts_stored_data" {
  command = plan

  variables {
    kms_key = "projects/keys/locations/europe-west1/keyRings/pegasus/cryptoKeys/lectures"
  }

  assert {
    condition = alltrue(concat(
      [google_storage_bucket.lectures.encryption[0].default_kms_key_name == var.kms_key, google_sql_database_instance.main.encryption_key_name == var.kms_key],
      [try(google_storage_bucket.models.encryption[0].default_kms_key_name, null) == var.kms_key],
      [try(google_storage_bucket.archives.encryption[0].default_kms_key_name, null) == var.kms_key],
      [for topic in google_pubsub_topic.main : topic.kms_key_name == var.kms_key],
      [for secret in google_secret_manager_secret.main : try(secret.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name, null) == var.kms_key],
    ))
    error_message = "data of a lecture is encrypted with another key"
  }

  assert {
    condition     = toset(keys(google_kms_crypto_key_iam_member.agents)) == toset(["pubsub", "secrets", "sql", "storage"])
    error_message = "a service may not use the key"
  }
}

run "a_budget_tells_the_operators" {
  command = plan

  variables {
    alert_emails = ["operators@example.org"]
    budget       = { billing_account = "000000-000000-000000", currency = "EUR", monthly = 300 }
  }

  assert {
    condition     = google_billing_budget.project[0].amount[0].specified_amount[0].units == "300" && length(google_billing_budget.project[0].all_updates_rule) == 1
    error_message = "the budget's amount differs, or it notifies no address"
  }
}

run "settings_of_all_reach_all" {
  command = plan

  variables {
    settings = {
      all      = { PLC_LOG_LEVEL = "WARNING", PLC_MAX_AUDIO_UPLOAD_MB = "500" }
      generate = { PLC_LOG_LEVEL = "DEBUG" }
    }
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      made.function.service_config[0].environment_variables["PLC_MAX_AUDIO_UPLOAD_MB"] == "500" &&
      made.function.service_config[0].environment_variables["PLC_LOG_LEVEL"] == (name == "generate" ? "DEBUG" : "WARNING")
    ])
    error_message = "the API and the function that checks an upload apply different limits"
  }
}

run "weights_come_from_a_bucket_of_the_installation" {
  command = plan

  assert {
    condition     = module.functions["transcribe-on-segment"].function.service_config[0].environment_variables["PLC_WHISPER_MODEL"] == "gs://pegasus-test-models/base" && output.weights == "gs://pegasus-test-models/base"
    error_message = "the hub would be asked at each cold start"
  }

  assert {
    condition     = google_storage_bucket_iam_member.speech_model["transcribe-on-segment"].bucket == "pegasus-test-models" && length(google_storage_bucket_iam_member.speech_model) == 1
    error_message = "the worker may not read its weights, or others may"
  }
}

run "other_weights_are_not_copied" {
  command = plan

  variables {
    whisper_model = "gs://elsewhere/models/small"
  }

  assert {
    condition     = output.weights == null && google_storage_bucket_iam_member.speech_model["transcribe-on-segment"].bucket == "elsewhere"
    error_message = "weights are copied that are not used, or used that may not be read"
  }
}
