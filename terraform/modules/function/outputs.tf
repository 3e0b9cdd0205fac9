output "function" {
  description = "The function as it is declared."
  value       = google_cloudfunctions2_function.this
}

output "url" {
  description = "URL at run.app: calls to any other name do not count as internal."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}
