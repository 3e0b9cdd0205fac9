output "api_url" {
  description = "Where clients call; give it to the smoke test as API_BASE_URL."
  value       = module.functions["ingest-api"].url
}

output "app_url" {
  description = "Address of the app, which uploads from there alone."
  value       = "${local.app_origin}/app/"
}

output "bucket" {
  description = "Bucket that holds everything of a lecture."
  value       = google_storage_bucket.lectures.name
}

output "callers" {
  description = "Account that may call each internal function."
  value       = { for name, callers in local.callers_of : name => google_service_account.caller[one(callers)].email if !local.functions[name].public }
}

output "connections" {
  description = "Connections the functions may take while a deployment is in progress, and how many the database allows."
  value       = { needed = local.connections_needed, allowed = local.database_max_connections }
}

output "database" {
  description = "What connects to the database: for `python -m shared.database.migrate`, with migrator as DB_USER."
  value = {
    instance_connection_name = google_sql_database_instance.main.connection_name
    name                     = google_sql_database.main.name
    migrator                 = one([for user in google_sql_user.migrator : user.name])
  }
}

output "function_urls" {
  description = "URL of each function at run.app."
  value       = local.function_urls
}

output "region" {
  description = "Where everything is."
  value       = var.region
}

output "secrets" {
  description = "The secrets, and whether a function is given them: those that are not need a value, and then their name in filled_secrets."
  value       = { for id in keys(local.secrets) : id => contains(keys(local.secrets_given), id) }
}

output "weights" {
  description = "Where scripts/deploy copies the speech model's weights to; null where the installation has others."
  value       = var.whisper_model == null && var.transcribe_provider == "whisper" ? local.speech_model : null
}
