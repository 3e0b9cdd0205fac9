"""Small configurations, most of them with one mistake. `NAME` is any name."""

from dataclasses import dataclass

HEAD = """terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }
}

provider "google" {
  project = "p-123456"
  region  = "europe-west1"
}
"""


def bucket(body: str = "") -> str:
    return f"""resource "google_storage_bucket" "NAME" {{
  name     = "x"
  location = "EU"
  {body}
}}
"""


def service(body: str = "", template: str = "") -> str:
    return f"""resource "google_cloud_run_v2_service" "NAME" {{
  name     = "s"
  location = "europe-west1"
  {body}
  template {{
    {template}
    containers {{
      image = "i"
    }}
  }}
}}
"""


def subscription(body: str) -> str:
    return f"""resource "google_pubsub_subscription" "NAME" {{
  name  = "s"
  topic = "t"
  {body}
}}
"""


def function(body: str) -> str:
    return f"""resource "google_cloudfunctions2_function" "NAME" {{
  name     = "f"
  location = "europe-west1"
  {body}
}}
"""


def user(body: str) -> str:
    return f"""resource "google_sql_user" "NAME" {{
  name     = "u"
  instance = "i"
  {body}
}}
"""


@dataclass(frozen=True)
class Wrong:
    configuration: str
    told: str
    """A part of what Terraform says about it."""


WRONG = {
    "an attribute that there is not": Wrong(
        bucket('locaton = "EU"'), 'An argument named "locaton" is not expected here'
    ),
    "a nested attribute that there is not": Wrong(
        service(template="timeouts_seconds = 3"),
        'An argument named "timeouts_seconds" is not expected',
    ),
    "a required attribute is missing": Wrong(
        'resource "google_storage_bucket" "NAME" {\n  name = "x"\n}\n',
        'The argument "location" is required',
    ),
    "a required attribute of a block is missing": Wrong(
        subscription("push_config {}"), 'The argument "push_endpoint" is required'
    ),
    "a block that there is not": Wrong(
        bucket("lifecycle_rules {}"), 'Blocks of type "lifecycle_rules" are not expected here'
    ),
    "a required block is missing": Wrong(
        'resource "google_eventarc_trigger" "NAME" {\n  name = "t"\n  location = "eu"\n'
        '  destination {\n    workflow = "w"\n  }\n}\n',
        'At least 1 "matching_criteria" blocks are required',
    ),
    "too many blocks": Wrong(
        bucket("versioning {\n    enabled = true\n  }\n  versioning {\n    enabled = false\n  }"),
        'No more than 1 "versioning" blocks are allowed',
    ),
    "an attribute written as a block": Wrong(
        bucket('labels {\n    a = "b"\n  }'), 'Did you mean to define argument "labels"?'
    ),
    "a block written as an attribute": Wrong(
        bucket("versioning = { enabled = true }"),
        'Did you mean to define a block of type "versioning"?',
    ),
    "text for a number": Wrong(
        function('service_config {\n    timeout_seconds = "soon"\n  }'), "a number is required"
    ),
    "a list for text": Wrong(bucket('storage_class = ["STANDARD"]'), "string required"),
    "a list within a map of text": Wrong(bucket("labels = { a = [1] }"), "string required"),
    "a type of resource that there is not": Wrong(
        'resource "google_cloud_functions2" "NAME" {}\n',
        'does not support resource type "google_cloud_functions2"',
    ),
    "a data source that there is not": Wrong(
        'data "google_projekt" "NAME" {}\n', 'does not support data source "google_projekt"'
    ),
    "an attribute that only the provider sets": Wrong(
        service('uri = "x"'), 'Can\'t configure a value for "uri"'
    ),
    "an output of an attribute that there is not": Wrong(
        'data "google_project" "NAME" {}\n'
        'output "NAME" {\n  value = data.google_project.NAME.numbr\n}\n',
        'Did you mean "number"?',
    ),
    "a value that is not one of those listed": Wrong(
        service('ingress = "ALL"'), "expected ingress to be one of"
    ),
    "two targets of one schedule": Wrong(
        'resource "google_cloud_scheduler_job" "NAME" {\n  name = "j"\n'
        '  http_target {\n    uri = "https://x"\n  }\n'
        '  pubsub_target {\n    topic_name = "t"\n  }\n}\n',
        "takes exactly one of app_engine_http_target, http_target, pubsub_target;"
        " given: http_target, pubsub_target",
    ),
    "a password in two ways": Wrong(
        user('password = "a"\n  password_wo = "b"\n  password_wo_version = 1'),
        "takes at most one of password, password_wo",
    ),
    "a budget that tells no one": Wrong(
        'resource "google_billing_budget" "NAME" {\n  billing_account = "a"\n'
        "  amount {\n    last_period_amount = true\n  }\n"
        "  all_updates_rule {\n    disable_default_iam_recipients = true\n  }\n}\n",
        "takes at least one of all_updates_rule.monitoring_notification_channels",
    ),
    "a write-only password without its version": Wrong(
        user('password_wo = "b"'), "takes the first only with another of password_wo,"
    ),
    "a function of an event that takes over 540 s": Wrong(
        function(
            "service_config {\n    timeout_seconds = 600\n  }\n"
            '  event_trigger {\n    event_type = "x"\n  }'
        ),
        "allows at most 540 with event_trigger",
    ),
    "a push that waits too long": Wrong(
        subscription("ack_deadline_seconds = 601"), "allows at most 600"
    ),
    "a push that waits too short": Wrong(
        subscription("ack_deadline_seconds = 9"), "allows at least 10"
    ),
    "a duration over the service's": Wrong(
        service(template='timeout = "3601s"'), "template.timeout is 3601; the service allows"
    ),
    "a duration that is none": Wrong(service(template='timeout = "1h"'), "'1h' does not match"),
}

CANNOT_BE_PLANNED = {
    "a resource that is not declared": Wrong(
        bucket("storage_class = google_storage_bucket.other.name"),
        "has not been declared in the root module",
    ),
    "an argument of the provider that there is not": Wrong(
        'provider "google" {\n  alias  = "x"\n  regoin = "x"\n}\n'
        'resource "google_pubsub_topic" "t" {\n  provider = google.x\n  name = "t"\n}\n',
        'An argument named "regoin" is not expected',
    ),
    "resources that need each other": Wrong(
        'resource "google_pubsub_topic" "a" {\n  name = google_pubsub_topic.b.name\n}\n'
        'resource "google_pubsub_topic" "b" {\n  name = google_pubsub_topic.a.name\n}\n',
        "Cycle:",
    ),
    "a sensitive value in an output": Wrong(
        user('password = "x"') + 'output "p" {\n  value = google_sql_user.NAME.password\n}\n',
        "Output refers to sensitive values",
    ),
    "a for_each over what is not known yet": Wrong(
        'resource "google_pubsub_topic" "t" {\n  name = "t"\n}\n'
        'resource "google_pubsub_topic" "u" {\n'
        "  for_each = toset([google_pubsub_topic.t.id])\n  name     = each.key\n}\n",
        "Invalid for_each argument",
    ),
}
"""What stops Terraform before it has looked at everything."""
