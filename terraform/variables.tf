variable "archives" {
  description = "Folder with STAGE.zip of each stage, as `make package` builds them; relative to this one."
  type        = string
  default     = "../build"
}

variable "backup_days" {
  description = "How many daily backups of the database are kept; as long, but 7 days at most, it can be restored to any second."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 365 && floor(var.backup_days) == var.backup_days
    error_message = "Must be 1 to 365 whole days."
  }
}

variable "bucket_name" {
  description = "Name of the bucket that holds everything of a lecture; by default made from the project's."
  type        = string
  default     = null
}

variable "bucket_soft_delete_days" {
  description = "How long the bucket can restore what was deleted: 0 for not at all, or 7 to 90. Retention's reports promise it."
  type        = number
  default     = 7

  validation {
    condition     = var.bucket_soft_delete_days == 0 || (var.bucket_soft_delete_days >= 7 && var.bucket_soft_delete_days <= 90)
    error_message = "Must be 0, or 7 to 90."
  }
}

variable "client_origins" {
  description = "Origins of web pages that may call the API and put recordings into the bucket, such as https://app.example.org."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.client_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "An origin is a scheme and a host, without a path and without a wildcard."
  }
}

variable "connection_reserve" {
  description = "Connections kept free for migrations, drills, people, and Cloud SQL itself."
  type        = number
  default     = 12

  validation {
    condition     = var.connection_reserve >= 5
    error_message = "Postgres and Cloud SQL alone take five."
  }
}

variable "database_availability" {
  description = "REGIONAL keeps a standby in another zone, for about twice the price; ZONAL does not."
  type        = string
  default     = "ZONAL"

  validation {
    condition     = contains(["REGIONAL", "ZONAL"], var.database_availability)
    error_message = "Must be REGIONAL or ZONAL."
  }
}

variable "database_pool_size" {
  description = "Connections of one function instance at most."
  type        = number
  default     = 2

  validation {
    condition     = var.database_pool_size >= 1 && var.database_pool_size <= 20
    error_message = "Must be 1 to 20."
  }
}

variable "database_tier" {
  description = "Machine of the database; its memory decides how many connections it allows."
  type        = string

  validation {
    condition     = can(regex("^(db-f1-micro|db-g1-small|db-custom-[0-9]+-[0-9]+)$", var.database_tier))
    error_message = "Must be db-f1-micro, db-g1-small, or db-custom-CPUS-MEGABYTES."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform and Google refuse to delete the database, and Terraform a bucket that is not empty."
  type        = bool
  default     = true
}

variable "environment" {
  description = "Name of this installation, for labels and the names of alerts."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.environment))
    error_message = "Must be lower-case letters, digits and hyphens, 20 at most."
  }
}

variable "filled_secrets" {
  description = "Secrets that have a value by now. A function is given only those: it cannot start with one that is empty."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.filled_secrets, ["gemini-api-key", "openai-api-key", "write-api-token"])) == 0
    error_message = "There are gemini-api-key, openai-api-key and write-api-token."
  }
}

variable "secret_versions" {
  description = "Version of each secret that functions are given; scripts/deploy sets the newest enabled ones. One that is not named is read as latest, at each start of an instance."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[0-9]+$", version))])
    error_message = "Versions are numbers."
  }
}

variable "gpu_worker" {
  description = "Recognize speech on a graphics card: a Cloud Run service from this image in place of the function transcribe-on-segment. Null for processors."
  type = object({
    image       = string
    accelerator = optional(string, "nvidia-l4")
    cpu         = optional(number, 4)
    memory_mib  = optional(number, 16384)
  })
  default = null
}

variable "identity_project" {
  description = "Firebase or Identity Platform project whose users may sign in; by default this one."
  type        = string
  default     = null
}

variable "sign_in_api_key" {
  description = "Web API key of that project, which is public: the app signs users in with it. Without it the app cannot be used."
  type        = string
  default     = ""
}

variable "kms_key" {
  description = "Key that encrypts bucket, database and topics in place of Google's own: projects/…/cryptoKeys/NAME, in the same region. Keep it: without it all data is lost."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "Must be the key's full name."
  }
}

variable "labels" {
  description = "Labels for everything that takes any, such as a cost centre."
  type        = map(string)
  default     = {}
}

variable "lifecycle_backstop_days" {
  description = "Age at which the bucket itself deletes recordings, pieces and transcripts, should retention have failed to. A course may keep them for 3650 days by its own rules, and longer by a hold; lower it only where courses have neither."
  type        = number
  default     = 3680

  validation {
    condition     = var.lifecycle_backstop_days >= max(var.raw_audio_days, var.transcript_days) + 7
    error_message = "The backstop must come at least a week after retention, never before it."
  }
}

