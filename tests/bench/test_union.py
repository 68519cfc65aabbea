"""The stacks that are measured, and the figures' shapes; no test here depends on a clock."""

from __future__ import annotations

import pytest

from sim.bench import union
from sim.bench.stacks import fresh, spread
from sim.union.index import Index
from sim.union.lookup import merged, resolve


@pytest.mark.parametrize("layers", [1, 3, 20])
def test_a_spread_stack_has_the_paths_it_promises(layers: int) -> None:
    stack = spread(2000, layers)
    index = Index.of(stack)
    paths = [path for path, _, _ in index.walk()]
    assert len(stack) == layers and 1900 < len(paths) < 2200 and len(set(paths)) == len(paths)
    assert 5 < sum(path.count("/") + 1 for path in paths) / len(paths) < 7
    assert index.resolve("/bin/tool-0").path == resolve(stack, "/bin/tool-0").path == "usr/bin/tool-0"
    assert spread(2000, layers) == stack, "deterministic"


def test_what_is_measured_is_right() -> None:
    one = union.world(600, 4, 100)
    assert [(found.path, found.layer) for found in merged(one.stack)] == [(p, n) for p, n, _ in one.index.walk()]
    assert sum(path in one.flat for path in one.asked) == 80 and len(one.asked) == len(one.depths) == 100
    assert set(one.depths) == {0, 1, 2, 3, 4}


def test_fresh_texts_are_equal_and_not_the_same() -> None:
    paths = ["usr/bin/env", "etc/motd"]
    assert fresh(paths) == paths and not any(new is old for new, old in zip(fresh(paths), paths, strict=True))


def test_a_figure_without_a_kernel_mount_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(union.kernel, "why_not", lambda: "needs Linux")
    found = list(union.against_kernel(union.world(600, 2, 100), 1))
    assert [(figure.met, figure.skipped, figure.peer_name) for figure in found] == [
        (None, "a kernel mount needs Linux", "os.lstat"), (None, "a kernel mount needs Linux", "os.walk"),
    ]
    assert all(figure.ours is not None and figure.ours > 0 for figure in found)


def test_the_bars_are_those_that_were_set() -> None:
    one = union.world(600, 2, 100)
    found = [
        union.get_against_dict(one, 1), union.flatness(one, one, 1), union.resolve_against_dict(one, 1),
        union.get_against_definition(one, 4), union.building(one, 1), union.adding(one, 1), union.removing(one),
    ]
    assert [figure.to_reach for figure in found] == [
        "at most 2x", "at most 1.1x", "at most 8x", "at least 100x faster", "at most 4x", "at most 1 ms", "reported",
    ]
