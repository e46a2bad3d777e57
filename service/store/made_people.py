"""People, departments and doors that don't exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

DOORS: Final = tuple(
    f"{place} {number}" for place in ("North", "South", "Hall", "Depot", "Tower") for number in range(1, 7)
)
DEPARTMENTS: Final = (
    "运行一部", "运行二部", "运行三部", "检修一部", "检修二部", "继保自动化", "通信中心", "信息中心", "调度大厅",
    "营销服务", "客户服务", "计量中心", "物资供应", "财务部", "人力资源", "安全监察", "工程建设", "输电运维",
    "变电运维", "配电运维", "带电作业", "培训中心", "后勤服务", "综合办公室",
)  # fmt: skip
FAMILY: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英建国文华志玉兰"
PEOPLE: Final = 6000
DOORS_OF: Final = 5
"""Departments that come through one door, roughly."""


@dataclass(frozen=True, slots=True)
class MadePerson:
    """Somebody, their department, and the door that they come through."""

    staff: str
    name: str
    department: str
    wearer: str
    door: str


def make_people(choose: np.random.Generator) -> list[MadePerson]:
    """All of them, in the order of their staff numbers."""
    return [_person(number, choose) for number in range(1, PEOPLE + 1)]


def _person(number: int, choose: np.random.Generator) -> MadePerson:
    department = int(choose.integers(len(DEPARTMENTS)))
    door = (department + int(choose.integers(DOORS_OF))) % len(DOORS)
    name = FAMILY[choose.integers(len(FAMILY))] + "".join(choose.choice(list(GIVEN), choose.integers(1, 3)))
    wearer = "woman" if choose.random() < 0.35 else "man"
    return MadePerson(f"{100000 + number}", name, DEPARTMENTS[department], wearer, DOORS[door])
