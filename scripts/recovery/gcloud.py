"""Google's command line, in one project."""

from dataclasses import dataclass

from scripts.programs import Programs


@dataclass(frozen=True)
class Gcloud:
    project: str
    programs: Programs

    def run(self, *arguments: str, stdin: str | None = None) -> None:
        """Raises ProgramError."""
        self.programs.run(*self._command(arguments), stdin=stdin)

    def read(self, *arguments: str) -> str:
        """Raises ProgramError."""
        return self.programs.read(*self._command(arguments))

    def _command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return ("gcloud", *arguments, f"--project={self.project}")


def in_project(project: str, *, dry_run: bool) -> Gcloud:
    """With `dry_run` its commands are only shown."""
    return Gcloud(project, Programs(dry_run))
