# Functions for tests of paid sessions. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# Most tests move the times of sessions by minutes. Without these lines, that
# looks like lost parties and outages. Set em_strict=1 for the defaults.
if [ -z "${em_strict-}" ]; then
	em_conf sessions.direct=immediate
	em_conf calls.lost_after=86400
	em_conf calls.gap=86400
	em_conf billing.free_per_day=1000
fi

# online NAME: sets the user online for a long time.
online() {
	em_sql "UPDATE presence SET status = 1, online_until = 4102444800000
	    WHERE user_id = $(id_of "$1")"
}

# listener NAME RATE: creates a verified listener, who is online.
listener() {
	em_user "$1" customer listener &&
	api POST /listeners/register \
	    -t "$(eval "printf %s \"\$TOKEN_$1\"")" \
	    "{\"languages\":[\"en\"],\"rate_per_minute\":$2}" && expect 201 &&
	em_sql "UPDATE listener SET verification = 1
	    WHERE user_id = $(id_of "$1")" && online "$1"
}

id_of() {
	eval "printf '%s\n' \"\$ID_$1\""
}
token_of() {
	eval "printf '%s\n' \"\$TOKEN_$1\""
}

# fund NAME AMOUNT: adds money to the wallet, as after a top-up.
fund() {
	em_cli ledger adjust "$1" "$2" --reason test >/dev/null
}

# bonus NAME AMOUNT, minutes NAME N [MAX_RATE]: redeems a new promotion.
bonus() {
	promote "$1" bonus "$2"
}
minutes() {
	promote "$1" minutes "$2,\"max_rate\":${3:-1000000}"
}
promote() {
	promote_n=$((${promote_n:-0} + 1))
	api POST /admin/promotions -t "$TOKEN_adm" "{\"code\":\"P-$promote_n\",
	    \"kind\":\"$2\",\"value\":$3}" && expect 201 &&
	api POST /promotions/redeem -t "$(token_of "$1")" \
	    "{\"code\":\"P-$promote_n\"}" &&
	case $status in 2*) ;; *) expect 201 ;; esac
}

# start CUSTOMER LISTENER: starts a session. Sets $s to its id.
start() {
	api POST /sessions/start -t "$(token_of "$1")" \
	    "{\"listener_id\":$(id_of "$2")}" && expect 201 &&
	s=$(json .session_id)
}

# end NAME [SESSION]: ends a session.
end() {
	api POST /sessions/end -t "$(token_of "$1")" \
	    "{\"session_id\":${2:-$s}}" && expect 200
}

# ago SECONDS [SESSION]: moves the start of a session and its reserved time
# SECONDS into the past.
ago() {
	em_sql "$(ago_sql "$@")"
}

ago_sql() {
	printf %s "UPDATE session SET started_at = started_at - CAST($1 * 1000 AS INTEGER),
	    billed_from = billed_from - CAST($1 * 1000 AS INTEGER),
	    leased_until = leased_until - CAST($1 * 1000 AS INTEGER),
	    lasts_until = lasts_until - CAST($1 * 1000 AS INTEGER) WHERE id = ${2:-$s};
	    UPDATE session_party SET proof_at = proof_at - CAST($1 * 1000 AS INTEGER),
	    joined_at = joined_at - CAST($1 * 1000 AS INTEGER)
	    WHERE session_id = ${2:-$s}"
}

# party NAME COLUMNS: prints columns of a party of the session $s.
party() {
	em_sql "SELECT $2 FROM session_party WHERE session_id = $s AND side =
	    (SELECT iif(customer_id = $(id_of "$1"), 1, 2) FROM session
	    WHERE id = $s)"
}

# seen NAME SECONDS [TRACKED [CREDENTIAL]]: the login session of NAME in the
# session $s was seen SECONDS after its start. TRACKED 1: it had a realtime
# connection. CREDENTIAL: its media credential expires that many seconds after
# the start. The jobs of the server must not run (em_stop_jobs).
seen() {
	seen_from=$(row started_at)
	"$EM_BUILD/t/tools/proofs" "$EM_STATE/run" "$(party "$1" device_id)" \
	    $((seen_from + $2 * 1000)) "${3:-1}" \
	    ${4:+$((seen_from + $4 * 1000))}
}

# later SECONDS: runs the jobs SECONDS from now.
later() {
	em_jobs "$(date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ)" >jobs.out
}

# jobs SECONDS [SESSION]: runs the jobs at SECONDS (with decimals) after the
# start of a session.
jobs() {
	jobs_at=$(em_sql "SELECT started_at FROM session WHERE id = ${2:-$s}")
	jobs_ms=$(awk -v at="$jobs_at" -v s="$1" \
	    'BEGIN { printf "%.0f", at + s * 1000 }')
	em_jobs "$(date -u -d "@${jobs_ms%???}" +%Y-%m-%dT%H:%M:%S).${jobs_ms#"${jobs_ms%???}"}Z"
}

# row COLUMNS [SESSION]: prints columns of a session.
row() {
	em_sql "SELECT $1 FROM session WHERE id = ${2:-$s}"
}

# has NAME 'WALLET|BONUS|HELD': succeeds if the balances are these.
has() {
	em_sql "SELECT (SELECT coalesce(sum(balance), 0) FROM ledger_account
		WHERE id = $(id_of "$1") * 16 + 1) || '|' ||
	    (SELECT coalesce(sum(balance), 0) FROM ledger_account
		WHERE id = $(id_of "$1") * 16 + 2) || '|' ||
	    (SELECT coalesce(sum(balance), 0) FROM ledger_account
		WHERE id = $(id_of "$1") * 16 + 3)" >has.out
	[ "$(cat has.out)" = "$2" ] || {
		note "$1 has $(cat has.out), expected $2"
		return 1
	}
}

# is WANT GOT: compares two values.
is() {
	[ "$1" = "$2" ] || {
		note "expected $1, got $2"
		return 1
	}
}

# sound: succeeds if the ledger is valid.
sound() {
	em_cli ledger verify >verify.out 2>&1 || {
		note "$(cat verify.out)"
		return 1
	}
}

# events NAME TYPE: prints the data of the events of NAME, one per line.
events() {
	api GET '/events?limit=500' -t "$(token_of "$1")" &&
	json -c ".events[] | select(.type == \"$2\") | .data"
}
