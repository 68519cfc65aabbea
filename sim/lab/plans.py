"""Plans, requests and what a registry stores, drawn: what moves is striped, what need not move is in full colour.

    1  [##########]  mounted from web/base: 0 bytes sent        a plan, blob by blob, each with its reason
    2  [///]         302kB: not there yet

    1  HEAD   blobs/sha256:4e06ca92a092…            404   not there: it has to be sent        a talk, request by request
    2  POST   blobs/uploads/?mount=…&from=web/base  201   mounted: 1.2MB need not be sent

    DELETE /v2/web/app/manifests/1     202  [===========] 1.51MB stored                       what deleting frees
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.sizes import human_size
from ..registry.transfer import Action, Plan, Role, Step
from .plates import MARGIN, answer, chip, heading
from .style import layer_class
from .svg import Drawing, Picture, Table, fit, picture
from .talks import Exchange
from .text import says, sentences, t

ROW = 40


def plan_picture(plan: Plan, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw a plan: what is done about each blob, and why."""
    title = t(f"plan.{plan.direction}", lang)
    words = t("plan.words", lang, sent=human_size(plan.sent), saved=human_size(plan.saved))
    done = {step: t(f"plan.{step.action}", lang) for step in plan.steps}

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("plan.how", lang)) + 4
        most = max(1, *(step.descriptor.size for step in plan.steps))
        left = MARGIN + 88
        room = (drawing.width - left) * (0.45 if drawing.roomy else 0.22)
        for step in plan.steps:
            if step.number:
                chip(drawing, MARGIN, y, step.number)
            else:
                drawing.text(MARGIN, y + 20, step_name(step, lang))
            part = max(4.0, room * step.descriptor.size / most)
            drawing.rect(left, y, part, 30, _style(step), word=done[step], rounded=3)
            said = says(done[step], why(step, lang), lang)
            drawing.text(left + part + 8, y + 20, fit(said, drawing.width - MARGIN - left - part - 8))
            y += ROW
        answer(drawing, y - 12, words)

    head = tuple(t(f"column.{name}", lang) for name in ("blob", "size", "action", "why", "spared"))
    rows = tuple(
        (step_name(step, lang), human_size(step.descriptor.size), done[step], why(step, lang), human_size(step.saved))
        for step in plan.steps
    )
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def step_name(step: Step, lang: str) -> str:
    """Return what a step is about."""
    return t("look.layer", lang, n=step.number) if step.role is Role.LAYER else t(f"plan.{step.role}", lang)


def why(step: Step, lang: str) -> str:
    """Return a step's reason."""
    return t(f"plan.{step.why}", lang, size=human_size(step.descriptor.size), origin=step.origin or "")


def _style(step: Step) -> str:
    colour = layer_class(step.number) if step.number else "stage"
    if step.action is Action.SEND:
        return colour.replace("l", "s", 1) if step.number else "blank"
    return colour if step.action in (Action.MOUNT, Action.EXISTS) else "hidden"


# ---- a talk


def talk_picture(
    exchanges: Sequence[Exchange], plan: Plan, *, lang: str = "en", projector: bool = False
) -> Picture:
    """Draw a talk: each request with its answer and what both mean; `plan` is what it followed."""
    title = t(f"talk.{plan.direction}", lang, n=len(exchanges))
    moved = sum(one.sent + one.received for one in exchanges)
    words = t("talk.words", lang, moved=human_size(moved), spared=human_size(plan.saved))
    said = [meaning(one, lang) for one in exchanges]

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("talk.how", lang)) + 4
        left = MARGIN + 74
        middle = drawing.width * 0.55 if drawing.roomy else left + 62
        for one, told in zip(exchanges, said, strict=True):
            number = int(one.about.removeprefix("layer ")) if one.about.startswith("layer") else 0
            if number:
                chip(drawing, MARGIN, y, number, 22)
            elif one.about:
                drawing.text(MARGIN, y + 16, about(one, lang), "muted")
            drawing.text(left, y + 16, one.request.method, bold=True)
            if drawing.roomy:
                drawing.text(left + 58, y + 16, fit(_without_repository(one), middle - left - 66), "muted")
            drawing.text(middle, y + 16, str(one.response.status), bold=True)
            drawing.text(middle + 36, y + 16, fit(told, drawing.width - MARGIN - middle - 36))
            y += 28
        answer(drawing, y - 8, words)

    head = tuple(t(f"column.{name}", lang) for name in ("about", "request", "answers", "means"))
    rows = tuple(
        (about(one, lang), one.line, str(one.response.status), told) for one, told in zip(exchanges, said, strict=True)
    )
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def about(one: Exchange, lang: str) -> str:
    """Return what an exchange is about."""
    if one.about.startswith("layer"):
        return t("look.layer", lang, n=one.about.removeprefix("layer "))
    return t(f"plan.{one.about}", lang) if one.about else "-"


def meaning(one: Exchange, lang: str) -> str:
    """Say in words what a request and its answer mean."""
    method, status, target = one.request.method.lower(), one.response.status, one.request.target
    fields = {"size": human_size(one.sent or one.received or one.saved)}
    if target == "/v2/":
        return t("talk.ping", lang)
    kind = "manifest" if "/manifests/" in target else "blob"
    return t(f"talk.{method}_{kind}_{status}", lang, **fields)


def _without_repository(one: Exchange) -> str:
    line = one.line.partition(" ")[2].removeprefix("/v2/")
    for mark in ("blobs/", "manifests/"):
        before, found, rest = line.partition(mark)
        if found:
            return found + rest
    return "/v2/" + line


# ---- what deleting frees


@dataclass(frozen=True, slots=True)
class Stage:
    """What a registry stores after something was done.

    Attributes
    ----------
    done : str
        The request, or words.
    answer : str
    stored : int
        Bytes.
    """

    done: str
    answer: str
    stored: int


def stored_picture(stages: Sequence[Stage], *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw how much a registry stores after each of some requests."""
    title = t("gc.title", lang)
    first, last = human_size(stages[0].stored), human_size(stages[-1].stored)
    words = t("gc.words", lang, first=first, last=last)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("gc.how", lang)) + 4
        most = max(1, *(stage.stored for stage in stages))
        room = drawing.width - 2 * MARGIN - 90
        for stage in stages:
            said = says(stage.done, stage.answer, lang) if stage.answer else stage.done
            drawing.text(MARGIN, y + 16, fit(said, drawing.width - 2 * MARGIN))
            size = human_size(stage.stored)
            part = room * stage.stored / most
            drawing.rect(MARGIN, y + 24, part, 20, "plate", word=size, rounded=2)
            drawing.text(MARGIN + max(part, 2) + 8, y + 39, size, bold=True)
            y += 60
        answer(drawing, y - 14, words)

    head = tuple(t(f"column.{name}", lang) for name in ("done", "answers", "stored"))
    rows = tuple((stage.done, stage.answer or "-", human_size(stage.stored)) for stage in stages)
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip
