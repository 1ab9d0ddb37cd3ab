"""The rules of the house that a machine can check: imports, sizes, forbidden calls, start-up."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "workbench", "apps")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]

# Inside engine, a folder may import only what stands left of it (and itself).
LAYERS = ("errors", "checked", "geometry", "equations", "models", "document", "backends",
          "connectivity", "runtime", "learning", "deep")  # fmt: skip
MAY_IMPORT = {
    "panel": ("workbench", "apps"),
    "bokeh": ("workbench", "apps"),
    "holoviews": ("workbench", "apps"),
    "numba": ("engine/backends/", "engine/connectivity/", "workbench/live/"),
    "llvmlite": ("engine/backends/",),
    "cupy": ("engine/backends/cuda/",),
    "torch": (
        "engine/backends/torch_reference",
        "engine/deep/",
        "workbench/bench/",
    ),
}


def imported(path: Path) -> set[str]:
    """Dotted names that the module imports, at any depth (a lazy import is an import)."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_dependencies_point_one_way(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    modules = imported(path)
    roots = {module.split(".")[0] for module in modules}
    if name.startswith("engine/"):
        assert not roots & {"workbench", "apps", "tests"}
    assert "tests" not in roots
    if name.startswith("workbench/"):
        assert "apps" not in roots
    for library, homes in MAY_IMPORT.items():
        if library in roots:
            assert name.startswith(homes), f"{name} imports {library}"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.is_relative_to(ROOT / "engine")], ids=lambda p: p.stem
)
def test_engine_layers_import_only_to_the_left(path: Path) -> None:
    parts = path.relative_to(ROOT / "engine").parts
    layer = parts[0].removesuffix(".py")
    if layer not in LAYERS:
        return
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    # The plan is data that backends are built from; it stands in runtime because runtime makes it.
    shared = {"engine.runtime.plan"}
    for module in imported(path):
        pieces = module.split(".")
        if pieces[0] != "engine" or len(pieces) < 2 or pieces[1] not in LAYERS:
            continue
        if any(module.startswith(name) for name in shared):
            continue
        assert pieces[1] in allowed, f"{layer} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_nothing_typed_by_a_user_can_be_executed(path: Path) -> None:
    forbidden = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in forbidden, f"line {node.lineno}: {node.func.id}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"sympify", "parse_expr"}, f"line {node.lineno}"
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"pickle", "dill", "cloudpickle", "yaml", "marshal", "shelve"}
    assert "allow_pickle=True" not in path.read_text()


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_files_have_one_duty_and_no_catch_all_names(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500
    assert path.stem not in {"utils", "helpers", "misc", "common"}


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in sys.modules of a fresh interpreter after ``statement``."""
    code = f"{statement}\nimport sys; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_engine_is_light() -> None:
    heavy = {
        "torch",
        "numba",
        "sympy",
        "scipy",
        "panel",
        "bokeh",
        "cupy",
        "holoviews",
        "datashader",
    }
    assert not loaded_after("import engine; engine.models()") & heavy


def test_the_first_page_imports_no_torch_and_no_sympy() -> None:
    assert not loaded_after("import workbench.app") & {"torch", "sympy", "datashader"}
