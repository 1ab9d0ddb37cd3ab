"""One task a file, found by listing this folder; each defines `TASK`."""
