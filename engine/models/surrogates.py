"""Surrogate gradients: what stands for the derivative of a spike, as data.

``slope`` is an expression of ``x``, the distance to the threshold, and of the parameters; the spike
itself stays 0 or 1.  Names and scales follow the libraries named in ``source``, where papers and
libraries differ (``superspike``: alpha is the height; the steepness of Zenke & Ganguli 2018 is
``fast_sigmoid``'s k).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.equations.language import parse_expression
from engine.equations.tree import Expr, Number, substitute
from engine.errors import DataError, near


@dataclass(frozen=True)
class Surrogate:
    """One surrogate; ``expression`` gives its slope with numbers for its parameters."""

    name: str
    title: str
    slope: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    source: str = ""

    def expression(self, values: Mapping[str, float] | None = None) -> Expr:
        """The slope as a tree over ``x``.  Raises `DataError` for an unknown parameter or a value
        that is not a positive number."""
        for name, value in (values or {}).items():
            if name not in self.parameters:
                hint = near(name, self.parameters) or f"it has {', '.join(self.parameters)}"
                raise DataError(f"`{name}` is not a parameter of the surrogate {self.name}; {hint}")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < 1e6:
                message = f"`{name}` of the surrogate {self.name} is {value!r}"
                raise DataError(f"{message}; give a number above 0")
        numbers = {n: Number(float(v)) for n, v in {**self.parameters, **(values or {})}.items()}
        return substitute(parse_expression(self.slope), dict(numbers))


USUAL = "atan"  # of a layer where nothing else is said
_FANG = "Fang et al. 2023, Science Advances 9:eadi1480"

SURROGATES: dict[str, Surrogate] = {
    surrogate.name: surrogate
    for surrogate in (
        Surrogate(
            USUAL,
            "Arctangent",
            "alpha/2/(1 + (1.5707963267948966*alpha*x)**2)",
            {"alpha": 2.0},
            _FANG,
        ),
        Surrogate(
            "sigmoid",
            "Sigmoid",
            # s (1 - s) by the exponential that cannot overflow.
            "alpha*exp(-abs(alpha*x))/(1 + exp(-abs(alpha*x)))**2",
            {"alpha": 4.0},
            _FANG,
        ),
        Surrogate(
            "fast_sigmoid",
            "Fast sigmoid",
            "1/(1 + k*abs(x))**2",
            {"k": 25.0},
            "Zenke & Ganguli 2018, Neural Computation 30:1514; Eshraghian et al. 2023",
        ),
        Surrogate("superspike", "SuperSpike", "alpha/(1 + abs(x))**2", {"alpha": 1.0}, _FANG),
        Surrogate(
            "piecewise_quadratic",
            "Piecewise quadratic",
            "max(0, alpha - alpha**2*abs(x))",
            {"alpha": 1.0},
            "Neftci et al. 2019, IEEE Signal Processing Magazine 36:51",
        ),
        Surrogate(
            "piecewise_exp",
            "Piecewise exponential",
            "alpha/2*exp(-alpha*abs(x))",
            {"alpha": 1.0},
            "Shrestha & Orchard 2018, NeurIPS 31",
        ),
        Surrogate(
            "softsign", "Soft sign", "1/(2*alpha*(1/alpha + abs(x))**2)", {"alpha": 2.0}, _FANG
        ),
        Surrogate(
            "erf",
            "Error function",
            "alpha/1.772453850905516*exp(-(alpha*x)**2)",  # the number is sqrt(pi)
            {"alpha": 2.0},
            "Yin et al. 2021, Nature Machine Intelligence 3:905",
        ),
        Surrogate(
            "piecewise_leaky_relu",
            "Piecewise leaky ReLU",
            "where(abs(x) <= w, 1/(2*w), c)",
            {"w": 1.0, "c": 0.01},
            _FANG,
        ),
        Surrogate(
            "triangle",
            "Triangle",
            "gamma/width*max(0, 1 - abs(x)/width)",  # width: the threshold v_th
            {"gamma": 0.3, "width": 1.0},
            "Bellec et al. 2018, NeurIPS; 2020, Nature Communications 11:3625",
        ),
        Surrogate(
            "rect",
            "Rectangle",
            "where(abs(x) < 1/(2*alpha), alpha, 0)",
            {"alpha": 1.0},
            "Wu et al. 2018, Frontiers in Neuroscience 12:331",
        ),
    )
}


def surrogate(name: str) -> Surrogate:
    """The surrogate called ``name``.  Raises `DataError` with near names."""
    if name in SURROGATES:
        return SURROGATES[name]
    hint = near(name, SURROGATES) or f"there are {', '.join(SURROGATES)}"
    raise DataError(f"`{name}` is not a surrogate; {hint}")
