"""The program on this machine."""

import json
import shutil
import subprocess
from functools import cache


def is_installed() -> bool:
    return shutil.which("terraform") is not None


@cache
def platform() -> str:
    """As Terraform names it, such as `linux_amd64`."""
    told = subprocess.run(
        ["terraform", "version", "-json"], capture_output=True, text=True, check=True
    )
    return str(json.loads(told.stdout)["platform"])
