"""Evaluators of exported formulas: text, LaTeX, and the cells of a spreadsheet."""

import math
import re


def sigmoid(z):
    return 0.0 if z < -709 else 1 / (1 + math.exp(-z))


def _run(lines, values):
    """The values after all lines "name = formula"."""
    names = {"f": sigmoid, "clip": lambda s: min(max(s, 0), 1)} | values
    for line in lines:
        left, right = line.split(" = ", 1)
        names[left] = eval(right, names)
    return names


def of_text(formula, values):
    """All names of a text, given the features by name; those in brackets by [name]."""
    text = formula.split("\n\n")[0].replace("clip(s) = min(max(s, 0), 1)\n", "")
    head, *lines = text.strip().splitlines()
    assert head == "f(z) = 1/(1 + exp(-z))"
    plain = {}
    for number, (name, value) in enumerate(values.items()):
        plain[f"feature_{number}"] = value
        word = re.escape(f"[{name}]") if not re.fullmatch(r"\w+", name) else rf"\b{name}\b"
        lines = [re.sub(word, f"feature_{number}", line) for line in lines]
    return _run(lines, plain)


_LATEX = {
    r" \\\\\n  & \\qquad ": " ",
    r"&= ": "= ",
    r" \\cdot 10\^\{(-?\d+)\}": r"*10.0**(\1)",
    r" \\, ": "*",
    r"\\big[lr]": "",
    r"\\text\{(\w+)\}": r"\1",
    r"\\operatorname\{clip\}": "clip",
    r"_\{(\d+)\}": r"\1",
    r"\\frac\{([^{}]*)\}\{([^{}]*)\}": r"(\1)/(\2)",
}


def of_latex(formula, values):
    """All names of a formula in LaTeX."""
    assert formula.startswith("\\begin{aligned}\nf(z) &= \\frac{1}{1 + e^{-z}} \\\\\n")
    assert formula.endswith("\n\\end{aligned}\n")
    body = formula.split("\n", 2)[2].removesuffix("\n\\end{aligned}\n")
    for pattern, text in _LATEX.items():
        body = re.sub(pattern, text, body)
    lines = [line for line in body.split(" \\\\\n") if not line.startswith("clip(s) = ")]
    return _run(lines, values)


_FUNCTIONS = {
    "EXP": math.exp,
    "MIN": min,
    "MAX": lambda first, *others: max(first, *others) if others else max(_listed(first)),
    "SUM": lambda cells: sum(_listed(cells)),
    "IF": lambda condition, yes, no: yes() if condition else no(),
    "INDEX": lambda cells, row, column: cells[column - 1],
    "MATCH": lambda value, cells, kind: cells.index(value) + 1,
}


def _listed(cells):
    return cells if isinstance(cells, list) else [cells]


def _number(letters):
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def of_spreadsheet(cells, values):
    """The headings, and the contents of row 2 for these features."""
    heads, formulas = (line.split("\t") for line in cells.removesuffix("\n").split("\n"))
    assert len(heads) == len(formulas)
    assert formulas[: len(values)] == ["0"] * len(values)
    row = list(values)

    def part(match):
        source = "heads" if match[2] == "$1" else "row"
        return f"{source}[{_number(match[1]) - 1}:{_number(match[3])}]"

    for formula in formulas[len(values) :]:
        assert formula.startswith("=")
        text = re.sub(r"([A-Z]+)(\$1|2):([A-Z]+)(?:\$1|2)", part, formula[1:])
        text = re.sub(r"\b([A-Z]+)2\b", lambda match: f"row[{_number(match[1]) - 1}]", text)
        text = re.sub(r"IF\((.*?),([^,]*),(.*)\)$", r"IF(\1,lambda:\2,lambda:\3)", text)
        text = re.sub(r"(?<=\))=0", "==0", text)
        row.append(eval(text, _FUNCTIONS | {"row": row, "heads": heads}))
    return heads, row
