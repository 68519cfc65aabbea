"""Many images: how sharing grows with a collection, what a cache in front of it saves, and collections made up.

    growth.py       the same bytes kept once, image after image: the curve, and its mean over many orders
    replay.py       requests in their order against a cache: LRU, FIFO, LFU, and the best that is possible
    draws.py        numbers that look drawn by lot, the same on every machine
    population.py   the published shapes of collections
    synthetic.py    images of such a collection without bytes: layers and runs of files
    vector.py       the same by numpy, for a hundred million files
    cluster.py      on threads, or on a Dask cluster by address
    traces.py       requests with the published popularity
"""
