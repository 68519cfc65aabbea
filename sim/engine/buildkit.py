"""docker build with BuildKit, the default since 23.0: where it differs from the legacy builder.

    stages that the target does not need are not built                      legacy: all of them, in order
    RUN, COPY, ADD and WORKDIR are steps; ENV and the like only fill the config    legacy: each makes an image
    no image in between: one at the end                                     legacy: `docker images -a` shows them all
    what a RUN writes below a VOLUME is in its layer                        legacy: lost with the step's container
    the cache is the builder's own                                          legacy: the images in between

The output is ``--progress=plain``, which goes to stderr; a terminal's redraws end with the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..content.digest import Digest
from ..fs.changeset import ChangeSet
from ..image.config import History, ImageConfig, RunConfig
from ..union.upperdir import commit as changes_of_upper
from . import images, running
from .builds import Build, State
from .changes import joined
from .command import err
from .commits import VERSION, derived
from .context import Context
from .copying import plan
from .dockerfile import Dockerfile, Instruction, Stage, parse
from .job import Fail, Job
from .world import Container, StoredImage, put

COMMENT = "buildkit.dockerfile.v0"
_STEPS = ("RUN", "COPY", "ADD", "WORKDIR")


class Progress:
    """What ``--progress=plain`` prints: a numbered vertex for each thing that is done."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.number = 0

    def print(self, *lines: str) -> None:
        """Print lines, all of them on stderr."""
        self.job.said += [err(line + "\n") for line in lines]

    def vertex(self, title: str, *lines: str, end: str = "DONE 0.0s", spaced: bool = True) -> None:
        """Print a vertex: its title, a digest that stands for it, what it said, how it ended."""
        self.number += 1
        mark = f"#{self.number}"
        digest = Digest.of(title.encode("utf-8", "surrogateescape"))
        self.print(f"{mark} {title}", f"{mark} {digest}", *(f"{mark} {line}" for line in lines), f"{mark} {end}")
        if spaced:
            self.print("")


