"""Writes the pictures and numbers of docs/learning.md: runs every script of examples/learning.

    python docs/make_learning.py [NAME ...]

A picture is docs/images/learning/NAME.svg; the sentence that a script prints goes under its heading
in the page, between two marks.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/learning.md"
PICTURES = ROOT / "docs/images/learning"
SCRIPTS = ROOT / "examples/learning"


def names() -> list[str]:
    """The scripts that show something."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py") if path.stem != "showing")


def said_in(page: str, name: str) -> str:
    """What the page says that a script printed."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    return "" if found is None else " ".join(found[1].split())


def put(page: Path, name: str, words: str) -> None:
    """Write ``words`` between the marks of ``name`` on a page."""
    mark = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- end -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    page.write_text(mark.sub(rf"\g<1>{words}\n<!-- end -->", text), encoding="utf-8")


def main() -> None:
    """Run the scripts named, or all, and write what they say and draw."""
    for name in sys.argv[1:] or names():
        command = [sys.executable, str(SCRIPTS / f"{name}.py"), "--out", str(PICTURES)]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        print(words)
        put(PAGE, name, f"{words}.")


if __name__ == "__main__":
    main()
