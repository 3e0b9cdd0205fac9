# The functions' environment: shared/config.py has the settings, docs/configuration.md their meaning.

locals {
  environment_of_all = {
    GOOGLE_CLOUD_PROJECT     = var.project_id
    GCS_BUCKET               = google_storage_bucket.lectures.name
    INSTANCE_CONNECTION_NAME = google_sql_database_instance.main.connection_name
    DB_NAME                  = google_sql_database.main.name
    PLC_DB_IP_TYPE           = var.private_database ? "PRIVATE" : "PUBLIC"
    PLC_DB_POOL_SIZE         = tostring(var.database_pool_size)
  }

  # The API reports when each kind of data will be deleted.
  retention_days = merge(
    {
      PLC_RETENTION_RAW_AUDIO_DAYS  = tostring(var.raw_audio_days)
      PLC_RETENTION_TRANSCRIPT_DAYS = tostring(var.transcript_days)
    },
    var.material_days == null ? {} : { PLC_RETENTION_MATERIAL_DAYS = tostring(var.material_days) },
  )

  environment_of_retention = merge(local.retention_days, {
    PLC_BUCKET_SOFT_DELETE_DAYS = tostring(var.bucket_soft_delete_days)
    PLC_DATABASE_BACKUP_DAYS    = tostring(var.backup_days)
  })

  environment_of = {
    ingest-api = merge(
      local.retention_days,
      {
        PLC_ID_TOKEN_AUDIENCE = coalesce(var.identity_project, var.project_id)
        PLC_SIGN_IN_API_KEY   = var.sign_in_api_key
        PLC_SIGNING_ACCOUNT   = google_service_account.function["ingest-api"].email
        PLC_CORS_ORIGINS      = join(",", var.client_origins)
        PLC_OPERATORS         = join(",", var.operators)
        # What a call may ask for is checked against it.
        PLC_TRANSCRIBE_PROVIDER = var.transcribe_provider
        PLC_WHISPER_MODEL       = local.speech_model
      },
      # It calls no service and is given no key, without which the setting needs an address.
      var.transcribe_provider == "openai" ? { OPENAI_TRANSCRIBE_BASE_URL = "https://api.openai.com/v1" } : {},
    )
    transcribe = {
      PLC_SEGMENT_WORKERS     = tostring(local.concurrent_dispatches["segments"])
      PLC_TRANSCRIBE_PROVIDER = var.transcribe_provider
    }
    transcribe-on-segment = merge(
      { PLC_TRANSCRIBE_PROVIDER = var.transcribe_provider, PLC_WHISPER_MODEL = local.speech_model },
      var.gpu_worker == null ? {} : { PLC_WHISPER_DEVICE = "cuda", PLC_WHISPER_COMPUTE_TYPE = "float16" },
    )
    generate           = { PLC_LLM_PROVIDER = var.llm_provider, PLC_REGION = var.region }
    retention          = local.environment_of_retention
    retention-on-sweep = local.environment_of_retention
  }

  # For the functions that put tasks into the queue.
  segment_environment = {
    PLC_REGION                = var.region
    PLC_SEGMENT_URL           = local.run_urls[local.topology.queues["segments"].function]
    PLC_TASKS_SERVICE_ACCOUNT = google_service_account.caller["tasks"].email
  }

  environment = {
    for name, function in local.functions : name => merge(
      local.environment_of_all,
      { DB_USER = google_sql_user.function[name].name },
      # An empty list of accounts refuses every caller, but the API has no internal entry point.
      length(local.callers_of[name]) == 0 ? {} : {
        PLC_CALLER_CHECK              = "platform"
        PLC_INTERNAL_AUDIENCE         = local.run_urls[name]
        PLC_INTERNAL_SERVICE_ACCOUNTS = join(",", [for caller in local.callers_of[name] : google_service_account.caller[caller].email])
      },
      lookup(local.environment_of, name, {}),
      lookup(var.settings, "all", {}),
      lookup(var.settings, name, {}),
    )
  }

  # What `settings` may not set.
  reserved_settings = [
    "DATABASE_URL", "DB_NAME", "DB_USER", "GCS_BUCKET", "GCS_PREFIX", "GEMINI_API_KEY",
    "GOOGLE_CLOUD_PROJECT", "INSTANCE_CONNECTION_NAME", "K_REVISION", "K_SERVICE", "OPENAI_API_KEY",
    "OPENAI_TRANSCRIBE_API_KEY",
    "PLC_BUCKET_SOFT_DELETE_DAYS", "PLC_CALLER_CHECK", "PLC_CORS_ORIGINS", "PLC_DATABASE_BACKUP_DAYS",
    "PLC_DB_IP_TYPE", "PLC_DB_POOL_SIZE", "PLC_ENVIRONMENT", "PLC_HANDLED_AT_ONCE",
    "PLC_ID_TOKEN_AUDIENCE", "PLC_INTERNAL_AUDIENCE", "PLC_INTERNAL_SERVICE_ACCOUNTS", "PLC_LLM_PROVIDER", "PLC_OPERATORS",
    "PLC_REGION", "PLC_RETENTION_MATERIAL_DAYS", "PLC_RETENTION_RAW_AUDIO_DAYS", "PLC_RETENTION_TRANSCRIPT_DAYS",
    "PLC_SEGMENT_URL", "PLC_SEGMENT_WORKERS", "PLC_SIGN_IN_API_KEY", "PLC_SIGNING_ACCOUNT", "PLC_TASKS_SERVICE_ACCOUNT",
    "PLC_TRANSCRIBE_PROVIDER", "PLC_WHISPER_MODEL", "PLC_WRITE_API_TOKEN", "THREADS",
  ]
}
