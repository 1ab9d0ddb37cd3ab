"""Other simulators, each run by an interpreter of its own environment."""
