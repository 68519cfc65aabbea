"""docker build, the legacy builder of 20.10: each instruction makes an image from the one before.

    FROM      finds the base, pulls it where it is missing
    RUN       a container of the image so far, its command, commit: one layer, or none where nothing was written
    COPY ADD  files of the context, commit: one layer
    others    change the config alone; an image all the same, of no layer more

The cache: an image that was made here from the same parent by the same instruction is taken instead. BuildKit, the
default since 23.0, makes no images in between, runs independent stages side by side, and keeps what a RUN writes below
a VOLUME, which is lost here: the RUN's container has a volume there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..content.digest import Digest
from ..fs.changeset import ChangeSet
from ..image.config import ImageConfig, RunConfig
from ..union.upperdir import commit as changes_of_upper
from . import containers, images, running
from .changes import expanded, instruction, joined, json_list, pairs, paths
from .command import Stream
from .commits import derived, run_fields
from .context import Context
from .copying import Sources, files_of, lay, plan
from .dockerfile import Dockerfile, Instruction, Stage
from .grammar import quote
from .job import Fail, Job, refused
from .pulls import pull
from .world import Container, StoredImage

_EXPANDED = {"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "ONBUILD"}
_SHELL = ("/bin/sh", "-c")


@dataclass
class State:
    """A stage under way: the image so far (None for scratch), what it runs, its ARGs."""

    image: StoredImage | None
    run: RunConfig
    args: dict[str, str] = field(default_factory=dict)
    cmd_set: bool = False
    shell: tuple[str, ...] = _SHELL
    cached: bool = True

    @property
    def variables(self) -> dict[str, str]:
        """ARGs and ENV, the latter winning."""
        return self.args | dict(line.split("=", 1) for line in self.run.env if "=" in line)


class Build:
    """One build.

    Parameters
    ----------
    job : Job
    file : Dockerfile
    context : Context
    build_args : dict of str to str
    """

    def __init__(self, job: Job, file: Dockerfile, context: Context, build_args: dict[str, str]) -> None:
        self.job, self.file, self.context, self.build_args = job, file, context, build_args
        self.done: dict[str, State] = {}
        self.step = 0
        self.stages = self._wanted()
        self.total = sum(len(stage.steps) for stage in self.stages) + len(file.args)
        self.used_args: set[str] = set()
        self.global_args: dict[str, str] = {}

    def _wanted(self) -> tuple[Stage, ...]:
        target = self.job.parsed.one("target")
        if not target:
            return self.file.stages
        for number, stage in enumerate(self.file.stages):
            if stage.name.lower() == target.lower():
                return self.file.stages[:number + 1]
        raise refused(f"failed to reach build target {target} in Dockerfile")

    def say(self, text: str) -> None:
        """Print a line of the builder's."""
        self.job.out(text)

    def run(self) -> StoredImage:
        """Build all stages; return the image of the last."""
        for arg in self.file.args:
            self._announce(arg)
            name, _, default = arg.rest.partition("=")
            self.used_args.add(name)
            self.global_args[name] = self.build_args.get(name, default)
        state = State(None, RunConfig())
        for stage in self.stages:
            try:
                state = self._stage(stage)
            except Fail as error:
                # A step's failure comes in the stream of the build, without the daemon's lead.
                raise Fail(error.what.removeprefix("Error response from daemon: "), error.exit) from None
            self.done[stage.name.lower()] = state
        unused = sorted(set(self.build_args) - self.used_args)
        if unused:
            self.job.err(f"[Warning] One or more build-args [{' '.join(unused)}] were not consumed")
        if state.image is None:
            raise refused("No image was generated. Is your Dockerfile empty?")
        return state.image

    def _announce(self, step: Instruction) -> None:
        self.step += 1
        self.say(f"Step {self.step}/{self.total} : {step.shown}")

    def _stage(self, stage: Stage) -> State:
        first, *steps = stage.steps
        self._announce(first)
        state = self._based(expanded(stage.base, self.global_args))
        self.say(f" ---> {images.short(state.image.id) if state.image is not None else ''}")
        for step in steps:
            self._announce(step)
            self._do(state, step)
        for text in self.job.parsed.all("label") if stage is self.stages[-1] else ():
            self._plain(state, Instruction("LABEL", text, (), 0))
        return state

    def _based(self, name: str) -> State:
        if name == "scratch":
            return State(None, RunConfig())
        earlier = self.done.get(name.lower())
        if earlier is not None:
            return State(earlier.image, earlier.run)
        job = self.job
        ref = images.reference(name, "failed to process: ")
        image = None if job.parsed.on("pull") else images.find(job.daemon, name)
        if image is None:
            image = pull(job, ref, say=self.say, status=True)
        return State(image, image.config.config)

    def _do(self, state: State, step: Instruction) -> None:
        rest = expanded(step.rest, state.variables) if step.word in _EXPANDED else step.rest
        match step.word:
            case "RUN":
                self._run(state, step)
            case "COPY" | "ADD":
                self._copy(state, step, rest)
            case "ARG":
                self._arg(state, step)
            case "WORKDIR":
                self._workdir(state, rest)
            case "SHELL":
                state.shell = json_list(rest) or _SHELL
                self._commit_plain(state, state.run, f"SHELL [{' '.join(state.shell)}]")
            case "HEALTHCHECK" | "ONBUILD" | "MAINTAINER":
                self._commit_plain(state, state.run, f"{step.word} {rest}")
            case _:
                self._plain(state, replace(step, rest=rest))

    # -- instructions that change the config alone

    def _plain(self, state: State, step: Instruction) -> None:
        before = state.run
        if step.word in ("CMD", "ENTRYPOINT"):
            listed = json_list(step.rest)
            words = listed if listed is not None else ((*state.shell, step.rest) if step.rest else ())
            run = replace(before, cmd=words) if step.word == "CMD" else replace(before, entrypoint=words)
            if step.word == "ENTRYPOINT" and not state.cmd_set:
                # A CMD that came from the base belonged to the base's entrypoint.
                run = replace(run, cmd=())
            state.cmd_set = state.cmd_set or step.word == "CMD"
            listing = " ".join(quote(word) for word in words)
            shown = f"{step.word} [{listing}]"
        else:
            run = instruction(before, step.word, step.rest)
            shown = _shown(step, step.rest)
        self._commit_plain(state, run, shown)

    def _arg(self, state: State, step: Instruction) -> None:
        name, equals, default = expanded(step.rest, state.variables).partition("=")
        self.used_args.add(name)
        if name in self.build_args:
            state.args[name] = self.build_args[name]
        elif equals:
            state.args[name] = default.strip('"').strip("'")
        elif name in self.global_args:
            state.args[name] = self.global_args[name]
        self._commit_plain(state, state.run, f"ARG {step.rest}")

    def _workdir(self, state: State, rest: str) -> None:
        run = replace(state.run, working_dir=joined(state.run.working_dir, rest))
        ran = (*_SHELL, f"#(nop) WORKDIR {run.working_dir}")
        if not self._from_cache(state, run, ran):
            container = self._container(state, run, ran)
            root = container.root.folder(run.working_dir, self.job.now)
            self._layer(state, run, ran, replace(container, root=root), told=True)

    def _commit_plain(self, state: State, run: RunConfig, shown: str) -> None:
        ran = (*_SHELL, "#(nop) ", shown)
        if not self._from_cache(state, run, ran):
            self._layer(state, run, ran, self._container(state, run, ran), told=True)

    # -- instructions that may make a layer

    def _command(self, state: State, step: Instruction) -> tuple[RunConfig, tuple[str, ...]]:
        """Return what a RUN's container runs, and the same as the history shows it: ARGs that are set go first."""
        listed = json_list(step.rest)
        words = listed if listed is not None else (*state.shell, step.rest)
        named = dict(line.split("=", 1) for line in state.run.env)
        told = tuple(f"{name}={value}" for name, value in sorted(state.args.items()) if name not in named)
        ran = (f"|{len(told)}", *told, *words) if told else words
        return replace(state.run, cmd=words, entrypoint=(), env=(*state.run.env, *told)), ran

    def _run(self, state: State, step: Instruction) -> None:
        wanted, ran = self._command(state, step)
        if self._from_cache(state, state.run, ran):
            return
        job = self.job
        container = self._container(state, wanted, ran)
        self.say(f" ---> Running in {images.short(container.id)}")
        before = len(job.said)
        container = running.wait(job, running.start(job, container, attach=True))
        self._coloured(before)
        if container.exit_code:
            shown = " ".join(wanted.cmd)
            raise Fail(f"The command '{shown}' returned a non-zero code: {container.exit_code}\n", 1)
        if state.run.volumes:
            job.because(f"{', '.join(state.run.volumes)} is a VOLUME: what this RUN wrote there went into a volume of "
                        "its container, and is lost; BuildKit keeps it")
        self.say(f"Removing intermediate container {images.short(container.id)}")
        self._layer(state, state.run, ran, container, told=False)

    def _coloured(self, before: int) -> None:
        """Show what a RUN printed as the builder does: its stderr in red, all on stdout."""
        said = self.job.said
        for number in range(before, len(said)):
            one = said[number]
            red = one.stream is Stream.ERR
            text = f"\x1b[91m{one.text}\x1b[0m" if red else one.text
            said[number] = replace(one, stream=Stream.OUT, text=text)

    def _copy(self, state: State, step: Instruction, rest: str) -> None:
        if step.flag("chmod"):
            raise Fail("the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn "
                       "how to build images with BuildKit enabled\n")
        source = step.flag("from")
        found, destination, name = plan(self._other(source) if source else self.context, step, rest)
        ran = (*_SHELL, f"#(nop) {step.word} {name} in {destination} ")
        if not self._from_cache(state, state.run, ran):
            container = self._laid(state, step, found, destination, ran)
            self._layer(state, state.run, ran, container, told=False)

    def _laid(self, state: State, step: Instruction, found: Sources, destination: str, ran: Sequence[str]) -> Container:
        """Return a container of the image so far with files laid into it."""
        container = self._container(state, replace(state.run, volumes=()), ran)
        files = files_of(container.root.mount, self.job.now)
        lay(files, found, destination, state.run.working_dir, step)
        return replace(container, root=replace(container.root, mount=files.frozen()["overlay"]))

    def _other(self, name: str) -> Context:
        """Return an earlier stage, or any image, as a context."""
        earlier = self.done.get(name.lower())
        image = earlier.image if earlier is not None else images.find(self.job.daemon, name)
        if image is None:
            if earlier is None:
                image = pull(self.job, images.reference(name, "invalid from flag value "), say=self.say, status=True)
            else:
                return Context({})
        root = containers.new_root(self.job, image)
        return Context(dict(root.mount.walk("/")))

    # -- images in between

    def _container(self, state: State, run: RunConfig, ran: Sequence[str]) -> Container:
        base = state.image if state.image is not None else self._scratch()
        wanted = containers.Wanted(images.short(base.id), replace(run, cmd=run.cmd or tuple(ran)))
        return containers.create(self.job, base, wanted)

    def _scratch(self) -> StoredImage:
        config = ImageConfig("amd64", "linux")
        return StoredImage(Digest.of(config.raw), config)

    def _ran(self, run: RunConfig, ran: Sequence[str]) -> dict[str, Any]:
        return run_fields(replace(run, cmd=tuple(ran)))

    def _from_cache(self, state: State, run: RunConfig, ran: Sequence[str]) -> bool:
        """Take the image that the same instruction made of the same parent, where there is one."""
        if not state.cached or self.job.parsed.on("no-cache") or state.image is None:
            return False
        wanted = self._ran(run, ran)
        for image in images.children(self.job.daemon, state.image):
            held = image.config.extra.get("container_config")
            if isinstance(held, dict) and {**held, "Hostname": "", "Image": ""} == wanted:
                state.image, state.run = image, image.config.config
                self.say(f" ---> Using cache\n ---> {images.short(image.id)}")
                return True
        # What follows a miss is not looked for either: its parent is new.
        state.cached = False
        return False

    def _layer(self, state: State, run: RunConfig, ran: Sequence[str], container: Container, *,
               told: bool) -> None:
        """Commit a container of the build, remove it, and go on from its image."""
        job = self.job
        base = state.image.config if state.image is not None else ImageConfig("amd64", "linux")
        alone = told and not ran[-1].startswith("#(nop) WORKDIR")
        changes = ChangeSet() if alone else changes_of_upper(container.root.mount)
        if told:
            self.say(f" ---> Running in {images.short(container.id)}")
            self.say(f"Removing intermediate container {images.short(container.id)}")
        job.passes(100_000_000)
        config = derived(
            job, base, changes, run, created_by=" ".join(ran), container=container.id, ran=self._ran(run, ran),
        )
        if container.id in job.daemon.containers:
            running.removed(job, job.daemon.containers[container.id], True)
        parent = None if state.image is None else state.image.id
        state.image = images.add(job, StoredImage(Digest.of(config.raw), config, parent, container=container.id))
        state.run = run
        self.say(f" ---> {images.short(state.image.id)}")


def _shown(step: Instruction, rest: str) -> str:
    match step.word:
        case "ENV" | "LABEL":
            return f"{step.word} " + " ".join(pairs(rest, step.word))
        case "VOLUME":
            return f"VOLUME [{' '.join(paths(rest))}]"
        case _:
            return f"{step.word} {rest}"

