"""The lesson on transfers: questions against the model, tasks, a talk beside the real client, pictures."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from sim.content.store import LayoutStore
from sim.errors import BadInput
from sim.image.samples import sample
from sim.image.trees import laid_out
from sim.lab.lessons import Lab
from sim.lab.questions import QUESTIONS
from sim.lab.talks import Talk, parts_of, short
from sim.lab.timelines import moments_of
from sim.lab.transfers import PLAIN, X509, real_parts, small_images
from sim.lab.wires import CHOICES, Setting, Way, Wire, blobs_of, served
from sim.registry import client
from sim.registry.exchange import Exchange
from sim.registry.network.pulls import pull
from sim.registry.network.spans import Doing, Trace
from sim.registry.network.tcp import route
from sim.registry.reference import Reference
from sim.registry.transfer import Action, plan_push
from sim.registry.wire import serving
from tests.lab.answers import right

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "09_transfers.ipynb"


def ends(trace: Trace, doing: Doing) -> dict[str, float]:
    return {span.what: span.end_ms for span in trace.spans if span.doing is doing}


# ---- what the questions say is right


def test_a_small_layer_is_here_first_and_waits_for_its_parent() -> None:
    trace = pull(blobs_of(sample("redis")), Setting().route)
    here, unpacked = ends(trace, Doing.DOWNLOAD), ends(trace, Doing.EXTRACT)
    assert here["layer 2"] == min(here[f"layer {n}"] for n in range(1, 7)) < here["layer 1"] / 10
    assert here["layer 1"] < unpacked["layer 1"] < unpacked["layer 2"] < unpacked["layer 3"]
    assert unpacked["layer 2"] - unpacked["layer 1"] < 1 and right("09.first") == "When layer 1 is unpacked"


def test_a_second_image_brings_its_own_layers_alone(lab: Lab) -> None:
    lab.goto("09.1")
    lab.run("docker pull redis")
    done = lab.run("docker pull nginx")
    moved = sum(event.facts["bytes"] for event in done.events if event.facts.get("state") == "Downloading")
    assert 41_450_000 < moved < 41_550_000 and right("09.second") == "41.5 MB"
    assert "219eb4866b55: Already exists" in done.text
    rows = lab.timeline(sample("nginx"), [sample("redis")]).table.rows
    assert [row[0] for row in rows if "Already exists" in row] == ["1"]


def test_the_common_layer_is_mounted_in_one_registry_and_sent_to_another(lab: Lab) -> None:
    lab.goto("09.3")
    daemon = lab.world.hosts["cyo57"].daemon
    assert any(name.startswith("127.0.0.1:5000/web/nginx@") for name in daemon.digests)
    lab.goto("09.2")
    lines = ["docker run -d -p 5000:5000 registry", "docker run -d -p 5001:5000 registry"]
    lines += [f"docker tag {image} 127.0.0.1:{port}/web/{image}; docker push 127.0.0.1:{port}/web/{image}"
              for image, port in (("redis", 5000), ("nginx", 5000), ("nginx", 5001))]
    said = [lab.run(line).text for line in lines][3:]
    assert "Mounted from web/redis" in said[0] and "Mounted" not in said[1]
    assert right("09.mount").startswith("Nothing: the registry links it")


def test_a_push_of_the_same_asks_for_each_blob_and_puts_the_manifest() -> None:
    _, app = small_images()
    talk = Talk()
    talk.push(app, "web/app:1")
    first = len(talk.exchanges)
    talk.push(app, "web/app:1")
    asked = [(one.request.method, one.response.status) for one in talk.exchanges[first:]]
    assert asked == [("GET", 200), *[("HEAD", 200)] * 4, ("PUT", 201)]
    assert f"{sum(one.saved for one in talk.exchanges[first:]) / 1e6:.1f}" == "1.5"
    assert right("09.again") == "HEAD for each blob, and PUT of the manifest"


def test_ten_times_the_bandwidth_halves_the_time() -> None:
    slow, fast = (served(Setting().turned(mbit_s=speed), blobs_of(sample("nginx"))) for speed in (100, 1000))
    asked = QUESTIONS["09.fast"]
    assert f"{slow.total_ms / 1000:.1f} s" in asked.asked("en") and right("09.fast").startswith(
        f"{fast.total_ms / 1000:.1f} s")
    assert f"{fast.busy_ms(Doing.EXTRACT) / 1000:.1f} s of unpacking" in asked.why(2, "en")


def test_deleting_frees_nothing_and_collecting_what_nobody_names(lab: Lab) -> None:
    base, app = small_images()
    digest = parts_of(app).manifest.digest
    held = [(base, "web/base:1"), (app, "web/app:1")]
    rows = lab.stored(held, "DELETE /v2/web/app/manifests/1", f"DELETE /v2/web/app/manifests/{digest}").table.rows
    assert [row[2] for row in rows] == ["1.51MB", "1.51MB", "1.51MB", "1.2MB"]
    assert right("09.delete").startswith("1.51 MB") and rows[1][1] == "202 Accepted"
    only_tag = lab.stored(held, "DELETE /v2/web/app/manifests/1").table.rows
    assert only_tag[-1][2] == "1.51MB", "a manifest without a tag keeps what it names"


# ---- tasks


def test_a_plan_that_sends_the_manifest_alone(lab: Lab) -> None:
    parts = real_parts(sample("nginx"))
    above, origins = {layer.digest for layer in parts.layers[1:]}, {parts.layers[0].digest: ["web/redis"]}
    config = {parts.config.digest}
    assert repr(lab.check("09.plan", plan_push(parts, above | config, origins))) == "Right."
    assert "layer 2, layer 3" in repr(lab.check("09.plan", plan_push(parts, config, origins)))
    whole = above | config | set(origins)
    assert "is to be mounted" in repr(lab.check("09.plan", plan_push(parts, whole, origins)))
    assert "Give the plan" in repr(lab.check("09.plan", plan_push(real_parts(sample("redis")), whole)))


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        (["DELETE /v2/web/app/manifests/{app}"], "Right."),
        (["DELETE /v2/web/app/manifests/1", "DELETE /v2/web/app/manifests/{app}"], "Right."),
        (["DELETE /v2/web/app/manifests/1"], "A manifest without a tag"),
        (["DELETE /v2/web/app/manifests/{app}", "DELETE /v2/web/base/manifests/{base}"], "can no longer be pulled"),
        (["DELETE /v2/web/app/manifests/{app}", "DELETE /v2/web/base/manifests/1"], "can no longer be pulled"),
        (["delete everything now"], "list of requests"),
    ],
)
def test_what_is_left_is_what_the_base_needs(lab: Lab, requests: list[str], said: str) -> None:
    names = dict(zip(("base", "app"), (parts_of(one).manifest.digest for one in small_images()), strict=True))
    assert said in repr(lab.check("09.left", [line.format(**names) for line in requests]))
    assert "list of requests" in repr(lab.check("09.left", 7))


# ---- the talk


def asked(talk: Talk) -> Counter[str]:
    return Counter(_alike(one.line, one.response.status) for one in talk.exchanges)


def logged(log: list[Exchange]) -> Counter[str]:
    return Counter(
        _alike(f"{method} {short(target)}", one.status)
        for one in log for method, _, target in [one.request.partition(" ")]
    )


def _alike(line: str, status: int) -> str:
    return f"{re.sub('uploads/[^?]+', 'uploads/SESSION', line)} -> {status}"


def test_the_talk_is_what_the_real_client_says(tmp_path: Path) -> None:
    _, app = small_images()
    log: list[Exchange] = []
    talk = Talk()
    with serving(log=log.append) as server:
        name = Reference.parse(f"127.0.0.1:{server.port}/web/app:1")
        for _ in range(2):
            client.push(laid_out(app), name)
            talk.push(app, "web/app:1")
        client.pull(name, LayoutStore(tmp_path / "layout"))
        talk.pull("web/app:1")
    plain = [one for one in log if one.status and not one.request.startswith("-")]
    assert logged(plain) - Counter({"GET /v2/ -> 200": 9}) == asked(talk) - Counter({"GET /v2/ -> 200": 9})


def test_a_pull_of_what_is_here_asks_for_the_digest_and_ends() -> None:
    base, app = small_images()
    talk = Talk()
    talk.push(app, "web/app:1")
    first = len(talk.exchanges)
    parts = parts_of(app)
    assert talk.pull("web/app:1", [parts]).sent == 0
    assert [one.line for one in talk.exchanges[first:]] == ["GET /v2/", "HEAD /v2/web/app/manifests/1"]
    plan = talk.pull("web/app:1", [parts_of(base)])
    assert [step.action for step in plan.steps[:3]] == [Action.EXISTS, Action.SEND, Action.SEND]


@pytest.mark.parametrize("name", ["web/app", ":1", "nothing:1"])
def test_a_name_that_is_none_is_a_sentence(name: str) -> None:
    with pytest.raises(BadInput, match=r"REPOSITORY:TAG|has no nothing:1"):
        Talk().pull(name)


def test_every_request_of_the_lesson_has_a_meaning_in_both_languages(tmp_path: Path) -> None:
    base, app = small_images()
    for lang, saved in (("en", "mounted: 1.2MB saved"), ("zh", "挂载成功，省下 1.2MB")):
        lab = Lab(lang, folder=tmp_path)
        talk = lab.talk((base, "web/base:1"))
        rows = lab.pushes(talk, app, "web/app:1").table.rows
        assert [row[3] for row in rows if row[1].startswith("POST")].count(saved) == 1
        assert "302kB" in lab.pulls(talk, "web/app:1", [base]).text


# ---- TLS, and docker's words


def test_who_is_trusted_is_spoken_to_in_plain_and_others_are_not(lab: Lab) -> None:
    rows = [line for line in lab.first_bytes().plain.splitlines() if line.startswith(("plain", "HTTPS"))]
    assert PLAIN in rows[0] and "GET http://10.0.0.9:5000/v2/" in rows[1]
    assert X509 in rows[2] and "GET https://10.0.0.9:5000/v2/" in rows[3]
    lab.goto("09.5")
    said = lab.run("docker tag nginx 172.17.0.1:5000/x; docker push 172.17.0.1:5000/x").text
    assert PLAIN in said
    assert "latest: digest:" in lab.run("docker tag nginx 127.0.0.1:5000/x; docker push 127.0.0.1:5000/x").text


# ---- the instrument


def test_turning_a_control_goes_to_the_end_of_what_then_happens() -> None:
    wire, told = Wire(sample("nginx"), Setting()), []
    wire.watch(lambda: told.append(wire.last))
    before = wire.pictures[0].alt
    wire.goto(3).turn(way="lazy")
    assert wire.k == wire.last and wire.pictures[0].alt != before and len(told) == 2
    assert wire.turn(way="eager").pictures[0].alt == before
    assert wire.back().k == wire.last - 1 and "by layer: " in wire.words(wire.k)


@pytest.mark.parametrize("controls", [{"mbit_s": 7}, {"mbit_s": "fast"}, {"speed": 1}, {"loss": 1.0}, {"slots": True}])
def test_a_control_is_bounded(controls: dict[str, object]) -> None:
    with pytest.raises(BadInput) as told:
        Setting().turned(**controls)
    assert "\n" not in str(told.value)


def test_every_position_can_be_drawn_at_its_begin_middle_and_end() -> None:
    wire = Wire(sample("redis"), Setting())
    for name, values in CHOICES.items():
        for value in values:
            wire.turn(**{name: value})
            for k in (0, wire.last // 2, wire.last):
                assert wire.goto(k).pictures[0].table.rows
            wire.turn(**{name: getattr(Setting(), name)})


def test_each_way_does_what_it_is_for() -> None:
    layers = blobs_of(sample("nginx"))
    times = {way: served(Setting(mbit_s=1000, delay_ms=0.2, way=way), layers).total_ms
             for way in Way if way is not Way.PEERS}
    assert times[Way.PREFETCH] < times[Way.LAZY] < times[Way.PARALLEL] < times[Way.EAGER]
    alt = Wire(sample("nginx"), Setting(way=Way.PEERS)).pictures[0].alt
    assert "registry sends 4.5" in alt and "150MB" in alt


def test_a_redraw_is_quick() -> None:
    wire, took = Wire(sample("nginx"), Setting()), []
    for way in Way:
        began = time.perf_counter()
        wire.turn(way=way).pictures[0].html()
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.05


def test_moments_are_few_and_in_order() -> None:
    trace = pull(blobs_of(sample("nginx")), route(100, 20))
    found = moments_of(trace)
    assert found[0] == 0 and found[-1] == trace.total_ms and list(found) == sorted(set(found)) and len(found) < 40


def test_the_widget_has_a_menu_for_each_control(lab: Lab) -> None:
    ipywidgets = pytest.importorskip("ipywidgets")
    wire = lab.wire(sample("nginx"))
    controls = wire.widget().children[0].children
    menus = [one for one in controls if isinstance(one, ipywidgets.Dropdown)]
    assert [menu.description for menu in menus][0] == "Bandwidth" and len(menus) == len(CHOICES)
    menus[0].value = 1000
    assert wire.setting.mbit_s == 1000
    controls[-1].click()
    assert wire.setting == Setting() and menus[0].value == 100


# ---- the notebook


def test_a_section_starts_where_the_cells_before_it_lead(lab: Lab) -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    met = []
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        if source.startswith("%%terminal"):
            lab.script(source.partition("\n")[2])
        for line in re.findall(r'lab\.run\("([^"]+)"\)', source):
            lab.run(line)
        for place in re.findall(r'lab\.goto\("(09\.\d)"\)', source):
            before = lab.world.hosts["cyo57"].daemon
            lab.goto(place)
            assert dict(lab.world.hosts["cyo57"].daemon.tags) == dict(before.tags), place
            assert set(lab.world.hosts["cyo57"].daemon.digests) == set(before.digests), place
            met.append(place)
    assert met == [f"09.{n}" for n in range(1, 6)]
