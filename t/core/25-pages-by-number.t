#!/bin/sh
test_description='core: pages by number and offset are complete'
. "$(dirname "$0")/../lib.sh"

em_conf limits.write_rate=0
em_conf limits.search_rate=0
em_conf limits.large_bytes=0
# The hashes of the audit rows are invalid, which a job may notice.
em_allow '"event":"proof"'
em_start

# get FILE PATH USER [curl options]
get() {
	get_file=$1 get_path=$2
	eval "get_token=\$TOKEN_$3"
	shift 3
	status=$(curl -sS --max-time 60 -o "$get_file" -D "$headers" \
	    -w '%{http_code}' -H "Authorization: Bearer $get_token" "$@" \
	    "$URL$get_path")
}

# Each list has 250 rows. A page of 100 rows exceeds 2 MiB.
test_expect_success 'setup: lists with large rows' '
	em_user ana && em_user adm admin &&
	em_sql "
	CREATE TEMP TABLE n AS
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 250)
	    SELECT i,
		printf('\''%.*c'\'', 60000 + i, '\''z'\'') AS text FROM n;
	INSERT INTO flyer(id, publisher_id, title, description, image_url,
	    created_at, updated_at)
	    SELECT i, $ID_ana, '\''flyer'\'', replace(substr(text, 1, 4990),
		'\''z'\'', char(128512)),
		'\''http://x/'\'' || replace(substr(text, 1, 1990), '\''z'\'',
		char(128512) || char(128512)), i, i FROM n;
	INSERT INTO destination(id, uuid, name, images, created_at,
	    updated_at)
	    SELECT i, randomblob(16), '\''place '\'' || printf('\''%04d'\'', i),
		'\''http://x/'\'' || text, i, i FROM n;
	INSERT INTO style(id, uuid, owner_id, name, html_url, created_at,
	    updated_at)
	    SELECT i, randomblob(16), $ID_ana, '\''style'\'', '\''http://x/'\'' || text,
		i, i FROM n;
	INSERT INTO creative(id, uuid, owner_id, collection_id, html_url,
	    created_at, updated_at)
	    SELECT i, randomblob(16), $ID_ana, x'\''00112233445566778899aabbccddeeff'\'',
		'\''http://x/'\'' || text, i, i FROM n;
	INSERT INTO document(id, uuid, owner_id, title, content, is_public,
	    created_at, updated_at)
	    SELECT i, randomblob(16), $ID_ana, '\''document'\'', text, 1, i, i FROM n;
	INSERT INTO favorite(user_id, kind, entity_id, uuid, created_at,
	    updated_at)
	    SELECT $ID_ana, kind.k, i, randomblob(16), i / 7, i / 7 FROM n,
		(SELECT 2 AS k UNION SELECT 3 UNION SELECT 6) AS kind;
	INSERT INTO audit(at, action, target, before, after, hash)
	    SELECT i / 7, '\''test'\'', '\''row:'\'' || i,
		json_quote(text), json_quote(text), randomblob(32) FROM n"
'

# read_page ITEMS ID: appends the ids of page.json to ids. Sets $n to their number
# and $cursor.
read_page() {
	jq -r "($1 | length), (.next_cursor // \"\"), ($1[] | $2)" page.json >page &&
	{ read -r n && read -r cursor && cat >>ids; } <page
}

# walk USER PATH ITEMS ID SQL: compares the ids of all pages by number, of all
# offsets, and of all pages by cursor with those in the database.
walk() {
	who=$1 path=$2 items=$3 id=$4
	em_sql "$5" >want
	[ "$(wc -l <want)" = 250 ] || return 1
	: >ids
	for page in 1 2 3; do
		case $path in
		*offset*) at=$(((page - 1) * 100)) ;;
		*) at=$page ;;
		esac
		get page.json "$path$at" "$who" && [ "$status" = 200 ] &&
		read_page "$items" "$id" || return 1
		[ "$page" = 3 ] || [ "$n" = 100 ] || return 1
		[ "$page" != 1 ] || second=$cursor
	done
	[ -z "$cursor" ] && test_cmp want ids || return 1
	# The cursor after the first page continues it.
	head -n 100 want >ids && cursor=$second
	while [ -n "$cursor" ]; do
		get page.json "${path%&*}&cursor=$cursor" "$who" &&
		[ "$status" = 200 ] &&
		[ "$(wc -c <page.json)" -lt 3000000 ] &&
		read_page "$items" "$id" || return 1
	done
	test_cmp want ids
}

