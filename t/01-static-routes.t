#!/bin/sh
# The rows of the workers' route tables, nginx's locations and openapi.yaml say
# the same.
test_description='static: routes, nginx and openapi.yaml agree'
. "$(dirname "$0")/static.sh"

conf=$src/nginx/earmark-locations.conf.in

for pool in $pools; do
	test_expect_success "earmark-$pool prints its routes" '
		"$build/earmark-$pool" --routes >"routes-$pool" &&
		grep -Eq "^[A-Z]+ /[^ ]* [a-z|]+$" "routes-$pool" &&
		! grep -Evq "^[A-Z]+ /[^ ]* [a-z|]+$" "routes-$pool"
	'
done

tables=
for pool in $pools; do
	tables="$tables $pool=routes-$pool"
done
compare() {
	"$src/t/routes.py" "$@" $tables
}

test_expect_success 'all three agree' '
	show compare "$build/openapi.json" "$conf"
'

test_expect_success 'what the routes take is what openapi.yaml says' '
	for pool in $pools; do
		"$build/earmark-$pool" --fields >"fields-$pool" || return 1
	done &&
	show "$src/t/fields.py" "$build/openapi.json" fields-*
'

test_expect_success 'openapi.json is that of openapi.yaml' '
	"$src/tools/openapi.py" "$src/openapi.yaml" >fresh.json &&
	cmp fresh.json "$build/openapi.json"
'

# The comparison must be able to fail.
test_expect_success 'a row more, less or of another role is found' '
	cp routes-system kept &&
	echo "GET /more open" >>routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /more open: not in openapi.yaml" out &&
	grep -v "^GET /version " kept >routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /version open: no row of pool system" out &&
	sed "s,^\(GET /version\) open,\1 admin," kept >routes-system &&
	! compare "$build/openapi.json" "$conf" >out &&
	grep "GET /version admin: not in openapi.yaml" out
	said=$?
	cp kept routes-system
	return $said
'

test_expect_success 'a location of another pool, or of none, is found' '
	sed "s,earmark_catalog,earmark_user," "$conf" >other &&
	! compare "$build/openapi.json" other >out &&
	grep "catalog: /api/styles goes to user" out &&
	{
		cat "$conf"
		echo "location /supper {"
		echo "fastcgi_pass earmark_user;"
		echo "}"
	} >other &&
	! compare "$build/openapi.json" other >out &&
	grep "location /supper: no route of user is below it" out
'

test_expect_success 'a field more, of another type, bound or word is found' '
	cp fields-favorites kept &&
	field() {
		sed "$1" kept >fields-favorites &&
		! cmp -s kept fields-favorites &&
		! "$src/t/fields.py" "$build/openapi.json" fields-* >out &&
		grep "$2" out
	}
	at="GET .api.v1.popular query" &&
	field "s,^\($at\) window ,\1 span ," "query span is not in" &&
	field "s,^\($at\) window ,\1 span ," "query window is not taken" &&
	field "s,^\($at window enum\) optional,\1 required," "is required" &&
	field "s,^\($at window .*\)|30d,\1," "is one of 24h|7d$" &&
	field "s,^\($at limit\) int,\1 str," "limit is str" &&
	field "/^GET .api.v1.customer.favorites query q /s, 200 , 100 ," \
	    "is at most 100"
	said=$?
	cp kept fields-favorites
	return $said
'

test_done
