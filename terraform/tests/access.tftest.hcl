# Who gets in, and who may do what. Every run is a plan: nothing is made.

variables {
  project_id     = "pegasus-test"
  llm_provider   = "openai"
  filled_secrets = ["openai-api-key", "write-api-token"]
  operators      = ["ops@example.org", "Xk3"]
}

run "only_the_api_is_reached_from_outside" {
  command = plan

  assert {
    condition     = module.functions["ingest-api"].function.service_config[0].ingress_settings == "ALLOW_ALL"
    error_message = "the API cannot be called"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      name == "ingest-api" || made.function.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
    ])
    error_message = "a function that only Pub/Sub, Cloud Tasks or Cloud Scheduler call can be reached from the internet"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      name == "ingest-api" || (
        try(made.function.service_config[0].environment_variables["PLC_INTERNAL_AUDIENCE"], "") == local.run_urls[name] &&
        try(made.function.service_config[0].environment_variables["PLC_INTERNAL_SERVICE_ACCOUNTS"], "") != ""
      )
    ])
    error_message = "an internal function does not know whose tokens to accept"
  }

  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.lectures, google_storage_bucket.archives, google_storage_bucket.models] :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "an object could be made public"
  }
}

run "each_internal_function_has_one_invoker" {
  command = plan

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.invoker)) == setsubtract(toset(keys(local.functions)), ["ingest-api"])
    error_message = "an internal function has no invoker, or the API has one"
  }

  assert {
    condition = alltrue([
      for name, grant in google_cloud_run_v2_service_iam_member.invoker :
      grant.role == "roles/run.invoker" && length(local.callers_of[name]) == 1 &&
      grant.member == "serviceAccount:call-${local.callers_of[name][0]}@pegasus-test.iam.gserviceaccount.com"
    ])
    error_message = "a function may be called by another account than its invoker"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      lookup(made.function.service_config[0].environment_variables, "PLC_CALLER_CHECK", "signature") == (name == "ingest-api" ? "signature" : "platform")
    ])
    error_message = "a function trusts a check that is not made, or verifies a signature that is not there"
  }
}

run "operators_are_listed_for_the_api_alone" {
  command = plan

  assert {
    condition = alltrue([
      for name, made in module.functions :
      lookup(made.function.service_config[0].environment_variables, "PLC_OPERATORS", "") == (name == "ingest-api" ? "Xk3,ops@example.org" : "")
    ])
    error_message = "the API does not know the operators, or another function does"
  }
}

run "every_function_has_an_account_of_its_own" {
  command = plan

  assert {
    condition = length(distinct([
      for made in values(module.functions) : made.function.service_config[0].service_account_email
    ])) == length(local.topology.functions)
    error_message = "two functions share an account"
  }

  assert {
    condition = length(setintersection(
      [for made in values(module.functions) : made.function.service_config[0].service_account_email],
      [for caller in google_service_account.caller : caller.email],
    )) == 0
    error_message = "a function runs as an account that may call others"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      made.function.service_config[0].environment_variables["DB_USER"] == trimsuffix(made.function.service_config[0].service_account_email, ".gserviceaccount.com")
    ])
    error_message = "a function logs in to the database as another account"
  }
}

run "least_privilege_of_every_function" {
  command = plan

  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.deletes)) == toset(["ingest-api", "ingest-on-upload", "retention", "retention-on-sweep"])
    error_message = "a function may delete objects without need: export, for one, must not delete audio"
  }

  assert {
    condition = alltrue([
      for name, grant in merge(google_storage_bucket_iam_member.reads, google_storage_bucket_iam_member.creates) :
      length(regexall("objects/(raw|silenced)/", grant.condition[0].expression)) == 0 || contains(["ingest-api", "ingest-on-upload", "transcribe", "retention", "retention-on-sweep"], name)
    ])
    error_message = "a function may read recordings that it does not process"
  }

  assert {
    condition = alltrue([
      for grants in [google_storage_bucket_iam_member.reads, google_storage_bucket_iam_member.creates, google_storage_bucket_iam_member.deletes] :
      alltrue([for grant in grants : length(grant.condition) == 1])
    ])
    error_message = "a grant on the bucket is not bound to folders"
  }

  assert {
    condition     = toset(keys(google_secret_manager_secret_iam_member.function_reads)) == toset(["openai-api-key/generate", "write-api-token/ingest-api"])
    error_message = "a function may read a secret that it does not use"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      alltrue([
        for secret in made.function.service_config[0].secret_environment_variables :
        lookup({ OPENAI_API_KEY = "generate", PLC_WRITE_API_TOKEN = "ingest-api" }, secret.key, "none") == name
      ])
    ])
    error_message = "a function is given a secret that it does not use"
  }

  assert {
    condition     = toset(keys(google_service_account_iam_member.enqueues_as_caller)) == toset(["retention-on-sweep", "transcribe"])
    error_message = "a function may create tasks without need"
  }

  assert {
    condition     = alltrue([for user in google_sql_user.function : user.database_roles == null])
    error_message = "a function has privileges in the database beside those of its own role"
  }
}

run "a_secret_without_a_value_is_not_mounted" {
  command = plan

  variables {
    llm_provider   = "extractive"
    filled_secrets = []
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.function_reads) == 0
    error_message = "a function would not start"
  }
}

run "a_model_needs_its_key" {
  command = plan

  variables {
    llm_provider   = "gemini"
    filled_secrets = []
  }

  expect_failures = [var.llm_provider]
}

run "what_terraform_sets_cannot_be_set_beside_it" {
  command = plan

  variables {
    settings = { export = { PLC_INTERNAL_SERVICE_ACCOUNTS = "anybody@example.org" } }
  }

  expect_failures = [var.settings]
}

run "the_key_of_a_hosted_recognizer_is_mounted_where_speech_is_sent" {
  command = plan

  variables {
    llm_provider        = "extractive"
    transcribe_provider = "openai"
    filled_secrets      = ["openai-api-key", "write-api-token"]
    secret_versions     = { openai-api-key = "7" }
  }

  assert {
    condition     = toset(keys(google_secret_manager_secret_iam_member.function_reads)) == toset(["openai-api-key/transcribe", "openai-api-key/transcribe-on-segment", "write-api-token/ingest-api"])
    error_message = "the key is missing where speech is sent, or present elsewhere"
  }

  assert {
    condition = (
      module.functions["transcribe"].function.service_config[0].secret_environment_variables[0].version == "7" &&
      module.functions["ingest-api"].function.service_config[0].secret_environment_variables[0].version == "latest"
    )
    error_message = "a function is given another version of a secret than the one that was deployed"
  }
}

run "a_page_uploads_from_the_app_and_from_where_it_is_allowed" {
  command = plan

  variables {
    client_origins = ["https://app.example.org"]
  }

  assert {
    condition = (
      length(google_storage_bucket.lectures.cors) == 1 &&
      google_storage_bucket.lectures.cors[0].origin == tolist([
        "https://ingest-api-${data.google_project.this.number}.${var.region}.run.app", "https://app.example.org",
      ])
    )
    error_message = "the app cannot upload, or others can"
  }
}
