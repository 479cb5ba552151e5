"""`docs/event-flow.md`: the two pictures, and per service a table of everything that makes it act."""

from __future__ import annotations

from collections.abc import Iterator

from sikua_chassis.flow import Flow

from tools.event_flow import tables
from tools.event_flow.names import SERVICES, TOPICS, event_name
from tools.event_flow.score import function

HEAD = """# 事件流转 · How events flow

<!-- Generated from the flow tables by `.venv/bin/python -m tools.event_flow`; `make check` fails when it is stale. -->

本页由各服务的 `flow.py` 生成:一张表写明它听什么、办什么、说什么。代码变了而图未变,`make check` 不通过。
This page is drawn from every service's `flow.py`, one table of what it hears, does and says. When the code changes and the
drawing does not, `make check` fails.

![服务与主题 · services and topics](event-flow.svg)

部门的数据从左侧进来,经桥成为**事实**;登记把事实并入**项目**档案;调度据此推进**环节**;通知把受阻的环节送到责任人面前;
指挥部听到一切。桥听项目,才知道该问什么;登记听环节,才知道项目走到哪一步。
Data of departments come in from the left and become **facts**; the registry merges them into the record of a **project**; the
scheduler moves **steps** on; the notifier puts blocked ones before their owners; the command office hears everything.
Bridges hear projects to know what to ask; the registry hears steps to know how far a project is.

![谁说谁听 · who says and who hears](event-score.svg)

每种事件的数据结构见 [`schemas/`](../schemas),词义见 [词汇表](glossary.md),对接方法见 [integrate.md](integrate.md)。
The data of every event is in [`schemas/`](../schemas), the words in the [glossary](glossary.md), how to integrate in
[integrate.md](integrate.md).
"""


def write(flows: tables.Flows) -> str:
    """The page as Markdown."""
    return HEAD + "".join("\n" + "\n".join(_service(flow)) + "\n" for flow in flows.values())


def _service(flow: Flow) -> Iterator[str]:
    chinese, english = SERVICES[flow.service]
    package = f"sikua_{flow.service.replace('-', '_')}"
    yield f"## {chinese} {english}"
    yield ""
    yield f"[`flow.py`](../services/{flow.service}/src/{package}/flow.py) · {_says(flow)}"
    yield ""
    yield "| 因何而动 · made to act by | 谁来办 · handled by |"
    yield "|---|---|"
    for type_, heard in flow.by_type.items():
        yield f"| 听 hears **{event_name(type_)[0]}** `{event_name(type_)[1]}` | `{function(heard.handle)}` |"
    for request in flow.requests:
        yield f"| 请求 request `{request.route}` | `{function(request.handle)}` |"
    for work in flow.works:
        how = "认领、办理、记录 claim, act, record" if work.act else "认领、记录 claim, record"
        yield f"| 作业 work *{work.name}* | {how}: `{function(work.record)}` |"
    for tick in flow.ticks:
        yield f"| 定时 tick *{tick.name}*, {tick.every_seconds:g} s | `{function(tick.run)}` |"


def _says(flow: Flow) -> str:
    if not flow.says:
        return "不说 says nothing"
    topics = dict.fromkeys(event.topic for event in flow.says)
    named = ", ".join(f"`{topic}` ({TOPICS[topic][0][0]})" for topic in topics)
    return f"说 says {len(flow.says)} 种 kinds → {named}"
