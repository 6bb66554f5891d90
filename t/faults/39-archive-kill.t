#!/bin/sh
# All programs are killed at random moments under load. The archive alone must
# then be the database at one of its commits, and not an old one. In some rounds
# the archive has failed before, in others single programs were killed.
test_description='archive: killed programs'
. "$(dirname "$0")/../lib.sh"

archive=$PWD/archive
mkdir "$archive"
em_conf "archive.dir=$archive"
em_conf jobs.checkpoint_pages=20
em_conf limits.write_rate=1000000
em_conf limits.rows=1000000
em_allow '"event":"(archive|child)"'
em_allow 'worker process .* exited on signal'
# shellcheck source=t/lib-archive.sh
. "$EM_SRC/t/lib-archive.sh"

rounds=3 ones=2 slack=
if [ "${EARMARK_FAULT-}" = full ]; then
	# Three runs kill single programs 1,000 times. More rounds in one take
	# longer and longer, because a restore applies all logs since the base.
	# An interval of 1 s, and 1 s.
	rounds=51 ones=20 slack=2000
fi
SEED=${SEED:-$(date +%N | sed 's/^0*//')}
note "SEED=$SEED"

# Sets $number to a random number of 0 to $1 - 1.
random() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	number=$((SEED / 65536 % $1))
}

# Saves flyers one after the other. Writes the number and time of each that was
# acknowledged to the file acks. Repeats one that failed.
write_flyers() {
	n=$1
	while [ ! -e stop ] && [ -e acks ]; do
		if [ "$(curl -s -o /dev/null -w '%{http_code}' -m 5 \
		    -H "Authorization: Bearer $TOKEN_ana" \
		    -H 'Content-Type: application/json' \
		    -d "{\"title\":\"n$n\"}" "$URL/api/flyers/")" = 201 ]; then
			echo "$n $(now_ms)" >>acks
			n=$((n + 1))
		else
			sleep 0.1
		fi
	done
}

# Kills all processes, and succeeds if none was left. The workers of nginx have
# another command line than its master, and survive it. All of them are in its
# session.
none_left() {
	all=$(pgrep -f -- "$EM_STATE/") || return 0
	all="$all $(pgrep -s "$(cat "$EM_STATE/run/nginx.pid")")"
	# shellcheck disable=SC2046,SC2086
	kill -9 $all $(echo $all | tr ' ' ',' | xargs pgrep -P) 2>/dev/null
	return 1
}

# One that is just being started is killed the next time.
kill_all() {
	killed=$(now_ms)
	em_until none_left
}

# Kills a random program or one of its processes.
kill_one() {
	all=$(pgrep -f -- "$EM_STATE/")
	# shellcheck disable=SC2046,SC2086
	all=$(echo $all $(echo $all | tr ' ' ',' | xargs pgrep -P) |
	    tr ' ' '\n' | sort -u)
	random "$(echo "$all" | wc -l)" &&
	kill -9 "$(echo "$all" | sed -n "$((number + 1))p")" 2>/dev/null
	:
}

# The archive does not accept files. Sets $due, and waits until it is reported.
# Before, the last writes before the kill must be in the archive, because the
# programs have only just started.
fail_archive() {
	archived &&
	failures=$(metric earmark_archive_failures_total) &&
	due=$(now_ms) && mv "$archive" aside && : >"$archive" &&
	em_until "[ \"\$(metric earmark_archive_failures_total)\" -gt ${failures:-0} ]"
}

repair_archive() {
	[ ! -d aside ] || { rm "$archive" && mv aside "$archive"; }
}

# Kills single programs, or lets the archive fail, or does nothing. Sets $due to
# the time until which all writes must be in the archive, or to nothing.
disturb() {
	due='' &&
	case $((round % 3)) in
	0) fail_archive ;;
	1)
		for one in $(seq $ones); do
			kill_one
			random 10 && sleep "0.$number"
		done
		return
		;;
	esac
	random 2 && pause=$((1 + number)) && random 10 &&
	sleep "$pause.$number" && due=${due:-now}
}

# Prints the numbers of the flyers of a restored database.
numbers() {
	sqlite3 "$1/earmark.db" "SELECT DISTINCT CAST(substr(title, 2) AS INTEGER)
	    FROM flyer WHERE title GLOB 'n[0-9]*' ORDER BY 1"
}

test_expect_success 'after each kill, the archive is the database at a recent commit' '
	em_start && em_user ana && em_user marker && em_until "[ -f \"$archive/bases\" ]" &&
	next=1 && : >acks &&
	for round in $(seq $rounds); do
		rm -f stop && write_flyers $next & writer=$!
		disturb && kill_all && : >stop && wait $writer
		repair_archive && [ "$due" != now ] || due=$killed
		restore "round$round" --archive "$archive" >out &&
		numbers "round$round" >got &&
		seq "$(wc -l <got)" >want && test_cmp want got || return 1
		if [ -n "$slack" ] && [ -n "$due" ]; then
			want=$(awk -v until=$((due - slack)) "\$2 < until" acks | wc -l) &&
			[ "$(wc -l <got)" -ge "$want" ] ||
			    { note "round $round: $(wc -l <got) of $want"; return 1; }
		fi
		rm -rf "round$round" &&
		em_start &&
		next=$(($(em_sql "SELECT count(DISTINCT title) FROM flyer WHERE title GLOB '\''n[0-9]*'\''") + 1)) ||
		    return 1
	done
'

em_stop
test_done
