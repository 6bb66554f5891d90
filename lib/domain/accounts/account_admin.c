#include "domain/accounts/account_admin.h"

#include "domain/common/actor.h"
#include "domain/common/counter.h"
#include "domain/common/role.h"
#include "domain/common/text_list.h"
#include "domain/listeners/listener_search.h"

/* Roles whose accounts are in the index user_staff: staff and services. */
#define ROLES_INDEXED	(ROLES_STAFF | 010u)
#define ROLE_BIT_LISTENER 02u
#define COUNT_MAX	10000		/* limit of a search's total */
#define USERNAME_LEN_MAX 30

static void
accounts_row(struct stmt *q, struct arena *arena, struct admin_user *u)
{
	u->id = stmt_col_int(q, 0);
	u->uuid = stmt_col_uuid(q, 1);
	u->username = stmt_col_text(q, 2, arena);
	u->email = stmt_col_text(q, 3, arena);
	u->phone = stmt_col_text(q, 4, arena);
	u->country = stmt_col_text(q, 5, arena);
	u->roles = (unsigned)stmt_col_int(q, 6);
	u->status = (int)stmt_col_int(q, 7);
	u->banned_until = stmt_col_opt(q, 8);
	u->ban_reason = stmt_col_text(q, 9, arena);
	u->created_at = stmt_col_int(q, 10);
	u->email_ok = stmt_col_int(q, 11) != 0;
	u->phone_ok = stmt_col_int(q, 12) != 0;
}

enum rc
account_admin_known(struct db *db, int64_t id, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_ADMIN_USER_KNOWN);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

enum rc
account_admin_get(struct db *db, struct arena *arena, int64_t id,
    struct admin_user *u, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_ADMIN_USER);
	bool found;
	enum rc rc;

	memset(u, 0, sizeof(*u));
	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found) {
		accounts_row(q, arena, u);
		u->sex = stmt_col_text(q, 13, arena);
		u->bio = stmt_col_text(q, 14, arena);
		u->interests = text_list_split(arena, stmt_col_peek(q, 15));
		u->image = stmt_col_text(q, 16, arena);
		u->preferred_language = stmt_col_text(q, 17, arena);
		u->referral_code = stmt_col_text(q, 18, arena);
		u->last_seen = stmt_col_opt(q, 19);
		u->favorites = stmt_col_int(q, 20);
		u->sessions = stmt_col_int(q, 21);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

/* A search text in its possible meanings. Valid until stmt_done(). */
struct search_text {
	char *text, *end;
	struct uuid uuid;
	int64_t number;
};

static void
parse_search_text(struct arena *arena, const char *text, struct search_text *t)
{
	memset(t, 0, sizeof(*t));
	t->text = arena_str(arena, text);
	str_lower(t->text);
	/* '~' sorts after all characters of usernames. */
	t->end = arena_fmt(arena, "%s~", t->text);
	(void)uuid_parse(text, &t->uuid);
	(void)str_int(text, &t->number);
}

bool
account_admin_by_name(const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text);

	return n > 0 && n <= USERNAME_LEN_MAX && strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
	    == n;
}

/* The index that a list reads: the one with the fewest rows. */
enum scan { SCAN_ALL, SCAN_STATUS, SCAN_STAFF, SCAN_LISTENERS, SCANS };

static enum scan
scan_of(const struct admin_users_query *query)
{
	if (query->role & ROLES_INDEXED)
		return SCAN_STAFF;
	if (query->role & ROLE_BIT_LISTENER)
		return SCAN_LISTENERS;
	if (query->status >= 0 && query->status != USER_ACTIVE)
		return SCAN_STATUS;
	return SCAN_ALL;
}

/* Returns the index for a search by name. SCAN_ALL has no filter columns. */
static enum scan
scan_by_name(const struct admin_users_query *query)
{
	enum scan by = scan_of(query);

	return by == SCAN_ALL && (query->role != 0 || query->status >= 0) ?
	    SCAN_STATUS : by;
}

static const enum stmt_id in_order[SCANS] = {
	Q_ACCOUNT_ADMIN, Q_ACCOUNT_ADMIN_UNUSUAL, Q_ACCOUNT_ADMIN_STAFF,
	Q_ACCOUNT_ADMIN_LISTENERS
};
static const enum stmt_id by_name[SCANS] = {
	Q_ACCOUNT_ADMIN_NAMED, Q_ACCOUNT_ADMIN_NAMED_STATUS,
	Q_ACCOUNT_ADMIN_NAMED_STAFF, Q_ACCOUNT_ADMIN_NAMED_LISTENERS
};
static const enum stmt_id count_by_name[SCANS] = {
	Q_ACCOUNT_ADMIN_NAMED_COUNT, Q_ACCOUNT_ADMIN_NAMED_STATUS_COUNT,
	Q_ACCOUNT_ADMIN_NAMED_STAFF_COUNT, Q_ACCOUNT_ADMIN_NAMED_LISTENERS_COUNT
};

static void
bind_status(struct stmt *q, int status)
{
	if (status < 0)
		stmt_null(q, ":status");
	else
		stmt_int(q, ":status", status);
}

/* Prepares a statement and binds the filters that it has. */
static struct stmt *
query_accounts(struct db *db, enum stmt_id id,
    const struct admin_users_query *query)
{
	struct stmt *q = stmt_get(db, id);

	if (scan_of(query) != SCAN_LISTENERS ||
	    id == Q_ACCOUNT_ADMIN_EXACT || id == Q_ACCOUNT_ADMIN_EXACT_COUNT)
		stmt_int(q, ":role", query->role);
	bind_status(q, query->status);
	return q;
}

