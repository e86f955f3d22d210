"""One peer solver on one covering question, in a process of its own; prints one line of JSON.

python bench/siting_peers.py {ortools|spopt} question.npz seconds
"""

from __future__ import annotations

import json
import sys

import numpy as np


def cp_sat(start, demand, weight, cost, sites, seconds):
    """Answer by OR-tools CP-SAT with two workers."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in cost]
    rows = [[] for _ in weight]
    for j in range(len(cost)):
        for i in demand[start[j] : start[j + 1]]:
            rows[i].append(x[j])
    if sites:
        y = [model.new_bool_var("") for _ in weight]
        for i, choosers in enumerate(rows):
            model.add_bool_or([*choosers, y[i].negated()])
        model.add(sum(x) <= sites)
        model.maximize(sum(int(w) * one for w, one in zip(weight, y, strict=True)))
    else:
        for choosers in rows:
            model.add_bool_or(choosers)
        model.minimize(sum(int(c) * one for c, one in zip(cost, x, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return (
        solver.objective_value if found else None,
        solver.best_objective_bound,
        solver.status_name(status).lower(),
    )


def spopt_value(start, demand, weight, cost, sites, seconds):
    """Answer by spopt over PuLP's CBC; it needs a dense matrix, so large questions are refused."""
    import pulp
    from spopt.locate import LSCP, MCLP

    if len(weight) * len(cost) > 5_000_000:
        raise SystemExit("dense matrix too large for spopt")
    far = np.ones((len(weight), len(cost)))
    for j in range(len(cost)):
        far[demand[start[j] : start[j + 1]], j] = 0
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=2)
    if sites:
        model = MCLP.from_cost_matrix(far, weight, 0.5, p_facilities=int(sites)).solve(solver)
    else:
        if len(set(cost.tolist())) > 1:
            raise SystemExit("spopt's set cover has no costs")
        model = LSCP.from_cost_matrix(far, 0.5).solve(solver)
    status = pulp.LpStatus[model.problem.status].lower()
    value = pulp.value(model.problem.objective)
    return value, value if status == "optimal" else None, status


def main() -> None:
    """Run the peer named first on the file named second."""
    peer, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    arrays = np.load(path)
    ask = {"ortools": cp_sat, "spopt": spopt_value}[peer]
    value, bound, status = ask(
        arrays["p"], arrays["i"], arrays["w"], arrays["c"], int(arrays["sites"]), seconds
    )
    print(json.dumps({"value": value, "bound": bound, "status": status}))


if __name__ == "__main__":
    main()
