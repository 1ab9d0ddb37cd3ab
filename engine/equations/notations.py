"""How mathematics is put down: tables of templates, LaTeX and presentational MathML."""

from __future__ import annotations

GREEK: dict[str, str] = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
GREEK |= {"eps": "ε", "inf": "∞"}

LATEX = {
    "number": "{0}",
    "letter": "{0}",
    "word": r"\mathrm{{{0}}}",
    "unit": r"\,\mathrm{{{0}}}",
    "greek": r"\{0} ",
    "sub": "{0}_{{{1}}}",
    "row": "{0}",
    "brackets": r"\left({0}\right)",
    "tight": "({0})",
    "fraction": r"\frac{{{0}}}{{{1}}}",
    "power": "{0}^{{{1}}}",
    "root": r"\sqrt{{{0}}}",
    "bars": r"\left|{0}\right|",
    "call": r"{0}\left({1}\right)",
    "floor": r"\left\lfloor{0}\right\rfloor",
    "cases": r"\begin{{cases}}{1} & \text{{if }} {0}\\ {2} & \text{{otherwise}}\end{{cases}}",
    "ten": r"{0} \cdot 10^{{{1}}}",
    "+": " + ",
    "-": " - ",
    "*": r"\,",
    "times": r" \cdot ",
    "/": "/",
    "=": " = ",
    "<": " < ",
    ">": " > ",
    "<=": r" \le ",
    ">=": r" \ge ",
    "==": " = ",
    "!=": r" \ne ",
    "and": r" \land ",
    "or": r" \lor ",
    "not": r"\lnot ",
    "to": r" \leftarrow ",
    ",": ", ",
}

MATHML = {
    "number": "<mn>{0}</mn>",
    "letter": "<mi>{0}</mi>",
    "word": '<mi mathvariant="normal">{0}</mi>',
    "unit": '<mspace width="0.15em"/><mi mathvariant="normal">{0}</mi>',
    "greek": "<mi>{1}</mi>",
    "sub": "<msub>{0}{1}</msub>",
    "row": "<mrow>{0}</mrow>",
    "brackets": "<mrow><mo>(</mo>{0}<mo>)</mo></mrow>",
    "tight": '<mrow><mo stretchy="false">(</mo>{0}<mo stretchy="false">)</mo></mrow>',
    "fraction": "<mfrac>{0}{1}</mfrac>",
    "power": "<msup>{0}{1}</msup>",
    "root": "<msqrt>{0}</msqrt>",
    "bars": "<mrow><mo>|</mo>{0}<mo>|</mo></mrow>",
    "call": "<mrow>{0}<mo>&#x2061;</mo><mo>(</mo>{1}<mo>)</mo></mrow>",
    "floor": "<mrow><mo>⌊</mo>{0}<mo>⌋</mo></mrow>",
    "cases": (
        "<mrow><mo>{{</mo><mtable><mtr><mtd>{1}</mtd><mtd><mtext>if&#xa0;</mtext>{0}</mtd></mtr>"
        "<mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
    ),
    "ten": "<mrow><mn>{0}</mn><mo>·</mo><msup><mn>10</mn>{1}</msup></mrow>",
    "+": "<mo>+</mo>",
    "-": "<mo>−</mo>",
    "*": '<mspace width="0.17em"/>',
    "times": "<mo>·</mo>",
    "/": "<mo>/</mo>",
    "=": "<mo>=</mo>",
    "<": "<mo>&lt;</mo>",
    ">": "<mo>&gt;</mo>",
    "<=": "<mo>≤</mo>",
    ">=": "<mo>≥</mo>",
    "==": "<mo>=</mo>",
    "!=": "<mo>≠</mo>",
    "and": "<mo>∧</mo>",
    "or": "<mo>∨</mo>",
    "not": "<mo>¬</mo>",
    "to": "<mo>←</mo>",
    ",": "<mo>,</mo>",
}
