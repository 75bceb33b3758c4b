"""Options of the parts of an estimator or solver while these parts are given by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from ._advice import AdvisedConstructor, instead_of
from ._configuration import Configuration, resolve

if TYPE_CHECKING:
    from typing import Self

__all__ = ["NamedChoices"]


class NamedChoices(AdvisedConstructor, BaseEstimator):
    """Base of estimators and solvers: options of a part can be set while the part is a name.

    ``set_params(part__option=...)`` first replaces the name by its default instance, and
    ``get_params`` lists the options of that instance, so that a search over
    ``solver__max_iter`` needs no instance. ``set_params(**get_params())`` changes nothing: if
    all options of a name are given and all are the defaults, it stays a name. `_choices` maps
    each of these parameters to its registry.
    """

    _choices: Mapping[str, Mapping[str, type[Configuration]]] = {}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters; with `deep`, also those of parts, even if these are names.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the options of parts as ``part__option``.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=deep)
        if deep:
            for part, registry in self._choices.items():
                name = params.get(part)  # a subclass may have fewer parameters
                if isinstance(name, str) and name in registry:
                    options = resolve(name, registry).get_params()
                    params |= {f"{part}__{option}": value for option, value in options.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, including options of parts that are given by name.

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
        try:
            return self._set_params(params)
        except ValueError as error:
            advice = self._advice_for(params)
            if not advice:
                raise
            raise ValueError(advice) from error

    def _set_params(self, params: dict[str, Any]) -> Self:
        super().set_params(**{k: v for k, v in params.items() if "__" not in k})
        for part, registry in self._offered().items():
            prefix = f"{part}__"
            options = {k.removeprefix(prefix): v for k, v in params.items() if k.startswith(prefix)}
            name = getattr(self, part)
            if options and isinstance(name, str):
                if name not in registry:
                    raise ValueError(
                        f"{part}={name!r} of {type(self).__name__} has no options, got "
                        f"{sorted(options)!r}: set {part} to one of {sorted(registry)!r} first"
                    )
                choice = resolve(name, registry).set_params(**options)
                if not _says_nothing_new(choice, options):
                    setattr(self, part, choice)
                params = {k: v for k, v in params.items() if not k.startswith(prefix)}
        return super().set_params(**{k: v for k, v in params.items() if "__" in k})

    def _offered(self) -> dict[str, Mapping[str, type[Configuration]]]:
        """The entries of `_choices` that are parameters; a subclass may have fewer."""
        offered = self._get_param_names()
        return {part: registry for part, registry in self._choices.items() if part in offered}

    def _advice_for(self, params: dict[str, Any]) -> str:
        """Return a message for the first parameter that does not exist; "" without suggestion."""
        known = self.get_params()
        unknown = next((path for path in params if path not in known), "")
        option, part = unknown.rpartition("__")[-1], unknown.partition("__")[0]
        if isinstance(known.get(part), str) and known[part] not in self._choices.get(part, known):
            return ""  # the name of a part is wrong, not a parameter
        problem = f"{type(self).__name__} has no parameter {unknown!r}, got {params.get(unknown)!r}"
        for path in known:
            if path.endswith(f"__{option}"):
                return f"{problem}: set {path}"
        for part, registry in self._offered().items():
            for name, choice in registry.items():
                if unknown and option in choice._get_param_names():
                    return f"{problem}: it is an option of {choice.__name__}, set {part}={name!r}"
        instead = instead_of(type(self), option, params[unknown]) if unknown else ""
        return f"{problem}: {instead}" if instead else ""


def _says_nothing_new(choice: Configuration, options: dict[str, Any]) -> bool:
    """Whether all options of a choice are given and all are its defaults."""
    params = choice.get_params()
    return options.keys() == params.keys() and repr(params) == repr(type(choice)().get_params())
