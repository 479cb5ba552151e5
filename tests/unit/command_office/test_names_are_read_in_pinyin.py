"""Names are read as the whole list of words reads them, with half of the list left out."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sikua_command_office.pages.web.pinyin import readings, telling

ROOT = Path(__file__).parents[3]
WHOLE = """
import json, sys
from pypinyin import lazy_pinyin
print(json.dumps([lazy_pinyin(name) for name in json.load(sys.stdin)]))
"""


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("黄岛新材料", "huangdaoxincailiao", "hdxcl"),
        ("重庆银行长城大厦", "chongqingyinhangchangchengdasha", "cqyhccds"),
        ("重点项目", "zhongdianxiangmu", "zdxm"),
        ("绿色 LNG 项目(二期)", "lvselngxiangmuerqi", "lsxmeq"),
    ],
)
def test_a_character_is_read_in_its_word(name: str, pinyin: str, initials: str) -> None:
    assert readings(name) == (pinyin, initials)


def test_real_names_are_read_as_the_whole_list_reads_them() -> None:
    with (ROOT / "demo" / "projects.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[column] for row in rows for column in ("name_zh", "investor_zh", "zone_zh") if row[column]})
    names += ["朝阳市", "朝阳区", "长沙市", "单县", "六安市", "台州市", "乐陵市", "大厂回族自治县", "洪洞县"]
    command = [sys.executable, "-c", WHOLE]
    told = subprocess.run(command, input=json.dumps(names), capture_output=True, text=True, check=True, timeout=240)
    whole = dict(zip(names, json.loads(told.stdout), strict=True))
    assert len(whole) > 250
    different = {
        name: (readings(name)[0], syllables)
        for name, syllables in whole.items()
        if readings(name)[0] != "".join(sign for sign in "".join(syllables).casefold() if sign.isalnum())
    }
    assert different == {}


def test_only_words_that_can_change_a_reading_are_kept() -> None:
    alone = {"银": "yín", "行": "xíng", "步": "bù", "金": "jīn"}
    words = {
        "银行": [["yín"], ["háng"]],
        "步行": [["bù"], ["xíng"]],
        "金银": [["jīn"], ["yín"]],
    }
    assert set(telling(lambda: iter(words.items()), alone.__getitem__)) == {"银行", "步行"}
