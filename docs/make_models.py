"""Writes docs/models: a page for every neuron, synapse and source, from its declaration alone.

    python docs/make_models.py

Equations, parameters, presets and conventions are those of the file that declares the model (its
first words are the page's); the pictures are runs of the model by this program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from make_model_plots import picture_of_neuron, picture_of_synapse, shown
from make_source_plots import picture_of_source, pictured

from engine.equations.chosen import chosen_equations, chosen_expression, chosen_statements
from engine.equations.compile import compile_model
from engine.equations.language import parse_equations, parse_expression, parse_statements
from engine.equations.latex import equations_latex, statements_latex, to_latex
from engine.equations.solvers import SOLVERS
from engine.equations.tree import Expr
from engine.models.compose import weight_unit
from engine.models.declaration import NeuronModel, Parameter, SourceModel, SynapseModel
from engine.models.registry import neuron_models, source_models, synapse_models

DOCS = Path(__file__).resolve().parent
PAGES, IMAGES = DOCS / "models", DOCS / "images" / "models"
_EDIT = "<!-- Written by docs/make_models.py from the declaration; edit that. -->\n"


def pages() -> dict[Path, str]:
    """Every page and its text."""
    found = {PAGES / "README.md": "\n".join(_index())}
    for model in own_pages():
        found[PAGES / f"{model.name}.md"] = "\n".join(_neuron(model))
    for synapse in synapse_models().values():
        found[PAGES / f"synapse_{synapse.name}.md"] = "\n".join(_synapse(synapse))
    for source in source_models().values():
        found[PAGES / f"source_{source.name}.md"] = "\n".join(_source(source))
    return {path: text.rstrip() + "\n" for path, text in found.items()}


def own_pages() -> list[NeuronModel]:
    """The models that have a page; variants stand on that of their model."""
    known = neuron_models()
    variants = {name for model in known.values() for name in model.variants}
    return [model for name, model in known.items() if name not in variants]


def _index() -> Iterator[str]:
    yield _EDIT + "\n# Models\n"
    yield (
        "Every neuron, synapse and source that comes with the workbench. Each is one file of "
        "declarations in `engine/models/`, and a model of your own is written in the same "
        "language: "
        "[how](../scripting.md).\n"
    )
    yield "## Neurons\n"
    rows = [
        (f"[{model.title}]({model.name}.md)", f"`{model.name}`", model.group, model.source)
        for model in sorted(own_pages(), key=lambda model: (model.group, model.title))
    ]
    yield from _table(("model", "name", "group", "source"), rows)
    yield "## Synapses\n"
    synapses = [
        (f"[{model.title}](synapse_{model.name}.md)", f"`{model.name}`", model.source)
        for model in synapse_models().values()
    ]
    yield from _table(("model", "name", "source"), synapses)
    yield "## Sources\n"
    sources = [
        (f"[{model.title}](source_{model.name}.md)", f"`{model.name}`", model.outputs)
        for model in source_models().values()
    ]
    yield from _table(("source", "name", "sends"), sources)


def _neuron(model: NeuronModel) -> Iterator[str]:
    yield _EDIT + f"\n# {model.title}\n"
    yield f"`{model.name}` · {model.group} · {model.source}\n"
    yield from _about(f"engine.models.neurons.{model.name}")
    yield "## Equations\n"
    equations, known = chosen_equations(parse_equations(model.equations), model.chosen({}))
    yield from _mathematics(equations_latex(equations, [*model.parameters, "I"]))
    yield from _rules(model, known)
    options = ", ".join(f"`{name}`" for name in model.options)
    yield f"As it is written, {options} not yet chosen:\n" if options else "As it is written:\n"
    yield f"```text\n{model.equations}\n```\n"
    yield "## Parameters\n"
    yield from _parameters(model.parameters)
    if model.checks:
        yield "What must hold between them: " + "; ".join(f"`{rule}`" for rule, _ in model.checks)
        yield ""
    yield from _presets(model)
    yield from _ports(model)
    yield "## How it answers\n"
    yield f"![{model.title}](../images/models/{model.name}.svg)\n"
    yield f"*{shown(model).caption}*\n"
    yield "## How to use it\n"
    yield f"```python\n{_example(model)}\n```\n"


def _about(module: str) -> Iterator[str]:
    """What the file says of its model, conventions where sources disagree included."""
    words = (import_module(module).__doc__ or "").strip()
    for paragraph in words.split("\n\n"):
        yield " ".join(paragraph.split()) + "\n"


def _mathematics(lines: Iterable[str]) -> Iterator[str]:
    aligned = " \\\\\n".join(_aligned(line) for line in lines)
    yield f"$$\n\\begin{{aligned}}\n{aligned}\n\\end{{aligned}}\n$$\n"


def _aligned(line: str) -> str:
    """With the mark that puts equations one under the other at their first sign."""
    sign = r"\leftarrow" if r"\leftarrow" in line else "="
    return line.replace(sign, f"&{sign}", 1)


def _inline(text: str | Expr, declared: Iterable[str]) -> str:
    return f"${to_latex(parse_expression(text) if isinstance(text, str) else text, declared)}$"


def _rules(model: NeuronModel, known: Mapping[str, Expr]) -> Iterator[str]:
    step_map = compile_model(model)
    if model.threshold:
        kind = "an upward crossing of" if model.crossing else "in every step with"
        condition = chosen_expression(parse_expression(model.threshold), known)
        yield f"A spike: {kind} {_inline(condition, model.parameters)}.\n"
    if model.hazard:
        rate = _inline(parse_expression(model.hazard), model.parameters)
        chance = "in a step of `dt` with the probability `1 - exp(-hazard*dt)`, at its end"
        yield f"Spikes come by chance, with the hazard {rate}: {chance}.\n"
    if model.reset:
        statements = chosen_statements(parse_statements(model.reset), known)
        lines = statements_latex(statements, [*model.parameters, "v"])
        if lines:  # the options as they are by default may leave none
            yield f"After it: {', '.join(f'${line}$' for line in lines)}.\n"
    if model.refractory:
        held = ", ".join(_inline(name, [name]) for name in model.holds)
        time = _inline(model.refractory, model.parameters)
        yield f"For {time} after a spike {held} is held; all else goes on.\n"
    yield f"Solved by `{step_map.solver}`: {SOLVERS[step_map.solver]}.\n"


def _parameters(parameters: Mapping[str, Parameter]) -> Iterator[str]:
    rows = []
    for name, entry in parameters.items():
        low, high = entry.bounds
        bounds = f"{low:g} to {high:g}"
        # A source's choice is one of some words; a number's choices are told by its meaning.
        if entry.kind in ("text", "choice"):
            bounds = ", ".join(f"`{word}`" for word in entry.choices) or "–"
        names = (_inline(name, [name]), f"`{name}`")
        rows.append((*names, _default(entry.default), _unit(entry.unit), bounds, entry.doc))
    yield from _table(("", "name", "default", "unit", "bounds", "meaning"), rows)


def _default(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(f"{number:g}" for number in value) or "–"
    return f"`{value}`" if value else "–"


def _presets(model: NeuronModel) -> Iterator[str]:
    names = list(dict.fromkeys((*model.presets, *model.protocols)))
    if not names:
        return
    yield "## Presets\n"
    rows = []
    for name in names:
        values = ", ".join(f"{key} {value:g}" for key, value in model.presets.get(name, {}).items())
        note = model.protocols[name].note if name in model.protocols else ""
        rows.append((name, values or "the defaults", note))
    yield from _table(("preset", "parameters", "what to see"), rows)


def _ports(model: NeuronModel) -> Iterator[str]:
    known = synapse_models()
    named = {model.name: model, **{name: neuron_models()[name] for name in model.variants}}
    yield "## Ports\n"
    rows = []
    for name, each in named.items():
        for port, synapse in each.ports.items():
            link = f"[{synapse}](synapse_{synapse}.md)"
            rows.append((f"`{name}`", port, link, _unit(weight_unit(each, known[synapse]))))
    yield from _table(("name", "port", "synapse", "unit of a weight"), rows)
    yield f"An injected current goes to `current`, in {_unit(model.current_unit)}.\n"


def _example(model: NeuronModel) -> str:
    show = shown(model)
    setting = f'preset="{show.preset}"' if show.preset else f"{show.current:g}"
    duration = "" if show.preset else f", duration={show.duration:g}"
    return "\n".join(
        (
            "import engine",
            "",
            f'run = engine.response("{model.name}", {setting}{duration})',
            f'print(run.spike_times[:5], run.states["{model.membrane}"][-1])',
            "",
            "net = engine.Network()",
            f'net.population("cells", 100, "{model.name}")',
        )
    )


def _synapse(model: SynapseModel) -> Iterator[str]:
    yield _EDIT + f"\n# {model.title}\n"
    yield f"`{model.name}` · {model.source}\n"
    yield from _about(f"engine.models.synapses.{model.name}")
    yield f"{model.doc}\n"
    if model.equations:
        yield "## Equations\n"
        yield from _mathematics(equations_latex(model.equations, model.parameters))
    if model.on_spike:
        yield f"When a spike arrives over a synapse of weight `w`: `{model.on_spike}`.\n"
    if model.current:
        yield f"Current into the membrane: {_inline(model.current, model.parameters)}.\n"
    if model.parameters:
        yield "## Parameters\n"
        yield "On a port each has the port's name behind it: `tau_exc`.\n"
        yield from _parameters(model.parameters)
    yield "## How it answers\n"
    yield f"![{model.title}](../images/models/synapse_{model.name}.svg)\n"
    yield "*One spike at 5 ms onto a passive membrane of 200 pF and 10 nS.*\n"


def _source(model: SourceModel) -> Iterator[str]:
    yield _EDIT + f"\n# {model.title}\n"
    head = f"`{model.name}`", f"sends {model.outputs}", model.source
    yield " · ".join(filter(None, head)) + "\n"
    yield from _about(f"engine.models.sources.{model.name}")
    yield f"{model.doc}\n"
    if model.current:
        yield "## The current\n"
    elif model.rate:
        yield "## The rate\n"
    if text := model.current or model.rate:
        letter = "I" if model.current else "r"
        yield from _mathematics(
            [f"{letter} = {to_latex(parse_expression(text), model.parameters)}"]
        )
        yield f"As it is written, with `t` in the middle of a step:\n\n```text\n{text}\n```\n"
    for name, table in model.tables.items():
        lists = f"`{table.values}` at `{table.times}`"
        yield f"`{name}` changes with time: {lists}, and `{table.between}` says what is between.\n"
    yield "## Parameters\n"
    yield from _parameters(model.parameters)
    if pictured(model):
        yield "## What it gives\n"
        yield f"![{model.title}](../images/models/source_{model.name}.svg)\n"
        more = " Eight members." if model.outputs == "spikes" else ""
        yield f"*The first second, with the values above.{more}*\n"
    yield "## How to use it\n"
    yield f"```python\n{_use(model)}\n```\n"


def _use(model: SourceModel) -> str:
    target, wire = "lif", 'weight=1, port="current"'
    if model.outputs == "spikes":
        target, wire = "lif_psc_exp", 'weight=100, delay=1, port="exc"'
    given = ', path="recording.txt"' if "path" in model.parameters else ""
    return "\n".join(
        (
            "import engine",
            "",
            "net = engine.Network()",
            f'drive = net.source("drive", "{model.name}", 10{given})',
            f'cells = net.population("cells", 10, "{target}")',
            f"net.connect(drive, cells, rule=engine.rules.one_to_one(), {wire})",
        )
    )


def _unit(unit: str) -> str:
    return unit if unit not in ("", "1") else "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def main() -> int:
    """Write all pages and pictures; take away those of models that are gone."""
    written = pages()
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in set(PAGES.glob("*.md")) - set(written):
        path.unlink()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for model in own_pages():
        (IMAGES / f"{model.name}.svg").write_text(picture_of_neuron(model), "utf-8")
    for synapse in synapse_models().values():
        picture = picture_of_synapse(synapse)
        (IMAGES / f"synapse_{synapse.name}.svg").write_text(picture, "utf-8")
    for source in filter(pictured, source_models().values()):
        path = IMAGES / f"source_{source.name}.svg"
        path.write_text(picture_of_source(source), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
