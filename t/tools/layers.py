#!/usr/bin/python3
"""Checks that each layer uses only what it may use.

usage: layers.py includes SRC | symbols BUILD | text SRC

 includes  headers that each file includes, by its folder
 symbols   symbols that the archive of each layer needs from others
 text      sizes of files, leftovers, comments

Prints each error as a line. The exit status is then 1.
"""

import collections
import glob
import re
import subprocess
import sys
from fnmatch import fnmatch

# The layers that each layer may use, including itself.
USES = {
    "base": {"base"},
    "db": {"base", "db"},
    "json": {"base", "json"},
    "crypto": {"base", "crypto"},
    "archive": {"base", "crypto", "archive"},
    "net": {"base", "crypto", "net"},
    "providers": {"base", "json", "crypto", "net", "providers"},
    "domain": {"base", "db", "json", "domain"},
    "fcgi": {"base", "db", "json", "crypto", "net", "providers", "domain",
             "fcgi"},
    "cmd": {"archive", "base", "db", "json", "crypto", "net", "providers", "domain",
            "cmd"},
}
FOLDERS = {"lib/base": "base", "lib/db": "db", "lib/json": "json",
           "lib/crypto": "crypto", "lib/archive": "archive", "lib/net": "net",
           "lib/providers": "providers", "lib/domain": "domain",
           "fcgi": "fcgi", "cmd": "cmd"}
ARCHIVES = {"lib/libbase.a": "base", "lib/libdb.a": "db",
            "lib/libjson.a": "json", "lib/libcrypto.a": "crypto",
            "lib/libarchive.a": "archive", "lib/libnet.a": "net", "lib/libproviders.a": "providers",
            "lib/libdomain.a": "domain", "fcgi/libcore.a": "fcgi"}
# The subjects of lib/domain. Each may use itself and earlier ones.
SUBJECTS = ("common", "messaging", "listeners", "catalog", "favorites", "money",
            "calls", "accounts", "support", "ops")
# lib/domain builds JSON for events and messages but reads none.
DOMAIN_JSON = r"(json/)?json_(write|build)"
# Private headers of a layer.
PRIVATE = {"db/internal.h": "lib/db/*", "db/stmt.h": "lib/db/*",
           "json/json_text.h": "lib/json/*", "crypto/common_passwords.h": "lib/crypto/*",
           "providers/provider_internal.h": "lib/providers/*", "net/http_handle.h": "lib/net/*",
           "providers/message_internal.h": "lib/providers/*"}

# A library: its headers, its symbols, and the files that may use it.
LIBRARIES = {
    "SQLite": (r"sqlite3\.h", r"sqlite3_", ["lib/db/*"]),
    "json-c": (r"json-c/", r"json_(object|tokener|c_|util)", ["lib/json/*"]),
    "FCGX": (r"(fcgiapp|fcgi_stdio|fcgios)\.h", r"FCGX_|OS_",
             ["fcgi/core/conn.c"]),
    "OpenSSL": (r"openssl/",
                r"(EVP|HMAC|SHA\d*|OPENSSL|CRYPTO|RAND|BIO|PEM|EC|ECDSA|X509|"
                r"ERR|BN|ASN1)_", ["lib/base/hash.c", "lib/base/seal.c", "lib/crypto/*", "lib/net/mime.c",
                "lib/providers/*"]),
    "libjwt": (r"jwt\.h", r"jwt_(new|free|decode|encode|add|get|set|del)",
               ["lib/crypto/jwt.c"]),
    "libsodium": (r"sodium\.h", r"(crypto|sodium)_",
                  ["lib/crypto/*", "lib/archive/*"]),
    "liboath": (r"liboath/", r"oath_", ["lib/crypto/totp.c"]),
    "libqrencode": (r"qrencode\.h", r"QRcode_", ["lib/crypto/qr_code.c"]),
    "libzstd": (r"zstd\.h", r"ZSTD_", ["lib/archive/archive_file.c"]),
    "libcurl": (r"curl/", r"curl_", ["lib/net/http*"]),
    "zlib": (r"zlib\.h", r"(deflate|inflate|crc32|compress)",
             ["lib/providers/*"]),
    "libwebsockets": (r"libwebsockets\.h", r"lws_",
                      ["cmd/realtime/earmark-realtime.c", "cmd/realtime/*"]),
    "libev": (r"ev\.h", r"ev_", ["cmd/realtime/earmark-realtime.c",
                                 "cmd/realtime/realtime_connection.*"]),
    "libjpeg": (r"(jpeglib|jerror)\.h", r"jpeg_", ["cmd/picture/*"]),
    "libpng": (r"png\.h", r"png_", ["cmd/picture/*"]),
    "libwebp": (r"webp/", r"(WebP|VP8)", ["cmd/picture/*"]),
    "Little CMS": (r"lcms2\.h", r"cms[A-Z]", ["cmd/picture/*"]),
    "libseccomp": (r"seccomp\.h", r"seccomp_", ["cmd/picture/sandbox.c"]),
    "libidn2": (r"idn2\.h", r"idn2_", ["lib/base/idna.c"]),
    "libinih": (r"ini\.h", r"ini_parse", ["lib/base/conf.c"]),
}
# Headers of the C library and the kernel.
LIBC = set("""
assert ctype dirent endian errno fcntl getopt grp inttypes limits link math poll pthread
pwd regex sched setjmp signal spawn stdarg stdatomic stdbool stddef stdint stdio stdlib string
strings syslog time unistd arpa/inet netdb netinet/in netinet/tcp sys/epoll sys/file
sys/ioctl sys/mman sys/pidfd sys/prctl sys/random sys/resource sys/signalfd
sys/socket sys/stat sys/statfs sys/statvfs sys/syscall sys/time sys/timerfd
sys/timex sys/types sys/uio sys/un sys/utsname sys/vfs sys/wait linux/magic search
""".split())


