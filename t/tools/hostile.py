#!/usr/bin/python3
"""Acts as a process of the service user that tries to mislead root.

 hostile.py worker RUN POOL PAYLOAD  acts as a worker: a locked status file,
                                     the process name of a worker, and a
                                     command line whose first word is PAYLOAD.
                                     On SIGTERM it leaves a similar successor
 hostile.py claim RUN POOL PID       claims that PID of another user is a worker
 hostile.py swap PATH TARGET         replaces PATH with a link to TARGET
                                     repeatedly
 hostile.py connect SOCKET           connects to a socket. Exits with 0 or 1

Each action runs until it is killed, and prints a line when it has started.
"""
import fcntl
import os
import signal
import socket
import sys


def claim(run, pool, pid):
    fd = os.open(f"{run}/worker-{pool}-{pid}", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.write(fd, b"ready\n")
    return fd


def worker(run, pool, payload):
    if sys.orig_argv[0] != payload:
        os.execve("/usr/bin/python3", [payload, *sys.argv],
                  {"PYTHONHOME": "/usr"})
    with open("/proc/self/comm", "w", encoding="ascii") as f:
        f.write("earmark-" + pool)

    def on_term(*_):
        if os.fork() == 0:
            os.close(mine)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            claim(run, pool, os.getpid())
            print("successor", os.getpid(), flush=True)
            return
        os._exit(0)
    signal.signal(signal.SIGTERM, on_term)
    mine = claim(run, pool, os.getpid())


def swap(path, target):
    print("begun", flush=True)
    while True:
        for change in (lambda: os.unlink(path),
                       lambda: os.symlink(target, path)):
            try:
                change()
            except OSError:
                pass


def connect(path):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
    except OSError as e:
        sys.exit(f"{path}: {e}")
    sys.exit(0)


{"worker": worker, "claim": claim, "swap": swap,
 "connect": connect}[sys.argv[1]](*sys.argv[2:])
print("begun", flush=True)
while True:
    signal.pause()
