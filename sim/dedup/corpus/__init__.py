"""Many images: how sharing grows with a collection, what a cache in front of it saves, and collections made up.

    growth.py       the same bytes kept once, image after image: the curve, and its mean over many orders
    replay.py       requests in their order against a cache: LRU, FIFO, LFU, and the best that is possible
    draws.py        numbers that look drawn by lot, the same on every machine
    traces.py       requests with the published popularity
"""
