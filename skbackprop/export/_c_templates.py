"""Templates of the functions of `export_c`, for `string.Template`.

The placeholders are: name, the name of the function; real and f, the type and the suffix of
numbers; d, h, u and k, the numbers of features, hidden units, output units and outputs. a2, a3,
sigma2 and sigma3 are the symbols of the lecture.
"""

DECLARE = "void $name(const $real x[$d], $real y[$k])"
DECLARE_CLASS = "int ${name}_class(const $real x[$d])"
DECLARE_LABELS = "void ${name}_labels(const $real x[$d], int labels[$k])"
DECLARE_GRADIENT = "void ${name}_gradient(const $real x[$d], $real y[$k], $real dy[$k][$d])"

SIGMOID = """\
/* f(z) = 1 / (1 + exp(-z)); where exp(-z) would overflow, f is 0 */
static $real ${name}_f($real z)
{
    return z < -$limit ? 0.0$f : 1.0$f / (1.0$f + exp$f(-z));
}
"""

LAYERS = """\
/* the hidden layer a2 and the output units a3 */
static void ${name}_layers(const $real x[$d], $real a2[$h], $real a3[$u])
{
    int i, j, k;

    for (j = 0; j < $h; j++) {
        $real z2 = ${name}_b1[j];
        for (i = 0; i < $d; i++)
            z2 += $x * ${name}_W1[j][i];
        a2[j] = ${name}_f(z2);
    }
    for (k = 0; k < $u; k++) {
        $real z3 = ${name}_b2[k];
        for (j = 0; j < $h; j++)
            z3 += a2[j] * ${name}_W2[k][j];
        a3[k] = ${name}_f(z3);
    }
}
"""

SHARE = """\
/* an output unit as a share of the range of its targets, clipped to [0, 1] */
static $real ${name}_share($real a3)
{
    $real share = (a3 - $low) / ($high - $low);

    return share < 0.0$f ? 0.0$f : share > 1.0$f ? 1.0$f : share;
}
"""

SLOPE = """\
/* the derivative of the share */
static $real ${name}_slope($real a3)
{
    return a3 > $low && a3 < $high ? 1.0$f / ($high - $low) : 0.0$f;
}
"""

OUTPUTS = {
    "regression": """\
static void ${name}_outputs(const $real a3[$u], $real y[$k])
{
    int k;

    for (k = 0; k < $k; k++)
        y[k] = ${name}_shift[k] + ${name}_scale[k] * a3[k];
}
""",
    "binary": """\
static void ${name}_outputs(const $real a3[$u], $real y[$k])
{
    y[1] = $first_share;
    y[0] = 1.0$f - y[1];
}
""",
    "multilabel": """\
static void ${name}_outputs(const $real a3[$u], $real y[$k])
{
    int k;

    for (k = 0; k < $k; k++)
        y[k] = $share;
}
""",
    "multiclass": """\
/* shares divided by their sum; equal shares if all are 0 */
static void ${name}_outputs(const $real a3[$u], $real y[$k])
{
    $real total = 0.0$f;
    int k;

    for (k = 0; k < $k; k++) {
        y[k] = $share;
        total += y[k];
    }
    for (k = 0; k < $k; k++)
        y[k] = total == 0.0$f ? 1.0$f / $k : y[k] / total;
}
""",
}

MAIN = f"""\
{DECLARE}
{{
    $real a2[$h], a3[$u];

    ${{name}}_layers(x, a2, a3);
    ${{name}}_outputs(a3, y);
}}
"""

CLASS = f"""\
{DECLARE_CLASS}
{{
    $real y[$k];
    int k, best = 0;

    $name(x, y);
    for (k = 1; k < $k; k++)
        if (y[k] > y[best])
            best = k;
    return best;
}}
"""

LABELS = f"""\
{DECLARE_LABELS}
{{
    $real y[$k];
    int k;

    $name(x, y);
    for (k = 0; k < $k; k++)
        labels[k] = y[k] > 0.5$f;
}}
"""

GRADIENT = f"""\
{DECLARE_GRADIENT}
{{
    $real a2[$h], a3[$u];
$total    int i, j, k;

    ${{name}}_layers(x, a2, a3);
    ${{name}}_outputs(a3, y);
    for (k = 0; k < $u; k++) {{
        $real sigma3 = ${{slope}}a3[k] * (1.0$f - a3[k]);
        for (i = 0; i < $d; i++)
            dy[$row][i] = 0.0$f;
        for (j = 0; j < $h; j++) {{
            $real sigma2 = sigma3 * ${{name}}_W2[k][j] * a2[j] * (1.0$f - a2[j]);
            for (i = 0; i < $d; i++)
                dy[$row][i] += sigma2 * ${{name}}_W1[j][i];
        }}
    }}
$rest}}
"""

# The remaining part of the gradient, after the gradient of the shares.
RESTS = {
    "regression": "",
    "multilabel": "",
    "binary": """\
    for (i = 0; i < $d; i++)
        dy[0][i] = -dy[1][i];
""",
    "multiclass": """\
    for (k = 0; k < $k; k++)
        total += $share;
    for (i = 0; i < $d; i++) {
        $real change = 0.0$f;
        for (k = 0; k < $k; k++)
            change += dy[k][i];
        for (k = 0; k < $k; k++)
            dy[k][i] = total == 0.0$f ? 0.0$f : (dy[k][i] - y[k] * change) / total;
    }
""",
}
