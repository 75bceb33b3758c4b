"""Results that are kept in a JSON file, so that a long benchmark can be run in pieces.

A benchmark measures a piece of work (a table, a function) with all its contenders in turn and
stores the records of it at once. Called again with the same file it leaves out what the file
has. The tables that it prints are made from the records, whenever they were measured.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic

import numpy as np
from scipy.stats import rankdata

__all__ = ["Store", "add_options", "contenders_of", "measure_missing", "ranks", "shown"]

BEGIN = monotonic()  # of the program


class Store:
    """Records of one benchmark, in memory and, if there is a path, in a file.

    Parameters
    ----------
    path : str or None
    kind : dataclass
        Of the records; it has the attributes `dataset` and `contender`.
    """

    def __init__(self, path, kind):
        self.path = Path(path) if path else None
        self.records = []
        if self.path is not None and self.path.exists():
            self.records = [kind(**one) for one in json.loads(self.path.read_text("utf-8"))]

    def has(self, dataset, contender):
        return any(one.dataset == dataset and one.contender == contender for one in self.records)

    def of(self, datasets, contenders):
        """The records of these data sets and contenders."""
        return [
            one for one in self.records if one.dataset in datasets and one.contender in contenders
        ]

    def add(self, records):
        """Append records, and write them all where an interruption cannot spoil the file."""
        self.records += records
        self.save()

    def forget(self, contenders):
        self.records = [one for one in self.records if one.contender not in contenders]
        self.save()

    def save(self):
        if self.path is None:
            return
        beside = self.path.with_suffix(".part")
        beside.write_text(json.dumps([asdict(one) for one in self.records], indent=0), "utf-8")
        os.replace(beside, self.path)


def add_options(arguments):
    """The options of a benchmark that can be run in pieces."""
    group = arguments.add_argument_group("a long run in pieces")
    group.add_argument(
        "--json", metavar="PATH", help="store results here, and leave out what is stored already"
    )
    group.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="begin no further table after M minutes of the program; call again to go on",
    )
    group.add_argument("--show", action="store_true", help="only print what is stored")
    group.add_argument("--contenders", metavar="A,B", help="only these columns")
    group.add_argument(
        "--forget", metavar="A,B", help="drop the stored results of these columns first"
    )


def contenders_of(options, contenders, store):
    """The contenders that the command line asks for, after `--forget` is done."""
    for option in (options.contenders, options.forget):
        unknown = set(option.split(",") if option else ()) - set(contenders)
        if unknown:
            raise SystemExit(f"no column {sorted(unknown)}; there are: {list(contenders)}")
    if options.forget:
        store.forget(options.forget.split(","))
        options.forget = None  # else the next task would drop what this one is about to measure
    wanted = options.contenders.split(",") if options.contenders else list(contenders)
    if options.show:  # an optional one may not have been there
        wanted = [label for label in wanted if any(r.contender == label for r in store.records)]
    return {label: one for label, one in contenders.items() if label in wanted}


def measure_missing(options, names, contenders, store, measure):
    """Measure what the store does not have; the names that it has wholly afterwards.

    Parameters
    ----------
    options : the command line, with `add_options`
    names : list of str
    contenders : dict of label -> contender
    store : Store
    measure : function of (name, dict of the contenders that are missing), returns records
    """
    for name in () if options.show else names:
        missing = {k: one for k, one in contenders.items() if not store.has(name, k)}
        if not missing:
            continue
        if options.minutes is not None and monotonic() - BEGIN > 60 * options.minutes:
            break
        start = monotonic()
        store.add(measure(name, missing))
        print(f"{name}: {monotonic() - start:.1f} s", file=sys.stderr, flush=True)
    whole = [name for name in names if all(store.has(name, label) for label in contenders)]
    if len(whole) < len(names):
        print(f"\nIN PART: {len(whole)} of {len(names)}; call again with the same --json to go on")
    return whole


def ranks(table):
    """Ranks within each row, 1 for the best, ties averaged, failures last."""
    table = np.where(np.isnan(table), -np.inf, np.round(table, 9))
    return rankdata(-table, axis=1)


def shown(row, missing="failed"):
    """The scores of one table as strings, the best with a star."""
    text = [missing if np.isnan(score) else f"{score:.3f}" for score in row]
    best = np.nanmax(row) if not np.isnan(row).all() else None
    return [f"{t}{'*' if score == best else ' '}" for t, score in zip(text, row, strict=True)]
