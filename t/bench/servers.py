"""The measured servers: Earmark, references with the same nginx, other
servers.

Each server has: name, url, env (for the wrk scripts), groups (whose CPU time
counts), memory() (MiB of all processes), write_flyer() (one without
favorites), list_path.
"""
import fcntl
import glob
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

import gen
import hooks
import machine as m
import tokens

HERE = m.HERE
TOP = os.path.dirname(os.path.dirname(HERE))
DEBIAN_PEERS = ["python3-django", "python3-djangorestframework",
                "python3-djangorestframework-simplejwt", "gunicorn"]
DESTINATIONS_PAGE = "/api/v1/users/me/favorites?limit=20&offset=0"
FLYERS_PAGE = "/api/users/me/favorites/?limit=20&offset=0"
LISTENERS_PAGE = "/api/v1/customer/favorites"
ALL_LISTENERS = LISTENERS_PAGE + "?per_page=100"


def copy_database(kept, file):
    for tail in ("-wal", "-shm", ""):
        if os.path.exists(file + tail):
            os.unlink(file + tail)
    shutil.copy(kept, file)


class Server:
    free_first, free_last, flyers = 9901, 10000, 9900
    uuid = False
    pages = {"destinations": (DESTINATIONS_PAGE, 1),
             "flyers": (FLYERS_PAGE, 1)}

    def __init__(self, name, out):
        self.name, self.out = name, out
        self.next_free = self.free_first
        self.tokens = os.path.join(out, name + ".tokens")

    @property
    def env(self):
        return {"BENCH_TOKENS": self.tokens, "BENCH_FLYERS": str(self.flyers),
                "BENCH_UUID": "1" if self.uuid else "0"}

    def write_flyer(self):
        n = self.next_free
        self.next_free = n + 1 if n < self.free_last else self.free_first
        return n

    def log(self):
        return os.path.join(self.out, self.name + ".log")

    def memory(self):
        return m.rss(self.app())

    def front(self):
        """Returns the nginx processes of the server."""
        return []

    @property
    def groups(self):
        return {"app": self.app, "nginx": self.front}

    def stop(self):
        pass


