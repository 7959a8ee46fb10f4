#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Asks a server as an editor does, for scripts/rust-analyzer.

Usage: lsp.py PROJECT FOLDER <FROM >TO

In each module of the folder it asks for the meaning of the first "PerNet for", which is a name of the library, and for
the place where that is. What is wrong is told on standard error, and in the end how often it has asked.
"""

import json
import re
import sys
import time
from pathlib import Path

DEADLINE = time.monotonic() + 300


class Server:
    """The other end."""

    def __init__(self):
        self.number = 0
        self.ready = False

    def send(self, **message):
        """Writes one message."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        sys.stdout.buffer.flush()

    def receive(self):
        """Reads one message, and answers if that is a question."""
        length = 0
        while line := sys.stdin.buffer.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            sys.exit("the server has ended")
        if time.monotonic() > DEADLINE:
            sys.exit("the server takes too long")
        message = json.loads(sys.stdin.buffer.read(length))
        if "method" in message and "id" in message:
            items = message.get("params", {}).get("items", [])
            self.send(id=message["id"], result=[None] * len(items) if items else None)
        if message.get("method") == "experimental/serverStatus":
            self.ready = message["params"]["quiescent"]
        return message

    def ask(self, method, params):
        """Returns the answer to a request."""
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        if "error" in message:
            return {}
        return message["result"] or {}


def main():
    """See the usage."""
    with open(sys.argv[1], encoding="utf-8") as file:
        crates = json.load(file)["crates"]
    folder = Path(sys.argv[2])
    server = Server()
    server.ask("initialize", {
        "processId": None,
        "rootUri": folder.as_uri(),
        "capabilities": {"experimental": {"serverStatusNotification": True}, "window": {"workDoneProgress": True}},
        "initializationOptions": {"checkOnSave": False, "cachePriming": {"enable": False}},
    })
    server.send(method="initialized", params={})
    while not server.ready:
        server.receive()
    asked = 0
    for crate in crates:
        path = Path(crate["root_module"])
        if not path.is_relative_to(folder) or not crate["is_workspace_member"]:
            continue
        text = path.read_text(encoding="utf-8")
        if not (match := re.search(r"^impl(?:<.*>)? (PerNet) for", text, re.MULTILINE)):
            continue
        document = {"uri": path.as_uri()}
        server.send(method="textDocument/didOpen",
                    params={"textDocument": {**document, "languageId": "rust", "version": 1, "text": text}})
        line = text.count("\n", 0, match.start(1))
        character = match.start(1) - text.rfind("\n", 0, match.start(1)) - 1
        at = {"textDocument": document, "position": {"line": line, "character": character}}
        meaning = json.dumps(server.ask("textDocument/hover", at))
        place = json.dumps(server.ask("textDocument/definition", at))
        if "pub trait PerNet" not in meaning:
            print(f"{path}:{line + 1}: PerNet is {meaning}", file=sys.stderr)
        if "/net/pernet.rs" not in place:
            print(f"{path}:{line + 1}: PerNet is in {place}", file=sys.stderr)
        asked += 1
    server.ask("shutdown", None)
    server.send(method="exit")
    print(f"asked {asked} times", file=sys.stderr)


main()
