"""`sim progress`: what a learner has done, and may hand in."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ..content.durable import written_aside
from ..content.home import home
from ..lab.progress import Lesson, progress
from ..lab.record import load
from .documents import Json
from .parser import Parser, add_json
from .text import plural, print_json, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "progress", "Show what was predicted and answered in the lessons. The record is progress.json in $SIM_HOME, by"
        " default .sim in the clone; it holds no name, so put yours into the exported file's name.",
        "  sim progress\n  sim progress --export li-wei.json      a file to hand in",
    )
    found.add_argument("--export", metavar="FILE", type=Path, help="write it as JSON, for a teacher")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the record, lesson by lesson."""
    done = progress(load(home()))
    document = _document(done)
    if args.export is not None:
        with written_aside(args.export) as file:
            file.write((json.dumps(document, indent=1) + "\n").encode("utf-8"))
    if args.json:
        print_json(document)
    elif args.export is not None:
        print(f"{args.export} holds what was done in {plural(sum(lesson.begun for lesson in done), 'lesson')}.")
    else:
        print(_text(done))
    return 0


def _document(done: Sequence[Lesson]) -> Json:
    return {
        "version": 1,
        "lessons": [
            {
                "lesson": lesson.number,
                "predictions": {"of": len(lesson.questions), "right": lesson.predictions},
                "tasks": {"of": len(lesson.tasks), "solved": list(lesson.solved)},
                "exercises": {"misconceptions": lesson.exercises},
            }
            for lesson in done
        ],
    }


def _text(done: Sequence[Lesson]) -> str:
    rows = [
        (
            lesson.number, f"{len(lesson.predictions)} of {len(lesson.questions)}",
            str(sum(lesson.predictions.values())), f"{len(lesson.solved)} of {len(lesson.tasks)}",
            str(len(lesson.exercises)), str(sum(not said for said in lesson.exercises.values())),
        )
        for lesson in done
    ]
    head = ("lesson", "predicted", "right", "tasks solved", "exercises", "right at once")
    return table(head, rows, right=range(1, len(head)))
