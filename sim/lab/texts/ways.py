"""The sentences of the ways to run the lessons without JupyterLab, in English and Chinese; `text.CATALOGUE` takes them
in."""

from __future__ import annotations

WAY_STRINGS: dict[str, tuple[str, str]] = {
    # The static site
    "site.what": (
        "How container images work, in lessons that run in this browser. Nothing is installed, and no other server is"
        " asked.",
        "容器镜像到底怎么工作：这里的课在浏览器里直接运行，不用安装任何东西，也不访问别的服务器。",
    ),
    "site.wait": (
        "A lesson opens with its pictures. The first cell that you run waits about fifteen seconds for Python to load.",
        "打开一课就能看到图。运行第一个单元格时要等十几秒，浏览器正在载入 Python。",
    ),
    "site.kept": (
        "Your answers and your changes to a lesson are kept in this browser, on this computer alone. To hand a lesson"
        " in, choose File, then Download.",
        "你的回答和对课文的改动只保存在这台电脑的这个浏览器里。要交作业，请用菜单 File 里的 Download 下载。",
    ),
    "site.lessons": ("Lessons in English", "中文课程"),
    # The widgets as pages
    "app.index": ("One widget a page. Each page has a world of its own.", "一页一个部件，每页都有自己的一份环境。"),
    "app.back": ("All widgets", "全部部件"),
    "app.slider": ("Layers, one by one", "一层一层叠起来"),
    "app.lookup": ("Looking a path up", "查找一个路径"),
    "app.copyup": ("What a container's changes cost", "容器里的改动要付出什么"),
    "app.build": ("A build, instruction by instruction", "一条指令一条指令地构建"),
    "app.boot": ("A machine boots", "机器的启动"),
    "app.wire": ("A pull in time", "拉取的时间线"),
    "app.registry": ("What a registry holds", "镜像仓库服务里有什么"),
    "app.console": ("The cloud's console", "云的控制台"),
    "app.treemap": ("Where the bytes of an image are", "镜像的字节都在哪里"),
    "app.terminal": ("A terminal", "终端"),
    # The teacher's pages and the student's copy
    "teacher.sections": ("Sections, about five minutes each", "各节，每节约五分钟"),
    "teacher.recall": ("Questions from earlier lessons", "开课前的复习题"),
    "teacher.questions": ("Questions, and what is said to each choice", "预测题，以及对每个选项的讲解"),
    "teacher.traps": ("What learners believe, and what is true", "学生容易误解的地方，以及事实"),
    "teacher.tasks": ("Tasks, each with a solution", "练习，每题附一种解法"),
    "teacher.true": ("What is true", "事实是什么"),
    "teacher.right": (" (right)", "（正确）"),
    "student.blank": ("Write down here, in a sentence, what is true.", "请在这里用一句话写下：事实是什么。"),
}
