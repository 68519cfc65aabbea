"""A model of transfers in time: links, TCP, pulls and pushes, strategies and fleets, on a virtual clock.

    events.py      the clock: processes, signals, slots
    links.py       who gets how much of which link
    tcp.py         handshakes, slow start, windows and losses
    session.py     kept connections, retries, notes
    parties.py     clients, hosts, registries, blobs: what they do and how fast
    pulls.py       pull and push as docker does them
    strategies.py  eager, lazy, prefetch: until a container serves
    fleet.py       a thousand hosts at once; peers in a tree
    spans.py       what happened, as spans
"""
