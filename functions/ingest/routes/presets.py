"""Presets: what kinds of study material there are to choose from."""

from functions.ingest.schemas.material import PresetsResponse
from functions.ingest.web.operations import Operations
from shared.errors import InvalidRequestError, NotFoundError
from shared.presets import Preset, list_presets, load_preset
from shared.runtime import Runtime


def operations(_rt: Runtime) -> Operations:
    routes = Operations("presets")

    @routes.get("/presets")
    def read_presets() -> PresetsResponse:
        """All presets."""
        return PresetsResponse(presets=list_presets())

    @routes.get("/presets/{preset_id}")
    def read_preset(preset_id: str) -> Preset:
        """One preset, by its id or an alias."""
        try:
            return load_preset(preset_id)
        except InvalidRequestError as error:
            raise NotFoundError(error.message) from None

    return routes
