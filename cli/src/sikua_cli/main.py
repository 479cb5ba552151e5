"""The `sikua` command: reads arguments, hands them to what does the work, and turns trouble into one sentence.

Only what is needed to read arguments is imported here, so that `sikua --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sikua_cli.collector import at_rest
from sikua_cli.endings import exit_status

cli = typer.Typer(
    name="sikua",
    help="四跨:让项目各环节看得见、催得动 · sees whose turn it is in every investment project, and moves it on",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Directory = Annotated[
    Path, typer.Option("--directory", envvar="SIKUA_DIRECTORY", help="数据目录 · where database and keys live")
]
AsJson = Annotated[bool, typer.Option("--json", help="供程序读取 · one JSON document for programs")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="端口,默认 8100 · port, 0 takes any")]
Distributed = Annotated[
    bool,
    typer.Option(
        "--distributed", help="各服务独立进程,以 Kafka 为总线 · a process per service, and a real Kafka between them"
    ),
]
_HERE = Path(".sikua")


@cli.command()
def up(directory: Directory = _HERE, port: Port = None, distributed: Distributed = False) -> None:
    """启动全部服务 · Start the seven services and their database on this machine, until Ctrl-C."""
    with at_rest():
        from sikua_cli.commands.up import run

    run(directory, port, distributed=distributed)


@cli.command()
def serve(
    service: Annotated[str, typer.Argument(help="服务名 · registry, scheduler, …")],
    until_stdin_ends: Annotated[
        bool, typer.Option("--until-stdin-ends", help="标准输入结束即停止 · stop when standard input ends")
    ] = False,
) -> None:
    """只运行一个服务 · One service by itself, as a container runs it; everything else it needs comes from settings."""
    with at_rest():
        from sikua_cli.commands.serve import run

    run(service, until_stdin_ends=until_stdin_ends)


@cli.command()
def demo(
    directory: Directory = _HERE,
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="演示完即退出 · exit when played")] = False,
    as_json: AsJson = False,
    reset: Annotated[bool, typer.Option("--reset", help="从头开始 · forget what was played, start over")] = False,
    scenario: Annotated[Path | None, typer.Option("--scenario", help="情景文件 · another scenario file")] = None,
    weeks: Annotated[int | None, typer.Option("--weeks", min=1, max=104, help="周数 · how many weeks to play")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="随机种子 · another seed")] = None,
    distributed: Distributed = False,
) -> None:
    """在 256 个真实项目上演示 · Play 26 weeks of business time on 256 real projects, then stay up."""
    with at_rest():
        from sikua_cli.commands.demo import Wish, run

    run(Wish(directory, port, once, as_json, reset, scenario, weeks, seed, distributed))


@cli.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · a CSV or XLSX file as departments export it")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只出报告,不改数据 · report only, change nothing")] = False,
    as_json: AsJson = False,
    directory: Directory = _HERE,
) -> None:
    """导入项目台账 · Import a ledger of projects; the report says for every line what became of it."""
    with at_rest():
        from sikua_cli.commands.import_ import run

    run(directory, file, dry_run=dry_run, as_json=as_json)


@cli.command()
def status(directory: Directory = _HERE, as_json: AsJson = False) -> None:
    """是否一切正常 · Is all well, and what to do if not, in at most ten lines."""
    with at_rest():
        from sikua_cli.commands.status import run

    run(directory, as_json=as_json)


@cli.command()
def config(as_json: AsJson = False) -> None:
    """当前设置及其来源 · The settings in force and where each comes from."""
    with at_rest():
        from sikua_cli.commands.config import run

    run(as_json=as_json)


@cli.command()
def feed(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="持续显示 · go on as events happen")] = False,
    after: Annotated[int | None, typer.Option("--after", min=0, help="从此编号之后 · begin after this number")] = None,
    as_json: AsJson = False,
    directory: Directory = _HERE,
) -> None:
    """指挥部动态 · What happened, numbered; without --after the last twenty."""
    with at_rest():
        from sikua_cli.commands.feed import run

    run(directory, follow=follow, after=after, as_json=as_json)


@cli.command()
def token(
    role: Annotated[str, typer.Option("--as", help="角色 · role, e.g. command_office, district_owner, auditor")],
    division: Annotated[str, typer.Option("--division", help="行政区划代码 · division (GB/T 2260)")] = "370200",
    unit: Annotated[str, typer.Option("--unit", help="单位 · unit; of a department_system: tax, reform, finance")] = "",
    name: Annotated[str, typer.Option("--name", help="姓名 · name shown in what is done with it")] = "",
    hours: Annotated[int, typer.Option("--hours", min=1, max=24, help="有效小时数 · hours it is valid")] = 1,
    directory: Directory = _HERE,
) -> None:
    """本机令牌(仅内置方式)· A bearer token of the local issuer, for trying the APIs; embedded form only."""
    with at_rest():
        from sikua_cli.commands.token import run

    run(directory, role, division=division, unit=unit, name=name, hours=hours)


@cli.command("sign-in")
def sign_in(
    role: Annotated[str, typer.Option("--as", help="角色 · role: command_office, district_owner, leader, auditor …")],
    division: Annotated[str, typer.Option("--division", help="行政区划代码 · division (GB/T 2260)")] = "370200",
    unit: Annotated[str, typer.Option("--unit", help="单位 · unit")] = "",
    name: Annotated[str, typer.Option("--name", help="姓名 · name shown on the page and in what is done")] = "",
    directory: Directory = _HERE,
) -> None:
    """页面的一次性登录码(仅内置签发)· A one-time code for the officers' page; with the local issuer only."""
    with at_rest():
        from sikua_cli.commands.sign_in import run

    run(directory, role, division=division, unit=unit, name=name)


topics = typer.Typer(
    name="topics",
    help="Kafka 主题(仅分布式)· The topics of Kafka, as deploy/kafka/topics.yaml has them; distributed form only",
    no_args_is_help=True,
)
cli.add_typer(topics)
FewBrokers = Annotated[
    bool, typer.Option("--few-brokers", help="试用:副本数不超过节点数 · for a trial: no more copies than brokers")
]


@topics.command("show")
def topics_show(few_brokers: FewBrokers = False) -> None:
    """与应有的是否一致 · Compare; exit status 1 when something is different."""
    with at_rest():
        from sikua_cli.commands.topics import show

    show(few_brokers=few_brokers)


@topics.command("apply")
def topics_apply(
    few_brokers: FewBrokers = False,
    yes: Annotated[bool, typer.Option("--yes", help="不询问 · do not ask")] = False,
) -> None:
    """先列出差异,再创建和更正 · Show what is different, then make and mend; never changes a partition count."""
    with at_rest():
        from sikua_cli.commands.topics import apply

    apply(few_brokers=few_brokers, agreed=yes)


def app() -> None:
    """Entry point of the console script."""
    sys.exit(exit_status(cli))
