"""What the stand-ins for Pub/Sub, Cloud Tasks and Cloud Scheduler have in common."""