flyers="SELECT id FROM flyer ORDER BY id DESC"

test_expect_success 'offsets of flyers are complete' '
	walk ana "/api/flyers?limit=100&offset=" .results .id "$flyers"
'

test_expect_success 'offsets of favorite flyers are complete' '
	walk ana "/api/users/me/favorites?limit=100&offset=" .results \
	    .flyer_id "$flyers"
'

uuid="lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' ||
    substr(h, 13, 4) || '-' || substr(h, 17, 4) || '-' || substr(h, 21))"

test_expect_success 'offsets of destinations are complete' '
	for sort in name,id recent,id%20DESC; do
		order=$(echo "${sort#*,}" | sed "s/%20/ /") &&
		walk ana "/api/v1/destinations?sort=${sort%,*}&limit=100&offset=" \
		    .items .id "SELECT $uuid FROM (SELECT hex(uuid)
		    AS h FROM destination ORDER BY $order)" || return 1
	done
'

test_expect_success 'offsets of favorite destinations are complete' '
	walk ana "/api/v1/users/me/favorites?include=images&limit=100&offset=" \
	    .items .destination_id "SELECT $uuid FROM (SELECT hex(uuid) AS h
	    FROM destination ORDER BY id DESC)"
'

test_expect_success 'page numbers of styles, creatives and documents are complete' '
	for list in style creative document; do
		for query in "" mine=true\& ; do
			walk ana "/api/${list}s?${query}limit=100&page=" \
			    .items .id "SELECT $uuid FROM (SELECT hex(uuid)
			    AS h FROM $list ORDER BY id DESC)" || return 1
		done
	done &&
	walk ana "/api/creatives?collection_id=00112233-4455-6677-8899-aabbccddeeff&mine=1&limit=100&page=" \
	    .items .id "SELECT $uuid FROM (SELECT hex(uuid) AS h FROM creative
	    ORDER BY id DESC)"
'

test_expect_success 'page numbers of studio favorites are complete' '
	for order in desc asc; do
		for query in "" entity_type=document\&; do
			walk ana "/api/user-favorites?sort_order=$order&${query}limit=100&page=" \
			    .items .entity_id "SELECT $uuid FROM (SELECT
			    hex(uuid) AS h FROM document ORDER BY id $order)" ||
			    return 1
		done
	done
'

test_expect_success 'page numbers of the audit log are complete' '
	walk adm "/api/v1/admin/audit?action=test&per_page=100&page=" .audit \
	    .id "SELECT id FROM audit WHERE action = '\''test'\''
	    ORDER BY at DESC, id DESC"
'

test_expect_success 'HEAD and ETag of a large page work as for small pages' '
	for path in "/api/documents?limit=100&page=2" \
	    "/api/user-favorites?limit=100&page=2"; do
		get page.json "$path" ana && [ "$status" = 200 ] &&
		size=$(header Content-Length) &&
		[ "$(wc -c <page.json)" = "$size" ] &&
		[ "$size" -gt 6000000 ] && jq -e .page==2 page.json &&
		header Link | grep -q "cursor=.*rel=\"next\"" &&
		header ETag >etag && [ -s etag ] &&
		get none "$path" ana --head && [ "$status" = 200 ] &&
		[ "$(header Content-Length)" = "$size" ] &&
		header ETag | test_cmp etag - &&
		get none "$path" ana -H "If-None-Match: $(cat etag)" &&
		[ "$status" = 304 ] &&
		em_sql "UPDATE document SET title = title || 1,
		    version = version + 1 WHERE id = 51" &&
		get none "$path" ana -H "If-None-Match: $(cat etag)" &&
		[ "$status" = 200 ] && ! header ETag | cmp -s etag - ||
		    return 1
	done
'

test_expect_success 'pages of one user are requested in parallel if they are small' '
	for i in 1 2 3 4 5 6; do
		curl -s -o "small.$i" -w "%{http_code}\n" \
		    -H "Authorization: Bearer $TOKEN_ana" \
		    "$URL/api/documents?limit=30&page=$i" >"status.$i" &
		children="${children-} $!"
	done &&
	wait $children && sort -u status.* >statuses &&
	echo 200 | test_cmp - statuses &&
	cat small.? | jq -r ".items[].id" | sort -u >ids &&
	[ "$(wc -l <ids)" = 180 ]
'

test_done
