# Functions of tests of the continuous archive, in the folder $archive.
# shellcheck shell=sh disable=SC2154

now_ms() {
	date +%s%3N
}

# adjust [REASON]: commits one transfer to ana.
adjust() {
	em_cli ledger adjust ana 1 --reason "${1-row}" >/dev/null
}

# Prints the number of transfers of the database.
count() {
	em_sql "SELECT count(*) FROM transfer"
}

# Sets $salt and $frames: the salt of the log, as in its file, and the number of
# committed frames. They are in the index of the log:
# https://sqlite.org/walformat.html.
log_end() {
	# shellcheck disable=SC2046
	set -- $(od -An -v -tx1 -w24 -j16 -N24 "$EM_STATE/earmark.db-shm") &&
	frames=$((0x$4$3$2$1)) && shift 16 && salt=$(printf %s "$@")
}

# Succeeds if a segment that was stored after the file log.end was written
# contains the frame before $frames of the log with $salt.
has_end() {
	find "$archive" -name '0*-*' ! -name '*.part' -newer log.end -exec \
	    grep -alx "salt $salt" {} + >log.segments || return
	while read -r segment; do
		end=$(grep -a -m1 '^end ' "$segment") &&
		    [ "${end#end }" -ge "$frames" ] && return
	done <log.segments
	return 1
}

# Waits until all transactions so far are in the archive. The log restarts only
# after all of it was copied, so there is a segment with its last frame.
archived() {
	: >log.end
	frames=0
	while [ $frames = 0 ]; do
		em_cli ledger adjust marker 1 --reason marker >/dev/null &&
		    log_end || return
	done
	em_until has_end
}

# restore NAME OPTION...: restores the archive into the new folder NAME.
restore() {
	rm -rf "$1" && mkdir -p "$1/run" "$1/media" "$1/log" &&
	sed "/^dir = /d; /^command = /d" "$EM_STATE/earmark.conf" >"$1/earmark.conf" &&
	cp "$EM_STATE/key" "$1/key" && chmod 600 "$1/key" &&
	to=$1 && shift &&
	"$EM_BUILD/earmark" -c "$to/earmark.conf" restore "$@"
}

# Prints all entries of the ledger of a database.
money() {
	sqlite3 -readonly "file:$1/earmark.db?immutable=1" \
	    "SELECT transfer_id, n, account_id, amount FROM entry" 2>&1
}

# Prints the number of transfers of a restored database.
transfers() {
	sqlite3 -readonly "file:$1/earmark.db?immutable=1" \
	    "SELECT count(*) FROM transfer"
}

# Prints the value of a metric without labels, or nothing.
metric() {
	curl -s "$URL/metrics" | sed -n "s/^$1 //p"
}
