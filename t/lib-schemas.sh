# Functions that create databases of earlier versions. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

levels=$(find "$EM_SRC/sql/migrations" -name '*.sql' | wc -l)

# level_of FILE: prints the schema version of a database.
level_of() {
	sqlite3 -readonly "$1" 'PRAGMA user_version'
}

# migration_hash FILE: prints the hash that is stored for an applied migration:
# that of earlier programs, or of the statements without comments.
migration_hash() {
	sed -n '1s/^-- released: //p' "$1" | grep . ||
	    /usr/bin/python3 -c '
import hashlib, re, sys
text = ""
for part in re.findall(r"\x27[^\x27]*\x27|--[^\n]*|\s+|.",
                       open(sys.argv[1]).read()):
    if part.startswith("--"):
        part = " "
    if part.isspace():
        text += " " if text and text[-1] != " " else ""
    else:
        text += part
print(hashlib.sha256(text.encode()).hexdigest())' "$1"
}

# make_level N FILE: creates a database with the first N migrations, in WAL
# mode.
make_level() {
	rm -f "$2" "$2-wal" "$2-shm"
	{
		printf 'PRAGMA journal_mode = WAL;\nBEGIN;\n'
		printf 'CREATE TABLE migration (level INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL) STRICT;\n'
		level=0
		for file in $(find "$EM_SRC/sql/migrations" -name '*.sql' |
		    sort | head -n "$1"); do
			level=$((level + 1))
			name=${file##*/}
			cat "$file"
			printf "INSERT INTO migration VALUES (%s, '%s', '%s', 1);\n" \
			    "$level" "${name%.sql}" \
			    "$(migration_hash "$file")"
		done
		printf 'PRAGMA user_version = %s;\nCOMMIT;\n' "$level"
	} | (umask 077 && sqlite3 -bail -cmd '.timeout 5000' "$2" >/dev/null)
}
