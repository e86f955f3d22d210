"""Which sites to build: fewest, cheapest, most people within a budget, in phases; each answer with a proven bound."""
