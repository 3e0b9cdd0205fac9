"""What an owner has used of the daily limits."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.models.personal_data import OWNER, PersonalData


class DailyUsage(Base):
    """Lectures announced, and seconds of audio taken for transcription, on one day (UTC).

    What is deleted stays counted: its transcription has been paid for.
    """

    __tablename__ = "daily_usage"
    __personal_data__ = PersonalData(
        why="to limit a day's lectures and hours",
        until="the day and the one after it are over",
        deleted_by="retention (rows), `DELETE /me`",
        columns={
            "owner": OWNER,
            "day": "when the owner used it",
            "lectures": "how much",
            "audio_sec": "how much",
        },
    )
    __table_args__ = (
        CheckConstraint("lectures >= 0 AND audio_sec >= 0", name="usage_is_not_negative"),
    )

    owner: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    lectures: Mapped[int]
    audio_sec: Mapped[float]
