"""Radio coverage: loss along a path, over an area, and who is served."""
