variable "archive" {
  description = "Where the source archive lies. A new archive has a new name, which makes a new revision."
  type        = object({ bucket = string, object = string })
}

variable "build" {
  description = "Account that builds the image, and repository it is put into."
  type        = object({ service_account = string, repository = string })
}

variable "declared" {
  description = "The function's entry in shared/topology.json, with its bounds on instances."
  type = object({
    entry_point     = string
    public          = bool
    timeout_seconds = number
    memory_mib      = number
    cpu             = number
    concurrency     = number
    handled_at_once = optional(number)
    max_instances   = number
    min_instances   = number
  })
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
}

variable "labels" {
  description = "Labels."
  type        = map(string)
}

variable "name" {
  description = "Name of the function, and of the Cloud Run service behind it."
  type        = string
}

variable "network" {
  description = "Network through which private addresses are reached; null for none."
  type        = object({ network = string, subnetwork = string })
}

variable "project_id" {
  description = "The project."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
}

variable "secrets" {
  description = "Environment variables from Secret Manager: name of the variable → id and version of the secret."
  type        = map(object({ secret = string, version = string }))
}

variable "service_account" {
  description = "Address of the account the function runs as."
  type        = string
}
