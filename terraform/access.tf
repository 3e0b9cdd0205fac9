# Who may do what: one row for each function. iam.tf turns it into grants.
#
# The folders are those of shared/storage/object_names.py. To create is not to overwrite: for that an account
# would have to be allowed to delete as well.

locals {
  lecture_folders = ["raw", "segments", "transcripts", "artifacts", "exports"]

  reads = {
    # raw: a form upload is examined; exports, accounts: the signer of a URL needs the permission that
    # the URL grants.
    ingest-api            = concat(local.lecture_folders, ["accounts"])
    ingest-on-upload      = ["raw"]
    transcribe            = ["raw", "segments", "transcripts"]
    transcribe-on-segment = ["segments", "transcripts"]
    generate              = ["transcripts", "artifacts"]
    export                = ["transcripts", "artifacts", "exports"]
    retention             = concat(local.lecture_folders, ["reports"])
    retention-on-sweep    = concat(local.lecture_folders, ["reports", "accounts"])
  }

  creates = {
    ingest-api            = ["raw"]
    transcribe            = ["segments", "transcripts"]
    transcribe-on-segment = ["segments", "transcripts"]
    generate              = ["artifacts"]
    export                = ["exports"]
    retention             = ["reports"]
    # exports: copies under names of ids, of files that earlier versions named after titles.
    retention-on-sweep = ["exports", "reports", "accounts"]
  }

  deletes = {
    # A lecture that its owner deletes is purged immediately, as far as possible.
    ingest-api = local.lecture_folders
    # An upload over the limit is not kept.
    ingest-on-upload   = ["raw"]
    retention          = local.lecture_folders
    retention-on-sweep = concat(local.lecture_folders, ["accounts"])
  }

  # A job that is done once more wakes its own stage; a segment that ends last ends the
  # transcription. The sweep sends what others could not, and the API what is replayed.
  publishes = {
    ingest-api            = ["uploads", "transcribe", "generate", "export"]
    ingest-on-upload      = ["transcribe"]
    transcribe            = ["transcribe", "generate"]
    transcribe-on-segment = ["transcribe", "generate"]
    generate              = ["generate", "export"]
    export                = ["export"]
    # Files that repeat another lecture's deleted material are made again without it.
    retention          = ["export"]
    retention-on-sweep = ["uploads", "transcribe", "generate", "export"]
    # A job that is given up is done once more if its input has changed.
    retention-on-dead-letter = ["transcribe", "generate", "export"]
  }

  enqueues = ["retention-on-sweep", "transcribe"]

  # function/folder → both, as for_each requires.
  object_grants = {
    for kind, table in { read = local.reads, create = local.creates, delete = local.deletes } : kind => {
      for function, folders in table : function => "resource.type == \"storage.googleapis.com/Object\" && (${join(" || ", [
        for folder in folders : "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.lectures.name}/objects/${folder}/\")"
      ])})"
    }
  }

  publish_grants = merge([
    for function, topics in local.publishes : { for topic in topics : "${function}/${topic}" => { function = function, topic = topic } }
  ]...)
}
