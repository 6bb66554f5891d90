#include "dom/admin.h"

#include "dom/actor.h"
#include "dom/lines.h"
#include "dom/listing.h"

#define ROLES_STAFF	014u		/* admin, service: user_staff */
#define ROLE_BIT_LISTENER 02u
#define COUNT_MOST	10000		/* of a search */

static void
row(struct stmt *q, struct arena *arena, struct admin_user *u)
{
	u->id = q_col_int(q, 0);
	u->uuid = q_col_uuid(q, 1);
	u->username = q_col_text(q, 2, arena);
	u->email = q_col_text(q, 3, arena);
	u->phone = q_col_text(q, 4, arena);
	u->country = q_col_text(q, 5, arena);
	u->roles = (unsigned)q_col_int(q, 6);
	u->status = (int)q_col_int(q, 7);
	u->banned_until = q_col_opt(q, 8);
	u->ban_reason = q_col_text(q, 9, arena);
	u->created_at = q_col_int(q, 10);
}

enum rc
admin_user_known(struct db *db, int64_t id, struct err *err)
{
	struct stmt *q = db_q(db, Q_ADMIN_USER_KNOWN);
	bool found;
	enum rc rc;

	q_int(q, ":id", id);
	found = q_row(q);
	rc = q_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

enum rc
admin_user_get(struct db *db, struct arena *arena, int64_t id,
    struct admin_user *u, struct err *err)
{
	struct stmt *q = db_q(db, Q_ADMIN_USER);
	bool found;
	enum rc rc;

	memset(u, 0, sizeof(*u));
	q_int(q, ":id", id);
	found = q_row(q);
	if (found) {
		row(q, arena, u);
		u->sex = q_col_text(q, 11, arena);
		u->bio = q_col_text(q, 12, arena);
		u->interests = lines_split(arena, q_col_peek(q, 13));
		u->image = q_col_text(q, 14, arena);
		u->preferred_language = q_col_text(q, 15, arena);
		u->referral_code = q_col_text(q, 16, arena);
		u->last_seen = q_col_opt(q, 17);
		u->favorites = q_col_int(q, 18);
		u->sessions = q_col_int(q, 19);
	}
	rc = q_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

static void
bind_status(struct stmt *q, int status)
{
	if (status < 0)
		q_null(q, ":status");
	else
		q_int(q, ":status", status);
}

/* The typed text in the ways it may be meant. They live until q_done(). */
struct typed {
	char *text, *end;
	struct uuid uuid;
	int64_t number;
};

static void
bind_typed(struct stmt *q, struct arena *arena, const char *text,
    struct typed *t)
{
	memset(t, 0, sizeof(*t));
	t->text = arena_str(arena, text);
	str_lower(t->text);
	/* Behind every character that a username may have. */
	t->end = arena_fmt(arena, "%s~", t->text);
	(void)uuid_parse(text, &t->uuid);
	(void)str_int(text, &t->number);
	q_text(q, ":q", t->text);
	q_text(q, ":q_end", t->end);
	q_uuid(q, ":uuid", &t->uuid);
	q_int(q, ":number", t->number);
}

static enum stmt_id
way(const struct admin_users_query *query)
{
	if (query->q)
		return Q_ADMIN_USERS_SEARCH;
	if (query->role & ROLES_STAFF)
		return Q_ADMIN_USERS_STAFF;
	if (query->role & ROLE_BIT_LISTENER)
		return Q_ADMIN_USERS_LISTENERS;
	if (query->status >= 0 && query->status != USER_ACTIVE)
		return Q_ADMIN_USERS_UNUSUAL;
	return Q_ADMIN_USERS;
}

static enum rc
users(struct db *db, struct arena *arena,
    const struct admin_users_query *query, struct admin_users *list)
{
	size_t most = (size_t)query->limit;
	struct stmt *q = db_q(db, way(query));
	struct typed typed;

	if (query->q)
		bind_typed(q, arena, query->q, &typed);
	if (way(query) != Q_ADMIN_USERS_LISTENERS)
		q_int(q, ":role", query->role);
	bind_status(q, query->status);
	q_int(q, ":id", query->before);
	q_int(q, ":limit", query->limit + 1);
	q_int(q, ":offset", query->offset);
	list->users = arena_zalloc(arena, most, sizeof(*list->users));
	while (!list->more && q_row(q)) {
		list->more = list->n == most;
		if (list->more)
			break;
		row(q, arena, &list->users[list->n++]);
	}
	return q_done(q);
}

static enum rc
total(struct db *db, struct arena *arena,
    const struct admin_users_query *query, int64_t *n)
{
	struct typed typed;
	struct stmt *q;

	if (query->q) {
		q = db_q(db, Q_ADMIN_USERS_SEARCH_COUNT);
		bind_typed(q, arena, query->q, &typed);
		q_int(q, ":most", COUNT_MOST);
	} else if (query->role == 0 && query->status >= 0) {
		return tally_get(db, arena_fmt(arena, "user:%d",
		    query->status), n);
	} else if (query->role == 0) {
		q = db_q(db, Q_TALLY_USERS);
	} else {
		q = db_q(db, Q_ADMIN_USERS_COUNT);
	}
	if (query->q || query->role != 0) {
		q_int(q, ":role", query->role);
		bind_status(q, query->status);
	}
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
admin_users_list(struct db *db, struct arena *arena,
    const struct admin_users_query *query, struct admin_users *list)
{
	enum rc rc;

	memset(list, 0, sizeof(*list));
	rc = users(db, arena, query, list);
	return rc == RC_OK ? total(db, arena, query, &list->total) : rc;
}
