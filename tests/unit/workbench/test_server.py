"""What a server refuses before it listens, and what every answer carries."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import DataError, DocumentError
from workbench.locale import strings, table, text
from workbench.server import is_loopback, make_server, page_template, passwords, readable
from workbench.theme import COLOURS, FRONTEND, css


@pytest.mark.parametrize(
    ("address", "inside"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("host", False)],
)
def test_only_this_machine_is_loopback(address: str, inside: bool) -> None:
    assert is_loopback(address) is inside


def test_an_open_address_without_passwords_is_refused() -> None:
    with pytest.raises(DataError, match="--auth"):
        make_server(address="0.0.0.0", port=0)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ada": "short"}', '{"ada": 12345678}'])
def test_a_file_of_passwords_must_hold_names_and_long_passwords(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "users.json"
    file.write_text(content)
    with pytest.raises(DataError, match="JSON object of names"):
        passwords(file)


def test_a_missing_file_of_passwords_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"users\.json"):
        passwords(tmp_path / "users.json")


def test_a_document_that_cannot_be_opened_ends_the_start(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text("{")
    with pytest.raises((DocumentError, DataError)):
        readable(file)


def test_the_page_names_no_host_and_holds_every_token() -> None:
    page = page_template()
    assert not re.search(r"https?:", page)
    assert all(f"--wb-{name}:" in page for name in COLOURS)
    assert "<!--" not in page


def test_no_source_of_the_page_names_a_host() -> None:
    for path in (FRONTEND / "chrome").iterdir():
        if path.suffix in (".js", ".css", ".html"):
            hosts = set(re.findall(r"https?://([\w.]+)", path.read_text()))
            assert hosts <= {"www.w3.org"}, path.name  # names of SVG and MathML, never requested


def test_nothing_in_the_page_parses_html() -> None:
    for path in (FRONTEND / "chrome").glob("*.js"):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text()
        )
        assert not found, path.name


def test_colours_stand_only_among_the_tokens() -> None:
    allowed = {"logo"}  # the two colours of the logo are no tokens
    for path in (FRONTEND / "chrome").glob("*.css"):
        for line in path.read_text().splitlines():
            if not any(f".{name}" in line for name in allowed):
                assert not re.search(r"#[0-9a-fA-F]{3,8}\b", line), f"{path.name}: {line}"


def test_every_string_that_is_asked_for_exists() -> None:
    known = set(table())
    for path in (FRONTEND / "chrome").glob("*.js"):
        for key in re.findall(r'say\("([\w.]+)"', path.read_text()):
            assert key in known, f"{path.name} asks for {key}"
    root = Path(__file__).parents[3] / "workbench"
    for path in root.rglob("*.py"):
        for key in re.findall(r'\b(?:text|counted)\(\s*"([\w.]+)"', path.read_text()):
            assert key in known, f"{path.name} asks for {key}"


def test_a_string_inserts_values_and_never_reads_them() -> None:
    assert text("examples.neurons", count="{0.__class__}") == "{0.__class__} neurons"
    assert all(key.startswith("tip.") for key in strings("tip"))


def test_fonts_are_served_from_here() -> None:
    assert 'src:url("assets/fonts/inter.woff2")' in css()
    for name in ("inter.woff2", "jetbrains-mono.woff2"):
        assert (FRONTEND / "fonts" / name).stat().st_size < 100_000


def test_the_first_page_loads_neither_torch_nor_sympy_nor_plotting() -> None:
    heavy = ["torch", "sympy", "holoviews", "datashader"]
    found = f"[name for name in {heavy} if name in sys.modules]"
    code = f"import json, sys, workbench.app; print(json.dumps({found}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
