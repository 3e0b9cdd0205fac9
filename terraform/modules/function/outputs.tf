output "function" {
  description = "The function as it is declared."
  value       = google_cloudfunctions2_function.this
}

output "name" {
  description = "Name of the Cloud Run service behind it."
  value       = google_cloudfunctions2_function.this.name
}

output "url" {
  description = "URL at run.app: calls to any other name do not count as internal."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}
