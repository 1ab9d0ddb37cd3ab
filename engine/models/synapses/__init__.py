"""One file a synapse; each defines MODEL."""
