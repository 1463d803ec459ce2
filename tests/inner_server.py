"""The process that inner runs are forked from: what they import is imported here, nothing is begun.

`inner.py` starts one for each process that runs tests, and speaks with it over a socket: a request
names command, folder and environment and carries stdin, stdout and stderr; the answers are the id
of the process and, when it is over, its exit status. A fork goes on as the interpreter would have
that the command starts: same `sys.argv`, `sys.path`, `__main__` and signals, same end.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import inspect
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import time
import types
from typing import Any


def preload(names: list[str]) -> None:
    """Import modules; `name.*` is a package with all that lies in it, `-name` is left out."""
    left_out = tuple(name[1:] for name in names if name.startswith("-"))
    for name in names:
        if name.endswith(".*"):
            load_all(load(name[:-2]), left_out)
        elif not name.startswith("-"):
            load(name)


def load_all(package: types.ModuleType, left_out: tuple[str, ...]) -> None:
    """Import everything in a package but what is left out and what runs when it is imported."""
    for found in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{package.__name__}."):
        if not found.name.startswith(left_out) and not found.name.endswith(".__main__"):
            module = load(found.name)
            if found.ispkg:
                load_all(module, left_out)


def load(name: str) -> types.ModuleType:
    """Import a module; where that fails, the run will find out itself, and say so."""
    try:
        return importlib.import_module(name)
    except Exception:
        return types.ModuleType(name)


def settle() -> None:
    """Make ready what no run can tell from what it would find itself, and what makes forks cheap.

    What is frozen is not touched by the garbage collector of a fork, so its pages stay shared.
    """
    inspect.getmodule(preload)  # it looks at the file of every module once
    gc.collect()
    gc.freeze()


def requests(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork a process for each request, one after the other; return in the fork what is asked."""
    while True:
        size, descriptors, _, _ = socket.recv_fds(channel, 4, 3, socket.MSG_WAITALL)
        if len(size) < 4:
            sys.exit()  # the tests are over
        request = read(channel, int.from_bytes(size, "big"))
        process = os.fork()
        if process == 0:
            channel.close()
            return json.loads(request), descriptors
        for descriptor in descriptors:
            os.close(descriptor)
        channel.sendall(b"%d\n" % process)
        ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        channel.sendall(b"%d\n" % ended)


def read(channel: socket.socket, size: int) -> bytes:
    """Return so many bytes."""
    found = b""
    while len(found) < size:
        found += channel.recv(size - len(found))
    return found


def become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Make this process what a fresh interpreter would be."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.orig_argv = request["command"]
    is_module = request["command"][1] == "-m"
    path = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    sys.path[:1] = [os.getcwd() if is_module else "", *path]
    importlib.invalidate_caches()


def run(command: list[str]) -> None:
    """Run what follows the interpreter, `-m MODULE` or `-c CODE`, as `__main__`."""
    _, kind, what, *arguments = command
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main
    sys.argv = [kind, *arguments]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), main.__dict__)


if __name__ == "__main__":
    from_tests = socket.socket(fileno=int(sys.argv[1]))
    preload(sys.argv[2:])
    settle()
    assert threading.active_count() == 1, threading.enumerate()
    held = json.dumps(sorted({name.partition(".")[0] for name in sys.modules}))
    from_tests.sendall(held.encode() + b"\n")
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, given = requests(from_tests)
    signal.signal(signal.SIGINT, interrupted)
    become(asked, given)
    run(asked["command"])
