"""Indicators: computed from their parts up any tree of areas, held against targets, scored."""
