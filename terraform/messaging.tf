resource "google_pubsub_topic" "main" {
  for_each = toset(local.topology.topics)

  name         = each.value
  labels       = local.labels
  kms_key_name = var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

resource "google_pubsub_subscription" "main" {
  for_each = local.topology.subscriptions

  name   = each.key
  topic  = google_pubsub_topic.main[each.value.topic].id
  labels = local.labels

  ack_deadline_seconds       = each.value.ack_deadline_seconds
  message_retention_duration = "604800s"

  # Nor after a month without a lecture.
  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "${each.value.min_backoff_seconds}s"
    maximum_backoff = "${each.value.max_backoff_seconds}s"
  }

  push_config {
    push_endpoint = local.function_urls[each.value.function]

    oidc_token {
      service_account_email = google_service_account.caller["pubsub"].email
      audience              = local.run_urls[each.value.function]
    }
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.dead_letter_topic[*]
    content {
      dead_letter_topic     = google_pubsub_topic.main[dead_letter_policy.value].id
      max_delivery_attempts = each.value.max_delivery_attempts
    }
  }

  lifecycle {
    precondition {
      condition     = local.functions[each.value.function].timeout_seconds <= each.value.ack_deadline_seconds
      error_message = "${each.value.function} may take ${local.functions[each.value.function].timeout_seconds} s, and after ${each.value.ack_deadline_seconds} s its message is delivered again."
    }
  }
}

# Pub/Sub's own agent forwards the messages that no function could handle.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = toset(compact([for each in local.topology.subscriptions : each.dead_letter_topic == null ? "" : each.dead_letter_topic]))

  topic  = google_pubsub_topic.main[each.value].id
  role   = "roles/pubsub.publisher"
  member = local.agents.pubsub
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = { for name, each in local.topology.subscriptions : name => each if each.dead_letter_topic != null }

  subscription = google_pubsub_subscription.main[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.agents.pubsub
}
