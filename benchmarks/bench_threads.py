"""Do fits behave the same in every thread, and do restarts gain from n_jobs?

The first table has the time of a default fit in a worker thread over that in the main thread,
and that of eight fits in eight threads over that of eight fits in turn. The second has the
speed-up of restarts by n_jobs=2. MLPClassifier stands beside both as a peer.
"""

import threading
import warnings
from time import perf_counter

from _timing import parser, print_machine, print_table, ratios, spread
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import scale

from skbackprop import BackpropClassifier

DATA = {"iris": load_iris, "breast cancer": load_breast_cancer, "digits": load_digits}
# Restarts for about a second of work.
N_INIT = {"iris": 64, "breast cancer": 64, "digits": 8}


def seconds(run):
    start = perf_counter()
    run()
    return perf_counter() - start


def in_threads(run, n_threads):
    def start_and_join():
        threads = [threading.Thread(target=run) for _ in range(n_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return start_and_join


def in_turn(run, n):
    def runs():
        for _ in range(n):
            run()

    return runs


def repeated(contenders, repeats):
    """Seconds of each contender, one list each; they take turns."""
    for run in contenders:
        run()
    rounds = [[seconds(run) for run in contenders] for _ in range(repeats)]
    return [list(times) for times in zip(*rounds, strict=True)]


def threads_table(repeats, n_threads):
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)
    models = {
        "BackpropClassifier": BackpropClassifier(random_state=0),
        "MLPClassifier, L-BFGS": MLPClassifier(
            30, solver="lbfgs", activation="logistic", max_iter=50, random_state=0
        ),
    }
    rows = []
    for name, model in models.items():

        def fit(model=model):
            type(model)(**model.get_params(deep=False)).fit(X, y)

        main, worker, turn, side_by_side = repeated(
            [fit, in_threads(fit, 1), in_turn(fit, n_threads), in_threads(fit, n_threads)], repeats
        )
        against = spread(ratios(worker, main)), spread(ratios(side_by_side, turn))
        rows.append([name, f"{1e3 * min(main):.1f}", *against])
    many = f"{n_threads} threads / in turn"
    print_table("breast cancer", ["", "fit, ms", "in a thread / in main", many], rows)


def restarts_table(repeats, names):
    rows = []
    for name in names:
        X, y = DATA[name](return_X_y=True)
        X = scale(X)

        def fit(n_jobs, X=X, y=y, n_init=N_INIT[name]):
            model = BackpropClassifier(n_jobs=n_jobs, random_state=0)
            model.set_params(solver__n_init=n_init).fit(X, y)

        one, two = repeated([lambda: fit(1), lambda: fit(2)], repeats)
        rows.append([name, str(N_INIT[name]), f"{min(one):.2f}", spread(ratios(one, two))])
    header = ["", "restarts", "n_jobs=1, s", "speed-up by n_jobs=2"]
    print_table("restarts, workers started before", header, rows)


def main():
    arguments = parser(__doc__).parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print_machine()
    quick = arguments.quick
    repeats = min(arguments.repeats, 3) if quick else arguments.repeats
    threads_table(repeats, n_threads=2 if quick else 8)
    restarts_table(repeats, ["iris"] if quick else list(DATA))


if __name__ == "__main__":
    main()
