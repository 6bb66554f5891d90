# Doubles of payment providers. Sourced after lib.sh.
#
#	double stripe [OPTION...]
#				starts t/doubles/stripe.py, which ends with the
#				test. Sets $PORT_stripe
#	control stripe METHOD VERB [JSON]
#				controls the double. The file $reply contains
#				the response
#	asked stripe FILTER	runs jq -r on the received requests
# shellcheck shell=sh disable=SC2034,SC2154

DOUBLES=

em_end_doubles() {
	for double_pid in $DOUBLES; do
		kill "$double_pid" 2>/dev/null
	done
}
trap 'left=$?; em_end_doubles; (exit $left); em_exit' EXIT

double() {
	double_name=$1
	shift
	em_temp
	rm -f "$EM_TEMP/$double_name.port"
	/usr/bin/python3 "$EM_SRC/t/doubles/$double_name.py" \
	    --port-file "$EM_TEMP/$double_name.port" "$@" \
	    >/dev/null 2>>"$EM_TEMP/$double_name.log" &
	DOUBLES="$DOUBLES $!"
	em_until '[ -s "$EM_TEMP/$double_name.port" ]' || return
	eval "PORT_$double_name=$(cat "$EM_TEMP/$double_name.port")"
}

reply=$PWD/reply
control() {
	eval "control_port=\$PORT_$1"
	curl -sk -X "$2" "${CONTROL_SCHEME:-http}://127.0.0.1:$control_port/_/$3" \
	    ${4:+-d "$4"} -o "$reply"
}

asked() {
	control "$1" GET log && jq -r ".log | $2" "$reply"
}
