"""What images store twice, and what each way of sharing would save.

    chunking/       cutting a stream into chunks, by place or by content
"""
