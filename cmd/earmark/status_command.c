/*
 * status_command: prints the status of the system.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "cmd/earmark/commands.h"
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

int
command_status(struct cli *cli, int argc, char **argv)
{
	bool json = false;
	const struct cli_option options[] = {
		{ .name = "json", .flag = &json },
	};
	struct status_tree facts;
	int code;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	code = cli_db(cli, DB_INSPECT);
	if (code != EXIT_DONE)
		return code;
	status_tree_init(&facts, &cli->arena);
	rc = db_read(cli->db);
	if (rc == RC_OK) {
		rc = status_gather(cli->db, cli->conf, cli->now,
		    PACKAGE_VERSION, EARMARK_COMMIT, &facts);
		db_read_end(cli->db);
	}
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (json)
		print_json(&facts);
	else
		print_text(&facts);
	return EXIT_DONE;
}
