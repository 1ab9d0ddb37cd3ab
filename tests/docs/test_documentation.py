"""What the documentation says is true: its code runs, its links and pictures exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from marks import slow_but

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WITH_CODE = [page for page in PAGES if "```python" in page.read_text()]
AT_ONCE = [page for page in WITH_CODE if page.stem in ("README", "codes", "learning_rules")]


@pytest.mark.parametrize("page", slow_but(AT_ONCE, WITH_CODE), ids=lambda page: page.name)
def test_every_python_fence_runs(page: Path, tmp_path: Path) -> None:
    """All fences of a page, top to bottom, as one program in a folder of its own."""
    code = "\n".join(body for kind, body in FENCE.findall(page.read_text()) if kind == "python")
    program = tmp_path / "page.py"
    program.write_text(code)
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_inside_the_repository_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_has_exactly_two_commands_and_they_are_the_real_ones() -> None:
    fences = FENCE.findall((ROOT / "README.md").read_text())
    opens, tests = [body.strip() for kind, body in fences if kind == "bash"]
    assert opens.endswith("&& workbench serve")
    assert "pytest" in tests


def test_pictures_are_small_enough_to_live_in_the_repository() -> None:
    pictures = [path for path in (ROOT / "docs/images").rglob("*") if path.is_file()]
    assert {"codes", "learning", "models"} <= {picture.parent.name for picture in pictures}
    large = [picture.name for picture in pictures if picture.stat().st_size > 110_000]
    assert not large


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*.json")), ids=lambda p: p.stem
)
def test_examples_are_what_their_script_writes(example: Path) -> None:
    """The documents in the folder were not edited by hand behind the script's back."""
    import importlib.util

    import engine

    spec = importlib.util.spec_from_file_location(
        "make_examples", ROOT / "examples/make_examples.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = {make.__name__: make for make in module.EXAMPLES}[example.stem]()
    assert engine.dumps(module.document(made)).strip() == example.read_text().strip()


def test_the_page_of_networks_has_the_numbers_and_picture_of_each_that_is_measured() -> None:
    page = (ROOT / "docs/networks.md").read_text()
    drawn = {picture.stem for picture in (ROOT / "docs/images/networks").glob("*.svg")}
    measured = re.findall(r"<!-- (\w+) -->\n(.+?)\n<!-- end -->", page, re.DOTALL)
    assert {name for name, _ in measured} == drawn
    assert all(any(map(str.isdigit, words)) for _, words in measured)
    for name in drawn:
        assert f"images/networks/{name}.svg" in page
    named = set(re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE))
    shipped = {path.stem for path in (ROOT / "examples").glob("*.json")}
    assert {word.strip("`") for cell in named for word in cell.split(", ")} <= shipped


LEARNING = sorted(
    path for path in (ROOT / "examples/learning").glob("*.py") if path.stem != "showing"
)


@pytest.mark.slow
@pytest.mark.parametrize("example", LEARNING, ids=lambda path: path.stem)
def test_an_example_of_learning_runs_and_draws(example: Path, tmp_path: Path) -> None:
    if "data set" in example.read_text() and not os.environ.get("WORKBENCH_DATA"):
        pytest.skip("WORKBENCH_DATA names no folder of data sets")
    command = [sys.executable, str(example), "--quick", "--out", str(tmp_path)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert any(letter.isdigit() for letter in done.stdout)
    drawn = (tmp_path / f"{example.stem}.svg").read_text()
    assert drawn.startswith("<svg")
    assert "<polyline" in drawn or "<circle" in drawn


@pytest.mark.parametrize("name", ["evolving_digits", "diehl_cook"])
def test_a_missing_data_set_is_said_in_one_sentence(name: str, tmp_path: Path) -> None:
    script = ROOT / f"examples/learning/{name}.py"
    environment = {k: v for k, v in os.environ.items() if k != "WORKBENCH_DATA"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode != 0
    assert "was not found" in done.stderr
    assert "WORKBENCH_DATA" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_page_of_learning_has_the_number_and_picture_of_every_example() -> None:
    page = (ROOT / "docs/learning.md").read_text()
    for example in LEARNING:
        found = re.search(rf"<!-- {example.stem} -->\n([^<]+?)\n<!-- end -->", page)
        assert found is not None, example.stem
        assert any(map(str.isdigit, found[1])), example.stem
        assert f"images/learning/{example.stem}.svg" in page
