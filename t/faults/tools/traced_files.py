"""Files and folders of a trace of system calls, as programs see them and as
they are after a power failure.

- Each 512-byte sector of a file that was not synced may have been written or
  not (see powercut.py).
- Of the new, renamed, linked and removed names in each folder after its last
  sync, a random number of the first ones is on the disk. The name of a folder
  is one of these names, so a folder that was never synced into its parent may
  be missing with all of its files.
"""
import os
import re

from powercut import Disk, path_of, unhex

CALLS = ("openat,pwrite64,write,ftruncate,fdatasync,fsync,rename,renameat,"
         "renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir")
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>(.*))$")
DONE = re.compile(r"\) += (-?\d+)(?:<([^>]*)>)?")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
FILE = re.compile(r"^\d+<([^>]*)>")
ARGUMENT = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:\\x..)*)"')
NUMBERS = re.compile(r', (\d+)(?:, (\d+))?\)')


def calls(trace):
    """Yields (call, arguments, result, path of the result) in the order of
    their ends.
    """
    begun = {}
    with open(trace) as f:
        for text in f:
            line = LINE.match(text)
            if not line:
                continue
            pid, call, rest, resumed = line.groups()
            if resumed is not None:
                if (pid, call) not in begun:
                    continue
                rest = begun.pop((pid, call)) + resumed
            elif rest.endswith("<unfinished ...>"):
                begun[pid, call] = rest[:-len(" <unfinished ...>")]
                continue
            done = DONE.search(rest)
            if done and int(done[1]) >= 0:
                yield call, rest, int(done[1]), path_of(done[2] or "")


def written(rest):
    """Returns the bytes of a write, which may be partial."""
    return unhex(STRING.search(rest)[1])


def paths(rest):
    """Returns the absolute paths of a call."""
    return [os.path.normpath(os.path.join(path_of(folder), unhex(name)
                                          .decode()))
            for folder, name in ARGUMENT.findall(rest)]


class Folder:
    """One folder: the names in it, those that are safe, and the changes since
    its last sync. A change is a list of (folder, name, file, folder or None).
    """

    def __init__(self):
        self.live, self.safe, self.waiting = {}, {}, []

    def sync(self):
        for change in self.waiting:
            for folder, name, node in change:
                put(folder.safe, name, node)
        self.waiting = []


def put(names, name, node):
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


class TracedFiles:
    """All files in `roots`, except those whose path matches `without`."""

    def __init__(self, roots, without):
        self.roots, self.without = {}, re.compile(without)
        for root in roots:
            self.roots[root] = self.load(root)

    def load(self, path):
        if not os.path.isdir(path):
            with open(path, "rb") as f:
                return Disk(f.read())
        folder = Folder()
        for name in os.listdir(path):
            if not self.without.search(f"{path}/{name}"):
                folder.live[name] = self.load(f"{path}/{name}")
        folder.safe = dict(folder.live)
        return folder

    def find(self, path):
        """Returns the file or folder as programs see it, or None."""
        for root, node in self.roots.items():
            if path == root:
                return node
            if path.startswith(root + "/"):
                for name in path[len(root) + 1:].split("/"):
                    if not isinstance(node, Folder):
                        return None
                    node = node.live.get(name)
                return node
        return None

    def change(self, *changes):
        """Records changes of names (path, node) that happen together. The sync
        of the folder of the last one makes them durable.
        """
        change = []
        for path, node in changes:
            folder = self.find(os.path.dirname(path))
            if not isinstance(folder, Folder) or self.without.search(path):
                continue
            name = os.path.basename(path)
            put(folder.live, name, node)
            change.append((folder, name, node))
        if change:
            change[-1][0].waiting.append(change)

    def step(self, call, rest, result, opened):
        if call == "openat":
            node = self.find(opened)
            if node is None and "O_CREAT" in rest:
                self.change((opened, Disk(b"")))
            elif isinstance(node, Disk) and "O_TRUNC" in rest:
                node.waiting.append((0, None))
        elif call.startswith("rename"):
            old, new = paths(rest)
            node, other = self.find(old), self.find(new)
            if node is not None:
                self.change((old, other if "RENAME_EXCHANGE" in rest else
                             None), (new, node))
        elif call.startswith("link"):
            old, new = paths(rest)
            if self.find(old) is not None:
                self.change((new, self.find(old)))
        elif call.startswith("mkdir"):
            self.change((paths(rest)[0], Folder()))
        elif call.startswith("unlink") or call == "rmdir":
            self.change((paths(rest)[0], None))
        else:
            self.content(call, rest, result)

    def content(self, call, rest, result):
        path = FILE.match(rest)
        node = self.find(path_of(path[1])) if path else None
        if node is None:
            return
        if call in ("fsync", "fdatasync"):
            node.sync()
        elif call == "ftruncate":
            node.waiting.append((int(NUMBERS.search(rest)[1]), None))
        else:
            if STRING.search(rest)[2]:
                raise SystemExit("traced_files: a long write")
            at = int(NUMBERS.search(rest)[2]) if call == "pwrite64" else \
                len(node.after_cut(lambda: True))
            node.waiting.append((at, written(rest)[:result]))

    def after_cut(self, rnd, keep, lost=None):
        """Returns {path: bytes, or None for a folder}. lost: the path of a new
        folder, whose name is not on the disk unless it was synced.
        """
        names, found = {}, {}
        lost = (self.find(os.path.dirname(lost)),
                os.path.basename(lost)) if lost else None

        def reached(folder):
            """Returns the number of changes that are on the disk."""
            for n, change in enumerate(folder.waiting):
                if lost and any(lost == c[:2] for c in change):
                    return n
            return rnd.randint(0, len(folder.waiting))

        def names_of(folder):
            return names.setdefault(folder, dict(folder.safe))

        def walk(node):
            if isinstance(node, Folder):
                for change in node.waiting[:reached(node)]:
                    for folder, name, other in change:
                        put(names_of(folder), name, other)
                for child in list(node.live.values()):
                    walk(child)

        def collect(path, node):
            if not isinstance(node, Folder):
                found[path] = node.after_cut(keep)
                return
            found[path] = None
            for name, child in names_of(node).items():
                collect(f"{path}/{name}", child)

        for node in self.roots.values():
            walk(node)
        for path, node in self.roots.items():
            collect(path, node)
        return found
