# A department: a few thousand lectures a term. docs/scaling.md says what to raise first.
project_id  = "your-project-prod"
environment = "prod"
region      = "europe-west1"

# Allows 400 connections, of which the functions may take 288 while a deployment is under way.
database_tier         = "db-custom-2-7680"
database_availability = "REGIONAL"
deletion_protection   = true
backup_days           = 14

# A student should not wait for a cold start.
min_instances = { ingest-api = 1 }

client_origins = []
operators      = []
alert_emails   = []
