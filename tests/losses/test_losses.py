"""Every cost against high-precision values, at and far beyond saturation."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from skbackprop.losses import (
    LOSSES,
    Exponential,
    Huber,
    ItakuraSaito,
    LogLoss,
    Loss,
    Quantile,
    SquaredError,
    sigmoid_pair,
)

# (name, y, z3, cost, d cost / d z3), made with mpmath 1.3 by this program:
#
#   from mpmath import mp, mpf, exp, log, sqrt, diff
#   sq = lambda x: x * x
#   HUBER = lambda e, d: e * e / 2 if e <= d else d * (e - d / 2)
#   COSTS = {
#    "squared_error": lambda y, a, b: sq(y - a) / 2,
#    "log_loss": lambda y, a, b: -(y * log(a) if y else 0) - ((1 - y) * log(b) if 1 - y else 0),
#    "kullback_leibler": lambda y, a, b: (y * log(y / a) if y else 0)
#        + ((1 - y) * log((1 - y) / b) if 1 - y else 0),
#    "generalized_kullback_leibler": lambda y, a, b: (y * log(y / a) if y else 0) - y + a,
#    "itakura_saito": lambda y, a, b: y / a - log(y / a) - 1,
#    "hellinger": lambda y, a, b: (sq(sqrt(a) - sqrt(y)) + sq(sqrt(b) - sqrt(1 - y))) / 2,
#    "exponential": lambda y, a, b: exp(sq(y - a)),
#    "huber": lambda y, a, b: HUBER(abs(y - a), mpf(0.05)),
#    "quantile": lambda y, a, b: HUBER(abs(y - a), mpf(0.01)) / mpf(0.01) / 2,
#   }
#   mp.dps = 1600
#   for name, cost in COSTS.items():
#     for y in (0, 0.25, 1):
#       for z in (-800, -40, -1.5, 0.5, 40, 800):
#         if name == "itakura_saito" and (y == 0 or z < -30):
#           continue
#         at = lambda z: cost(mpf(y), 1 / (1 + exp(-z)), 1 / (1 + exp(z)))
#         print(f"    ({name!r}, {y}, {z}, {float(at(mpf(z)))!r}, {float(diff(at, mpf(z)))!r}),")
# fmt: off
HIGH_PRECISION = [
    ('squared_error', 0, -800, 0.0, 0.0),
    ('squared_error', 0, -40, 9.024256939227075e-36, 1.804851387845415e-35),
    ('squared_error', 0, -1.5, 0.016639535868011743, 0.02720811964279009),
    ('squared_error', 0, 0.5, 0.19372780950013005, 0.14628025352695762),
    ('squared_error', 0, 40, 0.5, 4.248354255291589e-18),
    ('squared_error', 0, 800, 0.5, 0.0),
    ('squared_error', 0.25, -800, 0.03125, -0.0),
    ('squared_error', 0.25, -40, 0.03125, -1.0620885638228972e-18),
    ('squared_error', 0.25, -1.5, 0.002283154916422657, -0.010078493374793123),
    ('squared_error', 0.25, 0.5, 0.0693629766996664, 0.08752932547655899),
    ('squared_error', 0.25, 40, 0.28125, 3.1862656914686917e-18),
    ('squared_error', 0.25, 800, 0.28125, 0.0),
    ('squared_error', 1, -800, 0.5, -0.0),
    ('squared_error', 1, -40, 0.5, -4.248354255291589e-18),
    ('squared_error', 1, -1.5, 0.3342140120616554, -0.12193833242754276),
    ('squared_error', 1, 0.5, 0.07126847829827547, -0.08872345867463688),
    ('squared_error', 1, 40, 9.024256939227075e-36, -1.804851387845415e-35),
    ('squared_error', 1, 800, 0.0, -0.0),
    ('log_loss', 0, -800, 0.0, 0.0),
    ('log_loss', 0, -40, 4.248354255291589e-18, 4.248354255291589e-18),
    ('log_loss', 0, -1.5, 0.2014132779827524, 0.18242552380635635),
    ('log_loss', 0, 0.5, 0.9740769841801067, 0.6224593312018546),
    ('log_loss', 0, 40, 40.0, 1.0),
    ('log_loss', 0, 800, 800.0, 1.0),
    ('log_loss', 0.25, -800, 200.0, -0.25),
    ('log_loss', 0.25, -40, 10.0, -0.25),
    ('log_loss', 0.25, -1.5, 0.5764132779827524, -0.06757447619364366),
    ('log_loss', 0.25, 0.5, 0.8490769841801067, 0.37245933120185454),
    ('log_loss', 0.25, 40, 30.0, 0.75),
    ('log_loss', 0.25, 800, 600.0, 0.75),
    ('log_loss', 1, -800, 800.0, -1.0),
    ('log_loss', 1, -40, 40.0, -1.0),
    ('log_loss', 1, -1.5, 1.7014132779827524, -0.8175744761936437),
    ('log_loss', 1, 0.5, 0.4740769841801067, -0.37754066879814546),
    ('log_loss', 1, 40, 4.248354255291589e-18, -4.248354255291589e-18),
    ('log_loss', 1, 800, 0.0, -0.0),
    ('kullback_leibler', 0, -800, 0.0, 0.0),
    ('kullback_leibler', 0, -40, 4.248354255291589e-18, 4.248354255291589e-18),
    ('kullback_leibler', 0, -1.5, 0.2014132779827524, 0.18242552380635635),
    ('kullback_leibler', 0, 0.5, 0.9740769841801067, 0.6224593312018546),
    ('kullback_leibler', 0, 40, 40.0, 1.0),
    ('kullback_leibler', 0, 800, 800.0, 1.0),
    ('kullback_leibler', 0.25, -800, 199.4376648553812, -0.25),
    ('kullback_leibler', 0.25, -40, 9.437664855381191, -0.25),
    ('kullback_leibler', 0.25, -1.5, 0.014078133363944059, -0.06757447619364366),
    ('kullback_leibler', 0.25, 0.5, 0.28674183956129834, 0.37245933120185454),
    ('kullback_leibler', 0.25, 40, 29.437664855381193, 0.75),
    ('kullback_leibler', 0.25, 800, 599.4376648553812, 0.75),
    ('kullback_leibler', 1, -800, 800.0, -1.0),
    ('kullback_leibler', 1, -40, 40.0, -1.0),
    ('kullback_leibler', 1, -1.5, 1.7014132779827524, -0.8175744761936437),
    ('kullback_leibler', 1, 0.5, 0.4740769841801067, -0.37754066879814546),
    ('kullback_leibler', 1, 40, 4.248354255291589e-18, -4.248354255291589e-18),
    ('kullback_leibler', 1, 800, 0.0, -0.0),
    ('generalized_kullback_leibler', 0, -800, 0.0, 0.0),
    ('generalized_kullback_leibler', 0, -40, 4.248354255291589e-18, 4.248354255291589e-18),
    ('generalized_kullback_leibler', 0, -1.5, 0.18242552380635635, 0.14914645207033286),
    ('generalized_kullback_leibler', 0, 0.5, 0.6224593312018546, 0.2350037122015945),
    ('generalized_kullback_leibler', 0, 40, 1.0, 4.248354255291589e-18),
    ('generalized_kullback_leibler', 0, 800, 1.0, 0.0),
    ('generalized_kullback_leibler', 0.25, -800, 199.40342640972003, -0.25),
    ('generalized_kullback_leibler', 0.25, -40, 9.403426409720028, -0.25),
    ('generalized_kullback_leibler', 0.25, -1.5, 0.011205253022071787, -0.055247166978078056),
    ('generalized_kullback_leibler', 0.25, 0.5, 0.1444049869669086, 0.14061854500205814),
    ('generalized_kullback_leibler', 0.25, 40, 0.40342640972002736, 3.1862656914686917e-18),
    ('generalized_kullback_leibler', 0.25, 800, 0.40342640972002736, 0.0),
    ('generalized_kullback_leibler', 1, -800, 799.0, -1.0),
    ('generalized_kullback_leibler', 1, -40, 39.0, -1.0),
    ('generalized_kullback_leibler', 1, -1.5, 0.8838388017891088, -0.6684280241233108),
    ('generalized_kullback_leibler', 1, 0.5, 0.09653631538196125, -0.14253695659655094),
    ('generalized_kullback_leibler', 1, 40, 9.024256939227075e-36, -1.804851387845415e-35),
    ('generalized_kullback_leibler', 1, 800, 0.0, -0.0),
    ('itakura_saito', 0.25, -1.5, 0.05530335072165442, -0.30284779139087253),
    ('itakura_saito', 0.25, 0.5, 0.3138500418679423, 0.22590800386998708),
    ('itakura_saito', 0.25, 40, 0.6362943611198906, 3.1862656914686917e-18),
    ('itakura_saito', 0.25, 800, 0.6362943611198906, 0.0),
    ('itakura_saito', 1, -1.5, 2.7802757923553125, -3.6641145941444213),
    ('itakura_saito', 1, 0.5, 0.13245367553252674, -0.228989990914488),
    ('itakura_saito', 1, 40, 9.024256939227076e-36, -1.804851387845415e-35),
    ('itakura_saito', 1, 800, 0.0, -0.0),
    ('hellinger', 0, -800, 0.0, 0.0),
    ('hellinger', 0, -40, 2.1241771276457944e-18, 2.1241771276457944e-18),
    ('hellinger', 0, -1.5, 0.09580174950752993, 0.08247441973543992),
    ('hellinger', 0, 0.5, 0.3855566187205322, 0.19123300808631183),
    ('hellinger', 0, 40, 0.9999999979388464, 1.030576811219279e-09),
    ('hellinger', 0, 800, 1.0, 9.575847983570028e-175),
    ('hellinger', 0.25, -800, 0.13397459621556135, -4.787923991785014e-175),
    ('hellinger', 0.25, -40, 0.13397459518498456, -5.152884037700481e-10),
    ('hellinger', 0.25, -1.5, 0.0033848397262833067, -0.015874231321751878),
    ('hellinger', 0.25, 0.5, 0.07339596328557639, 0.09114643482150105),
    ('hellinger', 0.25, 40, 0.4999999982149886, 8.925056980049666e-10),
    ('hellinger', 0.25, 800, 0.5, 8.292927616549637e-175),
    ('hellinger', 1, -800, 1.0, -9.575847983570028e-175),
    ('hellinger', 1, -40, 0.9999999979388464, -1.030576811219279e-09),
    ('hellinger', 1, -1.5, 0.5728869894204154, -0.17459834795004703),
    ('hellinger', 1, 0.5, 0.21103908132160654, -0.14893241644671995),
    ('hellinger', 1, 40, 2.1241771276457944e-18, -2.1241771276457944e-18),
    ('hellinger', 1, 800, 0.0, -0.0),
    ('exponential', 0, -800, 1.0, 0.0),
    ('exponential', 0, -40, 1.0, 3.60970277569083e-35),
    ('exponential', 0, -1.5, 1.033839014235296, 0.056257631181396206),
    ('exponential', 0, 0.5, 1.4732275688557555, 0.4310082045502466),
    ('exponential', 0, 40, 2.718281828459045, 2.3096448346031572e-17),
    ('exponential', 0, 800, 2.718281828459045, 0.0),
    ('exponential', 0.25, -800, 1.0644944589178593, -0.0),
    ('exponential', 0.25, -40, 1.0644944589178593, -2.261174782139003e-18),
    ('exponential', 0.25, -1.5, 1.004576751312551, -0.020249240265149487),
    ('exponential', 0.25, 0.5, 1.1488092295968073, 0.20110899393570786),
    ('exponential', 0.25, 40, 1.7550546569602985, 1.1184140880249906e-17),
    ('exponential', 0.25, 800, 1.7550546569602985, 0.0),
    ('exponential', 1, -800, 2.718281828459045, -0.0),
    ('exponential', 1, -40, 2.718281828459045, -2.3096448346031572e-17),
    ('exponential', 1, -1.5, 1.9511677200117499, -0.47584427612936686),
    ('exponential', 1, 0.5, 1.1531956983580363, -0.20463102177407647),
    ('exponential', 1, 40, 1.0, -3.60970277569083e-35),
    ('exponential', 1, 800, 1.0, -0.0),
    ('huber', 0, -800, 0.0, 0.0),
    ('huber', 0, -40, 9.024256939227075e-36, 1.804851387845415e-35),
    ('huber', 0, -1.5, 0.007871276190317817, 0.0074573226035166435),
    ('huber', 0, 0.5, 0.02987296656009273, 0.011750185610079724),
    ('huber', 0, 40, 0.04875, 2.1241771276457945e-19),
    ('huber', 0, 800, 0.04875, 0.0),
    ('huber', 0.25, -800, 0.011250000000000001, -0.0),
    ('huber', 0.25, -40, 0.01125, -2.1241771276457945e-19),
    ('huber', 0.25, -1.5, 0.002128723809682183, -0.0074573226035166435),
    ('huber', 0.25, 0.5, 0.01737296656009273, 0.011750185610079724),
    ('huber', 0.25, 40, 0.036250000000000004, 2.1241771276457945e-19),
    ('huber', 0.25, 800, 0.036250000000000004, 0.0),
    ('huber', 1, -800, 0.04875, -0.0),
    ('huber', 1, -40, 0.04875, -2.1241771276457945e-19),
    ('huber', 1, -1.5, 0.03962872380968219, -0.0074573226035166435),
    ('huber', 1, 0.5, 0.017627033439907274, -0.011750185610079724),
    ('huber', 1, 40, 9.024256939227075e-36, -1.804851387845415e-35),
    ('huber', 1, 800, 0.0, -0.0),
    ('quantile', 0, -800, 0.0, 0.0),
    ('quantile', 0, -40, 4.5121284696135375e-34, 9.024256939227075e-34),
    ('quantile', 0, -1.5, 0.08871276190317817, 0.07457322603516643),
    ('quantile', 0, 0.5, 0.3087296656009273, 0.11750185610079725),
    ('quantile', 0, 40, 0.4975, 2.1241771276457944e-18),
    ('quantile', 0, 800, 0.4975, 0.0),
    ('quantile', 0.25, -800, 0.1225, -0.0),
    ('quantile', 0.25, -40, 0.1225, -2.1241771276457944e-18),
    ('quantile', 0.25, -1.5, 0.03128723809682183, -0.07457322603516643),
    ('quantile', 0.25, 0.5, 0.1837296656009273, 0.11750185610079725),
    ('quantile', 0.25, 40, 0.3725, 2.1241771276457944e-18),
    ('quantile', 0.25, 800, 0.3725, 0.0),
    ('quantile', 1, -800, 0.4975, -0.0),
    ('quantile', 1, -40, 0.4975, -2.1241771276457944e-18),
    ('quantile', 1, -1.5, 0.4062872380968218, -0.07457322603516643),
    ('quantile', 1, 0.5, 0.18627033439907273, -0.11750185610079725),
    ('quantile', 1, 40, 4.5121284696135375e-34, -9.024256939227075e-34),
    ('quantile', 1, 800, 0.0, -0.0),
]
# fmt: on


def test_every_loss_is_in_the_table():
    assert {row[0] for row in HIGH_PRECISION} == set(LOSSES)


@pytest.mark.parametrize(("name", "y", "z", "value", "grad"), HIGH_PRECISION)
def test_value_and_gradient_to_full_precision(name, y, z, value, grad):
    loss, y, z = LOSSES[name](), np.array([[float(y)]]), np.array([[float(z)]])
    # the squares in the Hellinger distance leave the square of a rounding
    assert_allclose(loss.value(y, z), value, rtol=1e-13, atol=1e-32)
    got_value, got_grad = loss.value_and_grad(y, z)
    assert_allclose(got_value, value, rtol=1e-13, atol=1e-32)
    # the tail of a gradient that is a difference of two tails carries their rounding
    assert_allclose(got_grad, grad, rtol=1e-13, atol=1e-17 * abs(z.item()))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_for_every_input_and_dtype_kept(name, dtype):
    loss = LOSSES[name]()
    z = np.array(
        [[-np.finfo(dtype).max / 4, -800, -40, 0, 40, 800, np.finfo(dtype).max / 4]], dtype
    )
    for target in (0.0, 0.3, 1.0) if loss.least_target == 0 else (0.3, 1.0):
        y = np.full_like(z, target)
        for array in (loss.value(y, z), *loss.value_and_grad(y, z)):
            assert np.isfinite(array).all()
            assert array.dtype == dtype
        if loss.has_curvature:
            curvature = loss.curvature(y, z)
            assert np.isfinite(curvature).all()
            assert (curvature >= 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_minimum_is_where_the_output_is_the_target(name):
    loss, z = LOSSES[name](), np.linspace(-4, 4, 9)[:, None]
    y, _ = sigmoid_pair(z)
    value, grad = loss.value_and_grad(y, z)
    assert_allclose(grad, 0, atol=1e-15)
    for step in (-0.1, 0.1):
        assert (loss.value(y, z + step) > value).all()


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"log_loss", "exponential"}))
def test_cost_of_a_perfect_answer_is_zero(name):
    z = np.linspace(-4, 4, 9)[:, None]
    y, _ = sigmoid_pair(z)
    assert_allclose(LOSSES[name]().value(y, z), 0, atol=1e-15)


@pytest.mark.parametrize("name", [n for n in LOSSES if LOSSES[n]().has_curvature])
def test_curvature_is_the_second_derivative_at_the_minimum(name):
    loss, z, h = LOSSES[name](), np.linspace(-3, 3, 7)[:, None], 1e-5
    y, _ = sigmoid_pair(z)
    second = (loss.value_and_grad(y, z + h)[1] - loss.value_and_grad(y, z - h)[1]) / (2 * h)
    assert_allclose(loss.curvature(y, z), second, rtol=1e-7)


def test_kullback_leibler_is_log_loss_without_the_entropy_of_the_target():
    y, z = np.array([[0.2, 0.7]]), np.array([[1.3, -2.0]])
    entropy = -(y * np.log(y) + (1 - y) * np.log(1 - y))
    difference = LOSSES["log_loss"]().value(y, z) - LOSSES["kullback_leibler"]().value(y, z)
    assert_allclose(difference, entropy, rtol=1e-14)


def test_itakura_saito_is_continued_along_its_tangent():
    loss, y = ItakuraSaito(), np.array([[0.5]])
    value, grad = loss.value_and_grad(y, np.array([[-30.0]]))
    further, same_grad = loss.value_and_grad(y, np.array([[-40.0]]))
    assert_allclose(further, value - 10 * grad, rtol=1e-14)
    assert_allclose(same_grad, grad, rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_the_lower_bound_is_the_cost_of_the_best_output(name):
    loss, z = LOSSES[name](), np.linspace(-4, 4, 9)[:, None]
    y, _ = sigmoid_pair(z)
    assert_allclose(loss.value(y, z), loss.lower_bound(y), atol=1e-14)


def test_exponential_tends_to_the_squared_error_for_large_tau():
    y, z = np.array([[0.2, 0.7]]), np.array([[1.3, -2.0]])
    squared = 2 * LOSSES["squared_error"]().value(y, z).sum()
    assert_allclose(Exponential(tau=1e6).value(y, z) - 1e6, squared, rtol=1e-5)


@pytest.mark.parametrize(
    ("loss", "y", "words"),
    [
        (
            ItakuraSaito(),
            [[0.0, 1.0]],
            r"ItakuraSaito\(\) needs targets from 1e-09 to 1, got a target of 0\.0",
        ),
        (Exponential(tau=0.01), [[0.5, 0.5]], r"tau of Exponential must be at least .*, got 0\.01"),
    ],
    ids=["itakura_saito-zero-target", "exponential-small-tau"],
)
def test_impossible_targets_are_refused(loss, y, words):
    with pytest.raises(ValueError, match=words):
        loss.check_targets(np.array(y), (0.0, 1.0))


def test_a_loss_without_curvature_says_so():
    assert not Exponential().has_curvature
    with pytest.raises(TypeError, match=r"Exponential\(\) has no Gauss-Newton form"):
        Exponential().curvature(np.zeros((1, 1)), np.zeros((1, 1)))


@pytest.mark.parametrize("tau", [0, -1.0, "1"])
def test_tau_is_validated(tau):
    with pytest.raises(ValueError, match="'tau' parameter of Exponential"):
        Exponential(tau=tau).check()


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Huber(delta=0), "'delta' parameter of Huber"),
        (Huber(delta="1"), "'delta' parameter of Huber"),
        (Quantile(1.0), "'quantile' parameter of Quantile"),
        (Quantile(0), "'quantile' parameter of Quantile"),
    ],
    ids=repr,
)
def test_delta_and_quantile_are_validated(loss, words):
    with pytest.raises(ValueError, match=words):
        loss.check()


def test_huber_with_a_large_delta_is_the_squared_error():
    y, z = np.array([[0.2, 0.7]]), np.array([[1.3, -2.0]])
    for name in ("value", "value_and_grad", "curvature"):
        huber, squared = (getattr(loss, name)(y, z) for loss in (Huber(1.0), SquaredError()))
        assert_allclose(huber, squared, rtol=1e-14)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_quantile_is_the_pinball_loss_beyond_its_width(q):
    y, z = np.array([[0.2, 0.7]]), np.array([[1.3, -2.0]])
    error = y - sigmoid_pair(z)[0]
    pinball = np.where(error > 0, q, q - 1) * error
    assert_allclose(Quantile(q).value(y, z), pinball - q * (1 - q) * 0.01, rtol=1e-13)


@pytest.mark.parametrize("q", [0.1, 0.3, 0.9])
def test_quantile_is_the_mean_pinball_loss_of_errors_around(q):
    y, h = 0.4, 0.01
    a = np.linspace(0.385, 0.415, 7)
    u = np.linspace(-h, h, 20_001)
    error = a[:, None] + (u[1:] + u[:-1]) / 2 - y
    mean = (np.where(error > 0, 1 - q, -q) * error).mean(axis=1)
    cost = Quantile(q).value(np.full((7, 1), y), np.log(a / (1 - a))[:, None])[:, 0]
    assert_allclose(cost, mean - q * (1 - q) * h, atol=1e-9)


@pytest.mark.parametrize("q", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_the_share_of_y_below_the_best_constant_answer_is_the_quantile(q):
    # normal y, whose deviation is four widths: rounding both sides alike at 0 would add 0.03
    y = 0.5 + 0.04 * norm.ppf((np.arange(4_000) + 0.5) / 4_000)[:, None]
    a = np.linspace(0.35, 0.65, 3_001)
    grad = [Quantile(q).value_and_grad(y, y * 0 + np.log(x / (1 - x)))[1].sum() for x in a]
    best = a[np.searchsorted(grad, 0)]
    assert abs(np.mean(y < best) - q) < 0.004


def test_the_minimum_of_a_quantile_is_within_its_width_and_costs_nothing():
    y, a = np.full((2_001, 1), 0.4), np.linspace(0.38, 0.42, 2_001)[:, None]
    for q in (0.1, 0.5, 0.9):
        cost = Quantile(q).value(y, np.log(a / (1 - a)))
        assert_allclose(a[cost.argmin()], 0.4 + (2 * q - 1) * 0.01, atol=2e-5)
        assert 0 <= cost.min() < 1e-9


@pytest.mark.parametrize(
    ("loss", "centre"),
    [(Huber(0.1), 0), (Quantile(0.2), -0.006), (Quantile(0.9), 0.008)],
    ids=["huber", "quantile 0.2", "quantile 0.9"],
)
def test_the_square_of_the_curvature_is_nowhere_below_the_cost(loss, centre):
    # as a function of a: with the derivative c u and the curvature c, 1/2 c (u'^2 - u^2) on top
    y, z = np.array([[0.4]]), np.linspace(-4, 3, 60)[:, None]
    distance = sigmoid_pair(z)[0] - y - centre
    for side in (-1, 1):
        at = z[(np.sign(distance) == side).ravel()]
        a, b = sigmoid_pair(at)
        u = a - y - centre
        weight = loss.curvature(y, at) / (a * b) ** 2
        assert_allclose(weight * u * a * b, loss.value_and_grad(y, at)[1], rtol=1e-9)
        bound = loss.value(y, at) + weight / 2 * (u.T**2 - u**2)
        assert (bound >= loss.value(y, at).T - 1e-15).all()


@pytest.mark.parametrize("weights", [None, [1, 2, 1, 1, 3]], ids=["unweighted", "weighted"])
def test_the_best_constant_of_a_quantile_costs_least(weights):
    y = np.array([[0.1, 0.9], [0.3, 0.2], [0.5, 0.4], [0.7, 0.5], [0.8, 0.1]])
    weights = None if weights is None else np.array(weights, dtype=float)
    factor = np.ones((5, 1)) if weights is None else weights[:, None]
    for q in (0.15, 0.5, 0.9):
        loss, tried = Quantile(q), np.linspace(0.02, 0.98, 97)
        costs = [(factor * loss.value(y, y * 0 + np.log(a / (1 - a)))).sum(axis=0) for a in tried]
        best = loss.best_constant(y, weights)
        cost = (factor * loss.value(y, y * 0 + np.log(best / (1 - best)))).sum(axis=0)
        # the smoothed tip moves the minimum by less than its width
        assert (cost <= np.min(costs, axis=0) + 0.01).all()


def test_delta_is_in_the_units_of_the_targets_of_each_output():
    y, z = np.array([[0.2, 0.7], [0.9, 0.4]]), np.array([[1.3, -2.0], [0.5, 0.1]])
    unit = np.array([0.1, 0.02])
    both = Huber(2.0).in_units(unit)
    for output in range(2):
        one = Huber(2.0).in_units(unit[output, None])
        assert one.delta == pytest.approx(2.0 * unit[output])
        for name in ("value", "curvature"):
            expected = getattr(one, name)(y[:, output], z[:, output])
            assert_allclose(getattr(both, name)(y, z)[:, output], expected)
    assert both.value(y.astype(np.float32), z.astype(np.float32)).dtype == np.float32
    assert_allclose(both.total(y.T, z.T[None].copy())[0], both.value(y, z).sum(axis=0))
    assert both.convex_part(y) is None
    assert Huber().in_units(unit).delta is None
    assert Quantile().in_units(unit).get_params() == {"quantile": 0.5}


def test_a_delta_too_small_to_be_seen_is_refused():
    with pytest.raises(ValueError, match=r"delta of Huber must be at least 0\.1 for this y"):
        Huber(0.05).in_units(np.array([1e-3]))


def test_the_base_class_cannot_be_used():
    with pytest.raises(TypeError, match="abstract"):
        Loss()


class Doubled(SquaredError):
    """Another cost, by the two methods that a loss of one's own needs."""

    def value(self, y, z3):
        return 2 * super().value(y, z3)

    def value_and_grad(self, y, z3):
        return tuple(2 * part for part in super().value_and_grad(y, z3))


