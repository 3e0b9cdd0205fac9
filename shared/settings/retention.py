"""How long what is kept."""

from pydantic import Field
from pydantic_settings import BaseSettings


class RetentionSettings(BaseSettings):
    """Retention."""

    plc_retention_raw_audio_days: int = Field(30, ge=1)
    """Days from the lecture's creation until its recording is deleted."""
    plc_retention_transcript_days: int = Field(14, ge=1)
    """Days from the lecture's creation until its transcript is deleted."""
    plc_retention_material_days: int | None = Field(None, ge=1, le=3650)
    """Days from the lecture's creation until its study material is deleted: artifacts, files and
    what threads say of it. Without it material is kept until its lecture is deleted."""
    plc_retention_course_days_max: int = Field(3650, ge=1, le=3650)
    """Most days that the rules of a course may keep anything."""
    plc_retention_hold_days_max: int = Field(730, ge=1, le=3650)
    """Most days, from the moment it is set, that a hold of a course may last, and that an operator
    may keep the objects of a deleted lecture."""
    plc_account_export_days: int = Field(3, ge=1, le=30)
    """Days until the files of an account's export (`POST /me/exports`) are deleted."""
    plc_bucket_soft_delete_days: int = Field(7, ge=0, le=90)
    """How long the bucket's soft delete keeps what was deleted. Only stated, in retention's
    reports: the bucket itself is set up elsewhere."""
    plc_database_backup_days: int = Field(7, ge=0, le=365)
    """How long the database's backups and logs keep rows that are gone; likewise only stated."""
    plc_missed_upload_grace_sec: float = Field(120, ge=0)
    """Age at which the sweep asks the bucket itself for an upload it heard nothing of."""
