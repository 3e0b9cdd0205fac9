# The secrets themselves; their values never pass through Terraform, whose state would keep them:
#   printf %s "$KEY" | gcloud secrets versions add openai-api-key --data-file=-

locals {
  secrets = {
    gemini-api-key  = { variable = "GEMINI_API_KEY", function = "generate", wanted = var.llm_provider == "gemini" }
    openai-api-key  = { variable = "OPENAI_API_KEY", function = "generate", wanted = var.llm_provider == "openai" }
    write-api-token = { variable = "PLC_WRITE_API_TOKEN", function = "ingest-api", wanted = true }
  }

  # A function that does not use a secret can neither be given nor ask for it.
  secrets_given = { for id, secret in local.secrets : id => secret if secret.wanted && contains(var.filled_secrets, id) }

  function_secrets = {
    for name in keys(local.functions) : name => {
      for id, secret in local.secrets_given : secret.variable => id if secret.function == name
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
      }
    }
  }

  depends_on = [google_project_service.main]
}

resource "google_secret_manager_secret_iam_member" "function_reads" {
  for_each = local.secrets_given

  secret_id = google_secret_manager_secret.main[each.key].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