class DoubledWithAll(Doubled):
    def value(self, y, z3):
        return super().value(y, z3)

    def curvature(self, y, z3):
        return 2 * SquaredError().curvature(y, z3)


class Named(SquaredError):
    """The same cost under another name."""


def test_what_is_known_of_a_cost_is_not_inherited_by_another():
    y, z3 = np.array([[0.2], [0.9]]), np.array([[1.0], [-2.0]])
    assert Doubled().convex_part(y) is None
    assert not Doubled().has_curvature
    assert_allclose(Doubled().total(y.T, z3.T[None]), Doubled().value(y, z3).sum())
    assert DoubledWithAll().has_curvature
    assert DoubledWithAll().convex_part(y) is None
    assert Named().has_curvature
    assert Named().convex_part(y) is not None


@pytest.mark.parametrize("parent", LOSSES.values(), ids=LOSSES)
def test_a_subclass_that_calls_super_has_one_cost(parent):
    class Twice(parent):
        def value(self, y, z3):
            return 2 * super().value(y, z3)

        def value_and_grad(self, y, z3):
            return tuple(2 * part for part in super().value_and_grad(y, z3))

    class Fourfold(Twice):
        def value(self, y, z3):
            return 2 * super().value(y, z3)

        def value_and_grad(self, y, z3):
            return tuple(2 * part for part in super().value_and_grad(y, z3))

    y, z3 = np.array([[0.2, 0.4], [0.9, 0.1]]), np.array([[1.0, -3.0], [-2.0, 0.0]])
    value, grad = parent().value_and_grad(y, z3)
    for kind, times in ((parent, 1), (Twice, 2), (Fourfold, 4)):
        assert_allclose(kind().value(y, z3), times * value)
        for part, expected in zip(kind().value_and_grad(y, z3), (value, grad), strict=True):
            assert_allclose(part, times * expected)
        if kind.separable:
            assert_allclose(kind().total(y.T, z3.T[None].copy())[0], times * value.sum(axis=0))


