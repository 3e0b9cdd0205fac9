variable "alert_emails" {
  description = "Addresses that alerts are sent to."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "Each must be an e-mail address."
  }
}

variable "budget" {
  description = "Monthly budget of the project in whole units of the billing account's currency; null for none. The addresses in alert_emails are notified at 50, 90 and 100 %, and when it is forecast to be exceeded."
  type = object({
    billing_account = string
    currency        = string
    monthly         = number
  })
  default = null

  validation {
    condition     = try(var.budget.monthly > 0, true)
    error_message = "A budget must be more than nothing."
  }
}

variable "generation_cost_alert_usd" {
  description = "What the language model may cost in 24 hours, by the price table, before an alert is sent."
  type        = number
  default     = 20

  validation {
    condition     = var.generation_cost_alert_usd > 0
    error_message = "Must be more than nothing."
  }
}

variable "log_days" {
  description = "How many days Cloud Logging keeps the functions' and the database's logs. Audit logs of administrators are Google's own 400 days."
  type        = number
  default     = 30

  validation {
    condition     = var.log_days >= 1 && var.log_days <= 365 && floor(var.log_days) == var.log_days
    error_message = "Must be 1 to 365 whole days."
  }
}

variable "runbooks_url" {
  description = "Where docs/runbooks of this repository can be read in a browser; alerts link to it. Without it they name the file."
  type        = string
  default     = null

  validation {
    condition     = var.runbooks_url == null || can(regex("^https://.+[^/]$", var.runbooks_url))
    error_message = "Must be an https address without a slash at its end."
  }
}
