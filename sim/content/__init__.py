"""Bytes and their names: digests, descriptors, canonical JSON, the content store."""
