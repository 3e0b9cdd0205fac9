""".ci/run: which steps it takes on which interpreters, and how it ends."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.local.stack import ROOT

SUMMARY = "==== 12 passed, 1 skipped, 2 warnings in 3.21s ===="
FAILED = "==== 2 failed, 10 passed, 1 error in 3.21s (0:00:03) ===="
TOOLS = (
    *("bash", "cat", "cut", "dirname", "env", "git", "grep", "mktemp", "rm", "sed", "tail", "tee"),
)


class Repository:
    """A repository with .ci/run, in which every command that it calls only reports itself."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.log = folder / "log"
        self.log.touch()
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.programs / name).symlink_to(found)
        self.answer(self.programs / "terraform", "true")
        self.set_node(20)
        self.chromium = folder / "browser" / "chromium"
        self.answer(self.chromium, "true")
        self.set_user("1000")
        self.set_make()
        (self.root / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "run", self.root / ".ci" / "run")
        self.set_pythons("3.11", "3.12", "3.13")
        self.answer(self.root / "scripts" / "lock", f'echo "lock $*" >>{self.log}')
        (self.root / "requirements.lock").write_text("a==1\n")
        self.git("init", "-q", "-b", "main")
        self.commit()
        self.commit()

    def answer(self, path: Path, body: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        path.chmod(0o755)

    def set_make(self, **answers: str) -> None:
        """`make` notes its interpreter, whether in a clone, and its target; says `answers`."""
        cases = "\n".join(f"*{target.replace('_', '-')}) {do} ;;" for target, do in answers.items())
        self.answer(
            self.programs / "make",
            f"""
            where=here target=$1
            if [[ $1 == -C ]]; then
              target=$3
              [[ -f $2/requirements.lock && ! -e $2/uncommitted ]] && where=clone
            fi
            echo "$PYTHON $where $target" >>{self.log}
            case $target in
              {cases}
              test*) echo '{SUMMARY}' ;;
            esac""",
        )

    def set_node(self, version: int) -> None:
        """Its major version."""
        self.answer(self.programs / "node", f"echo {version}")

    def set_user(self, number: str) -> None:
        self.answer(self.programs / "id", f"echo {number}")

    def set_apt(self, *, installs: bool) -> None:
        """apt-get notes its arguments, and installs Chromium or fails."""
        shell = shutil.which("bash")
        self.answer(
            self.programs / "apt-get",
            f"""
            echo "apt-get $*" >>{self.log}
            [[ $1 == install ]] || exit 0
            {"" if installs else "exit 100"}
            echo "#!{shell}" >{self.chromium}
            {shutil.which("chmod")} +x {self.chromium}""",
        )

    def set_pythons(self, *versions: str) -> None:
        """scripts/find-python finds these; each is a program that tells its version."""
        known = " ".join(versions)
        for version in versions:
            self.answer(self.programs / f"python{version}", f'echo "Python {version}.1"')
        self.answer(
            self.root / "scripts" / "find-python",
            f'[[ " {known} " == *" $1 "* ]] && echo "python$1"',
        )

    def git(self, *arguments: str) -> None:
        author = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *author, *arguments], cwd=self.root, check=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")

    def run(self, **variables: str) -> tuple[int, list[str], list[str]]:
        """Exit status, lines of output, and the commands that were called."""
        (self.root / "uncommitted").touch()
        ended = subprocess.run(
            [str(self.root / ".ci" / "run")],
            env={
                "PATH": str(self.programs),
                "HOME": str(self.root),
                "CHROMIUM": str(self.chromium),
            }
            | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return ended.returncode, ended.stdout.splitlines(), self.log.read_text().splitlines()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_newest_python_has_all_tests_and_each_other_a_fresh_clone(
    repository: Repository,
) -> None:
    code, said, called = repository.run()

    assert code == 0, said
    assert called == [
        "python3.13 here lint",
        "python3.12 clone test-unit",
        "python3.12 clone demo",
        "python3.11 clone test-unit",
        "python3.11 clone demo",
        "python3.13 here app",
        "python3.13 here test-app",
        "python3.13 here test-app-selection",
        "python3.13 here test-selection",
        "python3.13 here test-races",
        "python3.13 here test",
    ]
    assert said[-1] == "12 passed, 0 failed, 1 skipped"


def test_a_missing_python_is_named(repository: Repository) -> None:
    repository.set_pythons("3.11", "3.13")

    code, said, called = repository.run()

    assert code == 0
    assert [line for line in said if "NOT RUN" in line] == [
        "NOT RUN: Python 3.12 is not on this machine (uv python install 3.12)"
    ]
    assert "python3.11 clone demo" in called
    assert said[-1] == "12 passed, 0 failed, 1 skipped"


def test_a_node_that_is_too_old_for_the_app_is_named_and_an_error_in_continuous_integration(
    repository: Repository,
) -> None:
    repository.set_node(18)

    code, said, called = repository.run()
    assert code == 0
    assert "NOT RUN: Node 20 or newer: the app was not built" in said
    assert "python3.13 here app" not in called
    assert "python3.13 here test" in called

    code, said, _ = repository.run(CI="true")
    assert code != 0
    assert any("Node 20 or newer was not found" in line for line in said)


def test_a_missing_chromium_is_installed_by_root(repository: Repository) -> None:
    repository.chromium.unlink()
    repository.set_user("0")
    repository.set_apt(installs=True)

    code, said, called = repository.run(CI="true")

    assert code == 0, said
    installed = called.index("apt-get install -yqq chromium")
    assert called[installed - 1].startswith("apt-get update")
    assert called[installed + 1] == "python3.13 here test-app-selection"


@pytest.mark.parametrize("user", ["0", "1000"], ids=["apt-get fails", "not root"])
def test_a_chromium_that_cannot_be_installed_is_named_and_an_error_in_continuous_integration(
    repository: Repository, user: str
) -> None:
    repository.chromium.unlink()
    repository.set_user(user)
    repository.set_apt(installs=False)

    code, said, called = repository.run()
    assert code == 0, said
    assert any(line.startswith("NOT RUN: Chromium") for line in said)
    assert "python3.13 here test-app-selection" not in called
    assert "python3.13 here test" in called
    assert any(line.startswith("apt-get") for line in called) == (user == "0")

    code, said, _ = repository.run(CI="true")
    assert code != 0
    assert any("Chromium was not found" in line for line in said)


def test_a_missing_python_is_an_error_in_continuous_integration(repository: Repository) -> None:
    repository.set_pythons("3.11", "3.13")

    code, said, called = repository.run(CI="true")

    assert code != 0
    assert any("Python 3.12 was not found" in line for line in said)
    assert called == []


def test_a_missing_terraform_is_an_error(repository: Repository) -> None:
    (repository.programs / "terraform").unlink()

    code, said, called = repository.run()

    assert code != 0
    assert any("terraform is not installed" in line for line in said)
    assert called == []


@pytest.mark.parametrize(
    "target", ["lint", "test_unit", "demo", "test_selection", "test_races", "test"]
)
def test_the_first_step_that_fails_ends_the_run(repository: Repository, target: str) -> None:
    repository.set_make(**{target: f"echo '{FAILED}'; exit 2"})

    code, said, called = repository.run()

    assert code != 0
    assert called[-1].endswith(target.replace("_", "-"))
    assert any(line.startswith("failed after") for line in said)
    if target.startswith("test"):
        assert said[-1] == "10 passed, 3 failed, 0 skipped"


def test_the_lock_is_checked_if_it_changed(repository: Repository) -> None:
    (repository.root / "requirements.lock").write_text("a==2\n")
    repository.commit()

    code, _, called = repository.run()

    assert code == 0
    assert called[:2] == ["python3.13 here lint", "lock --check"]


def test_the_lock_is_checked_if_the_commit_before_is_not_there(
    repository: Repository, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(shallow))
    repository.root = shallow

    code, _, called = repository.run()

    assert code == 0
    assert "lock --check" in called
