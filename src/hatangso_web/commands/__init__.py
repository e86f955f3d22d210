"""What the verbs of the site do; loaded by `cli` only when one of them runs, because Django is slow to start."""
