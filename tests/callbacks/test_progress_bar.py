"""The progress bar moves, and ends at 100 percent."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")
from skbackprop.callbacks import ProgressBar


def test_without_rich_a_progress_bar_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match=r'pip install "skbackprop\[progress\]"'):
        ProgressBar()


@pytest.fixture(scope="module")
def terminal():
    """What a pseudo-terminal shows of some fits: {name: percentages}."""
    pytest.importorskip("rich", reason="needs the extra progress: pip install skbackprop[progress]")
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on Windows")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    script = Path(__file__).with_name("progress_bars.py")
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)  # pytest-xdist sets 80, which counts more than the terminal
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # what Linux says at the end
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "\n")
    cases = re.split(r"=== (.+?)\n", text)[1:]
    return dict(zip(cases[::2], cases[1::2], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["gd", "converged", "restarts", "montecarlo", "max_time", "grid", "stopped", "search"],
)
def test_progress_bar_in_a_terminal_advances_and_ends_at_100_percent(terminal, name):
    top = "GridSearchCV - fit" if name == "search" else "BackpropClassifier - fit"
    bar = rf"^{top} .*?(\d+)% +(\S+)"
    shown = re.findall(bar, terminal[name], re.MULTILINE)
    percent = [int(number) for number, _ in shown]
    assert percent == sorted(percent)
    assert percent[-1] == 100
    assert len(set(percent)) > 2, "the bar did not move"
    # on a busy machine there are too few updates in a second to estimate the time: -:--:--
    assert all(re.fullmatch(r"[\d-]+:[\d-]{2}:[\d-]{2}", left) for _, left in shown), "no time left"
    inner = {"gd": "restart #0", "restarts": "restart #2", "search": "BackpropClassifier - fit"}
    if name in inner:
        below = re.findall(rf"^ +.*{inner[name]} .*?(\d+)%", terminal[name], re.MULTILINE)
        assert len(set(below)) > 2
        assert below[-1] == "100"
