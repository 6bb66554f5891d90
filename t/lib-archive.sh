# Functions of tests of the continuous archive, in the folder $archive.
# shellcheck shell=sh disable=SC2154

now_ms() {
	date +%s%3N
}

# Prints a header line of the newest segment in the archive.
newest() {
	find "$archive" -name '0*-*' ! -name '*.part' -printf '%T@ %p\n' |
	    sort -n | tail -n 1 | cut -d' ' -f2- | tr '\n' '\0' |
	    xargs -0 -r grep -a -m1 "^$1 " | cut -d' ' -f2
}

# Waits until all transactions so far are in the archive.
archived() {
	since=$(now_ms)
	em_cli ledger adjust marker 1 --reason marker >/dev/null &&
	em_until "[ \"0\$(newest time)\" -ge $since ]"
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
