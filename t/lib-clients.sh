# Functions for the JavaScript clients in t/clients. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2154

SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
note "SEED=$SEED"

# context NAME... -- JQ-ARGS...: writes context.json with the URL, the seed and
# the signed-in users. jq may add members.
context() {
	: >users
	while [ "$1" != -- ]; do
		eval "jq -n --arg name \"$1\" --arg token \"\$TOKEN_$1\" \
		    --arg uuid \"\$UUID_$1\" --argjson id \"\$ID_$1\" \
		    '{(\$name): {token: \$token, uuid: \$uuid, id: \$id}}'" \
		    >>users || return 1
		shift
	done
	shift
	jq -s --arg url "$URL" --argjson seed "$SEED" \
	    '{url: $url, seed: $seed, users: add}' users >base.json &&
	jq "$@" base.json >context.json
}

# scenario FILE NAME: runs a scenario of a client.
scenario() {
	node "$EM_SRC/t/clients/$1" context.json "$2" >out 2>&1 || {
		note "$(tail -n 40 out)"
		return 1
	}
}
