"""The page that tells a newcomer how to use the API, with every operation of it: `/docs`.

The guide is `docs/api.md`; the operations come from the service's own description, so that none is missing.
"""

import base64
import hashlib
from functools import cache
from html import escape
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markdown_it import MarkdownIt

from aianime_pipeline.instance import ROOT
from api.dependencies import anybody
from api.routing import Router

router = Router(include_in_schema=False, dependencies=[anybody()])

_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #1d2330; max-width: 60rem; margin: 2rem auto; padding: 0 1.2rem }
h1, h2, h3 { line-height: 1.25; margin-top: 2em } h1 { margin-top: 0 }
code { font: .92em ui-monospace, Menlo, Consolas, monospace }
code { background: #f1f3f7; padding: .1em .3em; border-radius: 4px }
pre { background: #161b26; color: #e8ecf4; padding: .9rem 1rem; border-radius: 8px; overflow-x: auto }
pre code { background: none; padding: 0 }
table { border-collapse: collapse; width: 100%; font-size: .93em }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e3e7ee; vertical-align: top }
.method { font-weight: 600; color: #3a5bd9 } a { color: #3a5bd9 }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
_METHODS = ("get", "put", "post", "patch", "delete")


@router.get("/")
def read_root() -> RedirectResponse:
    """To the guide."""
    return RedirectResponse("/docs")


@router.get("/docs")
def read_guide(request: Request) -> HTMLResponse:
    """The guide as a page."""
    return HTMLResponse(_page(request.app.openapi_url or "", _operations(request.app.openapi())), headers=_HEADERS)


def _page(description: str, operations: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>AI-Anime Pipeline: the API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{_guide()}'
        f'<h2 id="operations">All operations</h2><p>For programs: <a href="{escape(description)}">the OpenAPI '
        f"description</a>.</p>{operations}</body></html>"
    )


@cache
def _guide() -> str:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _operations(description: dict[str, Any]) -> str:
    """A table for each tag, in the order in which the tags come."""
    tables: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                told = escape(operation.get("description") or operation["summary"]).partition("\n\n")[0]
                called = f'<td class="method">{method.upper()}</td><td><code>{escape(path)}</code></td>'
                tables.setdefault(operation["tags"][0], []).append(f"<tr>{called}<td>{told}</td></tr>")
    return "".join(f"<h3>{escape(tag)}</h3><table>{''.join(rows)}</table>" for tag, rows in tables.items())
