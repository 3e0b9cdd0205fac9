"""What data sources answer that the installation reads; any other is made up as a resource is."""

from typing import Any

from tests.terraform.offline_provider.made_up import PROJECT_NUMBER, MadeUp


def answered(type: str, config: dict[str, Any], made_up: MadeUp) -> dict[str, Any]:
    """`config` with those attributes set that have to agree with each other."""
    match type:
        case "google_project":
            project = config.get("project_id") or made_up.project
            return {**config, "project_id": project, "name": project, "number": PROJECT_NUMBER}
    return config
