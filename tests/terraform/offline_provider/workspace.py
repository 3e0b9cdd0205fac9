"""A copy of a configuration in which Terraform may write, set up to need no network."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.terraform.offline_provider.attach import SOURCE, RunningProvider
from tests.terraform.offline_provider.terraform import platform

LEFT_OUT = shutil.ignore_patterns(".git", ".terraform", ".terraform.lock.hcl", "*.tfstate*")
OF_THE_CALLER = re.compile(r"TF_(?!VAR_|LOG)|GOOGLE_")
"""Variables that would let the caller's machine have a say."""
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
SECONDS = 300


@dataclass(frozen=True)
class Workspace:
    folder: Path
    scratch: Path
    """For plans and the like."""
    _environment: Mapping[str, str]
    _provider: RunningProvider

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Terraform with standard output and error together; `init` finds versions in a mirror."""
        attached = {} if arguments[0] == "init" else self._provider.environment
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env={**self._environment, **attached},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@contextmanager
def workspace(folder: Path, provider: RunningProvider) -> Iterator[Workspace]:
    with TemporaryDirectory(prefix="pegasus-terraform-") as name:
        scratch = Path(name).resolve()
        configuration = scratch / "cli.tfrc"
        mirror = _mirror(scratch, provider)
        configuration.write_text(
            f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n'
        )
        environment = {
            **{key: value for key, value in os.environ.items() if not OF_THE_CALLER.match(key)},
            "CHECKPOINT_DISABLE": "1",
            # A made-up metric is known immediately (terraform/metrics.tf).
            "PEGASUS_METRICS_WAIT_SEC": "0",
            "TF_CLI_CONFIG_FILE": str(configuration),
            "TF_IN_AUTOMATION": "1",
        }
        copy = _copy(folder.resolve(), scratch / "root")
        (copy / "offline_override.tf").write_text(LOCAL_BACKEND)
        yield Workspace(copy, scratch, environment, provider)


def _copy(folder: Path, root: Path) -> Path:
    """With links to what lies beside it, for `../` in the configuration."""
    root.mkdir()
    for beside in folder.parent.iterdir():
        if beside != folder:
            (root / beside.name).symlink_to(beside)
    return Path(shutil.copytree(folder, root / folder.name, ignore=LEFT_OUT))


def _mirror(scratch: Path, provider: RunningProvider) -> Path:
    """Offers `init` the one version, so that constraints are checked; what it holds never runs."""
    mirror = scratch / "mirror"
    program = f"terraform-provider-{SOURCE.rpartition('/')[2]}_v{provider.version}"
    path = mirror / SOURCE / provider.version / platform() / program
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return mirror
