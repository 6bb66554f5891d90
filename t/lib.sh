# The library of the shell tests. A test looks like this:
#
#	#!/bin/sh
#	test_description='/api/flyers/{id}/favorite: favorite flyers'
#	. "$(dirname "$0")/../lib.sh"
#	em_start
#	test_expect_success 'saving a flyer returns 201' '
#		em_user ana &&
#		api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
#		expect 201
#	'
#	test_done
#
# It uses the package sharness. Each script has an installation of its own in a
# folder under /tmp: nginx on free ports, all pools and a database. Programs
# come from $EARMARK_BUILD (./build). Nothing is written to the source tree. A
# test fails if a sanitizer reports an error, or if a log contains BUG, a line
# of level error or an alert of nginx. em_allow excludes log lines.
#
# em_conf SECTION.KEY=VALUE	adds a line to earmark.conf, before em_start
# em_argon			uses the default cost of passwords, before em_start
# em_start [demo options]	starts the services. Repeated: in the same state folder.
#				If EM_DATA is set, with the demo data
# em_folder			creates a state folder with a key and earmark.conf
# em_bare			the same with a database
# em_stop			stops the services. Runs automatically at the end
# api METHOD PATH [-t TOKEN] [-H 'K: V']... [JSON | @FILE]
#				sends a request. Sets $status, and the file names
#				$body and $headers. JSON gets its Content-Type
# expect STATUS [CODE]		compares the response, and prints it if it differs
# json FILTER			runs jq -r on the body
# check_json FILTER [jq args]	succeeds if FILTER is true, else prints the body
# header NAME			prints a header of the response
# em_user NAME [ROLE...]	creates an active account (customer) and signs in.
#				Sets TOKEN_NAME, ID_NAME, UUID_NAME, REFRESH_NAME
# em_device NAME...		registers a push device for users
# em_login NAME			signs in again
# em_code RECIPIENT		prints the newest one-time code sent to RECIPIENT
# em_sql SQL			runs SQL. Writes take the writer lock
# em_cli ARGS...		runs earmark
# refuses STATUS TEXT COMMAND...	succeeds if COMMAND exits with STATUS and prints
#				one line, which contains TEXT, to standard error
# em_jobs [T]			runs all due jobs once, at the time T (RFC 3339)
# em_stop_jobs			ends the earmark-jobs of em_start. Scripts that move
#				times, or change rows that jobs look for, call it,
#				so that jobs run only by em_jobs
# em_reload_nginx		reloads the configuration of nginx, and waits until the
#				previous workers have ended
# em_workers POOL		prints the process ids of the workers
# em_ticks PID...		prints the CPU time of processes, in clock ticks
# em_until CONDITION		waits up to 30 s, and prints CONDITION on timeout
# em_images_removed		waits until the files of replaced and deleted images are
#				removed
# em_sanitized			succeeds if the programs have sanitizers, which
#				change memory use and replace malloc
# em_allow REGEX		excludes log lines that are expected
#
# $URL, $TLS_URL, $EM_STATE (the state folder), $EM_SRC and $EM_BUILD are set.
#
# api appends each response to $EM_BUILD/t/answers/SCRIPT.txt: a line "METHOD
# PATH STATUS LENGTH CONTENT-TYPE", the headers, LENGTH bytes of body and a
# newline. 99-openapi-responses.t compares these files with openapi.json when
# no SCRIPT.pid exists any more.
# shellcheck shell=sh disable=SC2034,SC2154

