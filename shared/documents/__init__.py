"""The JSON documents of a lecture: transcript, artifacts, warnings."""
