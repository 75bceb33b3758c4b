"""The optimizer interface: configuration only, as for solvers."""

from abc import abstractmethod

from .._registry import Configuration

__all__ = ["Optimizer"]


class Optimizer(Configuration):
    """A variant of gradient descent, the base class of every optimizer.

    Attributes
    ----------
    window : int
        Iterations over which the fall of J is averaged to see whether it has come to an end.
    step_option : str or None
        The option to lower when steps are too long; None where steps are chosen safely.
    """

    window = 10
    step_option = None

    def check_objective(self, objective):
        """Refuse what cannot work, before the first step.

        Raises
        ------
        ValueError
            If the loss or the size of the network is not for this optimizer.
        """

    @abstractmethod
    def minimise(self, objective, w0, *, tol, monitor, rng):
        """Descend from w0 until converged, or until the monitor says stop.

        Parameters
        ----------
        objective : Objective
        w0 : ndarray of shape (n_weights,)
        tol : float
            Converged when no component of the gradient of the mean cost is larger.
        monitor : Monitor
            Called after each iteration; it keeps the best weights and the curve.
        rng : numpy.random.Generator
            For optimizers that draw batches.

        Returns
        -------
        Status
            Why it stopped.
        """
