"""The optimizer interface: how a descent starts and takes a step; the loop is in `_loop.py`.

An optimizer is configuration only, as a loss or a solver is. What it remembers from step to step
is in the `OptimizerState` that each call returns.
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
    """A variant of gradient descent, the base class of every optimizer.

    Attributes
    ----------
    window : int
        Number of iterations over which the fall of J is averaged to see whether it has levelled
        off.
    pace : int
        About how many iterations go as far as one of Levenberg-Marquardt.
    step_option : str or None
        Name of the option to lower after a divergence; None if the method controls the length of
        its steps by itself.
    supports_partial_fit : bool
        Whether the method can make a pass over some of the samples and go on with others, which
        is what `partial_fit` does; see `FirstOrder.epoch`.
    """

    window: ClassVar[int] = 10
    pace: ClassVar[int] = 2
    step_option: ClassVar[str | None] = None
    supports_partial_fit: ClassVar[bool] = False

    def check_objective(self, objective: Objective) -> None:
        """Refuse, before the first step, an objective that this optimizer cannot minimise.

        Parameters
        ----------
        objective : Objective

        Raises
        ------
        ValueError
            If the optimizer cannot work with the loss or with the size of the network.
        """

    @abstractmethod
    def start(
        self, objective: Objective, w: NDArray[np.float64], memory: Any = None
    ) -> OptimizerState:
        """The state before the first step: J at `w`, and its gradient if the method uses it.

        Parameters
        ----------
        objective : Objective
        w : ndarray of shape (n_weights,)
        memory : object
            The `memory` of the state that an earlier descent ended with, to go on exactly there;
            None in a new descent.

        Returns
        -------
        OptimizerState
        """

    @abstractmethod
    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        """One iteration.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState
            What `start` or the last step returned, with the derivatives that `differentiate` adds.
        rng : numpy.random.Generator
            The only source of randomness.

        Returns
        -------
        OptimizerState
            Its `status` is set only where the method itself cannot go on; the loop then leaves
            out its weights.
        """

    def differentiate(self, objective: Objective, state: OptimizerState) -> OptimizerState:
        """Add the derivatives that the next step needs, if `step` has not computed them.

        The loop calls it after a step only if the descent goes on, so that no derivative is
        computed in vain. By default the state is returned as it is.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState

        Returns
        -------
        OptimizerState
            The state itself, or one with new derivatives and the evaluations that they took.
        """
        return state

    def note(self, state: OptimizerState) -> str:
        """What verbose output shows of an iteration, beside J; called only if someone listens.

        Parameters
        ----------
        state : OptimizerState

        Returns
        -------
        str
            By default the largest component of the gradient, "" where it is not known.
        """
        return "" if state.grad is None else f"gradient {np.abs(state.grad).max():.1e}"


class WholeMethod(Optimizer):
    """A method of another library, which has a loop of its own.

    The library's loop calls `observe` after each iteration; there it hears of no stop, since
    `observe` raises an exception that leaves the library's loop.
    """

    @abstractmethod
    def run(
        self,
        objective: Objective,
        state: OptimizerState,
        observe: Callable[[OptimizerState], None],
    ) -> OptimizerState:
        """Iterate until `observe` raises, or until the method itself cannot go on.

        Parameters
        ----------
        objective : Objective
        state : OptimizerState
            What `start` returned.
        observe : callable
            ``observe(OptimizerState)``, to be called after each iteration. An exception that it
            raises must be passed on.

        Returns
        -------
        OptimizerState
            Its `status` says why the method ended by itself, and its `n_evaluations` counts the
            evaluations since the last call of `observe`.
        """

    def step(
        self, objective: Objective, state: OptimizerState, rng: np.random.Generator
    ) -> OptimizerState:
        """Not available: the library takes the steps; see `run`."""
        raise NotImplementedError(f"{type(self).__name__} has no single steps: call run")


class FirstOrder(Optimizer):
    """A rule that turns gradients into steps; `batch_size` is an option of each.

    A rule is ``init(w) -> memory`` and ``update(grad, memory) -> (step, memory)``; the step is
    added to w. Gradients are those of the *mean* cost, J / sum of sample weights, so that a
    learning rate keeps its meaning when the number of samples changes.
    """

    # momentum makes J rise and fall again, so that it takes longer to judge
    window = 100
    pace = 20
    step_option = "learning_rate"
    supports_partial_fit = True
    batch_size: int | None

    def check_objective(self, objective: Objective) -> None:
        if self.batch_size is not None and not objective.in_memory:
            raise ValueError(
                f"optimizer={self!r} draws batches of samples at random, which a dask collection "
                f"does not give: set batch_size=None, or call partial_fit with one block after the "
                f"other"
            )

    @abstractmethod
    def init(self, w: NDArray[np.float64]) -> Any:
        """The memory before the first step.

        Parameters
        ----------
        w : ndarray of shape (n_weights,)

        Returns
        -------
        object
            Anything that can be pickled. `update` must not write to it.
        """

    @abstractmethod
    def update(self, grad: NDArray[np.float64], memory: Any) -> tuple[NDArray[np.float64], Any]:
        """The step to add to w, and the next memory.

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
        """The next memory, after an iteration has reached the mean cost `value`.

        Parameters
        ----------
        value : float
        memory : object

        Returns
        -------
        object
            By default `memory` as it is.
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
            w = state.w + step
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
            As `init` or the last pass left it.
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
                w = w + step
        return w, memory
