"""Reading a plan: its clauses, header, targets, tasks, assignments, duties and what looks wrong in it."""
