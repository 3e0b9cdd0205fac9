# To try things out: small, and it can be thrown away.
project_id  = "your-project-dev"
environment = "dev"
region      = "europe-west1"

database_tier       = "db-custom-1-3840"
deletion_protection = false

# As many as this database can serve.
max_instances = {
  ingest-api               = 2
  ingest-on-upload         = 1
  transcribe               = 2
  transcribe-on-segment    = 8
  generate                 = 2
  export                   = 2
  retention-on-dead-letter = 1
}
