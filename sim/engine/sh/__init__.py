"""A small POSIX shell over the simulated files: one interpreter for hosts and containers.

    text --lexer--> words --parser--> nodes --expand + run--> output, exit code, changed files
                                        |
                                        +-- builtin.py and the commands, by theme: listing, changing, text ...

    nodes.py lexer.py parser.py          the language (IEEE Std 1003.1, "Shell Command Language")
    expand.py arith.py                   $name $(…) $((…)), field splitting, globs
    seen.py process.py run.py            the files a command sees, one process, the interpreter
    dialect.py                           whose words: bash, dash, BusyBox; GNU or BusyBox commands

What the shell runs is a table of names; in a container a name runs only if the image has the program. It is not
modelled: job control, traps, arrays, aliases. A program that is there and is not simulated says so.
"""
