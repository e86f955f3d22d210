"""How the inner loops of the searches are compiled."""

from __future__ import annotations

from functools import partial

from numba import njit

# Numba counts who holds an array, up and down at each one taken out of a tuple, and each count is an atomic step of the
# processor. A search takes millions of steps of a tenth of a microsecond with thirty arrays at hand: the counting was
# most of its time (docs/methods/siting.md). Compiled so, nothing is counted; such a function, and all it calls, must
# not make arrays: no a * b, no a[:] = b, no a.min(). Whoever calls it from Python holds the arrays meanwhile.
inner_loop = partial(njit, cache=True, nogil=True, _nrt=False)
