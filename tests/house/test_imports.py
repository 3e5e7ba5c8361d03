"""Who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import PACKAGES, ROOMS, ROOT, modules

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "queue", "common", "misc"}


def imported(module: Path) -> Iterator[str]:
    """The full dotted names that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.parts[: len(module.parts) - node.level] if node.level else ()
            yield ".".join([*package, *([node.module] if node.module else [])])


def imports_of_ours(module: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(module)} & set(PACKAGES)


@pytest.mark.parametrize("module", modules("dawr"), ids=str)
def test_the_core_imports_none_of_our_other_packages(module: Path) -> None:
    assert imports_of_ours(module) <= {"dawr"}


@pytest.mark.parametrize("module", modules(*ROOMS), ids=str)
def test_a_room_imports_only_the_core_and_itself(module: Path) -> None:
    assert imports_of_ours(module) <= {"dawr", module.parts[0]}


def test_escpos_is_imported_in_one_module_only() -> None:
    users = [module for module in modules(*PACKAGES) if any(n.split(".")[0] == "escpos" for n in imported(module))]
    assert set(users) <= {Path("kiosk/printer.py")}


def test_the_package_of_the_core_imports_nothing_by_itself() -> None:
    assert list(imported(Path("dawr/__init__.py"))) == []


@pytest.mark.parametrize("module", [m for m in modules(*PACKAGES) if m.name != "__main__.py"], ids=str)
def test_importing_a_module_runs_nothing(module: Path) -> None:
    """No call stands alone at the top of a module: that is for the process, whose `__main__` may prepare itself."""
    statements = ast.parse((ROOT / module).read_text("utf-8")).body
    calls = [ast.unparse(s) for s in statements if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    assert calls == []


@pytest.mark.parametrize("folder", ["config", "systemd"])
def test_a_folder_of_data_holds_no_code(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py")) == []


@pytest.mark.parametrize("module", modules(*PACKAGES), ids=str)
def test_a_module_is_named_after_its_idea(module: Path) -> None:
    assert not {part.removesuffix(".py") for part in module.parts} & VAGUE_NAMES
