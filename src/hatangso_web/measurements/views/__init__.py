"""The pages of speed measuring."""
