"""The machine under test: processes, their CPU time and memory, runs of wrk.

Each run also reports how the CPU time was spent (microseconds per request)
and which share of the machine other processes used. A run that was disturbed
is repeated.
"""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
DISTURBED = 0.10
running = []


def start(cmd, log, env=None, cwd=None):
    with open(log, "w") as f:
        p = subprocess.Popen(cmd, env={**os.environ, **(env or {})}, cwd=cwd,
                             stdin=subprocess.DEVNULL, stdout=f, stderr=f)
    running.append(p)
    return p


def stop(p):
    """Ends a process started here, and its descendants."""
    kids = tree(p.pid)[1:]
    p.terminate()
    try:
        p.wait(8)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
    for pid in kids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    running.remove(p)


def stop_all():
    for p in list(running):
        stop(p)


def wait_for(family, address, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        with socket.socket(family) as s:
            try:
                return s.connect(address)
            except OSError:
                time.sleep(0.01)
    raise SystemExit(f"bench: nothing listens at {address}")


def wait_unix(path):
    wait_for(socket.AF_UNIX, path)


def wait_tcp(port):
    wait_for(socket.AF_INET, ("127.0.0.1", port))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def stat_of(pid):
    """Returns the fields of /proc/PID/stat after the name, or None."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()
    except OSError:
        return None


def tree(pid):
    """Returns the process and its descendants."""
    kids = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        s = stat_of(name)
        if s:
            kids.setdefault(int(s[1]), []).append(int(name))
    out, todo = [], [pid]
    while todo:
        out.append(todo.pop())
        todo += kids.get(out[-1], [])
    return out


def named(program, argument):
    """Returns processes of a program that have an argument."""
    out = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as f:
                args = f.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if os.path.basename(args[0]) == program and argument in args:
            out.append(int(name))
    return out


def cpu(pids):
    """Returns CPU seconds of processes and of their ended children."""
    stats = filter(None, map(stat_of, pids))
    return sum(sum(map(int, s[11:15])) for s in stats) / TICK


def rss(pids):
    """Returns the resident MiB of each process."""
    out = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as f:
                kib = re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M)
        except OSError:
            continue
        if kib:
            out.append(int(kib[1]) / 1024)
    return out


def busy():
    """Returns the used and the total seconds of CPU time since the boot."""
    with open("/proc/stat") as f:
        v = list(map(int, f.readline().split()[1:9]))
    return (sum(v) - v[3] - v[4]) / TICK, sum(v) / TICK


def quiet(seconds=6):
    """Waits until other processes use little CPU, but not longer than
    `seconds`.
    """
    end = time.time() + seconds
    while time.time() < end:
        a = busy()
        time.sleep(0.3)
        b = busy()
        if b[0] - a[0] < DISTURBED * (b[1] - a[1]):
            return


def result(text):
    m = re.search(r"RESULT (.*)", text)
    if not m:
        raise SystemExit("bench: a run failed:\n" + text)
    return json.loads(m[1])


def measured(run, groups):
    """Calls run(), which returns (results, CPU seconds it used). Adds the
    costs.
    """
    before = {k: cpu(pids()) for k, pids in groups.items()}
    b0 = busy()
    d, mine = run()
    b1 = busy()
    for k, pids in groups.items():
        used = max(0, cpu(pids()) - before[k])
        mine += used
        d["us_" + k] = round(used / max(d["n"], 1) * 1e6, 1)
    whole = max(b1[1] - b0[1], 0.01)
    d["foreign"] = round(max(0, b1[0] - b0[0] - mine) / whole, 3)
    return d


def child_time():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def wrk_command(url, script, conns, seconds, args):
    return ["wrk", "-t2", f"-c{conns}", f"-d{seconds}s", "--timeout", "10s",
            "-s", script + ".lua", url, "--", *map(str, args)]


def wrk(url, script, conns, seconds, env, groups, args=()):
    def run():
        t = child_time()
        o = subprocess.run(
            wrk_command(url, script, conns, seconds, args),
            cwd=HERE + "/wrk", env={**os.environ, **env}, text=True,
            capture_output=True, timeout=seconds + 30)
        d = result(o.stdout + o.stderr)
        used = child_time() - t
        d["us_wrk"] = round(used / max(d["n"], 1) * 1e6, 1)
        return d, used
    return measured(run, groups)
