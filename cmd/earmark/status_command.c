/*
 * status_command: prints the status of the system.
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/int64.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/standby.h"
#include "commit.h"
#include "domain/ops/status.h"
#include "json/json_status.h"

static void
print_json(const struct status_tree *facts)
{
	struct buf out;
	struct json_write j;

	buf_init(&out, 1 << 20);
	json_write_init(&j, &out);
	json_status_write(&j, facts);
	puts(out.data);
	buf_free(&out);
}

static void
print_value(const struct status_node *f)
{
	char at[CLOCK_TEXT];

	if (f->kind == STATUS_TREE_TEXT) {
		fputs(f->text == NULL ? "-" : f->text, stdout);
	} else if (f->number == INT64_MIN) {
		fputs("-", stdout);
	} else if (f->kind == STATUS_TREE_TIME) {
		clock_text(f->number, at);
		fputs(at, stdout);
	} else if (f->kind == STATUS_TREE_TRUTH) {
		fputs(f->number != 0 ? "yes" : "no", stdout);
	} else {
		printf("%" PRId64, f->number);
	}
}

/* Prints one value per line. The values of an object in a list share a line. */
static void
print_text(const struct status_tree *facts)
{
	const char *group = NULL;
	const struct status_node *f;
	bool row = false;

	for (f = facts->first; f != NULL; f = f->next) {
		if (f->kind == STATUS_TREE_LIST ||
		    f->kind == STATUS_TREE_OBJECT) {
			row = f->name == NULL;
			if (row)
				fputs(group, stdout);
			else
				group = f->name;
		} else if (f->kind == STATUS_TREE_END) {
			if (row)
				putchar('\n');
			else
				group = NULL;
			row = false;
		} else if (row) {
			printf(" %s=", f->name);
			print_value(f);
		} else {
			printf("%s%s%s: ", group == NULL ? "" : group,
			    group == NULL ? "" : ".", f->name);
			print_value(f);
			putchar('\n');
		}
	}
}

/*
 * Collects the status of a standby, which has no database to serve. lag_seconds
 * includes the time for which its primary has stored nothing.
 */
static enum rc
gather_standby(struct cli *cli, struct status_tree *f)
{
	struct standby s;
	int64_t complete_at, committed_at;
	bool failing;
	enum rc rc;

	standby_init(&s, cli->conf, NULL);
	rc = standby_load(&s, &cli->arena, &cli->err);
	if (rc != RC_OK)
		return rc;
	complete_at = s.complete_at;
	failing = standby_failing(cli->conf, &complete_at);
	committed_at = s.replay.committed_at;
	status_tree_time(f, "at", cli->now);
	status_tree_text(f, "version", PACKAGE_VERSION);
	status_tree_text(f, "commit", EARMARK_COMMIT);
	status_tree_begin(f, STATUS_TREE_OBJECT, "standby");
	status_tree_text(f, "state", standby_state(&s, failing));
	status_tree_number(f, "epoch", s.replay.epoch);
	status_tree_text(f, "base", s.replay.base);
	status_tree_time(f, "last_commit_at", committed_at > 0 ? committed_at :
	    INT64_MIN);
	status_tree_time(f, "complete_until", complete_at > 0 ? complete_at :
	    INT64_MIN);
	status_tree_number(f, "lag_seconds", complete_at > 0 ?
	    int64_max(cli->now - complete_at, 0) / SECOND : INT64_MIN);
	status_tree_end(f);
	return RC_OK;
}

static enum rc
gather_served(struct cli *cli, struct status_tree *f)
{
	enum rc rc = db_read(cli->db);

	if (rc != RC_OK)
		return rc;
	rc = status_gather(cli->db, cli->conf, cli->now, PACKAGE_VERSION,
	    EARMARK_COMMIT, f);
	db_read_end(cli->db);
	return rc;
}

int
command_status(struct cli *cli, int argc, char **argv)
{
	bool json = false;
	const struct cli_option options[] = {
		{ .name = "json", .flag = &json },
	};
	struct status_tree facts;
	bool standby;
	int code;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	code = cli_become(cli);
	if (code != EXIT_DONE)
		return code;
	standby = standby_only(cli->conf);
	code = standby ? EXIT_DONE : cli_db(cli, DB_INSPECT);
	if (code != EXIT_DONE)
		return code;
	status_tree_init(&facts, &cli->arena);
	rc = standby ? gather_standby(cli, &facts) :
	    gather_served(cli, &facts);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (json)
		print_json(&facts);
	else
		print_text(&facts);
	return EXIT_DONE;
}
