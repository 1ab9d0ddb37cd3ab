"""One file a source; each defines MODEL."""