def files(src, *patterns):
    for folder in FOLDERS:
        for pattern in patterns:
            for name in sorted(glob.glob(f"{src}/{folder}/**/{pattern}",
                                         recursive=True)):
                yield name, name[len(src) + 1:], FOLDERS[folder]


def may(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def subject(path):
    """Returns the position of a lib/domain file in the order, or -1."""
    found = re.match(r"(?:lib/)?domain/(\w+)/", path)
    return SUBJECTS.index(found[1]) if found and found[1] in SUBJECTS else -1


def check_subject(name, header):
    mine, theirs = subject(name), subject(header)
    if name.startswith("lib/domain/") and mine < 0:
        return "is in no subject that is known here"
    if mine >= 0 and theirs > mine:
        return f"{SUBJECTS[mine]} includes \"{header}\" of {SUBJECTS[theirs]}"
    return None


def check_include(name, layer, kind, header):
    if kind == '"':
        top = header.split("/")[0]
        if header == "commit.h":
            return None
        if "/" not in header or top not in USES:
            return f"includes \"{header}\": of which layer?"
        if top not in USES[layer]:
            return f"{layer} includes \"{header}\""
        if (layer, top) == ("domain", "json") and \
                not re.match(DOMAIN_JSON, header):
            return f"{layer} includes \"{header}\", which reads JSON"
        if header in PRIVATE and not fnmatch(name, PRIVATE[header]):
            return f"includes \"{header}\", which is private"
        return check_subject(name, header)
    for library, (headers, _, users) in LIBRARIES.items():
        if re.match(headers, header):
            return None if may(name, users) else \
                f"includes <{header}>: {library} is not for this file"
    return None if header.removesuffix(".h") in LIBC else \
        f"includes <{header}>: of no library that is known here"


def check_includes(src):
    for path, name, layer in files(src, "*.c", "*.h"):
        for line in open(path, encoding="utf-8"):
            found = re.match(r'\s*#\s*include\s*(["<])([^">]+)', line)
            wrong = found and check_include(name, layer, *found.groups())
            if wrong:
                yield f"{name}: {wrong}"


def symbols(archive):
    """Returns (object file, symbol, whether it is defined) of an archive."""
    out = subprocess.run(["nm", "-A", "-P", archive], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        where, name, kind = line.split()[:3]
        obj = re.search(r"\[(.*)\]:$", where).group(1)
        if kind in "Uwv" or kind.isupper():
            yield obj, name, kind not in "Uwv"


def check_symbols(build):
    defined = {}
    wanted = collections.defaultdict(set)
    for archive, layer in ARCHIVES.items():
        for obj, name, here in symbols(f"{build}/{archive}"):
            if here:
                defined[name] = layer
            else:
                wanted[layer, obj].add(name)
    for (layer, obj), names in sorted(wanted.items()):
        folder = "fcgi/core" if layer == "fcgi" else f"lib/{layer}"
        source = f"{folder}/{obj.removesuffix('.o')}.c"
        for name in sorted(names):
            if name in defined:
                if defined[name] not in USES[layer] or \
                        (layer, defined[name]) == ("domain", "json") and \
                        not re.match(DOMAIN_JSON, name):
                    yield f"{source}: {layer} calls {name} of {defined[name]}"
                continue
            for library, (_, pattern, users) in LIBRARIES.items():
                if re.match(pattern, name) and not may(source, users):
                    yield f"{source}: calls {name} of {library}"
    if not defined:
        yield "no symbols at all"


def check_text(src):
    for path, name, layer in files(src, "*.c", "*.h"):
        text = open(path, encoding="utf-8").read()
        lines = text.splitlines()
        # Tables of data may be longer.
        if len(lines) > 600 and not re.search(r"_table\.c$|language", name):
            yield f"{name}: {len(lines)} lines; split it by noun"
        if re.search(r"\b(TODO|FIXME|XXX)\b", text):
            yield f"{name}: something is left to do"
        if re.search(r"^\s*//", text, re.M):
            yield f"{name}: a line comment"
        if layer == "domain" and re.search(r'[{,]\\"\w+\\":', text):
            yield f"{name}: JSON without json_build.h"
        if name.endswith(".h") and not re.match(r"\s*/\*", text):
            yield f"{name}: does not say what it is for"
        for n, line in enumerate(lines, 1):
            if line != line.rstrip():
                yield f"{name}:{n}: white space at the end"
            if len(line.expandtabs(8)) > 104:
                yield f"{name}:{n}: {len(line.expandtabs(8))} columns"


def main():
    what = {"includes": check_includes, "symbols": check_symbols,
            "text": check_text}
    if len(sys.argv) != 3 or sys.argv[1] not in what:
        sys.exit(__doc__)
    bad = list(what[sys.argv[1]](sys.argv[2].rstrip("/")))
    for line in bad:
        print(line)
    return 1 if bad else 0


sys.exit(main())
