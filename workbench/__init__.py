"""Spiking Workbench: the page in which networks are drawn, run and watched."""
