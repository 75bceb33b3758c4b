"""How work is done and how it ends: threads, workers, deadlines, Ctrl-C, results."""
