"""Boot: a machine beside a container, each as states, effects and times that come from recorded starts.

    stages.py     the one transition table           container.py  a container's start, call by call
    machine.py    a boot as a value, step by step    runtime.py    the OCI runtime spec, config.json
    memory.py     regions and mounts of a machine    program.py user.py    what is run, as whom, or why not
    cost.py       where the milliseconds go          contents.py   what an image has, and has not
    screen.py     the words on the screen            fleet.py      many of each; ladder.py: measured start times
"""
