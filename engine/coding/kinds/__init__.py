"""One file a code; each defines CODE and its encoder and decoder."""
