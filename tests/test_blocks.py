"""Work in blocks: the same sums whatever the blocks' threads, and BLAS left as it was."""

import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context, get_config
from threadpoolctl import threadpool_info, threadpool_limits

from skbackprop._blocks import accumulate, block_length, even_slices, one_blas_thread, slices


def blas_threads():
    return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]


@pytest.mark.parametrize(("n", "length"), [(1, 1), (7, 3), (9, 3), (10, 100), (1000, 7)])
@pytest.mark.parametrize("cut", [slices, even_slices])
def test_slices_cover_everything_once(cut, n, length):
    pieces = list(cut(n, length))
    assert_array_equal(np.concatenate([np.arange(n)[piece] for piece in pieces]), np.arange(n))
    assert max(piece.stop - piece.start for piece in pieces) <= length


def test_several_even_slices_are_a_multiple_of_four_for_threads_to_share():
    assert [s.stop - s.start for s in even_slices(1000, 210)] == [125] * 8


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 50])
@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_sums_do_not_depend_on_the_number_of_threads(n_blocks, n_threads):
    values = np.random.default_rng(0).normal(size=(n_blocks, 1000))

    def add(block, total, each):
        total += values[block].sum()
        each += values[block]

    with threadpool_limits(1):
        expected = accumulate(add, list(range(n_blocks)), [(), (1000,)])
    with threadpool_limits(n_threads):
        got = accumulate(add, list(range(n_blocks)), [(), (1000,)])
    for a, b in zip(got, expected, strict=True):
        assert_array_equal(a, b)
    np.testing.assert_allclose(got[0], values.sum(), rtol=1e-10)


def test_an_error_in_a_block_is_raised():
    def add(block, total):
        if block == 3:
            raise RuntimeError("block 3")

    with pytest.raises(RuntimeError, match="block 3"):
        accumulate(add, list(range(8)), [()])


def test_blas_gets_its_threads_back():
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) == {1}
            with one_blas_thread():
                assert set(blas_threads()) == {1}
            assert set(blas_threads()) == {1}
        assert blas_threads() == before


def test_blas_gets_its_threads_back_when_fits_in_threads_end_in_any_order():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            entered.set()
            leave.wait(10)

    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            thread = threading.Thread(target=other)
            thread.start()
            assert entered.wait(10)
        assert blas_threads() == before
        leave.set()
        thread.join()
        assert blas_threads() == before


def test_blocks_stay_within_the_working_memory():
    with config_context(working_memory=1):
        assert 1000 * block_length(1000) <= 2**20
        assert block_length(2**30) == 1


def test_helpers_work_under_the_settings_of_the_caller():
    settings = []

    def add(block, total):
        settings.append((get_config()["working_memory"], np.geterr()["over"]))
        time.sleep(0.002)  # for a helper to get its share

    with threadpool_limits(3), config_context(working_memory=7), np.errstate(over="ignore"):
        accumulate(add, list(range(50)), [()])
    assert set(settings) == {(7, "ignore")}
