#!/bin/sh
# shellcheck disable=SC2016
test_description='console: findings of the health screen'
. "$(dirname "$0")/../lib.sh"

if ! command -v node >/dev/null; then
	skip_all='no node'
	test_done
fi
em_temp
cat >"$EM_TEMP/say.mjs" <<'END'
import { readFileSync } from 'node:fs';
import { findings } from './findings.mjs';
const read = (name) => { try {
	return JSON.parse(readFileSync(name)); } catch { return undefined; } };
for (const f of findings(...process.argv.slice(2).map(read)))
	console.log(`${f.wrong ? 'wrong' : 'look'} ${f.text}`);
END
cp "$EM_SRC/nginx/html/console/health_findings.js" "$EM_TEMP/findings.mjs"
em_start || exit 1

# said: stores the three responses that the screen uses.
said() {
	api GET /health && cp "$body" health.json &&
	api GET /admin/ledger -t "$TOKEN_adm" && cp "$body" ledger.json &&
	api GET /admin/status -t "$TOKEN_adm" && cp "$body" status.json
}
verdict() {
	node "$EM_TEMP/say.mjs" "${1-health.json}" "${2-ledger.json}" \
	    "${3-status.json}" >findings.txt
}
# thinks FILTER LINE: succeeds if the screen reports LINE for the changed
# status.
thinks() {
	jq "$1" status.json >changed.json &&
	verdict health.json ledger.json changed.json &&
	grep -qxF "$2" findings.txt || {
		note "not '$2' but: $(cat findings.txt)"
		return 1
	}
}

test_expect_success 'a new installation has no backup and no restore test' '
	em_user adm admin &&
	em_until "said && jq -e \".ledger.status == \\\"ok\\\" and
	    .audit.status == \\\"ok\\\" and .programs.realtime and
	    all(.pools[]; .ready == .workers)\" status.json >out" &&
	verdict && cat >want <<-END &&
	look No backup was made yet
	look No backup was ever restored as a test
	END
	test_cmp want findings.txt
'

test_expect_success 'after a backup and a restore test there are no findings' '
	em_cli backup >out && em_cli drill >out && said && verdict &&
	test_must_be_empty findings.txt
'

test_expect_success 'problems are listed first, with their reasons' '
	thinks ".backup.status = \"failed\" | .backup.error = \"no room\"" \
	    "wrong The last backup failed: no room" &&
	thinks ".backup.status = \"late\"" "wrong The newest backup is too old" &&
	thinks ".restore_drill.status = \"late\"" \
	    "look The newest restore test is too old" &&
	thinks ".ledger.status = \"wrong\" | .ledger.first_wrong = \"transfer 3\"" \
	    "wrong The ledger was changed after it was written: transfer 3" &&
	thinks ".audit.status = \"never\"" "look The audit log was not verified yet" &&
	thinks ".programs.jobs = false" "wrong earmark-jobs is not running" &&
	thinks ".pools[0].ready = 0" "wrong No worker of auth is ready" &&
	thinks ".pools[0].failed = \"no\"" \
	    "wrong Workers of auth cannot start: no" &&
	thinks ".schema.database = 3" \
	    "wrong The database has schema 3, but the programs need $(jq .schema.program status.json)" &&
	thinks ".disk.free_bytes = 99" "wrong The disk is almost full" &&
	thinks ".outbox.oldest_due_seconds = 301" \
	    "look Messages have been waiting for more than five minutes" &&
	thinks ".backup.status = \"never\" | .programs.jobs = false" \
	    "wrong earmark-jobs is not running" &&
	head -n 1 findings.txt | grep -q ^wrong && test "$(wc -l <findings.txt)" = 2
'

test_expect_success 'unavailable responses are reported as problems' '
	verdict none none none &&
	test "$(grep -c ^wrong findings.txt)" = 3
'

test_done
