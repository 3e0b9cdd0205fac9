"""Backup and restore. See docs/runbooks/backup-restore.md."""
