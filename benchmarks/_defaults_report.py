"""The tables that bench_defaults.py prints: scores, times, losses and targets."""

from itertools import product

import numpy as np
from _contenders import FORMER, OURS, PEER
from _datasets import DATASETS, load
from _folds import N_FOLDS, folds
from _results import ranks, shown
from _timing import print_table

__all__ = ["floored", "report", "scores", "totals"]

# A mean score counts no table below this: a single R2 of -100 would drown all others.
FLOOR = {"classification": 0.0, "regression": -1.0}
# Ours may take this part of the peer's processor time, and fall so far below on a table.
TIME_RATIO = 0.5
LOSS, NOISY = 0.02, 0.7
LOWER_IS_BETTER = ("mean rank", "log loss")
# Differences of scores up to this count as equal.
EQUAL = 0.005


def scores(records, names, contenders, field="score"):
    """Means over folds and states, an array with a row for each table; NaN where a fit failed."""
    found = {(name, label): [] for name in names for label in contenders}
    for record in records:
        found[record.dataset, record.contender].append(getattr(record, field))
    return np.array([[np.mean(found[name, label]) for label in contenders] for name in names])


def standard_errors(records, names, contenders, field):
    """Of the means of `scores` over random states, an array of the same shape."""
    states = sorted({record.random_state for record in records})
    each = [
        scores([r for r in records if r.random_state == state], names, contenders, field)
        for state in states
    ]
    return np.std(each, axis=0, ddof=1) / np.sqrt(len(states))


def print_errors(names, records, contenders, field="score"):
    """Print the standard errors if there are several random states."""
    n_states = len({record.random_state for record in records})
    if n_states < 2:
        return
    table = standard_errors(records, names, contenders, field)
    rows = [[n, *(f"{error:.3f}" for error in row)] for n, row in zip(names, table, strict=True)]
    title = f"Standard error of the mean over {n_states} random states, {field.replace('_', ' ')}"
    print_table(title, ("data set", *contenders), rows)


def totals(records, contenders, field="seconds"):
    """Sum over all fits of each contender that did not fail."""
    return {
        label: float(np.nansum([getattr(r, field) for r in records if r.contender == label]))
        for label in contenders
    }


def ratio(records, label):
    """Our processor time in fits over another's, over the fits in which neither failed."""
    ours, its = (
        {
            (r.dataset, r.random_state, r.fold): r.fit_processor
            for r in records
            if r.contender == one
        }
        for one in (OURS, label)
    )
    pairs = np.array([(ours[key], its[key]) for key in ours.keys() & its.keys()]).reshape(-1, 2)
    both = pairs[~np.isnan(pairs).any(axis=1)]
    return both[:, 0].sum() / both[:, 1].sum() if len(both) else np.nan


def floored(table, task):
    """Nothing below FLOOR, which is also what a failure counts."""
    return np.fmax(table, FLOOR[task])


def better_equal_worse(table, contenders):
    """Of each contender, on how many tables ours is better, equal and worse, as '3, 1, 2'."""
    difference = np.nan_to_num(table, nan=-np.inf)
    ours = difference[:, [contenders.index(OURS)]]
    with np.errstate(invalid="ignore"):  # both failed: neither better nor worse
        difference = ours - difference
    better, worse = ((sign * difference > EQUAL).sum(axis=0) for sign in (1, -1))
    return dict(
        zip(
            contenders,
            (f"{b}, {len(table) - b - w}, {w}" for b, w in zip(better, worse, strict=True)),
            strict=True,
        )
    )


def shape_of(name):
    """Samples, features of the first fold after encoding, and classes."""
    _, y = load(name)
    classes = len(np.unique(y)) if DATASETS[name].task == "classification" else "-"
    return [str(len(y)), str(next(folds(name)).X.shape[1]), str(classes)]


