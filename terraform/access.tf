# Who may do what: access.json has one row for each function, iam.tf turns it into grants, and the stand-ins of
# the local stack refuse what it does not grant (scripts/local/access.py).
#
# The folders are those of shared/storage/object_names.py. To create is not to overwrite: for that an account
# would have to be allowed to delete as well. Reasons that are not plain from the names:
#
# reads      ingest-api: a form upload is examined; exports, accounts: the signer of a URL needs the permission
#            that the URL grants.
# creates    ingest-api: transcripts are corrections, and what is left after a cut. transcribe: silenced are
#            recordings without what was cut out of them. retention-on-sweep: exports are copies under names of ids, of
#            files that earlier versions named after titles.
# deletes    ingest-api: a lecture that its owner deletes is purged immediately, as far as possible, and so is what
#            holds something that was cut out of a lecture.
#            ingest-on-upload: an upload over the limit is not kept.
# loads      The bucket of the speech model's weights, unless they come from the hub.
# publishes  A job that is done once more wakes its own stage; a segment that ends last ends the transcription. The
#            sweep sends what others could not, and the API what is replayed. retention: files that repeat another
#            lecture's deleted material are made again without it. retention-on-dead-letter: a job that is given
#            up is done once more if its input has changed.
# looks_up   ingest-api: its readiness asks for the first topic.
# enqueues   Queues.

locals {
  access = jsondecode(file("${path.module}/access.json"))

  # By kind of grant: each function that has it, with folders, topics or queues.
  granted = {
    for kind in ["reads", "creates", "deletes", "loads", "publishes", "looks_up", "enqueues"] : kind => {
      for function, grants in local.access : function => grants[kind] if can(grants[kind])
    }
  }

  speech_model        = coalesce(var.whisper_model, "gs://${google_storage_bucket.models.name}/base")
  speech_model_bucket = try(regex("^gs://([^/]+)", local.speech_model)[0], null)

  enqueues = keys(local.granted.enqueues)

  # function/folder → both, as for_each requires.
  object_grants = {
    for kind, table in { read = local.granted.reads, create = local.granted.creates, delete = local.granted.deletes } : kind => {
      for function, folders in table : function => "resource.type == \"storage.googleapis.com/Object\" && (${join(" || ", [
        for folder in folders : "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.lectures.name}/objects/${folder}/\")"
      ])})"
    }
  }

  # function/topic or function/queue → both.
  message_grants = {
    for kind in ["publishes", "looks_up", "enqueues"] : kind => merge([
      for function, destinations in local.granted[kind] : {
        for destination in destinations : "${function}/${destination}" => { function = function, destination = destination }
      }
    ]...)
  }
}
