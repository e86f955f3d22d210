"""One peer solver on one covering question, in a process of its own; prints one line of JSON.

python bench/siting_peers.py {highs|ortools|spopt} question.npz seconds
"""

from __future__ import annotations

import json
import sys

import numpy as np


def highs(start, demand, weight, cost, sites, seconds):
    """Answer by HiGHS with two threads, on the plain model."""
    import highspy
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    candidates, places = len(cost), len(weight)
    covers = csr_matrix((np.ones(len(demand)), demand, start), shape=(candidates, places)).T.tocsr()
    reached = np.diff(covers.indptr) > 0
    model = highspy.HighsLp()
    if sites:
        rows = hstack([covers, -identity(places)])
        one = csr_matrix(np.concatenate([np.ones(candidates), np.zeros(places)])[None, :])
        matrix = vstack([rows, one]).tocsc()
        model.col_cost_ = np.concatenate([np.zeros(candidates), -weight])
        model.row_lower_ = np.append(np.zeros(places), -np.inf)
        model.row_upper_ = np.append(np.full(places, np.inf), float(sites))
    else:
        matrix = covers[reached].tocsc()
        model.col_cost_ = cost.astype(float)
        model.row_lower_ = np.ones(matrix.shape[0])
        model.row_upper_ = np.full(matrix.shape[0], np.inf)
    model.num_row_, model.num_col_ = matrix.shape
    model.col_lower_, model.col_upper_ = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    whole, continuous = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * candidates + [continuous] * (matrix.shape[1] - candidates)
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 2),
        ("time_limit", seconds),
        ("mip_rel_gap", 0.0),
    ):
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    figures, sign = solver.getInfo(), -1.0 if sites else 1.0
    found = figures.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = sign * figures.mip_dual_bound
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return (
        sign * figures.objective_function_value if found else None,
        bound if np.isfinite(bound) else None,
        "optimal" if proven else "time_limit",
    )


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
        for choosers in filter(None, rows):
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
    """Answer by spopt over PuLP's CBC; it needs a dense matrix, so the largest questions are refused."""
    import pulp
    from spopt.locate import LSCP, MCLP

    if len(weight) * len(cost) > 200_000_000:
        raise SystemExit("spopt: dense matrix too large")
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
    ask = {"highs": highs, "ortools": cp_sat, "spopt": spopt_value}[peer]
    value, bound, status = ask(
        arrays["p"], arrays["i"], arrays["w"], arrays["c"], int(arrays["sites"]), seconds
    )
    print(json.dumps({"value": value, "bound": bound, "status": status}))


if __name__ == "__main__":
    main()
