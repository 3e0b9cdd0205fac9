# How messages, tasks and calls get to the functions.

variables {
  project_id = "pegasus-test"
}

run "no_message_is_lost" {
  command = plan

  assert {
    condition = alltrue([
      for name, subscription in google_pubsub_subscription.main :
      local.topology.subscriptions[name].topic == "dead-letter" || length(subscription.dead_letter_policy) == 1
    ])
    error_message = "a subscription has no dead-letter topic"
  }

  assert {
    condition     = length(google_pubsub_subscription_iam_member.dead_letters) == length([for each in google_pubsub_subscription.main : each if length(each.dead_letter_policy) == 1])
    error_message = "Pub/Sub may not take a message from a subscription to its dead-letter topic"
  }

  assert {
    condition     = anytrue([for each in local.topology.subscriptions : each.topic == "dead-letter"])
    error_message = "no subscription receives the dead letters, and Pub/Sub drops them"
  }

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.main : subscription.expiration_policy[0].ttl == ""])
    error_message = "a subscription expires after a month without uploads"
  }

  assert {
    condition     = toset(keys(google_storage_notification.main)) == toset(keys(local.topology.notifications)) && alltrue([for each in google_storage_notification.main : each.payload_format == "JSON_API_V1"])
    error_message = "an upload causes no notification"
  }
}

run "every_caller_shows_a_token" {
  command = plan

  assert {
    condition = alltrue([
      for name, subscription in google_pubsub_subscription.main :
      try(subscription.push_config[0].oidc_token[0].service_account_email == google_service_account.caller["pubsub"].email, false) &&
      try(subscription.push_config[0].oidc_token[0].audience == local.run_urls[local.topology.subscriptions[name].function], false)
    ])
    error_message = "a subscription pushes without a token of its account and audience"
  }

  assert {
    condition = alltrue([
      for name, job in google_cloud_scheduler_job.main :
      try(job.http_target[0].oidc_token[0].service_account_email == google_service_account.caller["scheduler"].email, false) &&
      try(job.http_target[0].oidc_token[0].audience == local.run_urls[local.topology.schedules[name].function], false)
    ])
    error_message = "a schedule calls without a token of its account and audience"
  }

  assert {
    condition = alltrue([
      for name in local.enqueues : module.functions[name].function.service_config[0].environment_variables["PLC_TASKS_SERVICE_ACCOUNT"] == google_service_account.caller["tasks"].email
    ])
    error_message = "tasks carry no token"
  }

  assert {
    condition = alltrue([
      for name, made in module.functions :
      lookup(made.function.service_config[0].environment_variables, "PLC_INTERNAL_SERVICE_ACCOUNTS", "") == join(",", [for caller in local.callers_of[name] : google_service_account.caller[caller].email])
    ])
    error_message = "a function accepts the token of an account that must not call it"
  }
}

run "no_delivery_ends_before_its_function" {
  command = plan

  assert {
    condition = alltrue([
      for name, subscription in google_pubsub_subscription.main :
      subscription.ack_deadline_seconds <= 600 && local.topology.functions[local.topology.subscriptions[name].function].timeout_seconds <= subscription.ack_deadline_seconds
    ])
    error_message = "a function may take longer than a push waits for it"
  }

  assert {
    condition = alltrue([
      for name, queue in local.topology.queues :
      queue.dispatch_deadline_seconds <= 1800 && local.topology.functions[queue.function].timeout_seconds <= queue.dispatch_deadline_seconds
    ])
    error_message = "a function may take longer than a task waits for it"
  }

  assert {
    condition = alltrue([
      for name, schedule in local.topology.schedules :
      schedule.attempt_deadline_seconds <= 1800 && local.topology.functions[schedule.function].timeout_seconds <= schedule.attempt_deadline_seconds
    ])
    error_message = "a function may take longer than a schedule waits for it"
  }

  assert {
    condition = alltrue([
      for name, queue in google_cloud_tasks_queue.main :
      queue.rate_limits[0].max_concurrent_dispatches <= local.functions[local.topology.queues[name].function].max_instances * local.functions[local.topology.queues[name].function].concurrency
    ])
    error_message = "a queue dispatches more tasks in parallel than there can be workers"
  }

  assert {
    condition = alltrue([
      for made in values(module.functions) :
      made.function.service_config[0].environment_variables["THREADS"] == tostring(made.function.service_config[0].max_instance_request_concurrency)
    ])
    error_message = "an instance is sent another number of requests than it has threads"
  }
}

run "a_queue_does_not_outgrow_its_workers" {
  command = plan

  variables {
    database_tier = "db-custom-2-7680"
    max_instances = { transcribe-on-segment = 3 }
  }

  assert {
    condition     = google_cloud_tasks_queue.main["segments"].rate_limits[0].max_concurrent_dispatches == 3
    error_message = "the queue does not know that there are fewer workers"
  }
}
