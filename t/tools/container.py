#!/usr/bin/python3
"""Checks Containerfile and compose.yaml.

usage: container.py SRC

They must agree with each other, with tools/setup.sh, with debian/control, with
system/earmark-container.in and with README.md. Prints each difference as a line.
The exit status is then 1.
"""

import os
import re
import sys

import yaml

# Packages of debian/control that a container does not need: the package creates
# its user and folders with systemd, and asks a question with debconf.
NOT_NEEDED = {"debconf", "systemd"}


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def instructions(text):
    """Returns the instructions as (word, arguments), without comments."""
    text = re.sub(r"^#.*\n", "", text, flags=re.M)
    text = re.sub(r"\\\n", " ", text)
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip())
            for line in text.splitlines() if line.strip()]


def stages(text):
    """Returns the instructions of each stage, beginning with FROM."""
    found = []
    for word, rest in instructions(text):
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def values(stage, word):
    return [rest for name, rest in stage if name == word]


def installed(stage):
    """Returns the arguments of install_quietly in the RUN of a stage."""
    names = []
    for run in values(stage, "RUN"):
        for args in re.findall(r"install_quietly ([^;]*)", run):
            names += re.findall(r"\$\([^)]*\)|\S+", args)
        if "apt-get install" in run:
            names.append("apt-get install")
    return names


def depends(src):
    """Returns the first alternative of each dependency in debian/control."""
    page = re.search(r"^Depends:(.*?)^\S", read(f"{src}/debian/control"),
                     re.M | re.S)[1]
    names = {re.split(r"[ |]", item.strip())[0] for item in page.split(",")}
    return {name for name in names if name and "$" not in name} - NOT_NEEDED


def run_packages(src):
    text = read(f"{src}/tools/setup.sh")
    return set(re.search(r'^RUN_PACKAGES="(.*?)"', text, re.M | re.S)[1].split())


def check_image(src, parts):
    if len(parts) != 2:
        yield f"Containerfile: {len(parts)} stages, not 2"
        return
    build, final = parts
    if installed(build) != ["$BUILD_PACKAGES"]:
        yield "Containerfile: the build does not install $BUILD_PACKAGES only"
    names = installed(final)
    for name in ("$RUN_PACKAGES", "$(cat /tmp/libraries)"):
        if name not in names:
            yield f"Containerfile: {name} is not installed"
    direct = {name for name in names if "$" not in name}
    have = direct | run_packages(src)
    for name in sorted(depends(src) - have):
        yield f"Containerfile: no package {name} of debian/control"
    for name in sorted(direct - depends(src)):
        yield f"Containerfile: {name} is not in debian/control"
    user = values(final, "USER")[-1:]
    if not user or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user[0]):
        yield "Containerfile: no USER with the number of a user other than root"
    if len(values(final, "VOLUME")) != 1:
        yield "Containerfile: not one VOLUME"
    if "/health/live" not in "".join(values(final, "HEALTHCHECK")):
        yield "Containerfile: no HEALTHCHECK of /health/live"
    for rest in values(build, "COPY") + values(final, "COPY"):
        if "--from" not in rest and \
                not os.path.exists(f"{src}/{rest.split()[0]}"):
            yield f"Containerfile: COPY of {rest.split()[0]}"
    program = re.findall(r"[\w-]+", "".join(values(final, "ENTRYPOINT")))
    if not program or not os.path.exists(f"{src}/system/{program[-1]}.in"):
        yield "Containerfile: no ENTRYPOINT of system/"


def check_compose(src, final):
    doc = yaml.safe_load(read(f"{src}/compose.yaml"))
    service = doc["services"]["earmark"]
    if service["build"]["dockerfile"] != "Containerfile":
        yield "compose.yaml: another file than Containerfile"
    if service.get("read_only") is not True:
        yield "compose.yaml: the root file system is writable"
    folders = {item.split(":")[0] for item in service["tmpfs"]}
    if folders != {"/tmp", "/run"}:
        yield f"compose.yaml: tmpfs {' '.join(sorted(folders))}"
    mounts = [item.split(":") for item in service["volumes"]]
    if [part[1] for part in mounts] != values(final, "VOLUME"):
        yield "compose.yaml: not the volume of Containerfile"
    for part in mounts:
        if part[0] not in doc["volumes"]:
            yield f"compose.yaml: no volume {part[0]}"
    ports = "".join(values(final, "EXPOSE")).split()
    for port in service["ports"]:
        if port.split(":")[-1] not in ports:
            yield f"compose.yaml: port {port} is not exposed"
        if not port.startswith("127.0.0.1:"):
            yield f"compose.yaml: port {port} is open to the network"
    variables = set(re.findall(r"\$\{(EARMARK_\w+)",
                               read(f"{src}/system/earmark-container.in")))
    named = set(re.findall(r"EARMARK_\w+", read(f"{src}/compose.yaml")))
    for name in sorted(variables ^ named):
        yield f"compose.yaml: {name} is only in one of it and earmark-container"
    for name in sorted(variables):
        if f"`{name}`" not in read(f"{src}/README.md"):
            yield f"README.md: no variable {name}"


def check_ignored(src):
    lines = set(read(f"{src}/.dockerignore").splitlines())
    for name in (".git", "build", "var"):
        if name not in lines:
            yield f".dockerignore: {name} is sent to the build"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    src = sys.argv[1]
    parts = stages(read(f"{src}/Containerfile"))
    bad = list(check_image(src, parts)) + \
        list(check_compose(src, parts[-1])) + list(check_ignored(src))
    for line in bad:
        print(line)
    return 1 if bad else 0


sys.exit(main())
