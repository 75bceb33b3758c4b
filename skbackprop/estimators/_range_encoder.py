"""The encoder of numbers, which maps them into the target range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._target_encoder import TargetEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ._target_encoder import Encoded

__all__ = ["RangeEncoder", "as_columns", "check_y_range"]


@dataclass(frozen=True, eq=False)
class RangeEncoder(TargetEncoder):
    """The affine map of numbers into the target range, separately for each output.

    Parameters
    ----------
    target_range : tuple of two floats
    low, span : ndarray of shape (n_outputs,)
        Smallest y of each output, and largest minus smallest y; 0 for a constant output.
    one_dimensional : bool
        Whether y had the shape (n_samples,).
    has_warned : bool, default=False
        Whether a warning about y outside the network's range has been issued.

    Examples
    --------
    >>> import numpy as np
    >>> from skbackprop.estimators._range_encoder import RangeEncoder
    >>> y = np.array([1.0, 3.0])
    >>> encoder = RangeEncoder.fit(y, target_range=(0.1, 0.9))
    >>> encoder.transform(y, None)[0].ravel()
    array([0.1, 0.9])
    >>> encoder.inverse(np.array([[0.5]]))
    array([2.])
    """

    low: NDArray[np.float64]
    span: NDArray[np.float64]
    one_dimensional: bool
    has_warned: bool = False

    @classmethod
    def fit(
        cls,
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None = None,
        *,
        target_range: Sequence[float],
        y_range: Any = None,
    ) -> RangeEncoder:
        """Determine the extremes from `y_range`, or from the y with positive weight.

        Raises
        ------
        ValueError
            If possible predictions of the network would overflow.
        """
        one_dimensional, y = y.ndim == 1, as_columns(y)
        if y_range is not None:
            y = check_y_range(y_range, y.shape[1])
        elif sample_weight is not None:
            y = y[sample_weight > 0]
        smallest, largest = y.min(axis=0), y.max(axis=0)
        low, high = target_range
        with np.errstate(over="ignore", invalid="ignore"):
            encoder = cls((low, high), smallest, largest - smallest, one_dimensional)
            extremes = encoder.reach
        if not np.isfinite(extremes).all():
            raise ValueError(
                f"y must be small enough that predictions of the network cannot overflow, got "
                f"values from {float(smallest.min())!r} to {float(largest.max())!r}: divide y by a "
                f"constant"
            )
        return encoder

    @classmethod
    def of_stream(
        cls,
        previous: RangeEncoder | None,
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        *,
        target_range: Sequence[float],
        y_range: Any,
    ) -> RangeEncoder:
        """Return the encoder of `partial_fit`: a new one in the first call, then `previous`.

        Raises
        ------
        ValueError
            If an output has a single value, so that its range is unknown, or if `y_range` changes.
        """
        if previous is None:
            if y_range is None:
                columns = as_columns(y)
                _check_spans(columns.min(axis=0), columns.max(axis=0), "the first samples")
            return cls.fit(y, sample_weight, target_range=target_range, y_range=y_range)
        _check_spans(previous.low, previous.high, "the previous fit")
        if y_range is not None:
            low, high = check_y_range(y_range, len(previous.low))
            if not (np.allclose(low, previous.low) and np.allclose(high, previous.high)):
                raise ValueError(
                    f"y_range must be the same as in the first call, got {y_range!r} after "
                    f"{(previous.low.tolist(), previous.high.tolist())!r}: leave it out"
                )
        return previous

    @property
    def high(self) -> NDArray[np.float64]:
        """The largest y of each output, (n_outputs,)."""
        return self.low + self.span

    @property
    def unit(self) -> NDArray[np.float64]:
        low, high = self.target_range
        with np.errstate(over="ignore"):  # infinite for a tiny range: any delta is valid
            return (high - low) / np.where(self.span == 0, 1, self.span)

    @property
    def reach(self) -> NDArray[np.float64]:
        """The smallest and the largest y that the network can predict, (2, n_outputs)."""
        return self._to_y(np.array([[0.0], [1.0]]))

    def transform(self, y: Any, sample_weight: NDArray[Any] | None, name: str = "y") -> Encoded:
        y = as_columns(y)
        if y.shape[1] != len(self.low):
            raise ValueError(
                f"{name} must have as many outputs as in the first fit, "
                f"{len(self.low)!r}, got {y.shape[1]!r}"
            )
        constant = self.span == 0
        Y = y - self.low  # in one array, as there may be very many samples
        Y /= np.where(constant, 1, self.span)
        Y[:, constant] = 0.5  # map a constant output to the middle of the range
        low, high = self.target_range
        Y *= high - low
        Y += low
        return np.clip(Y, 0, 1, out=Y), sample_weight

    def inverse(self, yhat: NDArray[Any]) -> NDArray[Any]:
        """Convert outputs to the units of y, in the dtype of `yhat` if it does not overflow."""
        return self._shaped(self._to_y(yhat), yhat.dtype)

    def inverse_std(self, std: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Convert standard deviations to the units of y, in `dtype` if it does not overflow."""
        low, high = self.target_range
        with np.errstate(over="ignore"):
            return self._shaped(self.span / (high - low) * std, dtype)

    def _shaped(self, y: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return the numbers in the shape of y, in `dtype` if it does not overflow."""
        if y.dtype != dtype and np.abs(y).max(initial=0) < np.finfo(dtype).max:
            y = y.astype(dtype)
        return y.ravel() if self.one_dimensional else y

    def check_reach(self, y: Any) -> tuple[RangeEncoder, str]:
        y, (low, high) = as_columns(y), self.reach
        beyond = y.shape[1] == len(low) and ((y < low).any() or (y > high).any())
        if not beyond or self.has_warned:  # warn only once in a stream of data
            return self, ""
        return replace(self, has_warned=True), (
            f"y has values from {float(y.min())!r} to {float(y.max())!r}, outside the "
            f"range of predictions that the first call of partial_fit has set: start again, and "
            f"pass y_range to that call"
        )

    def _to_y(self, yhat: NDArray[Any]) -> NDArray[Any]:
        low, high = self.target_range
        return self.low + self.span * ((yhat - low) / (high - low))


def as_columns(y: NDArray[Any]) -> NDArray[np.float64]:
    """Return y as (n_samples, n_outputs), float64."""
    return y.reshape(len(y), -1).astype(np.float64, copy=False)


def check_y_range(y_range: Any, n_outputs: int) -> NDArray[np.float64]:
    """Check `y_range`; return the smallest and the largest y of each output, (2, n_outputs)."""
    try:
        low, high = y_range
        extremes = np.array([np.broadcast_to(end, n_outputs) for end in (low, high)], dtype=float)
    except (TypeError, ValueError):
        extremes = np.full((2, n_outputs), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        span = extremes[1] - extremes[0]
    if not (np.isfinite(span).all() and (span > 0).all()):
        raise ValueError(
            f"y_range must be the smallest and the largest y to expect, two numbers low < high or "
            f"two lists with {n_outputs} numbers for the outputs, got {y_range!r}"
        )
    return extremes


def _check_spans(low: NDArray[np.float64], high: NDArray[np.float64], where: str) -> None:
    """Refuse a range of no width for `partial_fit`: the network could answer nothing else."""
    if not (low < high).all():
        constant = float(low[low >= high][0])
        raise ValueError(
            f"y_range must be given in the first call of partial_fit where an output has a single "
            f"value, got only {constant!r} from {where}: begin anew, and pass "
            f"y_range=(smallest, largest y to come) to that call"
        )
