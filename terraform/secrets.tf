# The secrets themselves; their values never pass through Terraform, whose state would keep them:
#   printf %s "$KEY" | gcloud secrets versions add openai-api-key --data-file=-

locals {
  llm_functions        = ["generate"]
  transcribe_functions = ["transcribe", "transcribe-on-segment"]

  # Of each secret, the functions that use it as things are set up.
  secrets = {
    gemini-api-key = { variable = "GEMINI_API_KEY", functions = var.llm_provider == "gemini" ? local.llm_functions : [] }
    openai-api-key = { variable = "OPENAI_API_KEY", functions = concat(
      var.llm_provider == "openai" ? local.llm_functions : [],
      var.transcribe_provider == "openai" ? local.transcribe_functions : [],
    ) }
    write-api-token = { variable = "PLC_WRITE_API_TOKEN", functions = ["ingest-api"] }
  }

  # A function that does not use a secret can neither be given nor ask for it.
  secrets_given = { for id, secret in local.secrets : id => secret if length(secret.functions) > 0 && contains(var.filled_secrets, id) }

  secret_readers = merge([
    for id, secret in local.secrets_given : { for name in secret.functions : "${id}/${name}" => { secret = id, function = name } }
  ]...)

  function_secrets = {
    for name in keys(local.functions) : name => {
      for id, secret in local.secrets_given :
      secret.variable => { secret = id, version = lookup(var.secret_versions, id, "latest") } if contains(secret.functions, name)
    }
  }
}

resource "google_secret_manager_secret" "main" {
  for_each = local.secrets

  secret_id = each.key
  labels    = local.labels

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

resource "google_secret_manager_secret_iam_member" "function_reads" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.main[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