EM_SRC=${EARMARK_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
EM_BUILD=$(cd "${EARMARK_BUILD:-$EM_SRC/build}" && pwd) || exit 1
EM_EMPTY=$EM_BUILD/t/empty.db
EM_PASSWORD=correct-horse-9
EM_WEAK='auth.argon_mem_kib=64
auth.argon_time=1
'
# Fewer workers than the default of 4 start faster. t/faults has at least two
# workers in each pool for users, because it tests races.
EM_POOLS='pools.auth_workers=2
pools.payments_workers=2
'
case $0 in
*/faults/* | faults/*)
	EM_POOLS='pools.wallet_workers=2
'
	;;
esac
EM_CONF='' EM_TEMP='' EM_ALLOW='' EM_SEEN=0 EM_STATE='' URL='' TLS_URL=''
PATH=$EM_SRC/t/tools/bin:$PATH:/usr/sbin:/sbin
# Uses gojq, because jq 1.6 needs 20 ms to compile its own library at each
# start. gojq sorts members.
jq() { gojq "$@"; }
SHARNESS_TEST_DIRECTORY=$EM_BUILD/t/scratch
SHARNESS_BUILD_DIRECTORY=$EM_BUILD
export SHARNESS_TEST_DIRECTORY SHARNESS_BUILD_DIRECTORY PATH EM_BUILD
mkdir -p "$SHARNESS_TEST_DIRECTORY" "$EM_BUILD/t/answers" || exit 1
umask 022

# shellcheck disable=SC1091
. /usr/share/sharness/sharness.sh

EM_ANSWERS=$EM_BUILD/t/answers/$this_test.txt
: >"$EM_ANSWERS"
echo $$ >"${EM_ANSWERS%.txt}.pid"
body=$PWD/body headers=$PWD/headers status=

em_conf() {
	EM_CONF="$EM_CONF$1
"
}

em_argon() {
	EM_WEAK=''
}

# note TEXT...: prints a comment, also if the output of tests is hidden.
note() {
	printf '%s\n' "$*" | sed 's/^/# /' >&5
}

em_temp() {
	[ -n "$EM_TEMP" ] || EM_TEMP=$(mktemp -d "${TMPDIR:-/tmp}/em.XXXXXX") ||
	    exit 1
	EM_STATE=$EM_TEMP/s
	# Leaks cannot be detected in traced processes.
	ASAN_OPTIONS=log_path=$EM_TEMP/sanitizer:detect_leaks=${EM_LEAKS-1}
	UBSAN_OPTIONS=log_path=$EM_TEMP/sanitizer:print_stacktrace=1
	export ASAN_OPTIONS UBSAN_OPTIONS
}

# Hashes passwords at the lowest cost. Scripts that test hashing or its
# duration call em_argon.
em_write_conf() {
	printf 'server.base_url=http://127.0.0.1:1\n%s%s%s' "$EM_WEAK" \
	    "$EM_POOLS" "$EM_CONF" |
	    awk '
		{
			at = index($0, "=")
			name = last = substr($0, 1, at - 1)
			sub(/.*[.]/, "", last)
			part = substr(name, 1, length(name) - length(last) - 1)
			if (!((part, last) in value))
				keys[part] = keys[part] " " last
			value[part, last] = substr($0, at + 1)
		}
		END {
			for (section in keys) {
				print "[" section "]"
				n = split(keys[section], key, " ")
				for (i = 1; i <= n; i++)
					print key[i] " = " value[section, key[i]]
			}
		}' >"$EM_STATE/earmark.conf"
}

# Copies the empty database of the build. The currency of a database cannot
# change.
em_database() {
	case $EM_CONF in *server.currency=*) return ;; esac
	[ -e "$EM_STATE/earmark.db" ] || cp "$EM_EMPTY" "$EM_STATE/earmark.db"
}

# Creates the state folder with a key and the configuration.
em_folder() {
	em_temp
	mkdir -p "$EM_STATE/run" "$EM_STATE/log" "$EM_STATE/media"
	[ -s "$EM_STATE/key" ] ||
	    (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' \
	    >"$EM_STATE/key")
	em_write_conf
}

em_bare() {
	em_folder
	em_database
	em_cli migrate
}

em_start() {
	em_folder
	[ -n "${EM_DATA-}" ] || {
		em_database
		set -- --empty "$@"
	}
	"$EM_SRC/demo" --detach --build "$EM_BUILD" --port 0 \
	    --tls-port 0 --state "$EM_STATE" "$@" >"$EM_TEMP/demo.out" 2>&1 || {
		note "demo did not start:" "$(cat "$EM_TEMP/demo.out")"
		note "$(ls "$EM_STATE/run")"
		return 1
	}
	URL=$(sed -n 's/^url=//p' "$EM_STATE/run/demo.env")
	TLS_URL=$(sed -n 's/^tls_url=//p' "$EM_STATE/run/demo.env")
	[ -z "${EARMARK_WRAP-}" ] || em_warm
}

# Waits until all pools respond. Under a slow wrapper, the first response may
# take longer than the timeout of nginx.
em_warm() {
	for em_path in /auth/sessions /user/profile /listeners /api/flyers/ \
	    /customer/favorites /user/balance /payments/initiate \
	    /calls/history /admin/users; do
		em_tries=0
		until curl -s -o "$EM_TEMP/warm" --max-time 60 "$URL$em_path" &&
		    ! grep -q '"unavailable"' "$EM_TEMP/warm"; do
			em_tries=$((em_tries + 1))
			[ $em_tries -lt 20 ] || return 1
		done
	done
}

em_stop() {
	[ -n "$EM_STATE" ] && [ -d "$EM_STATE/run" ] || return 0
	"$EM_SRC/demo" --stop --state "$EM_STATE" >>"$EM_TEMP/demo.out" 2>&1
}

em_sanitized() {
	ldd "$EM_BUILD/earmark" | grep -q libasan
}

em_allow() {
	EM_ALLOW="$EM_ALLOW${EM_ALLOW:+|}$1"
}

# em_quiet: fails if a log has new lines that should not occur. Prints them. If a
# port is taken, demo starts nginx with another one.
em_quiet() {
	[ -n "$EM_TEMP" ] || return 0
	grep -aHE 'Sanitizer|runtime error:|BUG|^==[0-9]+==|"level":"error"|\[(alert|emerg|crit)\]' \
	    "$EM_TEMP"/*/log/* "$EM_TEMP"/sanitizer* >"$EM_TEMP/lines" \
	    2>/dev/null
	[ -s "$EM_TEMP/lines" ] || return 0
	grep -avE -e "${EM_ALLOW:-^$}" -e '\(98: Address already in use\)$' \
	    -e 'still could not bind\(\)$' "$EM_TEMP/lines" >"$EM_TEMP/bad"
	em_now=$(wc -l <"$EM_TEMP/bad")
	[ "$em_now" -gt "$EM_SEEN" ] || return 0
	note "$(tail -n "+$((EM_SEEN + 1))" "$EM_TEMP/bad" | head -n 20)"
	EM_SEEN=$em_now
	return 1
}

# Without --verbose, the output of a test is kept until the test succeeds.
EM_OUTPUT=$SHARNESS_TEST_DIRECTORY/$this_test.out
[ "$verbose" = t ] || exec 3>>"$EM_OUTPUT" 4>&3

# Replaces the function of sharness to check the logs after each test, and to
# print the end of the output of a test that fails.
em_eval() {
	eval </dev/null >&3 2>&4 "$*"
}
test_eval_() {
	# The cleanup of most tests is empty.
	[ "$1" != : ] || return 0
	[ "$verbose" = t ] || : >"$EM_OUTPUT"
	em_eval "$@"
	em_ret=$?
	em_quiet || em_ret=1
	[ "$em_ret" = 0 ] || [ "$verbose" = t ] ||
	    note "$(tail -c 2000 "$EM_OUTPUT")"
	return $em_ret
}

em_exit() {
	em_code=$?
	trap - EXIT
	rm -f "${EM_ANSWERS%.txt}.pid" "$EM_OUTPUT"
	for EM_STATE in ${EM_TEMP:+"$EM_TEMP"/*/}; do
		EM_STATE=${EM_STATE%/}
		em_stop
	done
	em_quiet || em_code=1
	# A failed test may leave processes. prove would wait for them.
	[ -z "$EM_TEMP" ] || pkill -f "$EM_TEMP/"
	[ -n "$EXIT_OK" ] || {
		echo "FATAL: Unexpected exit with code $em_code" >&5
		em_code=1
	}
	[ "$test_failure" = 0 ] || em_code=1
	if [ -n "$debug" ]; then
		note "kept: $EM_TEMP"
	else
		rm -rf "$EM_TEMP"
		cd / && rm -rf "$SHARNESS_TRASH_DIRECTORY"
	fi
	exit $em_code
}
trap em_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

