#!/bin/sh
# All programs are killed at random moments under load. The archive alone must
# then be the database at one of its commits, and not an old one.
test_description='archive: killed programs'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_conf limits.write_rate=1000000
em_allow '"event":"(archive|child)"'
em_allow 'worker process .* exited on signal'
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

rounds=2 slack=
if [ "${EARMARK_FAULT-}" = full ]; then
	rounds=100 slack=3000
fi
SEED=${SEED:-$(date +%N | sed 's/^0*//')}
note "SEED=$SEED"

# Prints a random number of 0 to $1 - 1.
random() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	echo $((SEED / 65536 % $1))
}

# Saves flyers one after the other. Writes the number and time of each that was
# acknowledged to the file acks.
write_flyers() {
	n=$1
	while [ ! -e stop ]; do
		[ "$(curl -s -o /dev/null -w '%{http_code}' -m 5 \
		    -H "Authorization: Bearer $TOKEN_ana" \
		    -H 'Content-Type: application/json' \
		    -d "{\"title\":\"n$n\"}" "$URL/api/flyers/")" = 201 ] ||
		    break
		echo "$n $(now_ms)" >>acks
		n=$((n + 1))
	done
}

# The workers of nginx have another command line than its master, and would
# survive it.
kill_all() {
	all=$(pgrep -f -- "$EM_STATE/")
	# shellcheck disable=SC2046,SC2086
	kill -9 $all $(echo $all | tr ' ' ',' | xargs pgrep -P) 2>/dev/null
	killed=$(now_ms)
	em_until "! pgrep -f -- \"$EM_STATE/\" >/dev/null"
}

# Prints the numbers of the flyers of a restored database.
numbers() {
	sqlite3 "$1/earmark.db" "SELECT CAST(substr(title, 2) AS INTEGER)
	    FROM flyer WHERE title GLOB 'n[0-9]*' ORDER BY 1"
}

test_expect_success 'after each kill, the archive is the database at a recent commit' '
	em_start && em_user ana && em_until "[ -f \"$archive/bases\" ]" &&
	next=1 && : >acks &&
	for round in $(seq $rounds); do
		rm -f stop && write_flyers $next & writer=$!
		sleep "$((1 + $(random 2))).$(random 10)" &&
		kill_all && : >stop && wait $writer
		restore "round$round" --archive "$archive" >out &&
		numbers "round$round" >got &&
		seq "$(wc -l <got)" >want && test_cmp want got || return 1
		if [ -n "$slack" ]; then
			due=$(awk -v until=$((killed - slack)) "\$2 < until" acks | wc -l) &&
			[ "$(wc -l <got)" -ge "$due" ] ||
			    { note "round $round: $(wc -l <got) of $due"; return 1; }
		fi
		rm -rf "round$round" &&
		em_start &&
		next=$(($(em_sql "SELECT count(*) FROM flyer WHERE title GLOB '\''n[0-9]*'\''") + 1)) ||
		    return 1
	done
'

em_stop
test_done
