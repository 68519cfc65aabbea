"""The start page of the site: the lessons and the pages of the course in both languages, each a link.

It is plain HTML, so that it is there at once, before any of the large files. JupyterLite's pages look for their
settings here, in the script that is no script; hence that element.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from ..text import LANGUAGES, t

_LINK = "lab/index.html?path={path}"
_STYLE = (
    "body{font:16px/1.5 'Segoe UI','Helvetica Neue',Arial,'Noto Sans','PingFang SC','Microsoft YaHei',sans-serif;"
    "max-width:44rem;margin:2rem auto;padding:0 1rem;background:#fff;color:#1b1f24}li{margin:.3rem 0}a{color:#0b5cad}"
    "@media(prefers-color-scheme:dark){body{background:#14181d;color:#e8ebef}a{color:#7db8ff}}"
)


def start_page(notebooks: Path, lang: str) -> str:
    """Return the page.

    Parameters
    ----------
    notebooks : Path
        The folder of the notebooks, with the Chinese ones in ``zh/``.
    lang : {"en", "zh"}
        The language of the page, and of the lessons that come first.
    """
    order = sorted(LANGUAGES, key=lambda language: language != lang)
    lists = "".join(_listed(notebooks, language) for language in order)
    return (
        f'<!DOCTYPE html>\n<html lang="{_tag(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Layer Lab</title><style>{_STYLE}</style>"
        '<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script></head>'
        f"<body><main><h1>Layer Lab</h1><p>{escape(t('site.what', lang))}</p><p>{escape(t('site.wait', lang))}</p>"
        f"{lists}<p>{escape(t('site.kept', lang))}</p></main></body></html>\n"
    )


def _listed(notebooks: Path, lang: str) -> str:
    folder = notebooks if lang == "en" else notebooks / lang
    links = "".join(
        f'<li><a href="{_LINK.format(path=path.relative_to(notebooks).as_posix())}">{escape(_title(path))}</a></li>'
        for path in sorted(folder.glob("*.ipynb"))
    )
    return f'<h2 lang="{_tag(lang)}">{escape(t("site.lessons", lang))}</h2><ul lang="{_tag(lang)}">{links}</ul>'


def _title(path: Path) -> str:
    """Return the heading that a notebook opens with."""
    first = "".join(json.loads(path.read_bytes())["cells"][0]["source"])
    return first.partition("\n")[0].lstrip("# ").replace("`", "")


def _tag(lang: str) -> str:
    return {"zh": "zh-CN"}.get(lang, lang)
