"""``$(( … ))``: C's integer arithmetic in 64 bits (POSIX, "Arithmetic Expansion").

Examples
--------
>>> names = {"i": "4"}
>>> calculate("(i + 1) * 2 > 9 && i", names.get, names.__setitem__)
1
>>> calculate("i = 7 % 4", names.get, names.__setitem__)
3
>>> names
{'i': '3'}
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|[-+*/%<>=!~&|^()?:])"
)
_LEVELS: tuple[dict[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a or b))}, {"&&": lambda a, b: int(bool(a and b))},
    {"|": operator.or_}, {"^": operator.xor}, {"&": operator.and_},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {"<": lambda a, b: int(a < b), ">": lambda a, b: int(a > b), "<=": lambda a, b: int(a <= b),
     ">=": lambda a, b: int(a >= b)},
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": lambda a, b: _divided(a, b)[0], "%": lambda a, b: _divided(a, b)[1]},
)
_MAX_DEPTH = 50


class ArithmeticWrong(Exception):
    """An expression that is none; the text says what is wrong with it."""


def _divided(a: int, b: int) -> tuple[int, int]:
    if b == 0:
        raise ArithmeticWrong("division by 0")
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient, a - quotient * b


def _wrapped(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def calculate(text: str, get: Callable[[str], str | None], put: Callable[[str, str], None]) -> int:
    """Return the value of an expression.

    Parameters
    ----------
    get, put : callable
        Read and set a variable.

    Raises
    ------
    ArithmeticWrong
    """
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > 1000:
            raise ArithmeticWrong(f"syntax error in expression (error token is \"{text[at:at + 20]}\")")
        tokens.append(found.group(1))
        at = found.end()
    return _Calculator(tokens, get, put).whole()


class _Calculator:
    def __init__(self, tokens: list[str], get: Callable[[str], str | None], put: Callable[[str, str], None]) -> None:
        self.tokens, self.at, self.get, self.put, self.depth = tokens, 0, get, put, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def whole(self) -> int:
        if not self.tokens:
            return 0
        found = self.assignment()
        if self.peek():
            raise ArithmeticWrong(f"syntax error in expression (error token is \"{self.peek()}\")")
        return found

    def assignment(self) -> int:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ArithmeticWrong("expression recursion level exceeded")
        name, op = self.peek(), self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        if re.match(r"[A-Za-z_]", name) and op in ("=", "+=", "-=", "*=", "/=", "%="):
            self.at += 2
            value = self.assignment()
            if op != "=":
                value = next(level[op[0]] for level in _LEVELS if op[0] in level)(self.variable(name), value)
            value = _wrapped(value)
            self.put(name, str(value))
        else:
            value = self.ternary()
        self.depth -= 1
        return value

    def ternary(self) -> int:
        condition = self.level(0)
        if self.peek() != "?":
            return condition
        self.take()
        yes = self.assignment()
        if self.take() != ":":
            raise ArithmeticWrong("`:' expected for conditional expression")
        no = self.assignment()
        return yes if condition else no

    def level(self, at: int) -> int:
        if at == len(_LEVELS):
            return self.unary()
        value = self.level(at + 1)
        while self.peek() in _LEVELS[at]:
            operation = _LEVELS[at][self.take()]
            value = _wrapped(operation(value, self.level(at + 1)))
        return value

    def unary(self) -> int:
        signs = []
        while self.peek() in ("-", "+", "!", "~"):
            signs.append(self.take())
        value = self.primary()
        for sign in reversed(signs):
            value = {"-": -value, "+": value, "!": int(not value), "~": ~value}[sign]
        return _wrapped(value)

    def primary(self) -> int:
        token = self.take()
        if token == "(":
            value = self.assignment()
            if self.take() != ")":
                raise ArithmeticWrong("missing `)'")
            return value
        if token[:1].isdigit():
            return _number(token)
        if re.match(r"[A-Za-z_]", token):
            return self.variable(token)
        raise ArithmeticWrong("syntax error: operand expected")

    def variable(self, name: str) -> int:
        text = (self.get(name) or "0").strip()
        sign = -1 if text.startswith("-") else 1
        return sign * _number(text.lstrip("+-"))


def _number(text: str) -> int:
    try:
        base = 16 if text[:2].lower() == "0x" else 8 if text[:1] == "0" and len(text) > 1 else 10
        return _wrapped(int(text[:40], base))
    except ValueError:
        raise ArithmeticWrong(f"{text[:20]}: value too great for base, or no number") from None
