#!/bin/sh
test_description='earmark-jobs: an object that fails does not stop the others'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"

em_bare >/dev/null || exit 1
for name in ada bob cyd; do
	echo "$EM_PASSWORD" | em_cli user add $name --password-stdin >/dev/null
	em_cli user ban $name --until 2030-01-01T00:00:00Z >/dev/null
done
broken=$(em_sql "SELECT id FROM user WHERE username = 'ada'")

# banned: prints the names of the banned accounts.
banned() {
	em_sql "SELECT username FROM user WHERE status = 3 ORDER BY id" |
	    tr '\n' ' '
}

test_expect_success 'one account whose ban cannot be lifted does not keep the others banned' '
	em_sql "CREATE TRIGGER broken BEFORE UPDATE ON user
	    WHEN OLD.id = $broken BEGIN SELECT RAISE(ABORT, '\''broken'\''); END" &&
	em_jobs 2030-01-02T00:00:00Z 2>jobs.err &&
	[ "$(banned)" = "ada " ] &&
	grep -q "ban: object $broken: " jobs.err
'

test_expect_success 'its writes are rolled back' '
	[ "$(em_sql "SELECT count(*) FROM audit WHERE action = '\''user.unban'\''
	    AND target = '\''user:$broken'\''")" = 0 ]
'

test_expect_success 'it is handled as soon as that is possible' '
	em_sql "DROP TRIGGER broken" && em_jobs 2030-01-02T00:00:02Z &&
	[ "$(banned)" = "" ]
'

test_done