api() {
	api_method=$1 api_path=$2
	shift 2
	api_n=$#
	api_typed=
	api_json=
	# Converts the options of api to those of curl, in the same order.
	while [ "$api_n" -gt 0 ]; do
		case $1 in
		-t)
			set -- "$@" -H "Authorization: Bearer $2"
			shift 2
			api_n=$((api_n - 2))
			;;
		-H)
			case $2 in [Cc]ontent-[Tt]ype:*) api_typed=1 ;; esac
			set -- "$@" -H "$2"
			shift 2
			api_n=$((api_n - 2))
			;;
		*)
			set -- "$@" --data-binary "$1"
			api_json=1
			shift
			api_n=$((api_n - 1))
			;;
		esac
	done
	[ -z "$api_json" ] || [ -n "$api_typed" ] ||
	    set -- "$@" -H 'Content-Type: application/json'
	case $api_method in
	HEAD) set -- "$@" --head ;;
	*) set -- "$@" -X "$api_method" ;;
	esac
	: >"$body"
	api_out=$(curl -sS -k -g --path-as-is --max-time 30 -H Expect: \
	    -o "$body" -D "$headers" \
	    -w '%{http_code} %{size_download} %{content_type}' "$@" \
	    "${api_base:-$URL}$api_path") || {
		status=000
		note "$api_method $api_path: curl failed ($?)"
		return 1
	}
	status=${api_out%% *}
	[ "$api_method" = HEAD ] || {
		printf '%s %s %s\n' "$api_method" "$api_path" "$api_out"
		cat "$headers" "$body"
		echo
	} >>"$EM_ANSWERS"
}

