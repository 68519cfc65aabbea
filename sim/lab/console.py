"""The cloud's web console, as calls: what the notes click, a learner writes.

    lab.cloud.create_namespace("cyo57")
    lab.cloud.create_repository("cyo57/ubuntu-cyo57-1.0")
    lab.cloud                                                what there is, as a table, with the form to click
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from ..engine.internet import CLOUD, create_namespace, create_repository, delete_repository, with_account
from ..engine.preset import ACCOUNT
from ..engine.world import Remote
from ..errors import SimError
from .prompts import Words, plain
from .svg import Table
from .text import t
from .widgets import boxed, bundle

if TYPE_CHECKING:
    from .worlds import Worlds


class Console:
    """The console of one cloud's registry, for one account.

    Parameters
    ----------
    lab : Worlds
        Whose world is changed: a step that `lab.undo` takes back.
    name : str
        Of the registry.
    account : str
    """

    def __init__(self, lab: Worlds, name: str = CLOUD, account: str = ACCOUNT) -> None:
        self._lab, self.name, self.account = lab, name, account

    @property
    def remote(self) -> Remote:
        """The registry as the cloud sees it."""
        return self._lab.world.remotes[self.name]

    def open_account(self, name: str, password: str) -> Words:
        """Open an account; `docker login` wants its name and its password."""
        self._lab.step_to(with_account(self._lab.world, self.name, name, password))
        return plain(t("cloud.account", self._lab.lang, name=name))

    def create_namespace(self, name: str) -> Words:
        """Create a namespace, which belongs to the account; `SimError` for a name that is taken or cannot be."""
        self._lab.step_to(create_namespace(self._lab.world, name, self.account, self.name))
        return plain(t("cloud.namespace", self._lab.lang, name=name))

    def create_repository(self, repository: str, *, private: bool = True) -> Words:
        """Create ``NAMESPACE/NAME``; `SimError` where there is no such namespace."""
        self._lab.step_to(create_repository(self._lab.world, repository, private=private, registry=self.name))
        return plain(t("cloud.repository", self._lab.lang, name=f"{self.name}/{repository}"))

    def delete_repository(self, repository: str) -> Words:
        """Delete a repository with all that was pushed to it."""
        self._lab.step_to(delete_repository(self._lab.world, repository, self.name))
        return plain(t("cloud.deleted", self._lab.lang, name=repository))

    def table(self) -> Table:
        """Return what the console lists."""
        lang, remote = self._lab.lang, self.remote
        head = tuple(t(f"column.{name}", lang) for name in ("what", "holds"))
        rows = [(t("cloud.is_account", lang), name) for name in remote.accounts]
        rows += [(t("cloud.is_namespace", lang), name) for name in remote.namespaces]
        for name in sorted(remote.repositories):
            held = remote.state.repositories.get(name)
            tags = ", ".join(sorted(held.tags)) if held is not None else ""
            rows.append((t("cloud.is_private" if name in remote.private else "cloud.is_public", lang),
                         name + (f": {tags}" if tags else "")))
        return Table(t("cloud.title", lang, name=self.name), head, tuple(rows) or (("-", "-"),))

    def widget(self) -> Any:
        """Return the form; `ModuleNotFoundError` without ipywidgets."""
        import ipywidgets

        lang = self._lab.lang
        listed, said = ipywidgets.HTML(self.table().html()), ipywidgets.HTML()
        wide = {"style": {"description_width": "initial"}, "layout": {"width": "320px"}}
        space = ipywidgets.Text(description=t("cloud.is_namespace", lang), **wide)
        name = ipywidgets.Text(description=t("cloud.is_repository", lang), placeholder="NAMESPACE/NAME", **wide)
        private = ipywidgets.Checkbox(value=True, description=t("cloud.only_me", lang), indent=False)

        def button(does: Callable[[], Words], named: str) -> Any:
            def click(_: Any) -> None:
                try:
                    words = does().html
                except SimError as error:
                    words = f"<p>{escape(str(error))}</p>"
                said.value, listed.value = f'<div role="status">{words}</div>', self.table().html()

            made = ipywidgets.Button(description=named, layout={"width": "auto"})
            made.on_click(click)
            return made

        row = {"flex_flow": "row wrap", "align_items": "center"}
        create = t("cloud.create_namespace", lang), t("cloud.create_repository", lang)
        return boxed(
            listed,
            ipywidgets.HBox([space, button(lambda: self.create_namespace(space.value), create[0])], layout=row),
            ipywidgets.HBox([name, private, button(
                lambda: self.create_repository(name.value, private=private.value), create[1])], layout=row),
            said, lang=lang,
        )

    def _words(self) -> Words:
        table, hint = self.table(), t("cloud.hint", self._lab.lang)
        return Words(f"{table.html()}<p>{escape(hint)}</p>", f"{table.caption}\n\n{table.plain()}\n\n{hint}")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle([self._words()], self.widget)

    def __repr__(self) -> str:
        return self._words().plain
