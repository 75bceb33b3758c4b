"""Two kinds of processor on one machine, with AVX-512 and without; this needs NumPy 1.26."""

import os
import subprocess
import sys

import numpy as np

# Set where the script runs for the second time.
_SECOND = "SKBACKPROP_BENCH_WITHOUT_AVX512"


def _avx512():
    """The groups of instructions beyond AVX2 for which NumPy has code and that are in use."""
    groups = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return [name for name in groups if "AVX512" in name or name == "X86_V4"]


def kind():
    """The instructions that NumPy uses, in words."""
    return "with AVX-512" if _avx512() else "without AVX-512"


def again_without_avx512():
    """Run the script once more, as on a processor without AVX-512, if this one has it.

    NumPy and OpenBLAS then use AVX2 at most.
    """
    if not _avx512() or _SECOND in os.environ:
        return
    settings = {
        "NPY_DISABLE_CPU_FEATURES": " ".join(_avx512()),
        "OPENBLAS_CORETYPE": "Haswell",
        _SECOND: "1",
    }
    sys.stdout.flush()
    subprocess.run([sys.executable, *sys.argv], env=os.environ | settings, check=True)
