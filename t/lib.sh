# What a shell test of Earmark begins with:
#
#	#!/bin/sh
#	test_description='flyers: saving'
#	. "$(dirname "$0")/../lib.sh"
#	em_start
#	test_expect_success 'somebody saves a flyer' '
#		em_user ana &&
#		api POST /api/flyers/1/favorite/ -t "$TOKEN_ana" &&
#		expect 201
#	'
#	test_done
#
# It is Debian's sharness, with a whole installation per script: nginx on free
# ports, all pools, a database of its own, in a folder under /tmp. Programs come
# from $EARMARK_BUILD (./build). Nothing is written to the source tree. Any
# report of a sanitizer, any BUG, line of level error or alert of nginx fails
# the assertion under which it came (em_allow says which may come).
#
# em_conf SECTION.KEY=VALUE	before em_start: a line of earmark.conf
# em_argon			before em_start: passwords as the default has it
# em_start [demo's options]	start; again: with the same state folder
# em_bare			a state folder with its database; nothing runs
# em_stop			stop; happens by itself at the end
# api METHOD PATH [-t TOKEN] [-H 'K: V']... [JSON | @FILE]
#				one request; sets $status, and the names of files
#				$body and $headers. JSON gets its Content-Type
# expect STATUS [CODE]		what api got; says so when it is not that
# json FILTER			jq -r over the body
# check_json FILTER [jq's args]	is it true of the body? says so when not
# header NAME			a header's value
# em_user NAME [ROLE...]	an active account (customer); signs in and sets
#				TOKEN_NAME, ID_NAME, UUID_NAME
# em_login NAME			signs in again
# em_code RECIPIENT		the last one-time code sent there
# em_sql SQL			reads; SQL that writes takes the writer lock
# em_cli ARGS...		the operator's program
# refuses STATUS TEXT COMMAND...	it ends so, with one sentence and no result
# em_jobs [T]			one pass of the jobs, as if it were T (RFC 3339)
# em_workers POOL		ids of its worker processes
# em_until CONDITION		wait for it, for 30 s; says what it never was
# em_sanitized			were the programs built with the sanitizers, whose
#				memory is no measure and malloc their own?
# em_allow REGEX		log lines that are expected
#
# $URL and $TLS_URL, $EM_STATE (folder), $EM_SRC, $EM_BUILD are set. Every answer
# that api saw is kept in $EM_BUILD/t/answers/<script>.txt, each as a line
# "METHOD PATH STATUS LENGTH CONTENT-TYPE", its headers, that many bytes of
# body and a newline, for the comparison with openapi.json: 99-openapi-responses.t,
# which waits until no <script>.pid is there.
# shellcheck shell=sh disable=SC2034,SC2154

