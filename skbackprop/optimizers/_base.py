"""The optimizer interface: configuration only, as for solvers."""

from abc import abstractmethod

from .._params import Configuration

__all__ = ["Optimizer"]


class Optimizer(Configuration):
    """A variant of gradient descent, the base class of every optimizer.

    Attributes
    ----------
    window : int
        Iterations over which the fall of J is averaged to see whether it has come to an end.
    step_option : str or None
        The option to lower when steps are too long; None where steps are chosen safely.
    supports_partial_fit : bool
        Whether it can make a pass over some of the samples and go on with others, which is
        what `partial_fit` does; see `FirstOrder.epoch`.
    """

    window = 10
    step_option = None
    supports_partial_fit = False

    def check_objective(self, objective):
        """Refuse what cannot work, before the first step.

        Raises
        ------
        ValueError
            If the loss or the size of the network is not for this optimizer.
        """

    @abstractmethod
    def minimise(self, objective, w0, *, monitor, rng, state=None):
        """Descend from w0 until converged, or until the monitor says stop.

        Parameters
        ----------
        objective : Objective
        w0 : ndarray of shape (n_weights,)
        monitor : Monitor
            Called after each iteration; it keeps the best weights and the curve, and its
            ``flat(value, grad)`` says when a gradient is small enough.
        rng : numpy.random.Generator
            For optimizers that draw batches.
        state : object
            What this optimizer last gave to the monitor as its state, to go on exactly
            where it ended. Not passed where there is none.

        Returns
        -------
        Status
            Why it stopped.
        """
