"""The one port of a system on this machine: every service mounted by name; `/` leads to the officers' page.

`/services` says what is where, and so does `/` where there is no command office.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from sikua_cli.launcher.rooms import WORDS

_STYLE = """body{font:16px/1.6 system-ui,"WenQuanYi Zen Hei",sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;
color:#1b1f24;background:#fff}h1{font-size:1.5rem;margin-bottom:0}p{margin:.3rem 0}table{border-collapse:collapse;
width:100%;margin:1rem 0}td,th{text-align:left;padding:.45rem .6rem;border-bottom:1px solid #d0d7de;vertical-align:top}
small,.en{color:#57606a}a{color:#0a5bb5}code{background:#f2f4f6;padding:.1rem .3rem;border-radius:.2rem}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}
small,.en{color:#9aa5b1}a{color:#6cb0ff}code{background:#1c2128}}"""

_OFFICE = "command-office"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def one_port(services: Mapping[str, ASGIApp], notice: Callable[[], tuple[str, str]]) -> Starlette:
    """The application that the launcher serves. `notice` says in both languages what is special about it."""

    async def index(_request: Request) -> Response:
        return HTMLResponse(page(list(services), notice()), headers=_HEADERS)

    async def office(_request: Request) -> Response:
        return RedirectResponse(f"/{_OFFICE}/office/", 303)

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    front = office if _OFFICE in services else index
    routes: list[BaseRoute] = [Route("/", front), Route("/services", index), Route("/livez", livez)]
    routes += [Mount(f"/{name}", app=app, name=name) for name, app in services.items()]
    return Starlette(routes=routes)


def page(names: list[str], notice: tuple[str, str]) -> str:
    """The page of services as HTML: no script, no outside resource."""
    rows = "".join(_row(name) for name in names)
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>四跨 sikua</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>
<h1>四跨 sikua</h1>
<p>项目各环节:看得见、催得动 <span class="en" lang="en">· whose turn it is, and what holds it up</span></p>
<p>{escape(notice[0])} <span class="en" lang="en">· {escape(notice[1])}</span></p>
<table><thead><tr><th>服务 <small lang="en">service</small></th><th>接口 <small lang="en">interface</small></th>
<th>状况 <small lang="en">state</small></th></tr></thead><tbody>{rows}</tbody></table>
<p><a href="/">指挥部页面 <span lang="en">· the officers' page</span></a></p>
<p>接口需要令牌,本机可用 <code>sikua token --as command_office</code> 取得
<span class="en" lang="en">· the interfaces ask for a token, which this command prints</span></p>
<p>动态:<code>sikua feed --follow</code>,状况:<code>sikua status</code>
<span class="en" lang="en">· what happens, and whether all is well</span></p></body></html>"""


def _row(name: str) -> str:
    chinese, english = WORDS[name]
    return (
        f'<tr><td>{escape(chinese)} <small lang="en">{escape(name)}: {escape(english)}</small></td>'
        f'<td><a href="/{name}/openapi.json">OpenAPI</a></td>'
        f'<td><a href="/{name}/readyz?verbose">就绪 ready</a> · <a href="/{name}/metrics">指标 metrics</a></td></tr>'
    )
