"""What was deployed, where it is, and how long it took."""

from scripts.deploying.installation import Installation
from scripts.deploying.releases import Release
from scripts.deploying.steps import Steps
from scripts.programs import ProgramError, Programs


def print_report(
    programs: Programs, project: str, installation: Installation, release: Release, steps: Steps
) -> None:
    print(f"\nrelease  {release.id}  (revision {release.revision})")
    print(f"API      {installation.api_url}")
    for stage, digest in release.digests.items():
        print(f"         {stage + '.zip':15} sha256 {digest}")
    try:
        listed = programs.read(
            *("gcloud", "run", "services", "list", f"--project={project}"),
            *("--filter=metadata.labels.app=pegasus", "--sort-by=metadata.name"),
            "--format=value(metadata.name,status.latestReadyRevisionName)",
        )
    except ProgramError as error:
        # All is done by now; only the list is missing.
        listed = f"the functions' revisions are not known: {error}"
    for line in listed.splitlines():
        name, _, revision = line.partition("\t")
        print(f"         {name:25} {revision}")
    for name, seconds in steps.taken:
        print(f"{seconds:7.1f} s  {name}")
    print(f"{sum(seconds for _, seconds in steps.taken):7.1f} s  together")
