"""Build hook: put the top-level resources into the wheel, but not into an editable install."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RESOURCES = ("templates", "migrations", "config.example.toml")


class ResourceHook(BuildHookInterface[Any]):
    """Copy ``RESOURCES`` to ``booking/_resources/`` in a wheel that is really installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable wheel would leave copies in site-packages that grow stale.
        if version == "standard":
            for name in RESOURCES:
                build_data["force_include"][name] = f"booking/_resources/{name}"
