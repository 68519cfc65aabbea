"""What images store twice: what their layers hide, what they share, and what each way of sharing would save.

    subject.py      an image to look at, however it was read
    copies.py       every stored file: seen or not, and who hid it
    sharing.py      bytes stored, live, shadowed, sent; layers, files and chunks in common; docker's sizes
    scores.py       the same image by the formulas of dive and slim, and why they differ
    offenders.py    which instruction hid which bytes, and the key of what to write instead
    chunking/       cutting a stream into chunks, by place or by content
    prints.py       a stream's chunks by name and size
    worker.py       the same from another process, where a layer is large
    pipeline.py     layers read once: inflated, verified, files hashed, chunks cut and hashed
"""
