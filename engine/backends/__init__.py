"""Backends: what turns a network plan into a running network.  See `registry.py`."""
