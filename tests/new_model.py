"""A model that is a file in its folder and nothing else, for as long as a test lasts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.models import _descriptions


@contextmanager
def one_more(
    package: ModuleType, listing: Callable[[], Any], name: str, text: str, folder: Path
) -> Iterator[str]:
    """The name of a model whose file ``text`` lies in ``folder`` and is found by ``package``, of
    which ``listing`` remembers what there is."""
    (folder / f"{name}.py").write_text(text)
    caches = listing, _descriptions
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "__path__", [*package.__path__, str(folder)])
        for cache in caches:
            cache.cache_clear()  # pyright: ignore[reportFunctionMemberAccess]
        yield name
    for cache in caches:
        cache.cache_clear()  # pyright: ignore[reportFunctionMemberAccess]
    sys.modules.pop(f"{package.__name__}.{name}", None)
