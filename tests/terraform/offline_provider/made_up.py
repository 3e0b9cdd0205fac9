"""Values in place of those the cloud would give, each of the right type and likely form."""

import re
from typing import Any

from tests.terraform.offline_provider.schema import Block, CtyType, ProviderSchema
from tests.terraform.offline_provider.values import as_list, is_unknown

PROJECT_NUMBER = "123456789012"
PROJECT = "made-up-project"


class MadeUp:
    """Makes one resource or data source wholly known."""

    def __init__(self, schema: ProviderSchema, provider: dict[str, Any], type: str) -> None:
        self._rules = schema.rules.get(type)
        self._provider = provider
        self._type = type

    @property
    def project(self) -> str:
        configured = self._provider.get("project")
        return configured if isinstance(configured, str) else PROJECT

    def block(self, block: Block, values: dict[str, Any], *, nulls: bool) -> dict[str, Any]:
        """`values` without unknowns; `nulls` fills computed attributes that are null as well."""
        made = dict(values)
        for name, attribute in block.attributes.items():
            value = made.get(name)
            if is_unknown(value) or (nulls and value is None and attribute.computed):
                made[name] = self._new(attribute.type, name, made)
            elif value is not None:
                made[name] = self._without_unknowns(value, attribute.type, name, made)
        for name, nested in block.blocks.items():
            value = made.get(name)
            if is_unknown(value):
                made[name] = []
                continue
            inner = [
                self.block(nested.block, each, nulls=nulls) if isinstance(each, dict) else each
                for each in as_list(value)
            ]
            made[name] = inner if isinstance(value, list) else inner[0]
        return made

    def _without_unknowns(
        self, value: Any, type: CtyType, name: str, beside: dict[str, Any]
    ) -> Any:
        if is_unknown(value):
            return self._new(type, name, beside)
        if isinstance(value, list) and isinstance(type, list):
            return [self._without_unknowns(each, type[1], name, beside) for each in value]
        if isinstance(value, dict) and isinstance(type, list):
            return {
                key: self._without_unknowns(
                    each, type[1][key] if type[0] == "object" else type[1], key, beside
                )
                for key, each in value.items()
            }
        return value

    def _new(self, type: CtyType, name: str, beside: dict[str, Any]) -> Any:
        match type:
            case "string" | "dynamic":
                return self._text(name, beside)
            case "number":
                return 1
            case "bool":
                return False
            case ["map", _]:
                return {}
            case ["object", dict() as fields]:
                return {key: self._new(each, key, beside) for key, each in fields.items()}
            case [_, element]:
                return [self._new(element, name, beside)]
        raise TypeError(f"no value can be made up for the type {type}")

    def _text(self, name: str, beside: dict[str, Any]) -> str:
        given = {key: value for key, value in beside.items() if isinstance(value, str) and value}
        project = given.get("project", self.project)
        last_word = self._type.rpartition("_")[2]
        base = next(
            (given[key] for key in ("name", f"{last_word}_id", "account_id") if key in given),
            "made-up",
        ).rpartition("/")[2]
        if name in ("id", "name", "self_link"):
            return self._id(given, project, base)
        email = f"{base}@{project}.iam.gserviceaccount.com"
        host = f"https://{base}-made-up.a.run.app"
        region = given.get("region", self._provider.get("region"))
        known = {
            "connection_name": f"{project}:{region}:{base}",
            "member": f"serviceAccount:{email}",
            "number": PROJECT_NUMBER,
            "project": project,
            "project_number": PROJECT_NUMBER,
            "service_account": email,
            "service_uri": host,
            "uri": host if "cloud" in self._type else f"gs://{base}",
            "url": host if "cloud" in self._type else f"gs://{base}",
            "writer_identity": f"serviceAccount:{email}",
        }
        likely = {"email": email, "ip_address": "10.0.0.2", "_time": "2026-01-01T00:00:00Z"}
        by_part = next((value for part, value in likely.items() if part in name), None)
        return known.get(name) or by_part or f"made-up-{name}"

    def _id(self, given: dict[str, str], project: str, base: str) -> str:
        form = self._rules.id if self._rules else ""
        values = {"project": project, **given}
        if form and set(re.findall(r"\{(\w+)\}", form)) <= set(values):
            return form.format(**values)
        where = given.get("location", given.get("region"))
        place = f"/locations/{where}" if where else ""
        return f"projects/{project}{place}/{self._type.partition('_')[2]}/{base}"
