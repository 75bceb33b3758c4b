"""Work in blocks: the same sums however many threads share them."""

from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from threadpoolctl import threadpool_limits

from skbackprop.model._blocks import _groups, accumulate, block_length, even_slices, slices


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


@pytest.mark.parametrize(("n_blocks", "n_groups"), [(36, 16), (20, 16), (16, 16), (3, 2)])
def test_the_last_groups_are_the_smaller_ones(n_blocks, n_groups):
    groups = _groups(list(range(n_blocks)), n_groups)
    sizes = [len(group) for group in groups]
    assert len(groups) == n_groups
    assert list(chain.from_iterable(groups)) == list(range(n_blocks))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1


def test_blocks_stay_within_the_working_memory():
    with config_context(working_memory=1):
        assert 1000 * block_length(1000) <= 2**20
        assert block_length(2**30) == 1
