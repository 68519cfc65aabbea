"""What a picture of the world says in words, and its rows as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..content.sizes import human_size
from .plates import instruction, listing
from .text import says, sentences, t
from .worldthings import ContainerCard, HostFacts, ImageCard, Kept, Mark, Slab, WorldFacts

SIGN = {Mark.KEPT: "", Mark.NEW: "+ ", Mark.CHANGED: "~ ", Mark.GONE: "− "}
MOST = 6
"""Things that a sentence names; the table has them all."""


def words_of(found: WorldFacts, asked: bool, moves: Sequence[str], lang: str) -> str:
    """Say what became of a world, and what is stored in it.

    Parameters
    ----------
    asked : bool
        Whether there was a command: one that changed nothing is said to have only asked.
    moves : sequence of str
        The last state of each layer that docker moved.
    """
    parts = []
    for mark in (Mark.NEW, Mark.CHANGED, Mark.GONE):
        said = [one for host in found.hosts for one in _said(host, mark, lang)]
        said += [t("world.repository", lang, name=one.name) for _, held in found.registries for one in held
                 if one.mark is mark]
        if said:
            named = listing(said[:MOST] + (["…"] if len(said) > MOST else []), lang)
            parts.append(t(f"world.{mark}", lang, what=named))
    if not parts and asked:
        parts = [t("world.nothing", lang)]
    if moves:
        counts = [t("world.move", lang, n=n, state=state) for state, n in Counter(moves).items()]
        parts.append(t("world.moves", lang, what=listing(counts, lang)))
    totals = [_total(host, len(found.hosts) > 1, lang) for host in found.hosts]
    return sentences(lang, *parts, *totals)


def _said(host: HostFacts, mark: Mark, lang: str) -> Iterator[str]:
    images = [card for card in host.cards if isinstance(card, ImageCard)]
    names = [name for card in images for name in card.names]
    moved = {name.text for name in names if name.mark is Mark.NEW} & {
        name.text for name in names if name.mark is Mark.GONE}
    yield from (t("world.image", lang, id=card.id) for card in images if card.mark is mark)
    yield from (t("world.name", lang, name=one.text) for one in names if one.mark is mark and one.text not in moved)
    if mark is Mark.CHANGED:
        yield from (t("world.moved", lang, name=name) for name in sorted(moved))
    slabs = [slab for slab in host.slabs.values() if slab.mark is mark]
    if slabs:
        yield _layers(slabs, lang)
    yield from (t("world.container", lang, name=card.name) for card in host.cards
                if isinstance(card, ContainerCard) and card.mark is mark)
    yield from (t("world.volume", lang, name=one.name[:12] if one.anonymous else one.name) for one in host.volumes
                if one.mark is mark)
    yield from (t("world.http", lang, name=one.name) for one in host.insecure if one.mark is mark)


def _layers(slabs: Sequence[Slab], lang: str) -> str:
    size = human_size(sum(slab.size for slab in slabs))
    if len(slabs) == 1:
        return t("world.layer_of", lang, n=slabs[0].number, size=size)
    return t("world.layers_of", lang, n=len(slabs), size=size)


def _total(host: HostFacts, named: bool, lang: str) -> str:
    images = [card for card in host.cards if isinstance(card, ImageCard) and card.mark is not Mark.GONE]
    lead = says(t("world.host", lang, name=host.name), "", lang)
    if not host.cards:
        return lead + t("world.empty", lang)
    layers = sum(slab.mark is not Mark.GONE for slab in host.slabs.values())
    words = t("world.stored", lang, images=len(images), layers=layers, size=human_size(host.stored))
    total = sum(card.size for card in images)
    if total > host.stored:
        words += ("；" if lang == "zh" else "; ") + t("world.sum", lang, size=human_size(total))
    return lead + words if named else words


def state_of(card: ContainerCard, lang: str) -> str:
    """Return what a container does, in words."""
    if card.state == "running":
        return t("world.running", lang, what=card.process)
    if card.state == "created":
        return t("world.created", lang)
    if card.state == "exited":
        return t("world.exited", lang, code=card.exit_code)
    return t("world.other", lang, state=card.state)


def rows(found: WorldFacts, lang: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the facts as rows: what, where, what it holds, what became of it."""
    empty = True
    for host in found.hosts:
        for row in _host_rows(host, lang):
            empty = False
            yield row
    for name, held in found.registries:
        if not held:
            empty = False
            yield (t("world.registry", lang, name=name), "-", t("world.no_tags", lang), "-")
        for one in held:
            empty = False
            blobs = t("world.blobs", lang, n=one.blobs)
            yield (t("world.repository", lang, name=one.name), name, listing([*one.holds, blobs], lang),
                   _became(one.mark, lang))
    if empty:
        yield (t("world.empty", lang), "-", "-", "-")


def _host_rows(host: HostFacts, lang: str) -> Iterator[tuple[str, str, str, str]]:
    for card in host.cards:
        stack = _stack(len(card.stack), lang)
        if isinstance(card, ImageCard):
            names = [SIGN[name.mark] + name.text for name in card.names] or [t("world.unnamed", lang)]
            yield (t("world.image", lang, id=card.id), host.name,
                   listing([*names, stack, human_size(card.size)], lang), _became(
                       Mark.CHANGED if card.touched and card.mark is Mark.KEPT else card.mark, lang))
        else:
            own = t("world.own", lang, n=card.changes)
            yield (t("world.container", lang, name=card.name), host.name,
                   listing([state_of(card, lang), *card.ports, own, human_size(card.size)], lang),
                   _became(card.mark, lang))
    for slab in host.slabs.values():
        made = instruction(slab.made_by)
        yield (t("look.layer", lang, n=slab.number), host.name,
               listing([slab.chain.short, *([made] if made else []), human_size(slab.size)], lang),
               _became(slab.mark, lang))
    for kind, found in (("volume", host.volumes), ("http", host.insecure)):
        yield from (_place_row(kind, one, host.name, lang) for one in found)


def _stack(layers: int, lang: str) -> str:
    if layers > 1:
        return t("world.layers", lang, first=1, last=layers)
    return t("look.layer", lang, n=1) if layers else "-"


def _place_row(kind: str, one: Kept, where: str, lang: str) -> tuple[str, str, str, str]:
    return (t(f"world.{kind}", lang, name=one.name), where, listing(one.holds, lang) or "-", _became(one.mark, lang))


def _became(mark: Mark, lang: str) -> str:
    return t(f"world.mark.{mark}", lang)
