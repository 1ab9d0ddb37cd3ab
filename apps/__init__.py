"""Lessons and single-purpose apps.  Each is a folder of its own and uses only public names of
``engine`` and ``workbench``; nothing imports from here."""
