"""Execution of a solve: results, reasons to stop, and parallel work.

- `_result`: what a solver returns (SolverResult, Status) and reports (Progress)
- `_budget`: reasons to stop: the deadline, the callback, Ctrl-C
- `_numpy_settings`: the buffers and the floating-point errors of NumPy during a solve
- `_interrupt`: Ctrl-C while several workers share a solve; a solve on one worker catches
  KeyboardInterrupt itself
- `_parallel`: independent pieces of a search on joblib's workers
- `_threads`: threads of this process that share one fit, with one BLAS thread each
- `_while_solving`: the two contexts of a solve: one BLAS thread, and NumPy's settings
"""
