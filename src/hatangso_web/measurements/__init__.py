"""Speed: campaigns, imported samples, results with verdicts, declared speeds and the built-in test."""
