"""What offices, states and kinds are called on screen: (Chinese, English).

Owner roles are those of the nine steps' owners (plan of 2021); fields and datasets are named by the catalogue. A word that
isn't listed is shown as it stands, never dropped.
"""

from __future__ import annotations

from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.words import CrossingKind, Light, Owner, ProjectStatus, StepStatus, TrackReason
from sikua_rules import code_lists, divisions, industries

ROLES: dict[str, tuple[str, str]] = {
    "lead_unit": ("招引单位", "lead unit"),
    "commerce": ("商务局", "commerce bureau"),
    "command_office": ("指挥部办公室", "command office"),
    "industry": ("行业主管部门", "industry department"),
    "district_government": ("政府", "government"),
    "approval_bureau": ("行政审批局", "approval bureau"),
    "natural_resources": ("自然资源局", "natural resources bureau"),
    "reform": ("发改委", "development and reform commission"),
    "ecology": ("生态环境局", "ecology and environment bureau"),
    "housing": ("住建局", "housing and construction bureau"),
    "statistics": ("统计局", "statistics bureau"),
    "finance": ("财政局", "finance bureau"),
    "tax": ("税务局", "tax bureau"),
    "leader": ("分管领导", "leader in charge"),
}
_LINES: dict[str, tuple[str, str]] = {"district_government": ("区市政府", "district governments")}
_SUFFIXES: dict[str, tuple[str, str]] = {
    "head": ("负责人", "head"),
    "coordinator": ("协调员", "coordinator"),
}
DEPARTMENTS: dict[str, tuple[str, str]] = {
    "tax": ("税务", "Tax"),
    "reform": ("发改", "Development and reform"),
    "finance": ("财政", "Finance"),
    "commerce": ("商务", "Commerce"),
    "market_regulation": ("市场监管", "Market regulation"),
    "natural_resources": ("自然资源", "Natural resources"),
    "ecology": ("生态环境", "Ecology"),
    "housing": ("住建", "Housing"),
    "registry": ("登记处", "Registry"),
    "scheduler": ("调度", "Scheduler"),
    "import": ("台账导入", "Import"),
}
_PLAIN_FIELDS: dict[str, str] = {
    "name": "项目名称",
    "divisions": "所在区市",
    "project_codes": "项目代码",
    "industries": "行业",
    "origins": "来源渠道",
    "crossings": "四跨",
}
_ENGLISH_PLACES: dict[str, str] = {
    "370200": "Qingdao",
    "370202": "Shinan",
    "370203": "Shibei",
    "370211": "Huangdao",
    "370212": "Laoshan",
    "370213": "Licang",
    "370214": "Chengyang",
    "370215": "Jimo",
    "370281": "Jiaozhou",
    "370283": "Pingdu",
    "370285": "Laixi",
}
STEP_STATUSES: dict[StepStatus, tuple[str, str]] = {
    StepStatus.NOT_STARTED: ("未开始", "not begun"),
    StepStatus.ARMED: ("待接办", "waiting to be taken up"),
    StepStatus.STARTED: ("办理中", "under way"),
    StepStatus.BLOCKED: ("受阻", "blocked"),
    StepStatus.PAUSED: ("中止计时", "clock stopped"),
    StepStatus.COMPLETED: ("已办结", "complete"),
    StepStatus.SKIPPED: ("不适用", "does not apply"),
}
PASSED: tuple[str, str] = ("入册前,无记录", "before the record")
"""Of a step earlier than the one at which a project came in: nobody said when it was done."""
PROJECT_STATUSES: dict[ProjectStatus, tuple[str, str]] = {
    ProjectStatus.ACTIVE: ("在册", "on the books"),
    ProjectStatus.SUSPENDED: ("暂停", "suspended"),
    ProjectStatus.CLOSED: ("已销号", "closed"),
    ProjectStatus.MERGED: ("已并入", "merged"),
}
LIGHTS: dict[Light, tuple[str, str]] = {
    Light.GREEN: ("绿灯", "green"),
    Light.BLUE: ("蓝灯", "blue"),
    Light.YELLOW: ("黄灯", "yellow"),
    Light.RED: ("红灯", "red"),
    Light.GREY: ("未启动", "not running"),
}
CROSSINGS: dict[CrossingKind, tuple[str, str]] = {
    CrossingKind.DISTRICT: ("跨区市", "district"),
    CrossingKind.FIELD: ("跨领域", "field"),
    CrossingKind.DEPARTMENT: ("跨部门", "department"),
    CrossingKind.INDUSTRY: ("跨行业", "industry"),
}
TRACK_REASONS: dict[TrackReason, tuple[str, str]] = {
    TrackReason.CROSSING: ("四跨项目", "it crosses"),
    TrackReason.KEY_SIGNING: ("重点签约", "key signing"),
    TrackReason.MAJOR_EVENT: ("重大活动", "major event"),
    TrackReason.ORDER: ("指挥部指令", "order of the command office"),
}

