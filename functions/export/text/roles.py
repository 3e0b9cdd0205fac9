"""How the parts of a discussion are named on paper."""

from shared.documents.artifacts import Bullet, BulletRole

_NAMES: dict[BulletRole, str] = {
    "claim": "Claim",
    "support": "Support",
    "counterargument": "Counterargument",
    "critique": "Critique",
    "question": "Question",
}


def role_label(bullet: Bullet) -> str:
    """`Claim:`; "" for a bullet that is no part of a discussion."""
    return f"{_NAMES[bullet.role]}:" if bullet.role else ""
