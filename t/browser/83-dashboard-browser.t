#!/bin/sh
test_description='console: the dashboard in a browser'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-browser.sh
. "$EM_SRC/t/lib-browser.sh"
rm -f "$shots"/dashboard-*.png
em_conf limits.write_rate=0
em_start

# Inserts data of the last weeks. For this, closed hours are opened again.
test_expect_success 'setup: data of the last weeks' '
	em_user adm admin && em_user ana &&
	em_sql "BEGIN; INSERT INTO rollup_watermark(fact_id, open_from, at)
	    SELECT max(id), 0, 0 FROM fact;
	    INSERT INTO fact(metric, at, label, n)
	    WITH RECURSIVE h(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM h
		WHERE i < 700), what(metric, label, most) AS (VALUES
		(1, '\'''\'', 9), (3, '\''ended'\'', 20), (3, '\''missed'\'', 5),
		(4, '\'''\'', 90), (5, '\'''\'', 40000), (6, '\'''\'', 90000),
		(7, '\''session'\'', 900), (8, '\''listener'\'', 9),
		(8, '\''flyer'\'', 9), (9, '\'''\'', 300), (9, '\''en'\'', 300),
		(9, '\''hi'\'', 100), (10, '\''en'\'', 9), (10, '\''hi'\'', 9))
	    SELECT metric, (unixepoch() - i * 3600) * 1000, label,
		(i * (most + 7)) % most FROM h CROSS JOIN what;
	    COMMIT" &&
	em_jobs >/dev/null
'

test_expect_success 'the dashboard shows the data and updates itself' '
	api GET /admin/dashboard -t "$TOKEN_adm" &&
	n=$(json .today.registrations) &&
	cat >event <<-EOF &&
	echo $EM_PASSWORD | "$EM_BUILD/earmark" -c "$EM_STATE/earmark.conf" \
	    user add new --role customer --password-stdin
	EOF
	jq -n --arg url "$URL/console/" --arg shots "$shots/dashboard" \
	    --arg name adm --arg password "$EM_PASSWORD" \
	    --arg event "$(cat event)" --arg key registrations \
	    --arg wants "$((n + 1))" "\$ARGS.named" >plan &&
	browse dashboard "$(cat plan)"
'

test_expect_success 'all charts have a table with the numbers of the API' '
	saw "(.charts | length) == 10 and .charts[0] == \"Calls by outcome\"" &&
	api GET "/admin/analytics?metric=calls&bucket=hour" -t "$TOKEN_adm" &&
	check_json "[.points[] | [.by.ended, .by.rejected, .by.cancelled,
	    .by.missed] | map(tostring)] == \$seen[0].table" --slurpfile seen seen
'

test_done
