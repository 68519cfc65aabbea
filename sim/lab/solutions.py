"""A solution of each task, for the teacher's pages: lines for a cell, with `lab` there; a test runs them all.

They are apart from the tasks, so that nothing that a learner opens leads to them.
"""

from __future__ import annotations

from ..engine.goals import GOALS
from ..engine.preset import ACCOUNT, PASSWORD

_CHALLENGES = "12"


def _typed(place: str, task: str, *lines: str) -> str:
    """Return the cell that goes to a place, types lines, and has the world checked."""
    return "\n".join((f'lab.goto("{place}")', *(f"lab.run({line!r})" for line in lines),
                      f'lab.check("{task}", lab.world)'))


_CLOUD = "registry.cn-hangzhou.aliyuncs.com/cyo57"
_PRIVATE = "172.17.0.1:5000"

SOLUTIONS: dict[str, str] = {
    "01.here": 'here = [lab.open("sample:nginx")]\nlab.check("01.here", here)',
    "01.saved": """\
nginx, redis = lab.open("sample:nginx"), lab.open("sample:redis")
both = {layer.descriptor.digest for layer in redis.layers}
saved = sum(layer.tar_size for layer in nginx.layers if layer.descriptor.digest in both)
lab.check("01.saved", saved)""",
    "02.hide": """\
from sim.fs.sketch import directory, opaque
mine = [directory("/etc"), opaque("/etc")]
lab.check("02.hide", mine)""",
    "02.hidden": """\
hidden = {"/var/lib/apt/lists/lock", "/var/lib/apt/lists/partial"}
lab.check("02.hidden", hidden)""",
    "03.steps": """\
steps = [("put", "/etc/users", b"nobody"), ("unlink", "/etc/passwd")]
lab.check("03.steps", steps)""",
    "03.copied": """\
box, copied = lab.mount(lab.open("sample:ubuntu-vim")), 0
for path, entry in dict(box.walk("/usr/bin")).items():
    if entry.kind.name == "FILE":
        box, report = box.chmod("/" + path.lstrip("/"), entry.mode)
        copied += report.copied
lab.check("03.copied", copied)""",
    "04.saved": """\
from sim.boot.hardware import Kernel
spared = 2 * Kernel().stays
lab.check("04.saved", spared)""",
    "04.freed": """\
from sim.boot.machine import Machine, play
freed = sum(region.size for frame in play(Machine()).frames for region in frame.freed)
lab.check("04.freed", freed)""",
    "05.greet": _typed("05.5", "05.greet", "docker run --name greet ubuntu touch /greeted",
                       "docker commit -c 'CMD [\"echo\", \"hi\"]' greet greet:1"),
    "05.key": """\
lab.goto("05.key")
parent = lab.run("docker history -q clean:1").text.split()[1]
held = lab.run(f"docker run --rm {parent} cat /root/key").text
lab.check("05.key", held)""",
    "06.stored": """\
lab.goto("06.5")
images = lab.world.host("cyo57").daemon.images.values()
layers = {layer for image in images for layer in image.config.diff_ids}
stored = sum(lab.world.stock.layers[layer].size for layer in layers)
lab.check("06.stored", stored)""",
    "06.gone": _typed("06.gone", "06.gone", "docker rm forgotten",
                      f"docker rmi cyo_ubuntu:1.0 {_PRIVATE}/cyo_ubuntu:1.0"),
    "07.app": f"""\
lab.goto("07.app")
lab.cloud.create_repository("cyo57/app")
lab.run("docker push {_CLOUD}/app:1")
lab.check("07.app", lab.world)""",
    "07.publish": f"""\
lab.goto("07.publish")
lab.run("docker commit 7261 {_CLOUD}/ubuntu-cyo57-1.0:1.0")
lab.run("docker login --username={ACCOUNT} -p {PASSWORD} registry.cn-hangzhou.aliyuncs.com")
lab.run("docker push {_CLOUD}/ubuntu-cyo57-1.0:1.0")
lab.check("07.publish", lab.world)""",
    "08.kept": _typed("08.kept", "08.kept",
                      "docker run -d -p 5000:5000 -v /cyo57/myregistry:/var/lib/registry registry"),
    "08.private": _typed(
        "08.private", "08.private",
        f"echo '{{\"insecure-registries\": [\"{_PRIVATE}\"]}}' > /etc/docker/daemon.json", "systemctl reload docker",
        f"docker push {_PRIVATE}/cyo_ubuntu:1.0"),
    "09.plan": """\
from sim.registry.transfer import plan_push
parts = lab.blobs(lab.open("sample:nginx"))
held = {parts.config.digest, *(layer.digest for layer in parts.layers[1:])}
plan = plan_push(parts, held, {parts.layers[0].digest: ["web/redis"]})
lab.check("09.plan", plan)""",
    "09.left": """\
base, app = lab.small()
requests = [f"DELETE /v2/web/app/manifests/{lab.blobs(app).manifest.digest}"]
lab.check("09.left", requests)""",
    "10.kept": """\
lab.goto("10.3")
layers = [layer for name in ("app:1", "app:2") for layer in lab.image(name).layers]
files = [entry for layer in layers for entry in layer.changes.entries.values() if entry.data]
kept = sum({entry.data.sha256: entry.size for entry in files}.values())
lab.check("10.kept", kept)""",
    "10.lean": """\
lab.goto("10.5")
lab.run("mkdir lean")
lab.run("printf 'FROM ubuntu\\\\nRUN apt-get update && apt-get install -y vim && rm -rf /var/lib/apt/lists/*"
        " && chmod -R g+w /usr/share/vim\\\\n' > lean/Dockerfile")
lab.run("docker build -q -t lean:1 lean")
lab.check("10.lean", lab.world)""",
    "11.worst": 'mine = lab.own()\nlab.check("11.worst", (mine, 4))',
    "11.slim": _typed(
        "11.5", "11.slim", "chmod 755 tool",
        "sed -i '/chmod/d; /rm -rf/d; s/^RUN apk update$//; s/apk add vim/apk add --no-cache vim/' Dockerfile",
        "docker build -q -t app:3 ."),
    **{
        f"{_CHALLENGES}.{name}": "\n".join((
            f'lab.goal("{name}")',
            *(f"lab.run({line.replace('{password}', PASSWORD)!r})" for line in goal.solution),
            f'lab.check("{_CHALLENGES}.{name}", lab.world)',
        ))
        for name, goal in GOALS.items()
    },
}
"""By the names of the tasks."""
