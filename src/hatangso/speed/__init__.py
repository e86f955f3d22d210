"""Speed: from samples to mergeable summaries, intervals and a verdict that can stand in a letter."""
