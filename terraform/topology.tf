# What there is, from the one declaration that the local stack and the code read too.

locals {
  topology = jsondecode(file("${path.module}/../shared/topology.json"))

  functions = {
    for name, function in local.topology.functions : name => merge(function, {
      max_instances = lookup(var.max_instances, name, function.max_instances)
      min_instances = lookup(var.min_instances, name, 0)
    })
  }

  # Who calls a function. Each kind of caller has an account, and a function listens to the
  # accounts of its own callers only.
  callers_of = {
    for name, function in local.functions : name => compact([
      contains(values(local.topology.subscriptions)[*].function, name) ? "pubsub" : "",
      contains(values(local.topology.queues)[*].function, name) ? "tasks" : "",
      contains(values(local.topology.schedules)[*].function, name) ? "scheduler" : "",
    ])
  }

  stages = toset(values(local.functions)[*].stage)

  # Where the API serves the app: Cloud Run's address that is known before the service is there. The
  # bucket has to name it, and the service needs the bucket.
  app_origin = "https://ingest-api-${data.google_project.this.number}.${var.region}.run.app"

  labels = merge(var.labels, { app = "pegasus", environment = var.environment })
}