expect() {
	if [ "$status" != "$1" ]; then
		note "expected $1, got $status from $api_method $api_path:" \
		    "$(head -c 600 "$body")"
		return 1
	fi
	[ $# -lt 2 ] || [ "$(json .error)" = "$2" ] || {
		note "expected $1 $2 from $api_method $api_path:" \
		    "$(head -c 600 "$body")"
		return 1
	}
}

json() {
	jq -r "$@" <"$body"
}

check_json() {
	jq -e "$@" <"$body" >/dev/null || {
		note "$api_method $api_path: false: $1:" "$(head -c 600 "$body")"
		return 1
	}
}

header() {
	awk -v name="$1" '
		tolower(substr($0, 1, length(name) + 1)) == tolower(name) ":" {
			sub(/^[^:]*: */, "")
			sub(/\r$/, "")
			print
		}' "$headers"
}

em_cli() {
	"$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" "$@"
}

refuses() {
	em_want=$1 em_sentence=$2 em_got=0
	shift 2
	"$@" >refused.out 2>refused.err || em_got=$?
	[ "$em_got" = "$em_want" ] && [ ! -s refused.out ] &&
	grep -qe "$em_sentence" refused.err &&
	[ "$(wc -l <refused.err)" = 1 ] && return
	note "expected status $em_want and '$em_sentence', got $em_got:" \
	    "$(cat refused.out refused.err)"
	return 1
}

em_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" --once \
	    ${1:+--now="$1"}
}

em_stop_jobs() {
	em_pid=$(cat "$EM_STATE/run/jobs.pid") && kill "$em_pid" &&
	em_until "! kill -0 $em_pid 2>/dev/null" &&
	rm "$EM_STATE/run/jobs.pid"
}

em_user() {
	em_name=$1
	shift
	em_roles=''
	for em_role in "${@:-customer}"; do
		em_roles="$em_roles --role $em_role"
	done
	# shellcheck disable=SC2086
	printf '%s\n' "$EM_PASSWORD" | em_cli user add "$em_name" $em_roles \
	    --password-stdin >/dev/null && em_login "$em_name"
}

