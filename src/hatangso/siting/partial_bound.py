"""The relaxation of maximal covering where service is a probability.

The chance that somebody serves row i is 1 − Π (1 − a_ij)^{x_j} = f(z_i) with z_i = Σ_j l_ij x_j, l_ij = −ln(1 − a_ij)
and f(z) = 1 − e^{−z}. f is concave, so Σ w_i f(z_i) over 0 ≤ x ≤ 1 is a relaxation that is exact at whole x. It is
handed to the linear method through the tangents of f, whose lower envelope h is a sum of hinges,

    h(z) = Σ_k u_k min(z, b_k) ≥ f(z),

each hinge a row of its own. From b_K on h is 1, so no l_ij need be larger than that (a_ij = 1 among them). At prices
λ the bound is taken again with f itself up to the last tangent's point t, beyond which h stays:
max_z w f(z) − λ z = w − λ + λ ln(λ / w) for w e^{−t} ≤ λ ≤ w, else w − λ b_K for small λ and 0 for large.
"""

from __future__ import annotations

import numpy as np

from hatangso.siting.bounds import Bound, Relaxation
from hatangso.siting.reductions import ReducedProblem, make_matrix

POINTS = np.array([0.0, 0.3, 0.7, 1.2, 2.0, 3.0])


def hinges() -> tuple[np.ndarray, np.ndarray]:
    """Return (b, u): where the tangents at POINTS, and the line of height 1, meet, and by how much the slope falls."""
    slope = np.append(np.exp(-POINTS), 0.0)
    height = np.append(1 - np.exp(-POINTS) * (1 + POINTS), 1.0)
    drop = slope[:-1] - slope[1:]
    return (height[1:] - height[:-1]) / drop, drop


def partial_relaxation(reduced: ReducedProblem, room: float) -> Relaxation:
    """Return the relaxation by hinges; row k · rows + i is hinge k of row i."""
    place, drop = hinges()
    start, demand, share, *_ = reduced.matrix
    rows, sites, count = len(reduced.weight), len(reduced.sites), len(place)
    with np.errstate(divide="ignore"):
        length = np.minimum(-np.log1p(-share), place[-1])
    site = np.repeat(np.arange(sites), np.diff(start))
    row = (demand[None, :] + rows * np.arange(count)[:, None]).ravel()
    matrix = make_matrix(np.tile(site, count), row, np.tile(length, count), (sites, rows * count))
    return Relaxation(
        matrix=matrix, cost=np.zeros(sites), needed=np.repeat(place, rows),
        upper=(drop[:, None] * reduced.weight[None, :]).ravel(), use=reduced.cost, budget=room,
    )  # fmt: skip


def tightened(reduced: ReducedProblem, bound: Bound) -> float:
    """Return the most weight that can be served, by f itself at the prices of ``bound``."""
    place, _ = hinges()
    rows, weight = len(reduced.weight), reduced.weight
    by_hinge = bound.price[: rows * len(place)].reshape(len(place), rows)
    price = by_hinge.sum(axis=0)
    upper = float(weight.sum()) - bound.value
    return upper + float((place @ by_hinge).sum()) - float(weight.sum()) + float(_gains(price, weight).sum())


def _gains(price: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return max over z of what a row serves less what it pays."""
    place, _ = hinges()
    ratio = np.clip(price / np.maximum(weight, 1e-300), 1e-300, 1.0)
    middle = weight * (1 - ratio + ratio * np.log(ratio))
    return np.where(ratio < np.exp(-POINTS[-1]), np.maximum(weight - price * place[-1], 0.0), middle)
