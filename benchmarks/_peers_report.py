"""The tables that bench_peers.py prints."""

import numpy as np
from _contenders import OURS
from _defaults_report import (
    FLOOR,
    LOSS,
    better_equal_worse,
    floored,
    report_log_loss,
    scores,
    shape_of,
)
from _peers import PEERS
from _results import ranks, shown
from _timing import print_table

__all__ = ["report"]

KIB = 1024


def report(task, names, records, contenders, n_folds):
    """Print the score of each table, what all measures sum up to, and where ours is behind."""
    table = scores(records, names, contenders)
    rows = [[name, *shape_of(name), *shown(row)] for name, row in zip(names, table, strict=True)]
    header = ("data set", "n", "features", "classes", *(f"{one} " for one in contenders))
    of = "Accuracy" if task == "classification" else "R2"
    print_table(f"{of}, {n_folds} of the five folds, the best with a star", header, rows)
    if task == "classification":
        report_log_loss(names, records, contenders)
    print_summary(task, names, records, contenders)
    missing = [label for label in PEERS if label not in contenders]
    if missing:
        print(f"not measured: {', '.join(missing)}")
    if OURS in contenders:
        print_behind(names, table, contenders)


def print_summary(task, names, records, contenders):
    """What the measures sum up to, a line for each contender."""
    table = scores(records, names, contenders)
    columns = {
        "mean score": numbers(floored(table, task).mean(axis=0), ".3f"),
        "median": numbers(np.median(floored(table, task), axis=0), ".3f"),
        "rank": numbers(ranks(table).mean(axis=0), ".2f"),
        "better, equal, worse": compared(table, contenders),
    }
    if task == "classification":
        loss = scores(records, names, contenders, "log_loss")
        columns["log loss"] = numbers(loss.mean(axis=0), ".3f")
        columns["better, equal, worse "] = compared(-loss, contenders)
    else:
        for field, form in (("coverage", ".3f"), ("width", ".2f")):
            values = scores(records, names, contenders, field)
            columns[field] = numbers(mean_of_measured(values), form)
    for title, field, unit in (("fit ms", "fit", 1e-3), ("one row ms", "one_row", 1e-3)):
        values = scores(records, names, contenders, field)
        columns[title] = numbers(geometric_mean(values / unit), ".3g")
        columns[f"{title[:-3]} / ours"] = to_ours(values, contenders)
    sizes = scores(records, names, contenders, "size")
    columns["KiB"] = numbers(geometric_mean(sizes / KIB), ".3g")
    rows = [[label, *line] for label, *line in zip(contenders, *columns.values(), strict=True)]
    print_table(f"{task.capitalize()}, tables: {len(names)}", ("", *columns), rows)
    if task == "regression":
        print(f"An R2 below {FLOOR[task]:g} counts as {FLOOR[task]:g} in mean and median.")


def numbers(values, form):
    """The values as strings; a dash where there is none."""
    return ["-" if np.isnan(value) else f"{value:{form}}" for value in values]


def compared(table, contenders):
    """On how many tables ours is better, equal and worse than each."""
    if OURS not in contenders:
        return ["-"] * len(contenders)
    counts = better_equal_worse(table, contenders)
    return ["-" if label == OURS else counts[label] for label in contenders]


def mean_of_measured(values):
    """Mean of each column over the tables that it has; NaN if it has none."""
    return np.array([np.nan if np.isnan(c).all() else np.nanmean(c) for c in values.T])


def geometric_mean(values):
    """Of each column, over the tables that it has."""
    return np.exp(mean_of_measured(np.log(values)))


def to_ours(values, contenders):
    """Geometric mean of the ratios to ours, table by table."""
    if OURS not in contenders:
        return ["-"] * len(contenders)
    return numbers(geometric_mean(values / values[:, [contenders.index(OURS)]]), ".3g")


def print_behind(names, table, contenders):
    """The tables on which ours is well below the best of the others."""
    ours = contenders.index(OURS)
    others = np.delete(np.arange(len(contenders)), ours)
    if not len(others):
        return
    behind = []
    for name, row in zip(names, table, strict=True):
        best = others[np.argmax(np.nan_to_num(row[others], nan=-np.inf))]
        if not row[ours] >= row[best] - LOSS:
            behind.append(f"  {name}: {row[ours]:.3f}, {contenders[best]} {row[best]:.3f}")
    count = f"{len(behind)} of {len(names)}"
    print("\n".join([f"\nmore than {LOSS:g} below the best of all others: {count}", *behind]))