class Project(Server):
    """Earmark with nginx and all pools, as ./demo starts them."""
    free_first, free_last, flyers = 4901, 5000, 4900
    uuid = True
    pages = {**Server.pages, "listeners": (LISTENERS_PAGE, 2),
             "all_listeners": (ALL_LISTENERS, 2)}

    def __init__(self, out, build):
        super().__init__("earmark", out)
        self.build = os.path.abspath(build)
        self.state = os.path.join(out, "state")
        self.conf = os.path.join(self.state, "earmark.conf")
        self.db = os.path.join(self.state, "earmark.db")

    def demo(self, *args):
        with open(self.log(), "a") as f:
            if subprocess.run([TOP + "/demo", "--state", self.state, *args],
                              stdin=subprocess.DEVNULL, stdout=f,
                              stderr=f).returncode != 0:
                raise SystemExit(f"bench: ./demo failed, see {self.log()}")

    def up(self):
        self.demo("--empty", "--detach", "--build", self.build,
                  "--port", "0", "--tls-port", "0")
        with open(self.state + "/run/demo.env") as f:
            self.url = dict(s.strip().split("=", 1) for s in f)["url"]

    def prepare(self):
        """Creates a state folder with data once for each schema."""
        stamp = hashlib.sha256()
        for f in sorted(glob.glob(TOP + "/sql/migrations/*.sql") +
                        [HERE + "/gen.py", HERE + "/ledger.py"]):
            with open(f, "rb") as text:
                stamp.update(text.read())
        kept = os.path.join(self.out, "data-" + stamp.hexdigest()[:12])
        shutil.rmtree(self.state, ignore_errors=True)
        self.up()
        self.demo("--stop")
        if not os.path.exists(kept):
            for old in glob.glob(self.out + "/data-*"):
                os.unlink(old)
            print("creating the data ...", flush=True)
            gen.main(self.state)
            shutil.copy(self.db, kept)
        else:
            copy_database(kept, self.db)
            gen.change(self.state, gen.refresh)
        self.kept = kept
        self.configure({"limits": {"write_rate": 0, "search_rate": 0},
                        "billing": {"free_seconds": 0},
                        "calls": {"rings": 0, "rings_hour": 0,
                                  "rings_total": 0},
                        "auth": {"access_ttl": 86400}})
        tokens.write(self.tokens, tokens.project(self.state))

    def configure(self, want):
        """Sets keys of earmark.conf, whether they exist or not."""
        with open(self.conf) as f:
            lines = f.read().splitlines()
        names = {k for keys in want.values() for k in keys}
        lines = [s for s in lines if s.split("=")[0].strip() not in names]
        for section, keys in want.items():
            head = f"[{section}]"
            if head not in lines:
                lines.append(head)
            at = lines.index(head) + 1
            lines[at:at] = [f"{k} = {v}" for k, v in keys.items()]
        with open(self.conf, "w") as f:
            f.write("\n".join(lines) + "\n")

    def start(self, refs=None):
        self.prepare()
        self.up()
        if refs:
            self.include(refs)

    def restart(self, want):
        """Restarts with other keys of earmark.conf, and without the server
        blocks of the references.
        """
        self.demo("--stop")
        self.configure(want)
        self.up()

    def include(self, conf):
        """Adds the server blocks of the references to the same nginx."""
        file = os.path.join(self.state, "nginx.conf")
        with open(file) as f:
            text = f.read()
        with open(file, "w") as f:
            f.write(text.replace("http {\n", f"http {{\n\tinclude {conf};\n"))
        # The processes of the old configuration continue for a moment.
        old = self.front()
        os.kill(old[0], signal.SIGHUP)
        end = time.time() + 5
        while set(old[1:]) & set(self.front()) and time.time() < end:
            time.sleep(0.05)

    def front(self):
        for f in glob.glob(self.state + "/run/nginx.pid"):
            with open(f) as text:
                return m.tree(int(text.read()))
        return []

    def app(self, pool="favorites"):
        return m.named("earmark-" + pool, self.conf)

    def supervised(self):
        """Returns the workers and their supervisors, because workers are
        recycled.
        """
        return (self.app() + self.app("wallet") +
                m.named("multiwatch", self.conf))

    @property
    def groups(self):
        return {"app": self.supervised, "nginx": self.front}

    def wal(self):
        try:
            return os.stat(self.db + "-wal").st_size
        except OSError:
            return 0

    def webhooks(self, n):
        """Writes a file of webhooks for n new top-ups."""
        key, now = hooks.key_of(self.state), int(time.time())
        with open(self.state + "/writer.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            db = sqlite3.connect(self.db, isolation_level=None)
            db.execute("PRAGMA wal_autocheckpoint = 0")
            db.execute("BEGIN IMMEDIATE")
            ids = hooks.payments(db, ((2 + k % 1000, 5000) for k in range(n)))
            db.execute("COMMIT")
            db.close()
        file = os.path.join(self.out, "webhooks")
        with open(file, "w") as f:
            for i in ids:
                body = hooks.body(f"bench_{i}", "paid", i, 5000)
                f.write(f"{hooks.sign(key, now, body)} {body.decode()}\n")
        return file

    def hang_up(self):
        """Ends the sessions that a run has left, because their users are
        busy.
        """
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        live = db.execute("SELECT id, customer_id FROM session"
                          " WHERE state = 0").fetchall()
        db.close()
        with open(self.tokens) as f:
            tokens = f.read().split()
        for session, user in live:
            r = urllib.request.Request(
                self.url + "/sessions/end", b'{"session_id":%d}' % session,
                {"Authorization": "Bearer " + tokens[user - 1],
                 "Content-Type": "application/json"})
            urllib.request.urlopen(r, timeout=10).close()

    def verify(self):
        """Runs `earmark ledger verify` repeatedly until it is stopped."""
        return m.start(["sh", "-c", "while \"$@\"; do :; done", "sh",
                        self.build + "/earmark", "-c", self.conf, "ledger",
                        "verify"], os.path.join(self.out, "verify.log"))

    def grow(self, mib):
        """Adds `mib` MiB of rows that are never read."""
        db = sqlite3.connect(self.db, isolation_level=None)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        for n in range(mib // 4):
            with open(self.state + "/writer.lock", "a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                db.execute("INSERT INTO event(user_id, seq, type, at, data)"
                           " WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                           " FROM n WHERE i < 1024) SELECT 7, 1e9 + ? + i, 7,"
                           " ?, hex(randomblob(1900)) FROM n",
                           (n * 1024, int(time.time() * 1000)))
            time.sleep(0.05)
        db.close()

    def backup(self):
        return m.start([self.build + "/earmark", "-c", self.conf, "backup"],
                       os.path.join(self.out, "backup.log"))

    def etag(self, page):
        path, user = self.pages[page]
        with open(self.tokens) as f:
            token = f.read().split()[user - 1]
        r = urllib.request.Request(self.url + path, headers={
            "Authorization": "Bearer " + token})
        with urllib.request.urlopen(r, timeout=10) as answer:
            return answer.headers["ETag"]

    def stop(self):
        self.demo("--stop")


class Refs:
    """hello, mux and `return 200` with nginx."""

    def __init__(self, out, build):
        self.out, self.bin = out, os.path.join(build, "t/bench")
        self.conf = os.path.join(out, "refs.conf")
        self.servers, self.processes, self.own = [], [], None
        self.nginx = lambda: m.tree(self.own.pid)

    def front(self):
        return self.nginx()

    def start(self):
        blocks = []
        for name, args in (("hello", ("8", "4096")), ("mux", ("2", "4096"))):
            s = Server(name, self.out)
            sock = os.path.join(self.out, name + ".sock")
            p = m.start([f"{self.bin}/{name}", sock, *args], s.log())
            m.wait_unix(sock)
            s.app = lambda p=p: m.tree(p.pid)
            s.front = self.front
            self.processes.append(p)
            # Blocking workers cannot serve other clients if nginx keeps
            # connections.
            keep = "keepalive 64;" if name == "mux" else ""
            on = "fastcgi_keep_conn on;" if name == "mux" else ""
            blocks.append((s, f"upstream bench_{name} {{ server unix:{sock};"
                           f" {keep} }}", f"fastcgi_pass bench_{name}; {on}"
                           + PARAMS))
        s = Server("return200", self.out)
        s.app, s.front = (lambda: []), self.front
        blocks.append((s, "", "default_type application/json; return 200"
                       " '{\"ok\":true,\"msg\":\"hello\"}';"))
        with open(self.conf, "w") as f:
            for s, upstream, location in blocks:
                s.port = m.free_port()
                s.url = f"http://127.0.0.1:{s.port}"
                f.write(f"{upstream}\nserver {{ listen 127.0.0.1:{s.port}"
                        f" backlog=4096; location / {{ {location} }} }}\n")
                self.servers.append(s)

    def own_nginx(self):
        """Starts a similar nginx if Earmark is not measured."""
        conf = os.path.join(self.out, "nginx.conf")
        with open(conf, "w") as f:
            f.write(NGINX.replace("@", self.out))
        self.own = m.start(["nginx", "-p", self.out, "-e",
                            self.out + "/nginx-error.log", "-c", conf],
                           self.out + "/nginx.log")

    def wait(self):
        for s in self.servers:
            m.wait_tcp(s.port)

    def stop(self):
        for p in self.processes + ([self.own] if self.own else []):
            m.stop(p)


PARAMS = " ".join(f"fastcgi_param {k} ${v};" for k, v in (
    ("REQUEST_METHOD", "request_method"), ("REQUEST_URI", "request_uri"),
    ("QUERY_STRING", "query_string"), ("CONTENT_LENGTH", "content_length"),
    ("CONTENT_TYPE", "content_type"), ("REMOTE_ADDR", "remote_addr")))

NGINX = """
daemon off; worker_processes 2; worker_rlimit_nofile 4096; pid @/nginx.pid;
events { worker_connections 1024; }
http {
	access_log off; keepalive_requests 1000000;
	client_body_temp_path @/t1; fastcgi_temp_path @/t2; proxy_temp_path @/t3;
	uwsgi_temp_path @/t4; scgi_temp_path @/t5;
	include @/refs.conf;
}
"""


class Peer(Server):
    def __init__(self, name, out):
        super().__init__(name, out)
        self.port = m.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.db = os.path.join(out, name + ".db")

    def data(self):
        kept = os.path.join(self.out, "peers-data")
        if not os.path.exists(kept):
            print("creating the data of the peers ...", flush=True)
            subprocess.run([HERE + "/peers/gen.py", kept + ".new"],
                           check=True)
            os.rename(kept + ".new", kept)
        copy_database(kept, self.db)
        tokens.write(self.tokens, tokens.peers())

    def app(self):
        return m.tree(self.process.pid)

    def stop(self):
        m.stop(self.process)


class Django(Peer):
    """Django REST framework, simplejwt and gunicorn from Debian packages."""

    def __init__(self, out):
        super().__init__("drf", out)

    @staticmethod
    def missing():
        o = subprocess.run(["dpkg-query", "-Wf", "${Package} ${Status}\\n",
                            *DEBIAN_PEERS], capture_output=True, text=True)
        have = {s.split()[0] for s in o.stdout.splitlines()
                if s.endswith("ok installed")}
        return [p for p in DEBIAN_PEERS if p not in have]

    def start(self):
        want = self.missing()
        if want:
            print("bench: installing the peer Django REST framework"
                  " (Debian packages, for this comparison only):", *want,
                  flush=True)
            if os.getuid() != 0 or subprocess.run(
                    ["apt-get", "install", "-y", "-q",
                     "--no-install-recommends", *want],
                    stdout=subprocess.DEVNULL).returncode != 0:
                raise SystemExit("bench: installation failed. As root: "
                                 "apt-get install " + " ".join(want))
        self.data()
        self.process = m.start(
            ["gunicorn", "-w", "2", "-b", f"127.0.0.1:{self.port}",
             "--backlog", "4096", "--log-level", "error",
             "bench.wsgi:application"],
            self.log(), cwd=HERE + "/peers/django",
            env={"BENCH_DB": self.db, "PYTHONDONTWRITEBYTECODE": "1",
                 "DJANGO_SETTINGS_MODULE": "bench.settings"})
        m.wait_tcp(self.port)
        time.sleep(1)


class Fastify(Peer):
    """Fastify, better-sqlite3 and @fastify/jwt from the npm lock file."""

    def __init__(self, out, workers):
        super().__init__(f"fastify{workers}", out)
        self.workers = workers

    def start(self):
        folder = os.path.join(self.out, "fastify")
        source = HERE + "/peers/fastify/"
        os.makedirs(folder, exist_ok=True)
        done = os.path.join(folder, "installed")
        with open(source + "package-lock.json") as f:
            lock = f.read()
        if not os.path.exists(done) or open(done).read() != lock:
            print("bench: npm ci of the peer Fastify (for this comparison"
                  " only) ...", flush=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source + name, folder)
            with open(self.log(), "w") as f:
                if subprocess.run(
                        ["npm", "ci", "--no-audit", "--no-fund"], cwd=folder,
                        stdout=f, stderr=f).returncode != 0:
                    raise SystemExit(f"bench: npm ci failed, see {self.log()}")
            with open(done, "w") as f:
                f.write(lock)
        shutil.copy(source + "server.js", folder)
        self.data()
        self.process = m.start(
            ["node", "server.js", str(self.port)], self.log(), cwd=folder,
            env={"BENCH_DB": self.db, "WORKERS": str(self.workers),
                 "NODE_ENV": "production"})
        m.wait_tcp(self.port)


class Bare(Server):
    """One process with SQLite, one transaction for each save or unsave."""
    free_first, free_last = 4901, 5000

    def __init__(self, out, build, kept):
        super().__init__("bare", out)
        self.program = os.path.join(build, "t/bench/bare")
        self.db = os.path.join(out, "bare.db")
        copy_database(kept, self.db)

    def app(self):
        return []

    def run(self, seconds):
        def go():
            t = m.child_time()
            o = subprocess.run(
                [self.program, self.db, str(seconds), str(self.write_flyer()),
                 "2", "1000"], capture_output=True, text=True)
            return m.result(o.stdout + o.stderr), m.child_time() - t
        return m.measured(go, {})


def probe(url, path, token, seconds, every=0.1, limit=3.0):
    """Starts a new client every 100 ms. Returns (seconds, status) of each.
    Status 0 means lost.
    """
    import threading
    host, port = url[7:].split(":")
    text = (f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer "
            f"{token}\r\nConnection: close\r\n\r\n").encode()
    got, threads = [], []

    def one():
        began, status = time.time(), 0
        try:
            with socket.create_connection((host, int(port)), limit) as s:
                s.settimeout(limit)
                s.sendall(text)
                status = int(s.recv(4096)[9:12])
        except (OSError, ValueError):
            pass
        got.append((time.time() - began, status))

    end = time.time() + seconds
    while time.time() < end:
        threads.append(threading.Thread(target=one))
        threads[-1].start()
        time.sleep(every)
    for t in threads:
        t.join()
    return got
