"""One file a neuron; each defines MODEL."""
