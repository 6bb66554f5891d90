#!/bin/sh
test_description='analytics: what is counted, by hour, day and week'
. "$(dirname "$0")/lib.sh"
em_start

# points METRIC BUCKET FROM TO: the points with something in them.
points() {
	api GET "/admin/analytics?metric=$1&bucket=$2&from=$3&to=$4" \
	    -t "$TOKEN_adm" && expect 200
}

test_expect_success 'an administrator alone asks' '
	em_user adm admin && em_user ana &&
	api GET "/admin/analytics?metric=calls" && expect 401 &&
	api GET "/admin/analytics?metric=calls" -t "$TOKEN_ana" &&
	expect 403 && api GET /admin/dashboard -t "$TOKEN_ana" && expect 403
'
test_expect_success 'x' '
	em_jobs >out && sed "s/^/# /" out >&5; api GET /admin/dashboard -t "$TOKEN_adm" && expect 200 && sed "s/^/# /" "$body" >&5;
	api GET "/admin/analytics?metric=registrations&bucket=hour" -t "$TOKEN_adm" && expect 200 && cut -c1-400 "$body" >&5
	em_sql "SELECT * FROM rollup" >&5; em_sql "SELECT * FROM rollup_mark" >&5
'
test_done
