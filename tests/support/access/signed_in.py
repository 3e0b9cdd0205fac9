"""A Pegasus in the cloud, whose users sign in."""

from typing import Any

from shared.runtime import Runtime
from tests.support.access.issuer import OPERATOR, Issuer
from tests.support.lectures.builders import PROJECT, changed


def signed_in(runtime: Runtime, issuer: Issuer, **settings: Any) -> Runtime:
    """The runtime in the cloud; users and the operator show tokens of `issuer`."""
    return changed(
        runtime,
        plc_environment="cloud",
        plc_operators=OPERATOR,
        plc_id_token_audience=PROJECT,
        plc_id_token_keys_url=issuer.url,
        **settings,
    )
