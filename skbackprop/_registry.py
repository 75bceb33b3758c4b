"""Every choice is a name or an instance; here a name becomes its default instance."""

from abc import ABC

from sklearn.base import BaseEstimator

__all__ = ["Configuration", "NamedChoices", "resolve"]


class Configuration(BaseEstimator, ABC):
    """Options and nothing else: the base of losses, optimizers and solvers.

    A configuration can be cloned, searched over and shared by estimators; nothing that
    uses it writes to it. `_parameter_constraints` says what its options may be.
    """

    _parameter_constraints = {}

    def check(self):
        """Validate the options.

        Raises
        ------
        InvalidParameterError
            A ValueError that names the option, what was got and what is expected.
        """
        self._validate_params()


def resolve(choice, registry):
    """The default instance of a name in `registry`, or the instance itself.

    Parameters
    ----------
    choice : str or instance
    registry : dict of str -> class

    Returns
    -------
    instance
    """
    return registry[choice]() if isinstance(choice, str) else choice


class NamedChoices:
    """Mixin of estimators: ``set_params(part__option=...)`` works while `part` is a name.

    The name is first replaced by its default instance, so that a search over
    ``solver__max_iter`` needs no ceremony. `_choices` maps a parameter to its registry.
    """

    _choices = {}

    def set_params(self, **params):
        """Set parameters, also those of parts that are given by name.

        Parameters
        ----------
        **params : dict
            ``name=value`` or ``part__option=value``.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter does not exist.
        """
        super().set_params(**{k: v for k, v in params.items() if "__" not in k})
        nested = {k: v for k, v in params.items() if "__" in k}
        for part in {key.partition("__")[0] for key in nested}:
            name = getattr(self, part, None)
            if isinstance(name, str) and name in self._choices.get(part, {}):
                setattr(self, part, resolve(name, self._choices[part]))
        return super().set_params(**nested)