OUTSIDE: dict[str, tuple[str, str]] = {
    "NO_PLAN": ("尚未排程", "no plan yet"),
    "STARTED_BEFORE": ("登记时已开工", "begun before"),
    "FINISHED": ("全部办结", "finished"),
}


def owner_name(owner: Owner) -> tuple[str, str]:
    """ "市自然资源局" / "Qingdao natural resources bureau": place, role, and the head or coordinator if it is one."""
    role, _, suffix = owner.role.partition(".")
    role_zh, role_en = ROLES.get(role, (role, role))
    place_zh, place_en = _place(owner.division)
    if role in {"command_office", "leader"}:
        place_zh, place_en = "", ""
    suffix_zh, suffix_en = _SUFFIXES.get(suffix, (suffix, suffix))
    english = " ".join(word for word in (place_en, role_en) if word)
    return f"{place_zh}{role_zh}{suffix_zh}", f"{english}, {suffix_en}" if suffix_en else english


def line_name(role: str) -> tuple[str, str]:
    """A line of work in all places: "自然资源局"; a role that isn't listed stays itself."""
    return _LINES.get(role) or ROLES.get(role, (role, role))


def department_name(department: str) -> tuple[str, str]:
    """A department that states facts, or itself when it isn't listed."""
    return DEPARTMENTS.get(department, (department, department))


def dataset_name(dataset: str) -> tuple[str, str]:
    """A dataset by its slug, as the catalogue names it, or itself when it isn't registered."""
    found = CATALOGUE.datasets.get(dataset)
    return (found.name_zh if found else dataset), dataset.partition(".")[2].replace("_", " ") or dataset


def listed(words: list[tuple[str, str]]) -> tuple[str, str]:
    """Several words as one: "跨区市、跨行业", "district, industry"."""
    return "、".join(chinese for chinese, _ in words), ", ".join(english for _, english in words)


def division_name(division: str) -> tuple[str, str]:
    """ "黄岛区" for 370211; a code that the country does not have stays a code."""
    found = divisions.find(division)
    return (found.name_zh, _ENGLISH_PLACES.get(division, division)) if found else (division, division)


def field_name(field: str) -> tuple[str, str]:
    """A catalogue field or one of the registry's own: its Chinese name, and its English one in words."""
    entry = CATALOGUE.named(field)
    return entry.name_zh if entry else _PLAIN_FIELDS.get(field, field), field.replace("_", " ")


def origin_name(origin: str) -> tuple[str, str]:
    """ "重大活动签约" for MAJOR_EVENT; an origin that isn't listed stays itself."""
    return code_lists.origins().get(origin, origin), origin.replace("_", " ").lower()


def industry_name(code: str) -> tuple[str, str]:
    """ "计算机、通信和其他电子设备制造业(3921)": a section or division of GB/T 4754-2017 and the code, else the code."""
    found = industries.section(code) or industries.division(code)
    return (f"{found.name_zh}({code})" if found else code), code


def value_name(field: str, value: str) -> str:
    """What a value of this field is called in Chinese; most are called what they are."""
    match field:
        case "divisions" | "build_place_code":
            return division_name(value)[0]
        case "origins":
            return origin_name(value)[0]
        case "industries" | "industry_code":
            return industry_name(value)[0]
        case "approval_mode":
            return code_lists.values(field).get(value, value)
        case _:
            return value


def _place(division: str) -> tuple[str, str]:
    return ("市", "city") if division == divisions.OURS else division_name(division)
