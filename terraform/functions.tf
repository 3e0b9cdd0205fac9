locals {
  # Cloud Run's address for a service of this name, known before the service is there. It is the audience of
  # the tokens that callers show: each function takes its own only.
  run_urls = { for name in keys(local.functions) : name => "https://${name}-${data.google_project.this.number}.${var.region}.run.app" }

  function_urls = merge(
    { for name, made in module.functions : name => made.url },
    { for name, made in google_cloud_run_v2_service.gpu_worker : name => made.uri },
  )

  archives = {
    for stage in local.stages : stage => {
      bucket = google_storage_bucket.archives.name
      object = google_storage_bucket_object.archive[stage].name
    }
  }

  build = {
    service_account = google_service_account.build.id
    repository      = google_artifact_registry_repository.images.id
  }
}

module "functions" {
  source   = "./modules/function"
  for_each = { for name, function in local.functions : name => function if !contains(local.gpu_functions, name) }

  name            = each.key
  project_id      = var.project_id
  region          = var.region
  labels          = local.labels
  declared        = each.value
  archive         = local.archives[each.value.stage]
  build           = local.build
  environment     = merge(local.environment[each.key], contains(local.enqueues, each.key) ? local.segment_environment : {})
  secrets         = local.function_secrets[each.key]
  network         = local.network
  service_account = google_service_account.function[each.key].email

  depends_on = [
    google_project_iam_member.build,
    google_project_iam_member.build_reads,
    google_artifact_registry_repository_iam_member.build,
    google_storage_bucket_iam_member.build,
    # A revision with a secret starts only if its account may read it.
    google_secret_manager_secret_iam_member.function_reads,
  ]
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "pegasus"
  location      = var.region
  format        = "DOCKER"
  description   = "Images that Cloud Build makes of the functions' archives"
  labels        = local.labels

  cleanup_policies {
    id     = "keep-the-last-ones"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old-ones"
    action = "DELETE"
    condition {
      older_than = "7776000s"
    }
  }

  depends_on = [google_project_service.main]
}
