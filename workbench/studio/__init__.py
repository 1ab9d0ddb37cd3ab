"""Tasks of learning seen live: one declaration a task, a process of its own that learns it."""
