"""What the benchmarks share: timing contenders side by side, ratios, tables, the machine.

Times on a shared machine drift. So contenders take turns, in another order each repeat, and
only times of the same repeat are divided by each other. A ratio is reported as the median
over the repeats with its spread, the smallest and the largest.
"""

import argparse
import os
import platform
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from threadpoolctl import threadpool_info

import skbackprop

# Seconds that one measurement of one contender should take at least: a descent, not one step.
MEASUREMENT = 0.5
# Seconds before it, until the threads of the contender before have gone to sleep.
SETTLE = 0.3


def parser(description):
    """The command line that every benchmark has; `description` is its docstring."""
    arguments = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--quick", action="store_true", help="a smoke test of a few seconds")
    arguments.add_argument(
        "--repeats", type=int, default=7, help="measurements (default: %(default)s)"
    )
    arguments.add_argument("--threads", type=int, default=2, help="of BLAS (default: %(default)s)")
    return arguments


def interleaved(contenders, repeats, measurement=MEASUREMENT):
    """Time functions in turn.

    Parameters
    ----------
    contenders : dict of name -> function without arguments
    repeats : int
    measurement : float
        Seconds; short functions are called several times in one measurement.

    Returns
    -------
    dict of name -> list of seconds per call, one for each repeat
    """
    n_calls = {name: calls_within(run, measurement) for name, run in contenders.items()}
    times = {name: [] for name in contenders}
    names = list(contenders)
    for _ in range(repeats):
        for name in names:
            times[name].append(seconds(contenders[name], n_calls[name]) / n_calls[name])
        names = names[1:] + names[:1]
    return times


def calls_within(run, measurement):
    """How many calls take about as long as one measurement should; warms up on the way."""
    n_calls = 1
    while (spent := seconds(run, n_calls)) < measurement / 4:
        n_calls *= 2
    return max(1, round(n_calls * measurement / spent))


def seconds(run, n_calls):
    """Time of some calls, in the context that the function asks for, if it does.

    What the contender before left in the caches is not charged, nor are its threads, which
    wait for further work with a core of their own for some hundredths of a second.
    """
    with getattr(run, "context", nullcontext)():
        sleep(SETTLE)
        run()
        start = perf_counter()
        for _ in range(n_calls):
            run()
        return perf_counter() - start


def ratios(numerator, denominator):
    """One ratio for each repeat."""
    return [a / b for a, b in zip(numerator, denominator, strict=True)]


def spread(values):
    """The median, and the smallest and largest in brackets: '1.64 (1.61..1.67)'."""
    digits = 2 if max(values) < 100 else 0
    low, mid, high = (f"{f(values):.{digits}f}" for f in (min, median, max))
    return f"{mid} ({low}..{high})"


def against(target, values):
    """The target and whether the median reaches it; empty where there is none."""
    if target is None:
        return ""
    return f"{target:g} {'met' if median(values) >= target else 'MISSED'}"


def milliseconds(times):
    return f"{1e3 * median(times):.3f}"


def print_table(title, header, rows):
    """A table of strings in columns as wide as they need; the first is flush left."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    line = "  ".join("-" * width for width in widths)
    print(f"\n{title}\n{line}")
    for number, row in enumerate([header, *rows]):
        cells = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)]
        print("  ".join([f"{row[0]:<{widths[0]}}", *cells[1:]]).rstrip())
        if number == 0:
            print(line)


def print_machine():
    """Everything about the machine that a number depends on."""
    print(f"{cpu()}, {os.cpu_count()} cores, load {load()}")
    names = ("numpy", "scipy", "scikit-learn", "torch")
    packages = ", ".join(f"{name} {installed(name)}" for name in names)
    print(f"Python {platform.python_version()}, skbackprop {skbackprop.__version__}, {packages}")
    print(f"BLAS: {blas()}")


def cpu():
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load():
    """Load average of the last minute: what else runs."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def installed(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def blas():
    """The BLAS libraries that are loaded, and on how many threads they work."""
    libraries = [one for one in threadpool_info() if one["user_api"] == "blas"]
    return "; ".join(
        f"{one['internal_api']} {one['version']}, {one.get('architecture', 'unknown kernel')}, "
        f"{one['num_threads']} threads"
        for one in libraries
    )
