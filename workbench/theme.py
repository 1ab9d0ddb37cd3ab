"""Design tokens: the only place where a colour, a font or a size of the page is written.

Every token becomes a CSS custom property on ``:root`` (``--wb-surface``, ``--wb-accent`` ...).
Custom properties are inherited through shadow roots, so components only ever write
``var(--wb-...)`` and follow a change of theme without being told.  Drawings on a canvas read the
same properties with ``getComputedStyle`` when the window event ``workbench:theme`` arrives.
"""

from __future__ import annotations

from pathlib import Path

FRONTEND = Path(__file__).parent / "frontend"

# name -> (dark, light)
COLOURS: dict[str, tuple[str, str]] = {
    "background": ("#0f1216", "#f6f7f9"),
    "surface": ("#161a20", "#ffffff"),
    "raised": ("#1d232b", "#f1f3f6"),
    "pressed": ("#262d37", "#e6eaef"),
    "line": ("#2b333e", "#dde2e9"),
    "grid": ("#1b2028", "#e9edf2"),
    "text": ("#e6eaf0", "#1a212b"),
    "secondary": ("#9aa6b5", "#566274"),
    "tertiary": ("#6b7787", "#8894a5"),
    # Small text that must still be read (4.5 : 1): one step stronger than tertiary.
    "quiet": ("#8491a1", "#66738a"),
    "accent": ("#5b9dff", "#2563d9"),
    "on-accent": ("#ffffff", "#ffffff"),
    "focus": ("rgb(91 157 255 / 25%)", "rgb(37 99 217 / 25%)"),
    "good": ("#3fbf8a", "#15875a"),
    "warning": ("#e0a63a", "#a86a00"),
    "error": ("#f0616d", "#c92f3d"),
    "shadow": ("rgb(0 0 0 / 45%)", "rgb(26 33 43 / 14%)"),
    "scrim": ("rgb(5 7 10 / 55%)", "rgb(26 33 43 / 28%)"),
}

# The same in both themes.
CONSTANTS: dict[str, str] = {
    "font": '"Inter", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
    "mono": '"JetBrains Mono", ui-monospace, "DejaVu Sans Mono", monospace',
    "radius-field": "6px",
    "radius-button": "8px",
    "radius-card": "12px",
    "top": "48px",
    "left": "232px",
    "right": "304px",
    "bottom": "28px",
}

# Colours of populations in order, told apart with any colour vision; sources are grey.
POPULATIONS = ("#3d8bfd", "#e4576b", "#2bb3a3", "#e0a63a", "#9b7bff", "#6cc04a", "#e07bb5")
SOURCE_COLOUR = "#8a94a6"

DARK, LIGHT = "dark", "light"


def variables(theme: str) -> str:
    """The custom properties of one theme as CSS declarations."""
    place = 0 if theme == DARK else 1
    pairs = {name: values[place] for name, values in COLOURS.items()} | CONSTANTS
    return "".join(f"--wb-{name}:{value};" for name, value in pairs.items())


def css_by_system() -> str:
    """Tokens that follow the system's theme, for pages without a choice of theme."""
    light = f":root{{{variables(LIGHT)}color-scheme:light;}}"
    dark = f":root{{{variables(DARK)}color-scheme:dark;}}"
    return f"{light}\n@media (prefers-color-scheme:dark){{{dark}}}\n{_BASE}"


def css(assets: str = "assets") -> str:
    """Tokens of both themes, the fonts and the page's base rules; ``assets`` is where fonts are."""
    faces = "".join(
        f'@font-face{{font-family:"{family}";font-style:normal;font-weight:100 900;'
        f'font-display:swap;src:url("{assets}/fonts/{file}") format("woff2");}}\n'
        for family, file in (("Inter", "inter.woff2"), ("JetBrains Mono", "jetbrains-mono.woff2"))
    )
    return (
        f"{faces}:root{{{variables(DARK)}color-scheme:dark;}}\n"
        f":root[data-theme=light]{{{variables(LIGHT)}color-scheme:light;}}\n"
        f"{_BASE}"
    )


_BASE = """html,body{margin:0;height:100%;overflow:hidden;background:var(--wb-background);
color:var(--wb-text);font:13px/20px var(--wb-font);-webkit-font-smoothing:antialiased;}
"""
