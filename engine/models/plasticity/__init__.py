"""One file a learning rule; each defines MODEL."""
