"""Programs on PATH that write down how they were called, and answer as a test has said. `gcloud
storage` also puts objects into a folder, lists and reads them.

And the commands that the real gcloud knows, where it is installed: a stub takes everything.
"""

import json
import os
import re
import runpy
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PROGRAM = """\
import json, os, re, sys
folder = {folder!r}
program, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
told = " ".join([program, *arguments])
takes_input = any(each == "-" or each.endswith("=-") for each in arguments)
with open(folder + "/calls", "a") as file:
    call = [program, arguments, sys.stdin.read() if takes_input else "", dict(os.environ)]
    print(json.dumps(call), file=file)
with open(folder + "/answers") as file:
    answers = json.load(file)
for number, (pattern, code, stdout, stderr, once, touch) in enumerate(answers):
    if re.search(pattern, told):
        if once:
            del answers[number]
            with open(folder + "/answers", "w") as file:
                json.dump(answers, file)
        if touch:
            with open(touch, "w") as file:
                file.write(stdout)
        else:
            sys.stdout.write(stdout)
        sys.stderr.write(stderr)
        sys.exit(code)
if program == "gcloud" and arguments[:1] == ["storage"]:
    buckets = folder + "/buckets/"
    def local(name):
        return buckets + name[5:] if name.startswith("gs://") else name
    if arguments[1] == "ls":
        top = local(arguments[2].removesuffix("**"))
        found = [os.path.join(at, name) for at, _, names in os.walk(top) for name in names]
        if not found:
            sys.exit("ERROR: (gcloud.storage.ls) One or more URLs matched no objects.")
        print(*("gs://" + path[len(buckets):] for path in sorted(found)), sep="\\n")
    elif arguments[1] == "cat":
        with open(local(arguments[2]), "rb") as file:
            sys.stdout.buffer.write(file.read())
    elif arguments[1] == "cp":
        *sources, target = arguments[2:]
        for source in sources:
            path = local(target) + (os.path.basename(source) if target.endswith("/") else "")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            content = call[2].encode() if source == "-" else open(local(source), "rb").read()
            with open(path, "wb") as file:
                file.write(content)
"""


@dataclass(frozen=True)
class Call:
    program: str
    arguments: tuple[str, ...]
    stdin: str
    environment: Mapping[str, str]

    @property
    def told(self) -> str:
        return " ".join((self.program, *self.arguments))


@dataclass
class Stubs:
    """What is not said succeeds, and prints nothing."""

    folder: Path
    _answers: list[tuple[str, int, str, str, bool, str | None]] = field(default_factory=list)

    def program(self, *names: str) -> None:
        (self.folder / "bin").mkdir(parents=True, exist_ok=True)
        for name in names:
            path = self.folder / "bin" / name
            path.write_text(
                f"#!{sys.executable} -IS\n" + PROGRAM.replace("{folder!r}", repr(str(self.folder)))
            )
            path.chmod(0o755)
        self._write()

    def answer(
        self,
        pattern: str,
        stdout: object = "",
        *,
        code: int = 0,
        stderr: str = "",
        once: bool = False,
        into: Path | None = None,
    ) -> None:
        """To a command line that has the pattern; the answer that was given last is tried first.

        `into` puts what would be printed into a file instead.
        """
        printed = stdout if isinstance(stdout, str) else json.dumps(stdout)
        told = (pattern, code, printed, stderr, once, str(into) if into else None)
        self._answers.insert(0, told)
        self._write()

    def _write(self) -> None:
        (self.folder / "answers").write_text(json.dumps(self._answers))

    @property
    def path(self) -> str:
        return os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])

    def calls(self, pattern: str = "") -> list[Call]:
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        calls = (
            Call(program, tuple(arguments), stdin, environment)
            for program, arguments, stdin, environment in map(json.loads, lines)
        )
        return [call for call in calls if re.search(pattern, call.told)]

    def forget(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)


def unknown_to_gcloud(calls: Sequence[Call]) -> list[str] | None:
    """Command lines that the installed gcloud would refuse for their words or their flags; None
    where it is not installed. Its own table for completion in a shell is what is asked."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return None
    table = Path(gcloud).resolve().parents[1] / "data" / "cli" / "gcloud_completions.py"
    if not table.exists():
        return None
    tree = _tree(table)
    return [call.told for call in calls if call.program == "gcloud" and not _knows(tree, call)]


@cache
def _tree(table: Path) -> dict[str, Any]:
    tree: dict[str, Any] = runpy.run_path(str(table))["STATIC_COMPLETION_CLI_TREE"]
    return tree


def _knows(tree: dict[str, Any], call: Call) -> bool:
    node, flags = tree, set(tree["flags"])
    words = [word for word in call.arguments if not word.startswith("-")]
    for word in words:
        if not node["commands"]:
            break
        if word not in node["commands"]:
            return False
        node = node["commands"][word]
        flags |= set(node["flags"])
    given = {word.split("=")[0] for word in call.arguments if word.startswith("--")}
    # A switch is listed by one of its two names.
    return all(name in flags or f"--{name.removeprefix('--no-')}" in flags for name in given)