class Kit(Build):
    """One build by BuildKit.

    Parameters
    ----------
    progress : Progress
    others
        As for `Build`.
    """

    def __init__(
        self, job: Job, file: Dockerfile, context: Context, build_args: dict[str, str], progress: Progress
    ) -> None:
        super().__init__(job, file, context, build_args)
        self.progress = progress
        self.label = ""
        self.sent = False
        self.printed: Sequence[str] = ()
        self.bases: set[str] = set()

    @classmethod
    def read(cls, job: Job, text: str, name: str, context: Context, build_args: dict[str, str]) -> Kit:
        """Read a Dockerfile and return its build; `Fail` in BuildKit's words."""
        progress = Progress(job)
        progress.vertex(f"[internal] load build definition from {name}", "transferring dockerfile: done")
        progress.vertex("[internal] load .dockerignore", "transferring context: 2B done")
        try:
            return cls(job, parse(text, name), context, build_args, progress)
        except Fail as error:
            words = error.what.removeprefix("Error response from daemon: ")
            lead = "failed to solve with frontend dockerfile.v0: failed to create LLB definition: "
            raise Fail(lead + words) from None

    def say(self, text: str) -> None:
        """Say nothing: the legacy builder's lines are not BuildKit's."""

    def run(self) -> StoredImage:
        """Build what the target needs; return the image, which is kept."""
        self.stages = self._needed()
        self.bases = self._metadata()
        image = super().run()
        made = images.add(self.job, image)
        names = [f"naming to {images.reference(text).name} done" for text in self.job.parsed.all("tag")]
        self.progress.vertex("exporting to image", "exporting layers done", f"writing image {made.id} done", *names)
        return made

    def _needed(self) -> tuple[Stage, ...]:
        wanted = {self.stages[-1].name.lower()}
        for stage in reversed(self.stages):
            if stage.name.lower() in wanted:
                wanted |= {stage.base.lower()} | {step.flag("from").lower() for step in stage.steps}
        return tuple(stage for stage in self.stages if stage.name.lower() in wanted)

    def _metadata(self) -> set[str]:
        """Ask for the base images; return those whose FROM has yet to be shown."""
        found = {images.reference(stage.base).full for stage in self.stages
                 if stage.base != "scratch" and stage.base.lower() not in {one.name.lower() for one in self.stages}
                 and "$" not in stage.base}
        for name in sorted(found):
            self.progress.vertex(f"[internal] load metadata for {name}")
        return found

    # -- stages and steps

    def _stage(self, stage: Stage) -> State:
        first, *steps = stage.steps
        total = 1 + sum(step.word in _STEPS for step in steps)
        named = len(self.file.stages) > 1
        name = f"stage-{stage.name}" if stage.name.isdecimal() else stage.name
        state = self._based(stage.base)
        at = 1
        title = f"[{name} {{}}/{total}]" if named else f"[{{}}/{total}]"
        full = "" if stage.base == "scratch" or "$" in stage.base else images.reference(stage.base).full
        if full in self.bases:
            self.bases.discard(full)
            self.progress.vertex(f"{title.format(at)} FROM {full}")
        for step in steps:
            at += step.word in _STEPS
            self.label = f"{title.format(at)} {step.shown}"
            self._do(state, step)
        return state

    def _commit_plain(self, state: State, run: RunConfig, shown: str) -> None:
        if shown.startswith("EXPOSE "):
            shown = "EXPOSE map[" + " ".join(f"{port}:{{}}" for port in run.exposed_ports) + "]"
        base = self._base(state)
        entry = History(base.created, shown, None, COMMENT, True)
        self._go_on(state, replace(base, config=run, history=(*base.history, entry)), run)

    def _base(self, state: State) -> ImageConfig:
        return state.image.config if state.image is not None else ImageConfig("amd64", "linux")

    def _go_on(self, state: State, config: ImageConfig, run: RunConfig) -> None:
        state.image, state.run = StoredImage(Digest.of(config.raw), config), run

    def _workdir(self, state: State, rest: str) -> None:
        run = replace(state.run, working_dir=joined(state.run.working_dir, rest))

        def made() -> Container:
            container = self._container(state, run, ("true",))
            return replace(container, root=container.root.folder(run.working_dir, self.job.now))

        self._step(state, run, f"WORKDIR {run.working_dir}", "", made)

    def _copy(self, state: State, step: Instruction, rest: str) -> None:
        source = step.flag("from")
        if not source and not self.sent:
            self.sent = True
            size = sum(entry.size for entry in self.context.entries.values())
            self.progress.vertex("[internal] load build context", f"transferring context: {size}B done")
        try:
            found, destination, name = plan(self._other(source) if source else self.context, step, rest)
        except Fail as error:
            raise self._failed(_not_found(error.what), "failed to compute cache key: ") from None
        words = " ".join((*rest.split()[:-1], destination))
        self._step(state, state.run, f"{step.word} {words} # buildkit", f"{name} {step.flag('chmod')}".strip(),
                   lambda: self._laid(state, step, found, destination, ("true",)))

    def _run(self, state: State, step: Instruction) -> None:
        wanted, ran = self._command(state, step)
        self._step(state, state.run, f"RUN {' '.join(ran)} # buildkit", repr(sorted(state.variables.items())),
                   lambda: self._executed(state, wanted, ran))

    def _executed(self, state: State, wanted: RunConfig, ran: Sequence[str]) -> Container:
        job, before = self.job, len(self.job.said)
        # No volume is mounted in a step's container, so what is written there is written to the layer.
        container = self._container(state, replace(wanted, volumes=()), ran)
        try:
            container = running.wait(job, running.start(job, container, attach=True))
        except Fail as error:
            raise self._failed(f"executor failed running [{' '.join(wanted.cmd)}]: {error.what.strip()}") from None
        lines = [line for one in job.said[before:] for line in one.text.splitlines()]
        del job.said[before:]
        self.printed = [f"0.050 {line}" for line in lines]
        if container.exit_code:
            words = f"executor failed running [{' '.join(wanted.cmd)}]: exit code: {container.exit_code}"
            raise self._failed(words, printed=self.printed)
        return container

    def _failed(self, words: str, lead: str = "", printed: Sequence[str] = ()) -> Fail:
        self.progress.vertex(self.label, *printed, end=f"ERROR: {words}", spaced=False)
        lines = [f"#{self.progress.number} {line}" for line in printed]
        self.progress.print("------", f" > {self.label}:", *lines, "------")
        return Fail(f"{lead}{words}\n")

    def _step(self, state: State, run: RunConfig, shown: str, content: str, make: Callable[[], Container]) -> None:
        """Do a step that may make a layer, or take its layer from the cache."""
        job, base = self.job, self._base(state)
        key = Digest.of("\0".join((*map(str, base.diff_ids), shown, content)).encode("utf-8", "surrogateescape")).hex
        held = None if job.parsed.on("no-cache") else job.daemon.cache.get(key)
        self.printed = ()
        if held is not None:
            self.progress.vertex(self.label, end="CACHED")
            created, diff_ids = held
            entry = History(created, shown, None, COMMENT, diff_ids == base.diff_ids)
            config = replace(
                base, diff_ids=diff_ids, config=run, history=(*base.history, entry), created=created, author=None,
                extra={**base.extra, "docker_version": VERSION},
            )
            self._go_on(state, config, run)
            return
        container = make()
        changes: ChangeSet = changes_of_upper(container.root.mount)
        config = derived(job, base, changes, run, created_by=shown, comment=COMMENT)
        if container.id in job.daemon.containers:
            running.removed(job, job.daemon.containers[container.id], True)
        self.progress.vertex(self.label, *self.printed, end="DONE 0.1s")
        job.change(cache=put(job.daemon.cache, key, (config.created or "", config.diff_ids)))
        job.passes(100_000_000)
        self._go_on(state, config, run)


def _not_found(words: str) -> str:
    """Return BuildKit's words for a source that is not there."""
    name = words.partition(": stat ")[2].partition(":")[0]
    return f'"/{name}" not found: not found' if name else words.strip()
