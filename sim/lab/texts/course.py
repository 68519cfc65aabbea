"""What the map of the course says, in English and Chinese."""

from __future__ import annotations

COURSE_STRINGS: dict[str, tuple[str, str]] = {
    "map.lessons": ("The lessons and their sections", "各课和它们的小节"),
    "map.notes": ("Where the notes, point by point, are shown", "笔记里的每一点，在哪里讲到"),
    "map.mistakes": ("Where what people often get wrong is put right", "常见的误解，在哪里澄清"),
    "map.point": ("the notes", "笔记"),
    "map.mistake": ("what people believe", "误解"),
    "map.true": ("True is: {truth}", "事实是：{truth}"),
    "map.none": ("there is no misconception {number}; they are numbered from 1 to {last}",
                 "没有第 {number} 条误解，编号从 1 到 {last}"),
    "column.number": ("no.", "编号"),
    "column.lesson": ("lesson", "课"),
    "column.section": ("section", "小节"),
}
