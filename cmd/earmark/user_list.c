/*
 * user_list: lists accounts as text or JSON.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "domain/accounts/account_admin.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "json/json_write.h"

#define PAGE_MAX	1000		/* maximum number of rows per query */

static const char *
roles_text(struct arena *a, unsigned roles, const char *between)
{
	const char *text = "";
	int i;

	for (i = 0; i < ROLES; i++)
		if (roles & 1u << i)
			text = arena_fmt(a, "%s%s%s", text,
			    *text == '\0' ? "" : between, role_names[i]);
	return *text == '\0' ? "-" : text;
}

static void
print_user(struct cli *cli, const struct admin_user *u)
{
	char at[CLOCK_TEXT];

	clock_text(u->created_at, at);
	printf("%" PRId64 "\t%s\t%s\t%s\t%s\n", u->id,
	    u->username == NULL ? "-" : u->username,
	    user_status_names[u->status], roles_text(&cli->arena, u->roles,
	    ","), at);
}

static void
render_user(struct json_write *j, const struct admin_user *u)
{
	int i;

	json_write_obj(j, NULL);
	json_write_int(j, "user_id", u->id);
	json_write_uuid(j, "uuid", &u->uuid);
	json_write_str(j, "username", u->username);
	json_write_str(j, "email", u->email);
	json_write_str(j, "phone", u->phone);
	json_write_str(j, "country", u->country);
	json_write_arr(j, "roles");
	for (i = 0; i < ROLES; i++)
		if (u->roles & 1u << i)
			json_write_str(j, NULL, role_names[i]);
	json_write_arr_end(j);
	json_write_str(j, "status", user_status_names[u->status]);
	json_write_time(j, "banned_until", u->banned_until);
	json_write_str(j, "ban_reason", u->ban_reason);
	json_write_time(j, "created_at", u->created_at);
	json_write_obj_end(j);
}

/* Prints one page. *more: another page follows. */
static enum rc
list_page(struct cli *cli, struct admin_users_query *query,
    struct json_write *j, bool *more)
{
	struct admin_users page;
	enum rc rc = db_read(cli->db);
	size_t i;

	if (rc != RC_OK)
		return rc;
	rc = account_admin_list(cli->db, &cli->arena, query, &page);
	db_read_end(cli->db);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < page.n; i++) {
		if (j == NULL)
			print_user(cli, &page.users[i]);
		else
			render_user(j, &page.users[i]);
		query->before = page.users[i].id;
	}
	*more = page.more && page.n > 0;
	return RC_OK;
}

static int
list_all(struct cli *cli, struct admin_users_query *query, int64_t limit,
    bool json)
{
	bool more = true;
	enum rc rc = RC_OK;
	struct buf out;
	struct json_write j;

	buf_init(&out, (size_t)1 << 30);
	json_write_init(&j, &out);
	if (json)
		json_write_arr(&j, NULL);
	while (more && limit > 0 && rc == RC_OK) {
		query->limit = limit < PAGE_MAX ? limit : PAGE_MAX;
		limit -= query->limit;
		rc = list_page(cli, query, json ? &j : NULL, &more);
		arena_reset(&cli->arena);
	}
	if (json) {
		json_write_arr_end(&j);
		puts(out.data);
	}
	buf_free(&out);
	return rc == RC_OK ? EXIT_DONE : cli_failed(cli, rc);
}

int
command_user_list(struct cli *cli, int argc, char **argv)
{
	struct admin_users_query query = { .status = -1, .before = INT64_MAX };
	const char *role = NULL, *state = NULL, *number = NULL;
	int64_t limit = INT64_MAX;
	bool json = false;
	const struct cli_option options[] = {
		{ .name = "role", .value = &role },
		{ .name = "status", .value = &state },
		{ .name = "query", .value = &query.q },
		{ .name = "limit", .value = &number },
		{ .name = "json", .flag = &json },
	};
	size_t i;
	int status;

	if (cli_options(cli, argc, argv, options, NELEM(options), 0, 0) < 0)
		return EXIT_USAGE;
	if (number != NULL && (!str_int(number, &limit) || limit < 1))
		return cli_fail(EXIT_USAGE, "'%s' is not a positive number",
		    number);
	if (role != NULL && (query.role = role_bit(role)) == 0)
		return cli_fail(EXIT_USAGE, "unknown role '%s'; use customer, "
		    "listener, admin, finance, support, moderator or service",
		    role);
	for (i = 0; state != NULL && user_status_names[i] != NULL; i++)
		if (str_eq(user_status_names[i], state))
			query.status = (int)i;
	if (state != NULL && query.status < 0)
		return cli_fail(EXIT_USAGE, "unknown status '%s'; use "
		    "pending_verification, active, deleted or banned", state);
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	return list_all(cli, &query, limit, json);
}
