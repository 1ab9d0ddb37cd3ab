"""The bundle that ships is the one its sources make, and asks no other host for anything."""

from __future__ import annotations

import hashlib
import re

from workbench.editor.flow import DIST
from workbench.locale import strings
from workbench.theme import FRONTEND


def test_the_bundle_was_built_from_the_sources() -> None:
    digest = hashlib.sha256()
    names = sorted(f"canvas/{path.name}" for path in (FRONTEND / "canvas").iterdir())
    for name in [*names, "package.json"]:
        digest.update(f"{name}\n".encode() + (FRONTEND / name).read_bytes())
    built = (DIST / "canvas.sources.sha256").read_text().strip()
    assert built == digest.hexdigest(), "run `npm ci && npm run build` in workbench/frontend"


def test_the_bundle_loads_nothing_from_elsewhere() -> None:
    styles = (DIST / "canvas.bundle.css").read_text()
    script = (DIST / "canvas.bundle.js").read_text()
    assert not re.search(r"url\(|@import", styles)
    assert not re.search(r"\bimport\s*\(\s*['\"]http|from\s*['\"]http", script)


def test_licences_of_everything_bundled_are_beside_it() -> None:
    listed = (DIST / "canvas.LICENSES.txt").read_text()
    for package in ("@xyflow/react", "@xyflow/system", "react", "react-dom", "zustand", "d3-zoom"):
        assert re.search(rf"^{re.escape(package)} \d", listed, re.MULTILINE), package


def test_every_string_of_the_canvas_is_in_the_table() -> None:
    sources = [path.read_text() for path in (FRONTEND / "canvas").glob("*.js*")]
    used = {key for source in sources for key in re.findall(r'\bt\("([\w.]+)"', source)}
    assert len(used) > 5
    assert used <= set(strings("canvas"))
