"""What the lessons hold to be right, for tests that compute it."""

from __future__ import annotations

from sim.lab.questions import QUESTIONS


def right(key: str) -> str:
    """Return the right choice of a question, in English."""
    question = QUESTIONS[key]
    return question.options("en")[question.right - 1]
