"""The version of each secret that a deployment gives to the functions.

A deployment names versions, so that a value which is added afterwards takes effect with a rotation
(scripts/rotate-secret) or the next deployment, and never at the start of some instance.
"""

from scripts.recovery.gcloud import Gcloud
from scripts.recovery.rotate_secret import VARIABLES, enabled_versions, newest


def deployed_versions(gcloud: Gcloud) -> dict[str, str]:
    """By secret, of those that have an enabled version, the newest. Raises ProgramError."""
    there = set(gcloud.read("secrets", "list", "--format=value(name.basename())").split())
    listed = {secret: enabled_versions(gcloud, secret) for secret in VARIABLES if secret in there}
    return {secret: newest(versions) for secret, versions in listed.items() if versions}
