# Functions that create databases of earlier versions. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

levels=$(find "$EM_SRC/sql/migrations" -name '*.sql' | wc -l)

# level_of FILE: prints the schema version of a database.
level_of() {
	sqlite3 -readonly "$1" 'PRAGMA user_version'
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
			    "$(sha256sum <"$file" | cut -d ' ' -f 1)"
		done
		printf 'PRAGMA user_version = %s;\nCOMMIT;\n' "$level"
	} | (umask 077 && sqlite3 -bail -cmd '.timeout 5000' "$2" >/dev/null)
}
