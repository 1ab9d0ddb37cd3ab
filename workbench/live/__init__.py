"""Everything that moves: compute threads, the live run, its views and their frames."""
