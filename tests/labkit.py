"""A stand-in for JupyterLab's page: wait for a lab to open, and run a cell in it.

    python labkit.py ADDRESS TOKEN CODE     run one cell from another process (the script needs websocket-client)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
import uuid
from typing import Any

import websocket


def opened(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait until `sim lab` says where the lessons are; return the server's address and its token."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if found := re.search(r"(http://127\.0\.0\.1:\d+/)doc/tree/(?:zh/)?00_tour\.ipynb\?token=(\w+)", line):
            assert "Warning" not in said, said
            return found[1], found[2]
    raise AssertionError(f"the lab did not open: {said}")


def ask(url: str, token: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Authorization": f"token {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read())


def run_cell(base: str, token: str, code: str) -> str:
    """Run one cell in a new kernel as JupyterLab's page does; return what it printed."""
    kernel = ask(f"{base}api/kernels", token, {"name": "python3"})["id"]
    address = f"{base.replace('http', 'ws', 1)}api/kernels/{kernel}/channels"
    channel = websocket.create_connection(address, header=[f"Authorization: token {token}"], timeout=60)
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s", "username": "u"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    channel.send(json.dumps(message))
    printed = ""
    while True:
        reply = json.loads(channel.recv())
        if reply["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        if reply["msg_type"] == "stream":
            printed += reply["content"]["text"]
        elif reply["msg_type"] == "error":
            printed += f"{reply['content']['ename']}: {reply['content']['evalue']}"
        elif reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            channel.close()
            return printed


if __name__ == "__main__":
    print(run_cell(*sys.argv[1:4]), end="")