class OnlyTogether(SquaredError):
    """Another cost by one method."""

    def value_and_grad(self, y, z3):
        return tuple(3 * part for part in super().value_and_grad(y, z3))


class SixTimes(OnlyTogether):
    def value(self, y, z3):
        return 2 * super().value(y, z3)

    def value_and_grad(self, y, z3):
        return tuple(2 * part for part in super().value_and_grad(y, z3))


class Tripled:
    """Another cost, beside a loss and not below it."""

    def value_and_grad(self, y, z3):
        return tuple(3 * part for part in super().value_and_grad(y, z3))


class Mixed(Tripled, LogLoss):
    pass


class MixedAndNamed(Mixed):
    pass


@pytest.mark.parametrize(
    ("kind", "parent", "times"),
    [
        (OnlyTogether, SquaredError, 3),
        (SixTimes, SquaredError, 6),
        (Mixed, LogLoss, 3),
        (MixedAndNamed, LogLoss, 3),
    ],
)
def test_the_value_follows_from_value_and_grad(kind, parent, times):
    y, z3 = np.array([[0.2], [0.9]]), np.array([[1.0], [-2.0]])
    expected = times * parent().value(y, z3)
    assert_allclose(kind().value(y, z3), expected)
    assert_allclose(kind().value_and_grad(y, z3)[0], expected)
    assert_allclose(kind().total(y.T, z3.T[None]), expected.sum())
    assert_array_equal(kind().lower_bound(y), 0)
    assert kind().convex_part(y) is None
    assert not kind().has_curvature


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weights", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_total_of_the_searches_is_the_sum_of_the_values(loss, weights, dtype):
    rng, kind = np.random.default_rng(0), LOSSES[loss]()
    y = rng.uniform(0.1, 0.9, size=(40, 3)).astype(dtype)
    z3 = (5 * rng.normal(size=(40, 3))).astype(dtype)
    weight = rng.uniform(0.5, 2, size=40).astype(dtype) if weights else None
    values = kind.value(y, z3) * (1 if weight is None else weight[:, None])
    total = kind.total(y.T, z3.T[None].copy(), weight)[0]
    assert_allclose(total, values.sum(axis=0), rtol=1e-5 if dtype == np.float32 else 1e-12)