em_device() {
	for em_name; do
		eval "em_id=\$ID_$em_name" &&
		em_sql "INSERT INTO push_device(token, user_id, platform, kind,
		    created_at, used_at) VALUES ('device-of-$em_name', $em_id, 0, 0,
		    $(date +%s)000, $(date +%s)000)" || return
	done
}

em_login() {
	api POST /auth/login "{\"identifier\":\"$1\",\"password\":\"$EM_PASSWORD\"}" &&
	expect 200 && em_tokens "$1"
}

# em_tokens NAME: sets TOKEN_NAME, ID_NAME, UUID_NAME and REFRESH_NAME from the
# response to a sign-in.
em_tokens() {
	# shellcheck disable=SC2016
	em_values=$(json --arg name "$1" '"TOKEN_\($name)=\(.access_token)",
	    "ID_\($name)=\(.user.user_id)", "UUID_\($name)=\(.user.uuid)",
	    "REFRESH_\($name)=\(.refresh_token)"') && eval "$em_values"
}

em_code() {
	em_to=$1
	# shellcheck disable=SC2016
	em_until 'em_found=$(jq -r --arg to "$em_to" \
	    "select(.to == \$to and .code) | .code" \
	    "$EM_STATE/outbox.jsonl" | tail -n 1) && [ -n "$em_found" ]' &&
	printf '%s\n' "$em_found"
}

# The name of a program may contain spaces.
em_ticks() {
	for em_pid; do
		sed 's/.*) //' "/proc/$em_pid/stat" || return 1
	done | awk '{ n += $12 + $13 } END { print n }'
}

em_until() {
	em_left=3000 em_nap=02
	while ! eval "$1"; do
		[ $em_left -gt 0 ] || { note "timeout: $1"; return 1; }
		sleep 0.$em_nap
		em_left=$((em_left - ${em_nap#0}))
		case $em_nap in
		02) em_nap=04 ;;
		04) em_nap=08 ;;
		08) em_nap=10 ;;
		esac
	done
}

em_images_removed() {
	em_until "test -z \"\$(em_sql 'SELECT name FROM image_removal')\""
}

# Runs the sqlite3 shell without t/tools/bin/sqlite3, which would start a second
# shell for each statement.
em_sql() {
	em_load=".load $EM_BUILD/lib/db/tokenizer"
	case $1 in
	[Ss][Ee][Ll]* | [Pp][Rr][Aa]* | [Ww][Ii][Tt]* | [Ee][Xx][Pp]*)
		/usr/bin/sqlite3 -cmd "$em_load" -readonly \
		    -cmd '.timeout 5000' "$EM_STATE/earmark.db" "$1"
		;;
	*)
		flock -F "$EM_STATE/writer.lock" /usr/bin/sqlite3 \
		    -cmd "$em_load" -cmd '.timeout 5000' \
		    -cmd 'PRAGMA foreign_keys = ON' -cmd '.bail on' \
		    "$EM_STATE/earmark.db" "$1"
		;;
	esac
}

em_reload_nginx() {
	em_nginx=$(cat "$EM_STATE/run/nginx.pid") &&
	em_previous=$(cat "/proc/$em_nginx/task/$em_nginx/children") &&
	kill -HUP "$em_nginx" &&
	for em_pid in $em_previous; do
		em_until "! kill -0 $em_pid 2>/dev/null" || return 1
	done
}

# Prints the names of all pools, from their programs.
em_pools() {
	for program in "$EM_BUILD"/earmark-*; do
		case ${program##*/} in
		*-export | *-jobs | *-picture | *-realtime | *.*) ;;
		*) printf '%s\n' "${program##*/earmark-}" ;;
		esac
	done
}

em_workers() {
	em_parent=$(cat "$EM_STATE/run/$1.pid") &&
	cat "/proc/$em_parent/task/$em_parent/children"
}
