"""What a learner sees: pictures, widgets, lessons, and every word of them in two languages.

    lessons.py        Lab, the one name that a notebook needs; its parts: containers, boots, worlds, wires, dedups ...
    svg.py style.py   one visual language; on it figures, timelines, treemap ...: state -> (positions) -> Picture
    widgets.py        steppers and choosers over pictures; terminal_widget, console, instruments ...
    questions/        predictions and their choices        tasks/      what is solved in code, and judged by the model
    exercises/        drawn from a seed, wrong answers from misconceptions     places/     what each section starts from
    text.py texts/    the catalogue, English and Chinese, by part
    launch.py         JupyterLab on a working copy; serving, apps, website, editions: the other ways to run

Only here are matplotlib, networkx, ipywidgets and IPython imported, inside the functions that need them.
"""
