"""Plans a resource as Google's provider does: which values are known, and which not yet."""

from typing import Any

from tests.terraform.offline_provider.schema import Block
from tests.terraform.offline_provider.values import UNKNOWN, as_list, wholly_known

FROM_PROVIDER = ("project", "region", "zone")
"""What the provider's own configuration gives to resources that do not say otherwise."""


def planned(
    type: str, block: Block, proposed: dict[str, Any], *, new: bool, provider: dict[str, Any]
) -> dict[str, Any]:
    """`proposed` with defaults, and with unknown values where the service decides."""
    known = _known_to_the_provider(type, block, proposed, provider) if new else {}
    return _with_unknowns(block, {**proposed, **known}, new=new)


def _with_unknowns(block: Block, values: dict[str, Any], *, new: bool) -> dict[str, Any]:
    filled = dict(values)
    for name, attribute in block.attributes.items():
        if attribute.write_only:
            filled[name] = None
        elif filled.get(name) is None:
            if attribute.computed:
                filled[name] = UNKNOWN if new else None
            else:
                filled[name] = attribute.default
    for name, nested in block.blocks.items():
        inner = [
            _with_unknowns(nested.block, each, new=new) if isinstance(each, dict) else each
            for each in as_list(filled.get(name))
        ]
        filled[name] = inner if isinstance(filled.get(name), list) else inner[0]
    return filled


def _known_to_the_provider(
    type: str, block: Block, proposed: dict[str, Any], provider: dict[str, Any]
) -> dict[str, Any]:
    known: dict[str, Any] = {
        name: provider[name]
        for name in FROM_PROVIDER
        if name in block.attributes
        and block.attributes[name].computed
        and proposed.get(name) is None
        and isinstance(provider.get(name), str)
    }
    if "terraform_labels" in block.attributes:
        labels, common = proposed.get("labels"), provider.get("default_labels")
        if wholly_known(labels) and wholly_known(common):
            marked = provider.get("add_terraform_attribution_label") is not False
            mark = {"goog-terraform-provisioned": "true"} if marked else {}
            merged = {**mark, **(common or {}), **(labels or {})}
            known |= {"terraform_labels": merged, "effective_labels": merged}
    if "effective_annotations" in block.attributes and wholly_known(proposed.get("annotations")):
        known["effective_annotations"] = proposed.get("annotations") or {}
    if type == "google_service_account":
        account, project = proposed.get("account_id"), known.get("project", proposed.get("project"))
        if isinstance(account, str) and isinstance(project, str):
            email = f"{account}@{project}.iam.gserviceaccount.com"
            known |= {"email": email, "member": f"serviceAccount:{email}"}
    return known
