"""The benchmark: every headline figure, each beside its peer in the same run.

    figure.py   one figure: ours, the peer's, the ratio to reach
    run.py      runs the figures, prints the table, makes the JSON
    images.py   opening real images, start-up time, memory          (and one module for each further subject)

Each subject has `figures(quick) -> Iterator[Figure]`. A figure is measured when the iterator is asked for it,
so that the runner can show progress and can be interrupted between two of them.
"""
