"""The dictionary as pages: every indicator with its parts, its legal bases and what the nation aims at."""
