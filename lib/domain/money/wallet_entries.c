/* wallet_entries: pages of a user's wallet entries. */
#include "base/str.h"
#include "domain/money/wallet.h"

const char *
wallet_reference(enum transfer_type type)
{
	static const char *const names[TRANSFER_TYPES] = {
		[TRANSFER_TOPUP] = "payment", [TRANSFER_HOLD] = "session",
		[TRANSFER_RELEASE] = "session", [TRANSFER_SESSION] = "session",
		[TRANSFER_REFUND] = "session", [TRANSFER_BONUS] = "promotion",
		[TRANSFER_REVERSAL] = "payment",
		[TRANSFER_REFERRAL] = "referral",
	};

	return names[type];
}

/* Prepares the statement for all entries, or that for one type. */
static struct stmt *
query_entries(struct db *db, const struct wallet_query *query, enum stmt_id all,
    enum stmt_id typed)
{
	struct stmt *q = stmt_get(db, query->type == 0 ? all : typed);

	stmt_int(q, ":user", query->user);
	if (query->type != 0)
		stmt_int(q, ":type", query->type);
	return q;
}

static enum rc
count_entries(struct db *db, const struct wallet_query *query, int64_t *total)
{
	struct stmt *q = query_entries(db, query, Q_WALLET_COUNT,
	    Q_WALLET_COUNT_TYPE);

	*total = 0;
	stmt_int(q, ":from", query->from);
	stmt_int(q, ":to", query->to);
	if (stmt_row(q))
		*total = stmt_col_int(q, 0);
	/* It is negative if query->to is before query->from. */
	if (*total < 0)
		*total = 0;
	return stmt_done(q);
}

/*
 * Finds the entry before the page. *end: there are fewer entries than
 * `offset`.
 */
static enum rc
skip_entries(struct db *db, const struct wallet_query *query, int64_t *at,
    int64_t *id, bool *end)
{
	struct stmt *q;

	*end = false;
	*at = query->to;
	*id = INT64_MIN;
	if (query->given && query->before_at < *at) {
		*at = query->before_at;
		*id = query->before_id;
	}
	if (query->offset == 0)
		return RC_OK;
	q = query_entries(db, query, Q_WALLET_SKIP, Q_WALLET_SKIP_TYPE);
	stmt_int(q, ":from", query->from);
	stmt_int(q, ":at", *at);
	stmt_int(q, ":id", *id);
	stmt_int(q, ":skip", query->offset - 1);
	*end = !stmt_row(q);
	if (!*end) {
		*at = stmt_col_int(q, 0);
		*id = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

enum rc
wallet_version(struct db *db, int64_t user, int64_t *version)
{
	struct stmt *q = stmt_get(db, Q_WALLET_VERSION);

	stmt_int(q, ":user", user);
	*version = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
wallet_entries(struct db *db, struct arena *arena,
    const struct wallet_query *query, struct wallet_page *page)
{
	struct wallet_entry *l;
	struct stmt *q;
	int64_t at, id;
	bool end;
	enum rc rc;

	*page = (struct wallet_page){ 0 };
	rc = count_entries(db, query, &page->total);
	if (rc == RC_OK)
		rc = skip_entries(db, query, &at, &id, &end);
	if (rc != RC_OK || end)
		return rc;
	page->entries = arena_zalloc(arena, (size_t)query->limit,
	    sizeof(*page->entries));
	q = query_entries(db, query, Q_WALLET_ENTRIES, Q_WALLET_ENTRIES_TYPE);
	stmt_int(q, ":from", query->from);
	stmt_int(q, ":at", at);
	stmt_int(q, ":id", id);
	stmt_int(q, ":limit", query->limit + 1);
	while (stmt_row(q)) {
		if ((int64_t)page->n == query->limit) {
			page->more = true;
			break;
		}
		l = &page->entries[page->n++];
		l->id = stmt_col_int(q, 0);
		l->type = (enum wallet_entry_type)stmt_col_int(q, 1);
		l->earned = stmt_col_int(q, 2) != 0;
		l->amount = stmt_col_int(q, 3);
		l->balance = stmt_col_int(q, 4);
		l->at = stmt_col_int(q, 5);
		l->transfer = (enum transfer_type)stmt_col_int(q, 6);
		l->reference = stmt_col_opt(q, 7);
	}
	return stmt_done(q);
}
