#!/usr/bin/python3
"""Controls t/faults/tools/fail_nth.so and reads its counts."""
import errno
import mmap
import struct
import sys

WORDS = {"write": 1, "sync": 2, "memory": 3, "kill-write": 4, "kill-sync": 5,
         "kill-answer": 6, "kill-memory": 7, "kill-name": 8}
CONTROL = struct.Struct("6q32s")


class Nth:
    """The file must exist (make()) before a program starts."""

    def __init__(self, path):
        self.path = path
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), CONTROL.size)

    def arm(self, program, what, at, on=False, error=errno.EIO):
        self.map[:] = CONTROL.pack(0, at, on, error, 0, 0, program.encode())
        self.map[:8] = struct.pack("q", WORDS[what])

    def seen(self):
        """Returns (seen, failed) since arm()."""
        return CONTROL.unpack(self.map[:])[4:6]

    def disarm(self):
        """Ends the faults. Returns the same as seen()."""
        self.map[:8] = bytes(8)
        return self.seen()


def make(path):
    with open(path, "wb") as f:
        f.write(bytes(CONTROL.size))


if __name__ == "__main__":
    make(sys.argv[1])
