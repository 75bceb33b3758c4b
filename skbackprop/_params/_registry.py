"""Every choice is a name or an instance; here a name becomes its default instance."""

from abc import ABC
from inspect import signature

from sklearn.base import BaseEstimator

from ._advice import AdvisedConstructor, instead_of

__all__ = ["Configuration", "NamedChoices", "resolve"]


class Configuration(AdvisedConstructor, BaseEstimator, ABC):
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


class NamedChoices(AdvisedConstructor):
    """Mixin of estimators: the options of a part can be set while the part is a name.

    ``set_params(part__option=...)`` first replaces the name by its default instance, and
    ``get_params`` lists that instance's options, so that a search over
    ``solver__max_iter`` needs no ceremony. ``set_params(**get_params())`` changes nothing: a
    name whose options are all given, and all the defaults, stays a name. `_choices` maps a
    parameter to its registry.
    """

    _choices = {}

    def get_params(self, deep=True):
        """Parameters, and with `deep` those of parts, also of parts that are given by name.

        Parameters
        ----------
        deep : bool, default=True

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
        try:
            return self._set_params(params)
        except ValueError as error:
            advice = self._whereabouts(params)
            if not advice:
                raise
            raise ValueError(advice) from error

    def _set_params(self, params):
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

    def _offered(self):
        """The choices that are parameters: of a subclass with fewer, those that are left."""
        offered = self._get_param_names()
        return {part: registry for part, registry in self._choices.items() if part in offered}

    def _whereabouts(self, params):
        """Where the first parameter that does not exist may be found; "" if nowhere."""
        known = self.get_params()
        unknown = next((path for path in params if path not in known), "")
        option, part = unknown.rpartition("__")[-1], unknown.partition("__")[0]
        if isinstance(known.get(part), str) and known[part] not in self._choices.get(part, known):
            return ""  # it is the name that is wrong
        problem = f"{type(self).__name__} has no parameter {unknown!r}, got {params.get(unknown)!r}"
        for path in known:
            if path.endswith(f"__{option}"):
                return f"{problem}: set {path}"
        for part, registry in self._offered().items():
            for name, choice in registry.items():
                if unknown and option in signature(choice).parameters:
                    return f"{problem}: it is an option of {choice.__name__}, set {part}={name!r}"
        instead = unknown and instead_of(type(self), option, params[unknown])
        return instead and f"{problem}: {instead}"

    def _get_params_html(self, *args, **kwargs):
        """The table that scikit-learn 1.7 and newer shows in notebooks.

        scikit-learn marks every option of a part as set by the user; here only those that are.
        """
        table = super()._get_params_html(*args, **kwargs)
        chosen = [name for name in table.non_default if not _is_default(self, name)]
        others = [name for name in sorted(table, key=_depth) if name not in chosen]
        table.non_default = tuple(chosen)
        table.data = {name: table[name] for name in chosen + others}
        return table


def _says_nothing_new(choice, options):
    """Whether all options of a choice are given, and all of them are the defaults."""
    return options.keys() == choice.get_params().keys() and all(
        _is_default(choice, option) for option in options
    )


def _is_default(part, name):
    """Whether a parameter, ``name`` or ``part__option``, has the default of its class."""
    name, _, option = name.partition("__")
    value = getattr(part, name)
    if option:
        return _is_default(resolve(value, getattr(part, "_choices", {}).get(name)), option)
    return repr(value) == repr(signature(type(part)).parameters[name].default)


def _depth(name):
    return name.count("__")
