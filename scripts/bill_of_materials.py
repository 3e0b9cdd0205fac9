"""A software bill of materials of each archive, in CycloneDX 1.6, made from its lock alone.

    build/STAGE.cdx.json

beside the archive that `scripts.package` builds. It has no time and no random number in it, so the
same archive has the same bill. https://cyclonedx.org/docs/1.6/json/
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAMESPACE = uuid.UUID("6d1c1a3e-4d0b-5a7e-9f0c-0c8f4f6f2b11")
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$",
    re.M,
)


@dataclass(frozen=True)
class Pin:
    """One line of a lock."""

    name: str
    """Normalized as package indexes do (PEP 503)."""
    version: str
    marker: str | None
    """Where it is installed; None for everywhere."""

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(lock: str) -> Iterator[Pin]:
    """What a lock pins, in its order."""
    for found in _PIN.finditer(lock):
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        yield Pin(name, found["version"], found["marker"])


def bill_of_materials(stage: str, *, lock: str, archive: bytes, version: str) -> bytes:
    """JSON; `lock` is the stage's requirements.txt, which the archive holds."""
    digest = hashlib.sha256(archive).hexdigest()
    own = f"pegasus-{stage}"
    components = [_component(pin) for pin in sorted(pins(lock), key=lambda pin: pin.purl)]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{stage} {digest}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": own,
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [each["bom-ref"] for each in components]}],
    }
    return (json.dumps(bill, indent=2) + "\n").encode()


def _component(pin: Pin) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
    }
    if pin.marker:
        component["properties"] = [{"name": "pegasus:marker", "value": pin.marker}]
    return component
