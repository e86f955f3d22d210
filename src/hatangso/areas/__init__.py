"""Administrative areas that live in time: the register, lineage, carrying figures, boundaries, villages."""
