#!/bin/sh
test_description='clients: tests of Django REST Framework for favorite flyers'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
em_conf limits.write_rate=0
em_start

# tests CLASS: runs the tests of a class.
tests() {
	/usr/bin/python3 "$EM_SRC/t/clients/test_flyer_favorites.py" context.json \
	    -v "$1" >out 2>&1 && grep -q "^OK" out || {
		note "$(tail -n 60 out)"
		return 1
	}
}

test_expect_success 'setup: customers, one of them with 1,200 favorites' '
	for name in ana ben cat leaving many; do
		em_user $name || return 1
	done &&
	em_sql "INSERT INTO flyer(publisher_id, title, created_at, updated_at)
	    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
	    SELECT $ID_many, '\''flyer '\'' || i, i, i FROM n;
	    INSERT INTO favorite(user_id, kind, entity_id, created_at, updated_at)
	    SELECT $ID_many, 2, id, 1, 1 FROM flyer" &&
	jq -n --arg url "$URL" --arg password "$EM_PASSWORD" \
	    --arg log "$EM_STATE/log/favorites.log" "{url: \$url,
	    password: \$password, users: [\"ana\", \"ben\", \"cat\"],
	    leaving: \"leaving\", many: \"many\", log: \$log}" >context.json
'

for class in FavoriteModelTests AddFavoriteTests RemoveFavoriteTests \
    ListFavoritesTests PerformanceTests; do
	test_expect_success "the service passes the $class of a Django client" "tests $class"
done

test_done
