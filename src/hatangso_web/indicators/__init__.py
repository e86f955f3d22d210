"""Rounds of figures: entered, checked, approved, computed, disputed; the village list."""
