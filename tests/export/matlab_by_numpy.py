"""Exported MATLAB by NumPy: a translator of the few statements that `export_matlab` writes."""

import re

import numpy as np

_INDEX = {
    r"\(:, k, :\)": "[:, [k - 1], :]",
    r"(?<=\w)\(:, k\)": "[:, [k - 1]]",
    r"\(k\)": "[0, k - 1]",
    r"\((total == 0), :(, :)?\)": r"[(\1)[:, 0]]",
    r"\((share [<>] [01])\)": r"[\1]",
}
_OPERATORS = {r"(?<!\.)\*": "@", r"\.\*": "*", r"\./": "/", "'": ".T", "&": "*"}
_CALLS = {
    r"reshape\((.*), \[\], 1, \d+\)": r"(\1)[:, None, :]",
    r"zeros\(size\(x, 1\), ": "np.zeros((len(x), ",
    r"= \[(.*), (\w+)\]": r"= np.hstack([\1, \2])",
    r"exp\(": "np.exp(",
    r"\bsum\((\w+), 2\)": r"\1.sum(axis=1, keepdims=True)",
    r"double\((.*)\)": r"(\1).astype(float)",
    r"cat\(2, (.*), (\w+)\)": r"np.concatenate([\1, \2], axis=1)",
    r"\[~, index\] = max\(y, \[\], 2\)": "index = 1 + y.argmax(axis=1)",
}


def _constant(match):
    table = [row.split(",") for row in match[2].replace("...", "").split(";")]
    return f"{match[1]} = np.array({[[float(number) for number in row] for row in table]})\n"


def _python(line):
    """One statement, after the matrices of numbers."""
    indent, statement = re.match(r"( *)(.*?);?$", line).groups()
    if statement.startswith("if nargout"):
        return f"{indent}if True:"
    if statement.startswith("for k"):
        return indent + re.sub(r"for k = 1:(\d+)", r"for k in range(1, \1 + 1):", statement)
    is_zeros = "zeros(" in statement
    for pattern, text in (_CALLS | _INDEX | _OPERATORS).items():
        statement = re.sub(pattern, text, statement)
    # products of three dimensions expand by leading axes in NumPy, by trailing ones in MATLAB
    statement = statement.replace("(dy - y * change) / total", "(dy - y[:, :, None] * change) / t3")
    statement = statement.replace("change = ", "t3 = total[:, :, None]; change = ")
    return indent + statement + (")" if is_zeros else "")


def run(code, x):
    """The outputs of the function for the rows of x."""
    head, *lines = [line for line in code.splitlines() if not line.startswith("%")]
    left, name = re.fullmatch(r"function (\S.*) = (\w+)\(x\)", head).groups()
    assert lines[-1] == "end"
    body = re.sub(
        r"(\w+) = \[([^\]a-zA-Z]*(?:e[^\]a-zA-Z]*)*)\];", _constant, "\n".join(lines[:-1])
    )
    statements = [line for line in body.splitlines() if line.strip() not in {"", "end"}]
    names = {"np": np, "x": x}
    with np.errstate(over="ignore", invalid="ignore"):
        exec("\n".join(map(_python, statements)), names)
    return name, [names[part] for part in left.strip("[]").split(", ")]
