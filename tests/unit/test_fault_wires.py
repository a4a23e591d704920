"""The wires of the fault tests: cut off, nothing passes and nothing breaks; mended, all arrives."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.faults.wires import Wires
from tests.support.waiting import wait_until

ECHO = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as wire:
    for line in sys.stdin:
        wire.sendall(line.encode())
        sys.stdout.write(wire.recv(100).decode())
        sys.stdout.flush()
"""


@dataclass
class Pair:
    """A wire to a server that is this process, and a client that is another one."""

    wires: Wires
    server: socket.socket
    client: "subprocess.Popen[str]"

    def say(self, text: str) -> None:
        assert self.client.stdin
        self.client.stdin.write(text + "\n")
        self.client.stdin.flush()


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        wires = Wires()
        port = wires.lay("server", listening.getsockname()[1])
        stack.enter_context(wires)
        client = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", ECHO, str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(client.kill)
        server = stack.enter_context(listening.accept()[0])
        server.settimeout(0.2)
        yield Pair(wires, server, client)


def received(pair: Pair) -> bytes:
    try:
        return pair.server.recv(100)
    except TimeoutError:
        return b""


def received_in_time(pair: Pair) -> bytes:
    return wait_until(lambda: received(pair), 10, "the server gets it")


@pytest.mark.parametrize("side", ["server", "client"])
def test_what_is_cut_off_on_either_side_hears_nothing_until_the_wire_is_mended(
    pair: Pair, side: str
) -> None:
    pair.say("before")
    assert received_in_time(pair) == b"before\n"
    pair.server.sendall(b"answer\n")
    assert pair.client.stdout
    assert pair.client.stdout.readline() == "answer\n"

    pair.wires.cut(side, os.getpid() if side == "server" else pair.client.pid)
    pair.say("meanwhile")
    assert received(pair) == b"", "no byte, and no end of the connection either"

    pair.wires.mend()
    assert received_in_time(pair) == b"meanwhile\n"


def test_others_are_not_concerned(pair: Pair) -> None:
    pair.wires.cut("another", os.getpid())
    pair.say("undisturbed")
    assert received_in_time(pair) == b"undisturbed\n"


def test_a_closed_end_closes_the_other(pair: Pair) -> None:
    pair.say("before")
    assert received_in_time(pair) == b"before\n"
    pair.client.kill()
    wait_until(lambda: ended(pair), 10, "the server hears of the end")


def ended(pair: Pair) -> bool:
    try:
        return pair.server.recv(100) == b""
    except TimeoutError:
        return False
