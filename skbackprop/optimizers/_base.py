"""The optimizer interface: the start of a descent and a single step; the loop is in `_loop.py`.

Like a loss or a solver, an optimizer holds only configuration. Everything that changes from step
to step is in the `OptimizerState` that each call returns.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .._params import Configuration
from ..model import Objective
from ._state import OptimizerState

__all__ = ["FirstOrder", "Optimizer", "WholeMethod"]


class Optimizer(Configuration):
    """Base class of the optimizers, the variants of gradient descent.

    Attributes
    ----------
    window : int
        Number of iterations over which the decrease of J is averaged to decide whether J has
        levelled off.
    pace : int
        Approximate number of iterations that make as much progress as one of Levenberg-Marquardt.
    step_option : str or None
        Name of the option to lower after a divergence; None if the method controls its own step
        length.
    supports_partial_fit : bool
        Whether the method can make a pass over some of the samples and go on with others, which
        is what `partial_fit` does; see `FirstOrder.epoch`.
    supports_bounds : bool
        Whether all weights that the method returns are within the bounds of the objective, which
        `monotonic_cst` sets; see `Objective.projected`. If False (the default), an objective with
        bounds is refused.
    """

    window: ClassVar[int] = 10
    pace: ClassVar[int] = 2
    step_option: ClassVar[str | None] = None
    supports_partial_fit: ClassVar[bool] = False
    supports_bounds: ClassVar[bool] = False

    def check_objective(self, objective: Objective) -> None:
        """Raise an error if this optimizer cannot minimise the objective.

        It is called before the first step.

        Parameters
        ----------
        objective : Objective

        Raises
        ------
        ValueError
            If the optimizer does not support the loss or the size of the network.
        """

    @abstractmethod
    def start(
        self, objective: Objective, w: NDArray[np.float64], memory: Any = None
    ) -> OptimizerState:
        """Return the state before the first step: J at `w`, and its gradient if it is needed.

        Parameters
        ----------
        objective : Objective
        w : ndarray of shape (n_weights,)
        memory : object
            The `memory` of the last state of an earlier descent, to continue that descent
            exactly; None for a new descent.

        Returns
        -------
        OptimizerState
        """

    @abstractmethod
    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        """Perform one iteration.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState
            The state from `start` or the last step, with the derivatives from `differentiate`.
        rng : numpy.random.Generator
            The only source of randomness.

        Returns
        -------
        OptimizerState
            Its `status` is set only if the method itself cannot continue; the loop then ignores
            its weights.
        """

    def differentiate(self, objective: Objective, state: OptimizerState) -> OptimizerState:
        """Add the derivatives that the next step needs, if `step` has not computed them.

        The loop calls this method after a step only if the descent continues, so that no
        derivative is computed unnecessarily. By default the state is returned unchanged.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState

        Returns
        -------
        OptimizerState
            The state itself, or a state with new derivatives and the number of evaluations for
            them.
        """
        return state

    def note(self, state: OptimizerState) -> str:
        """Describe an iteration for verbose output, in addition to J.

        It is called only if there is a callback.

        Parameters
        ----------
        state : OptimizerState

        Returns
        -------
        str
            By default the largest component of the gradient; "" if the gradient is not known.
        """
        return "" if state.grad is None else f"gradient {np.abs(state.grad).max():.1e}"


class WholeMethod(Optimizer):
    """Base class for a method of another library that has its own loop.

    The library's loop calls `observe` after each iteration. To stop the descent, `observe` raises
    an exception, which ends the library's loop.
    """

    @abstractmethod
    def run(
        self,
        objective: Objective,
        state: OptimizerState,
        observe: Callable[[OptimizerState], None],
    ) -> OptimizerState:
        """Iterate until `observe` raises an exception, or until the method cannot continue.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState
            The state from `start`.
        observe : callable
            ``observe(OptimizerState)``, to be called after each iteration. The method must not
            catch exceptions that it raises.

        Returns
        -------
        OptimizerState
            Its `status` is the reason why the method stopped by itself, and its `n_evaluations`
            counts the evaluations since the last call of `observe`.
        """

    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        """Not available, because the library performs the steps; see `run`."""
        raise NotImplementedError(f"{type(self).__name__} has no single steps: call run")


class FirstOrder(Optimizer):
    """Base class for a rule that computes steps from gradients; each has a `batch_size` option.

    A rule is ``init(w) -> memory`` and ``update(grad, memory) -> (step, memory)``; the step is
    added to w. Gradients are those of the *mean* cost, J / sum of sample weights, so that a
    learning rate keeps its meaning when the number of samples changes.

    Where the weights have bounds, each step is followed by the nearest weights within them: the
    projected gradient method (Bertsekas, IEEE Transactions on Automatic Control 21, 1976, 174).
    """

    # with momentum J oscillates, so its decrease must be averaged over more iterations
    window = 100
    pace = 20
    step_option = "learning_rate"
    supports_partial_fit = True
    supports_bounds = True
    batch_size: int | None

    def check_objective(self, objective: Objective) -> None:
        if self.batch_size is not None and not objective.in_memory:
            raise ValueError(
                f"optimizer={self!r} cannot draw random batches from a dask collection: set "
                f"batch_size=None, or call partial_fit with one block after the other"
            )

    @abstractmethod
    def init(self, w: NDArray[np.float64]) -> Any:
        """Return the memory before the first step.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        object
            Any object that can be pickled. `update` must not modify it.
        """

    @abstractmethod
    def update(self, grad: NDArray[np.float64], memory: Any) -> tuple[NDArray[np.float64], Any]:
        """Return the step to add to w, and the next memory.

        Parameters
        ----------
        grad : ndarray of shape (n_weights,)
            Gradient of the mean cost.
        memory : object

        Returns
        -------
        step : ndarray of shape (n_weights,)
        memory : object
        """

    def adapt(self, value: float, memory: Any) -> Any:
        """Return the next memory, after an iteration that reached the mean cost `value`.

        Parameters
        ----------
        value : float
        memory : object

        Returns
        -------
        object
            By default `memory`, unchanged.
        """
        return memory

    def start(
        self, objective: Objective, w: NDArray[np.float64], memory: Any = None
    ) -> OptimizerState:
        w = np.array(w, dtype=np.float64)
        memory = self.init(w) if memory is None else memory
        value, grad = objective.value_and_grad(w)
        whole = self.batch_size is None
        return OptimizerState(w, value, grad if whole else None, memory, n_evaluations=1)

    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        if state.grad is None:
            w, memory = self.epoch(objective, state.w, state.memory, rng)
            value, grad, n_evaluations = objective.value(w), None, 2
        else:
            step, memory = self.update(state.grad / objective.total_weight, state.memory)
            w = objective.projected(state.w + step)
            value, grad = objective.value_and_grad(w)
            n_evaluations = 1
        memory = self.adapt(value / objective.total_weight, memory)
        return OptimizerState(w, value, grad, memory, n_evaluations=n_evaluations)

    def epoch(
        self,
        objective: Objective,
        w: NDArray[np.float64],
        memory: Any,
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.float64], Any]:
        """Use each sample once: all of them in one step, or in batches in random order.

        Parameters
        ----------
        objective : Objective
        w : ndarray of shape (n_weights,)
        memory : object
            The memory from `init` or from the last pass.
        rng : numpy.random.Generator

        Returns
        -------
        w : ndarray of shape (n_weights,)
        memory : object
        """
        n_samples = objective.n_samples
        length = self.batch_size or n_samples
        order = np.arange(n_samples) if length >= n_samples else rng.permutation(n_samples)
        for start in range(0, n_samples, length):
            batch = objective.take(order[start : start + length])
            share = batch.total_weight / objective.total_weight
            if share:
                batch = batch.with_alpha(share * objective.alpha)
                _, grad = batch.value_and_grad(w)
                step, memory = self.update(grad / batch.total_weight, memory)
                w = objective.projected(w + step)
        return w, memory