def report(task, names, records, contenders):
    """Print the scores of all contenders, what they sum up to, the losses, and the targets."""
    contenders = list(contenders)
    table = scores(records, names, contenders)
    counted = floored(table, task)
    summary = {
        "mean score": counted.mean(axis=0),
        "median score": np.median(counted, axis=0),
        "mean rank": ranks(table).mean(axis=0),
    }
    summary = {what: dict(zip(contenders, v, strict=True)) for what, v in summary.items()}
    ratios = {label: ratio(records, label) for label in contenders}
    lines = [
        ("mean score", summary["mean score"], ".3f"),
        ("median score", summary["median score"], ".3f"),
        ("mean rank", summary["mean rank"], ".2f"),
    ]
    if OURS in contenders:
        lines += [("better, equal, worse", better_equal_worse(table, contenders), "")]
    lines += [
        ("fit seconds", totals(records, contenders), ".2f"),
        ("processor seconds, fit", totals(records, contenders, "fit_processor"), ".2f"),
        ("processor seconds, predict", totals(records, contenders, "predict_processor"), ".2f"),
        ("ours / its processor, fit", ratios, ".2f"),
    ]
    rows = [[n, *shape_of(n), *shown(row)] for n, row in zip(names, table, strict=True)]
    rows += [
        [label, "", "", "", *(f"{values[one]:{form}} " for one in contenders)]
        for label, values, form in lines
    ]
    measure_of = "Accuracy" if task == "classification" else "R2"
    header = ("data set", "n", "features", "classes", *(f"{one} " for one in contenders))
    print_table(f"{measure_of} of defaults, {N_FOLDS} folds, the best with a star", header, rows)
    if task == "regression":
        print(f"An R2 below {FLOOR[task]:g} counts as {FLOOR[task]:g} in mean and median.")
    print_errors(names, records, contenders)
    loss = report_log_loss(names, records, contenders) if task == "classification" else {}
    if {OURS, FORMER, PEER[task]} <= set(contenders):
        print_losses(PEER[task], names, table, contenders)
        print_targets(PEER[task], summary | loss, ratios)


def report_log_loss(names, records, contenders):
    """Print the log loss; what it sums up to, by contender."""
    table = scores(records, names, contenders, "log_loss")
    # shown, ranks and counts take the largest for the best
    rows = [
        [name, *(cell.replace("-", "", 1) for cell in shown(-row))]
        for name, row in zip(names, table, strict=True)
    ]
    lines = (
        ("mean", table.mean(axis=0), ".3f"),
        ("median", np.median(table, axis=0), ".3f"),
        ("mean rank", ranks(-table).mean(axis=0), ".2f"),
    )
    rows += [[label, *(f"{value:{form}} " for value in row)] for label, row, form in lines]
    if OURS in contenders:
        counts = better_equal_worse(-table, contenders)
        rows += [["better, equal, worse", *(f"{counts[one]} " for one in contenders)]]
    title = "Log loss of defaults, the lowest with a star"
    print_table(title, ("data set", *(f"{one} " for one in contenders)), rows)
    print_errors(names, records, contenders, "log_loss")
    if {OURS, FORMER, PEER["classification"]} <= set(contenders):
        print_losses(PEER["classification"], names, -table, contenders, "minus log loss")
    return {"log loss": dict(zip(contenders, table.mean(axis=0), strict=True))}


def print_losses(peer, names, table, contenders, what="score"):
    """The tables on which ours is below the better of the peer and the former default."""
    column = {label: table[:, number] for number, label in enumerate(contenders)}
    better = np.fmax(column[peer], column[FORMER])
    lost = np.flatnonzero(~(column[OURS] >= better - LOSS))
    limit = f"more than {LOSS:g} below the better of {peer} and {FORMER}"
    print(f"\nlosses ({what}), {limit}: {len(lost)} of {len(names)}")
    for one in lost:
        best = np.nanmax(table[one])
        print(
            f"  {names[one]}: {column[OURS][one]:.3f}, {peer} {column[peer][one]:.3f}, "
            f"{FORMER} {column[FORMER][one]:.3f}, best of all {best:.3f}"
            + (", noisy" if what == "score" and best < NOISY else "")
        )


def print_targets(peer, summary, ratios):
    """Ours against the peer and against the former default."""
    for (what, of), other in product(summary.items(), (peer, FORMER)):
        met = of[OURS] < of[other] if what in LOWER_IS_BETTER else of[OURS] > of[other]
        figures = f"{of[OURS]:.3f} against {of[other]:.3f}"
        print(f"target, better than {other}: {what}, {figures}: {'met' if met else 'MISSED'}")
    met = "met" if ratios[peer] <= TIME_RATIO else "MISSED"
    print(f"target, processor time at most {TIME_RATIO:g} of {peer}: {ratios[peer]:.2f}: {met}")
