"""Fibre: the cheapest cable routes over roads, poles and ducts, with a proven bound."""