variable "llm_provider" {
  description = "Who writes the study material: extractive (no model), openai, gemini or vertex."
  type        = string
  default     = "extractive"

  validation {
    condition     = contains(["extractive", "openai", "gemini", "vertex"], var.llm_provider)
    error_message = "Must be extractive, openai, gemini or vertex."
  }

  validation {
    condition = !contains(["openai", "gemini"], var.llm_provider) || contains(var.filled_secrets, "${var.llm_provider}-api-key") || (
      var.llm_provider == "openai" && try(var.settings["generate"]["OPENAI_BASE_URL"], var.settings["all"]["OPENAI_BASE_URL"], "") != ""
    )
    error_message = "Its key must be in the secret first, and the secret in filled_secrets; another endpoint (OPENAI_BASE_URL) needs none."
  }
}

variable "material_days" {
  description = "Days until study material is deleted: summaries, cards, questions, files and threads. Null keeps it until its lecture is deleted."
  type        = number
  default     = null

  validation {
    condition     = var.material_days == null ? true : var.material_days >= 1 && var.material_days <= 3650
    error_message = "Must be null, or 1 to 3650."
  }
}

variable "max_instances" {
  description = "Instances of a function at most, by its name, where they shall differ from shared/topology.json."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, count in var.max_instances : contains(keys(local.topology.functions), name) && count >= 1])
    error_message = "Only functions of shared/topology.json, and at least 1 each."
  }
}

variable "migrator" {
  description = "Address of the service account that deploys: it may log in to the database and change its schema. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.migrator == null || can(regex("\\.gserviceaccount\\.com$", var.migrator))
    error_message = "Must be a service account's address."
  }
}

variable "min_instances" {
  description = "Instances of a function that are kept warm, by its name."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, count in var.min_instances : contains(keys(local.topology.functions), name) && count >= 0])
    error_message = "Only functions of shared/topology.json."
  }
}

variable "operators" {
  description = "Who sees and replays all owners' jobs and exports and deletes accounts: e-mail addresses of Google accounts, or subjects of users' ID tokens."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for operator in var.operators : can(regex("^([!-+\\--~]+@[!-+\\--~]+\\.[!-+\\--~]+|[^@,\\s]+)$", operator))])
    error_message = "An operator is an e-mail address in ASCII, or a user's subject."
  }
}

variable "private_database" {
  description = "Whether the database has an address in a network of its own and none elsewhere. Otherwise it has a public one that no network may reach: the only way in is Google's connector. Migrations then have to run inside the network."
  type        = bool
  default     = false
}

variable "project_id" {
  description = "The Google Cloud project. One installation fills one project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "Must be a project's id."
  }
}

variable "raw_audio_days" {
  description = "Days until a recording is deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.raw_audio_days >= 1
    error_message = "Must be at least 1."
  }
}

variable "region" {
  description = "Where everything is, the lectures included."
  type        = string
  default     = "europe-west1"
}

variable "settings" {
  description = "Further settings of docs/configuration.md, by function and name; those under \"all\" for every function."
  type        = map(map(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.settings), concat(keys(local.topology.functions), ["all"]))) == 0
    error_message = "Only functions of shared/topology.json, or all."
  }

  validation {
    condition     = alltrue([for name, settings in var.settings : length(setintersection(keys(settings), local.reserved_settings)) == 0])
    error_message = "Some of these are set by Terraform itself, and secrets belong in Secret Manager."
  }
}

variable "transcribe_provider" {
  description = "Who recognizes speech: whisper, in these functions, or openai, a service that is sent the recordings."
  type        = string
  default     = "whisper"

  validation {
    condition     = contains(["whisper", "openai"], var.transcribe_provider)
    error_message = "Must be whisper or openai."
  }

  validation {
    condition = var.transcribe_provider != "openai" || contains(var.filled_secrets, "openai-api-key") || alltrue([
      for name in ["transcribe", "transcribe-on-segment"] :
      try(var.settings[name]["OPENAI_TRANSCRIBE_BASE_URL"], var.settings["all"]["OPENAI_TRANSCRIBE_BASE_URL"], "") != ""
    ])
    error_message = "OpenAI's key must be in its secret first, and the secret in filled_secrets; another endpoint (OPENAI_TRANSCRIBE_BASE_URL) needs none."
  }
}

variable "transcript_days" {
  description = "Days until a transcript is deleted."
  type        = number
  default     = 14

  validation {
    condition     = var.transcript_days >= 1
    error_message = "Must be at least 1."
  }
}

variable "whisper_model" {
  description = "The speech model: a name, whose weights are fetched from the hub at each cold start, or gs://BUCKET/PREFIX of weights. Null for the model base, from a bucket of the installation, into which scripts/deploy copies it."
  type        = string
  default     = null
}
