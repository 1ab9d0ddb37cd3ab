"""Oja finds the principal component, BCM one pattern of four, Hebb and the pseudo-inverse recall.

Oja 1982; Bienenstock, Cooper & Munro 1982; Personnaz et al. 1986.  From above: the weight along the
principal component, the answers of a BCM neuron to four patterns, the error of recall over the
number of stored patterns.
"""

from collections import deque

import numpy as np
from showing import show

from workbench.curves import Panel
from workbench.studio.tasks.rate_rules import Principal, Recall, Selective


def run(quick: bool) -> tuple[str, list[Panel]]:
    """The three of them; they are quick."""
    oja, bcm, recall = Principal(), Selective(), Recall()
    for rule in (oja, bcm, recall):
        deque(rule.course(), maxlen=0)
    answers = np.sort(bcm.answers[-1])
    words = (
        f"Oja ends {oja.off:.2f} degrees from the principal component; BCM answers one of four "
        f"patterns with {answers[-1]:.2f}, the others with {answers[-2]:.2f} at most"
    )
    return words, [oja.panel(), bcm.panel(), recall.panel()]


if __name__ == "__main__":
    show("rate_rules", __doc__ or "", run)
