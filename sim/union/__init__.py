"""One view over many layers: the definition, the fast index, the writable mount, snapshots."""
