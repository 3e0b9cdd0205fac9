"""Backups, and what leads back from a loss. See docs/runbooks/backup-restore.md."""
