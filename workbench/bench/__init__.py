"""How fast this machine simulates, builds and starts: ``workbench bench``."""
