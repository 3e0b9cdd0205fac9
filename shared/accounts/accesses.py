"""How the record of operators' accesses names an owner."""

import hashlib


def account_subject(owner: str) -> str:
    """By a digest: the record outlives the account, and only a known owner is found in it."""
    return f"account:{hashlib.sha256(owner.encode()).hexdigest()}"
