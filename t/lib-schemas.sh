# Functions that create databases of earlier versions. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

levels=$(find "$EM_SRC/sql/migrations" -name '*.sql' | wc -l)

# level_of FILE: prints the schema version of a database.
level_of() {
	sqlite3 -readonly "$1" 'PRAGMA user_version'
}

# migration_hashes: prints the name of each migration, and the hash that is
# stored for it when it is applied: that of earlier programs, or of the
# statements without comments.
migration_hashes() {
	/usr/bin/python3 - "$EM_SRC"/sql/migrations/*.sql <<'END'
import hashlib, os, re, sys
for path in sys.argv[1:]:
    source, text = open(path).read(), ""
    released = re.match("-- released: (.+)", source)
    for part in re.findall(r"'[^']*'|--[^\n]*|\s+|.", source):
        if part.startswith("--"):
            part = " "
        if part.isspace():
            text += " " if text and text[-1] != " " else ""
        else:
            text += part
    print(os.path.basename(path)[:-4],
          released[1] if released else hashlib.sha256(text.encode()).hexdigest())
END
}

# make_level N FILE: creates a database with the first N migrations, in WAL
# mode.
make_level() {
	rm -f "$2" "$2-wal" "$2-shm"
	[ -s hashes ] || migration_hashes >hashes
	{
		printf 'PRAGMA journal_mode = WAL;\nBEGIN;\n'
		printf 'CREATE TABLE migration (level INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL) STRICT;\n'
		level=0
		head -n "$1" hashes | while read -r name hash; do
			level=$((level + 1))
			cat "$EM_SRC/sql/migrations/$name.sql"
			printf "INSERT INTO migration VALUES (%s, '%s', '%s', 1);\n" \
			    "$level" "$name" "$hash"
		done
		printf 'PRAGMA user_version = %s;\nCOMMIT;\n' "$1"
	} | (umask 077 && sqlite3 -bail -cmd '.timeout 5000' "$2" >/dev/null)
}
