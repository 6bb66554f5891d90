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
		echo "location /support {"
		echo "fastcgi_pass earmark_user;"
		echo "}"
	} >other &&
	! compare "$build/openapi.json" other >out &&
	grep "location /support: no route of user is below it" out
'

test_done
