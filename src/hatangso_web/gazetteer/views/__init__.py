"""The pages of the gazetteer."""