EM_SRC=${EARMARK_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
EM_BUILD=$(cd "${EARMARK_BUILD:-$EM_SRC/build}" && pwd) || exit 1
EM_PASSWORD=correct-horse-9
EM_WEAK='auth.argon_mem_kib=64
auth.argon_time=1
'
EM_CONF='' EM_TEMP='' EM_ALLOW='' EM_SEEN=0 EM_STATE='' URL='' TLS_URL=''
PATH=$PATH:/usr/sbin:/sbin
# jq 1.6 compiles its own library for 20 ms at each start. This one sorts members.
jq() { gojq "$@"; }
SHARNESS_TEST_DIRECTORY=$EM_BUILD/t/scratch
SHARNESS_BUILD_DIRECTORY=$EM_BUILD
export SHARNESS_TEST_DIRECTORY SHARNESS_BUILD_DIRECTORY PATH
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

# A line for people, also when output is not shown.
note() {
	printf '%s\n' "$*" | sed 's/^/# /' >&5
}

em_temp() {
	[ -n "$EM_TEMP" ] || EM_TEMP=$(mktemp -d "${TMPDIR:-/tmp}/em.XXXXXX") ||
	    exit 1
	EM_STATE=$EM_TEMP/s
	# Who is traced can not be looked at for leaks.
	ASAN_OPTIONS=log_path=$EM_TEMP/sanitizer:detect_leaks=${EM_LEAKS-1}
	UBSAN_OPTIONS=log_path=$EM_TEMP/sanitizer:print_stacktrace=1
	export ASAN_OPTIONS UBSAN_OPTIONS
}

# Passwords are hashed as weakly as may be: a script that looks at how they are,
# and at what that costs, says so by em_argon.
em_write_conf() {
	printf 'server.base_url=http://127.0.0.1:1\n%s%s' "$EM_WEAK" "$EM_CONF" |
	    awk -F '[.=]' '
		{
			if (!(($1, $2) in value))
				keys[$1] = keys[$1] " " $2
			value[$1, $2] = substr($0, index($0, "=") + 1)
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

em_bare() {
	em_temp
	mkdir -p "$EM_STATE/run" "$EM_STATE/log" "$EM_STATE/media"
	(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' \
	    >"$EM_STATE/key")
	em_write_conf
	em_cli migrate
}

em_start() {
	em_temp
	mkdir -p "$EM_STATE"
	em_write_conf
	"$EM_SRC/demo" --detach --empty --build "$EM_BUILD" --port 0 \
	    --tls-port 0 --state "$EM_STATE" "$@" >"$EM_TEMP/demo.out" 2>&1 || {
		note "demo did not start:" "$(cat "$EM_TEMP/demo.out")"
		return 1
	}
	URL=$(sed -n 's/^url=//p' "$EM_STATE/run/demo.env")
	TLS_URL=$(sed -n 's/^tls_url=//p' "$EM_STATE/run/demo.env")
	[ -z "${EARMARK_WRAP-}" ] || em_warm
}

# Under a slow wrapper a pool's first answer may take longer than nginx waits.
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

# What should not be in any log; new since the last look: false.
em_quiet() {
	[ -n "$EM_TEMP" ] || return 0
	grep -aHE 'Sanitizer|runtime error:|BUG|^==[0-9]+==|"level":"error"|\[(alert|emerg|crit)\]' \
	    "$EM_TEMP"/*/log/* "$EM_TEMP"/sanitizer* 2>/dev/null |
	    grep -avE "${EM_ALLOW:-^$}" >"$EM_TEMP/bad"
	em_now=$(wc -l <"$EM_TEMP/bad")
	[ "$em_now" -gt "$EM_SEEN" ] || return 0
	note "$(tail -n "+$((EM_SEEN + 1))" "$EM_TEMP/bad" | head -n 20)"
	EM_SEEN=$em_now
	return 1
}

# sharness's own, with a look at the logs after it.
em_eval() {
	eval </dev/null >&3 2>&4 "$*"
}
test_eval_() {
	em_eval "$@"
	em_ret=$?
	em_quiet && return $em_ret
	return 1
}

em_exit() {
	em_code=$?
	trap - EXIT
	rm -f "${EM_ANSWERS%.txt}.pid"
	for EM_STATE in ${EM_TEMP:+"$EM_TEMP"/*/}; do
		EM_STATE=${EM_STATE%/}
		em_stop
	done
	em_quiet || em_code=1
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
	# What is ours is turned into what curl takes, in the same order.
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
		note "wanted $1, got $status from $api_method $api_path:" \
		    "$(head -c 600 "$body")"
		return 1
	fi
	[ $# -lt 2 ] || [ "$(json .error)" = "$2" ] || {
		note "wanted $1 $2 from $api_method $api_path:" \
		    "$(head -c 600 "$body")"
		return 1
	}
}

json() {
	jq -r "$@" <"$body"
}

check_json() {
	jq -e "$@" <"$body" >/dev/null || {
		note "$api_method $api_path: not $1:" "$(head -c 600 "$body")"
		return 1
	}
}

header() {
	tr -d '\r' <"$headers" | awk -v name="$1" '
		tolower(substr($0, 1, length(name) + 1)) == tolower(name) ":" {
			sub(/^[^:]*: */, "")
			print
		}'
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
	note "not $em_want and the sentence '$em_sentence' but $em_got:" \
	    "$(cat refused.out refused.err)"
	return 1
}

em_jobs() {
	"$EM_BUILD/earmark-jobs" -c "$EM_STATE/earmark.conf" --once \
	    ${1:+--now="$1"}
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

em_login() {
	api POST /auth/login "{\"identifier\":\"$1\",\"password\":\"$EM_PASSWORD\"}" &&
	expect 200 &&
	eval "TOKEN_$1=$(json .access_token) ID_$1=$(json .user.user_id)
	    UUID_$1=$(json .user.uuid) REFRESH_$1=$(json .refresh_token)"
}

em_code() {
	em_to=$1
	# shellcheck disable=SC2016
	em_until 'em_found=$(jq -r --arg to "$em_to" \
	    "select(.to == \$to and .code) | .code" \
	    "$EM_STATE/outbox.jsonl" | tail -n 1) && [ -n "$em_found" ]' &&
	printf '%s\n' "$em_found"
}

em_until() {
	em_left=1500
	while ! eval "$1"; do
		em_left=$((em_left - 1))
		[ $em_left -gt 0 ] || { note "never: $1"; return 1; }
		sleep 0.02
	done
}

em_sql() {
	case $1 in
	[Ss][Ee][Ll]* | [Pp][Rr][Aa]* | [Ww][Ii][Tt]* | [Ee][Xx][Pp]*)
		sqlite3 -readonly -cmd '.timeout 5000' "$EM_STATE/earmark.db" "$1"
		;;
	*)
		flock "$EM_STATE/writer.lock" sqlite3 -cmd '.timeout 5000' \
		    -cmd 'PRAGMA foreign_keys = ON' -cmd '.bail on' \
		    "$EM_STATE/earmark.db" "$1"
		;;
	esac
}

em_workers() {
	em_parent=$(cat "$EM_STATE/run/$1.pid") &&
	cat "/proc/$em_parent/task/$em_parent/children"
}
