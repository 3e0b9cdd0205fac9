"""External programs, such as terraform and gcloud: run, read, or only shown."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field


class ProgramError(Exception):
    """A program is not there, or it failed. What it says about it is the message's end."""


@dataclass(frozen=True)
class Programs:
    dry_run: bool = False
    """Show what would be run, and run nothing."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(
        self, *command: str, stdin: str | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """What it prints goes to the terminal. Raises ProgramError."""
        print(f"$ {shlex.join(command)}", flush=True)
        if self.dry_run:
            return
        with self._begun(command, environment, stdin=stdin) as process:
            _feed(process, stdin)
            code = _patiently_ended(process)
        if code != 0:
            raise ProgramError(f"{shlex.join(command)} ended with {code}")

    def read(self, *command: str, stdin: str | None = None) -> str:
        """What it prints, which is not shown; nothing in a dry run. Raises ProgramError."""
        if self.dry_run:
            print(f"$ {shlex.join(command)}", flush=True)
            return ""
        try:
            done = subprocess.run(
                command,
                env=self.environment,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise ProgramError(f"{command[0]} is not on this machine") from None
        if done.returncode != 0:
            told = done.stderr.strip()
            raise ProgramError(f"{shlex.join(command)} ended with {done.returncode}: {told}")
        return done.stdout

    def _begun(
        self, command: tuple[str, ...], environment: Mapping[str, str] | None, stdin: str | None
    ) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                command,
                env=self.environment if environment is None else environment,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                text=True,
            )
        except FileNotFoundError:
            raise ProgramError(f"{command[0]} is not on this machine") from None


def _feed(process: subprocess.Popen[str], stdin: str | None) -> None:
    if process.stdin is None or stdin is None:
        return
    try:
        process.stdin.write(stdin)
        process.stdin.close()
    except BrokenPipeError:
        pass  # It has ended; its exit status says how.


def _patiently_ended(process: subprocess.Popen[str]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # It got the Ctrl-C as well, and has something to put in order: Terraform records
            # what it has done by then, and killed it would not.
            continue