/* Prepares a search by name; without filters, none is bound. */
static struct stmt *
query_by_name(struct db *db, const enum stmt_id ids[SCANS],
    const struct admin_users_query *query)
{
	enum scan by = scan_by_name(query);

	return by == SCAN_ALL ? stmt_get(db, ids[by]) :
	    query_accounts(db, ids[by], query);
}

/* Appends rows to the list until it is full. */
static enum rc
read_accounts(struct stmt *q, struct arena *arena,
    const struct admin_users_query *query, int64_t offset,
    struct admin_users *list)
{
	size_t max = (size_t)query->limit;

	stmt_int(q, ":limit", query->limit - (int64_t)list->n + 1);
	stmt_int(q, ":offset", offset);
	while (!list->more && stmt_row(q)) {
		list->more = list->n == max;
		if (!list->more)
			accounts_row(q, arena, &list->users[list->n++]);
	}
	return stmt_done(q);
}

static enum rc
count_accounts(struct stmt *q, int64_t *n)
{
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

static void
bind_exact(struct stmt *q, const struct search_text *t)
{
	stmt_text(q, ":q", t->text);
	stmt_uuid(q, ":uuid", &t->uuid);
	stmt_int(q, ":number", t->number);
}

/* Lists the accounts with an address, phone number, id or UUID. */
static enum rc
list_exact(struct db *db, struct arena *arena,
    const struct admin_users_query *query, struct admin_users *list)
{
	struct stmt *q = query_accounts(db, Q_ACCOUNT_ADMIN_EXACT, query);
	struct search_text t;
	enum rc rc;

	parse_search_text(arena, query->q, &t);
	bind_exact(q, &t);
	stmt_int(q, ":id", query->before);
	rc = read_accounts(q, arena, query, query->offset, list);
	if (rc != RC_OK)
		return rc;
	q = query_accounts(db, Q_ACCOUNT_ADMIN_EXACT_COUNT, query);
	bind_exact(q, &t);
	stmt_int(q, ":max", COUNT_MAX);
	return count_accounts(q, &list->total);
}

/* Finds the account whose id is the text, if it matches the filters. */
static enum rc
find_by_id(struct db *db, struct arena *arena,
    const struct admin_users_query *query, const struct search_text *t,
    struct admin_users *hit)
{
	struct admin_users_query one = *query;
	struct stmt *q;

	one.limit = 1;
	*hit = (struct admin_users){ .users = arena_zalloc(arena, 1,
	    sizeof(*hit->users)) };
	if (t->number <= 0)
		return RC_OK;
	q = query_accounts(db, Q_ACCOUNT_ADMIN_EXACT, query);
	bind_exact(q, t);
	stmt_int(q, ":id", INT64_MAX);
	return read_accounts(q, arena, &one, 0, hit);
}

/* Lists the account whose id is the text, then those by username. */
static enum rc
list_by_name(struct db *db, struct arena *arena,
    const struct admin_users_query *query, struct admin_users *list)
{
	const char *after = query->after == NULL ? "" : query->after;
	int64_t offset = query->offset;
	struct admin_users hit;
	struct search_text t;
	struct stmt *q;
	enum rc rc;

	parse_search_text(arena, query->q, &t);
	rc = find_by_id(db, arena, query, &t, &hit);
	if (rc != RC_OK)
		return rc;
	if (hit.n > 0 && query->after == NULL && offset-- == 0) {
		list->users[list->n++] = hit.users[0];
		offset = 0;
	}
	q = query_by_name(db, by_name, query);
	stmt_text(q, ":from", strcmp(after, t.text) > 0 ? after : t.text);
	stmt_text(q, ":after", after);
	stmt_text(q, ":q_end", t.end);
	stmt_int(q, ":number", t.number);
	rc = read_accounts(q, arena, query, offset, list);
	if (rc != RC_OK)
		return rc;
	q = query_by_name(db, count_by_name, query);
	stmt_text(q, ":q", t.text);
	stmt_text(q, ":q_end", t.end);
	stmt_int(q, ":number", t.number);
	stmt_int(q, ":max", COUNT_MAX);
	rc = count_accounts(q, &list->total);
	list->total += hit.n > 0;
	/* If the page has only the account by id, names begin next. */
	list->last = list->n == 0 || (list->n == 1 && query->after == NULL &&
	    hit.n > 0 && query->offset == 0) ? "" :
	    list->users[list->n - 1].username;
	return rc;
}

static enum rc
count_all(struct db *db, struct arena *arena,
    const struct admin_users_query *query, int64_t *n)
{
	struct stmt *q;

	if (query->role == 0 && query->status >= 0)
		return counter_get(db, arena_fmt(arena, "user:%d",
		    query->status), n);
	if (query->role == 0)
		return count_accounts(stmt_get(db, Q_COUNTER_USERS), n);
	q = stmt_get(db, Q_ACCOUNT_ADMIN_COUNT);
	stmt_int(q, ":role", query->role);
	bind_status(q, query->status);
	return count_accounts(q, n);
}

enum rc
account_admin_list(struct db *db, struct arena *arena,
    const struct admin_users_query *query, struct admin_users *list)
{
	struct stmt *q;
	enum rc rc;

	*list = (struct admin_users){ .users = arena_zalloc(arena,
	    (size_t)query->limit, sizeof(*list->users)) };
	if (account_admin_by_name(query->q))
		return list_by_name(db, arena, query, list);
	if (query->q != NULL)
		return list_exact(db, arena, query, list);
	q = query_accounts(db, in_order[scan_of(query)], query);
	stmt_int(q, ":id", query->before);
	rc = read_accounts(q, arena, query, query->offset, list);
	return rc == RC_OK ? count_all(db, arena, query, &list->total) :
	    rc;
}
