#include "base/hash.h"
#include "base/str.h"
#include "domain/common/id_page.h"
#include "domain/common/text_list.h"
#include "domain/favorites/favorite_list.h"

/*
 * Without filters and in the default order, the list is read from an index: one
 * statement reads the counts, another one the page. Filters and other orders
 * first read all rows of the user (scan_*()), then the cards of the page.
 */

/*
 * Mask of the three counts in one number, 20 bits each; see
 * favorite_list_figures.
 */
#define COUNT_MASK	((INT64_C(1) << 20) - 1)

/* Reads columns 0 to 21 of favorite_list_listeners and favorite_list_cards. */
static void
read_card(struct stmt *q, struct arena *a, int64_t now, struct favorite_card *c)
{
	int col = listener_card_row(q, 0, a, now, &c->card);

	c->favorited_at = stmt_col_int(q, col);
	c->notify = stmt_col_int(q, col + 1) != 0;
	c->note = stmt_col_text(q, col + 2, a);
	c->id = stmt_col_int(q, col + 3);
	c->version = stmt_col_int(q, col + 4);
	if (stmt_col_int(q, col + 5) != 0)
		listener_card_hide(&c->card);
}

static enum rc
indexed_counts(struct db *db, int64_t user, int64_t now,
    struct favorite_listeners *out)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LIST_FIGURES);
	int64_t sum = 0;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	if (stmt_row(q))
		sum = stmt_col_int(q, 0);
	out->total = sum & COUNT_MASK;
	out->online = sum >> 20 & COUNT_MASK;
	out->available = sum >> 40 & COUNT_MASK;
	return stmt_done(q);
}

static struct stmt *
indexed_stmt(struct db *db, enum stmt_id id, int64_t user,
    const struct favorite_page *page)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":user", user);
	stmt_int(q, ":at", page->after ? page->at : INT64_MAX);
	stmt_int(q, ":id", page->after ? page->id : INT64_MAX);
	stmt_int(q, ":limit", page->limit + 1);
	stmt_int(q, ":offset", page->offset);
	return q;
}

/* Hashes the version of a card, and what changes with time alone. */
static uint64_t
card_hash(uint64_t h, int64_t id, int64_t version, bool online, int64_t wait,
    int64_t next)
{
	const int64_t parts[] = { id, version, online, wait, next };

	return hash_fast(h, parts, sizeof(parts));
}

static uint64_t
counts_hash(const struct favorite_listeners *l)
{
	const int64_t counts[] = { l->total, l->online, l->available };

	return hash_fast(HASH_FAST_SEED, counts, sizeof(counts));
}

static enum rc
indexed_page(struct db *db, int64_t user, const struct favorite_page *page,
    int64_t now, struct favorite_listeners *out)
{
	struct stmt *q;
	int64_t since, hidden;
	uint64_t h;
	enum rc rc;

	rc = indexed_counts(db, user, now, out);
	if (rc != RC_OK)
		return rc;
	h = counts_hash(out);
	q = indexed_stmt(db, Q_FAVORITE_LIST_LISTENERS_VERSION, user, page);
	stmt_int(q, ":now", now);
	while (stmt_row(q)) {
		hidden = stmt_col_opt(q, 5);
		if (hidden != INT64_MIN) {
			h = card_hash(h, stmt_col_int(q, 0), hidden, false,
			    INT64_MIN, stmt_col_opt(q, 6));
			continue;
		}
		since = stmt_col_opt(q, 3);
		h = card_hash(h, stmt_col_int(q, 0), stmt_col_int(q, 1),
		    stmt_col_int(q, 2) != 0, since == INT64_MIN ? INT64_MIN :
		    listener_wait(since, stmt_col_opt(q, 4), now),
		    stmt_col_opt(q, 6));
	}
	out->version = (int64_t)h;
	return stmt_done(q);
}

enum rc
favorite_list_cards(struct db *db, struct arena *a, int64_t user,
    const struct favorite_page *page, int64_t now,
    struct favorite_listeners *out)
{
	struct stmt *q;

	if (out->cards != NULL)
		return RC_OK;
	out->cards = arena_alloc(a, (size_t)page->limit * sizeof(*out->cards));
	q = indexed_stmt(db, Q_FAVORITE_LIST_LISTENERS, user, page);
	stmt_int(q, ":now", now);
	while (stmt_row(q)) {
		if ((int64_t)out->n == page->limit) {
			out->more = true;
			break;
		}
		read_card(q, a, now, &out->cards[out->n++]);
	}
	return stmt_done(q);
}

/* The columns that filters and orders use. */
struct row {
	int64_t listener, created_at, id;
	int64_t rating, last_seen;
	const char *username;
};
struct rows {
	struct row *v;
	size_t n, size;
};

/* Order functions: best first. If equal, the newest favorite comes first. */
static int
newer(const struct row *a, const struct row *b)
{
	if (a->created_at != b->created_at)
		return a->created_at > b->created_at ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

static int
by_time(const void *a, const void *b)
{
	return newer(a, b);
}

static int
by_rating(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;

	if (a->rating != b->rating)
		return a->rating > b->rating ? -1 : 1;
	return newer(a, b);
}

static int
by_name(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	int c = strcmp(a->username, b->username);

	return c != 0 ? c : newer(a, b);
}

static int
by_last_seen(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;

	if (a->last_seen != b->last_seen)
		return a->last_seen > b->last_seen ? -1 : 1;
	return newer(a, b);
}

static struct row *
add_row(struct rows *rows, struct arena *a)
{
	struct row *grown;

	if (rows->n == rows->size) {
		rows->size = rows->size == 0 ? 128 : rows->size * 2;
		grown = arena_alloc(a, rows->size * sizeof(*grown));
		if (rows->n > 0)
			memcpy(grown, rows->v, rows->n * sizeof(*grown));
		rows->v = grown;
	}
	return &rows->v[rows->n++];
}

/* Reads every row that matches the filter, and counts. */
static enum rc
scan_rows(struct db *db, struct arena *a, int64_t user,
    const struct favorite_filter *f, int64_t now,
    struct favorite_listeners *out, struct rows *rows)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LIST_LISTENERS_WIDE);
	bool online, available, hidden;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	stmt_text(q, ":sex", f->sex);
	stmt_text(q, ":lang", f->lang);
	stmt_text(q, ":match", f->match);
	while (stmt_row(q)) {
		hidden = stmt_col_int(q, 8) != 0;
		online = !hidden && stmt_col_int(q, 3) != 0;
		available = online && stmt_col_int(q, 4) == 0;
		if ((f->online >= 0 && f->online != online) ||
		    (f->available >= 0 && f->available != available))
			continue;
		out->total++;
		out->online += online;
		out->available += available;
		*add_row(rows, a) = (struct row){
		    .listener = stmt_col_int(q, 0),
		    .created_at = stmt_col_int(q, 1), .id = stmt_col_int(q, 2),
		    .rating = stmt_col_int(q, 5),
		    .username = stmt_col_text(q, 6, a),
		    .last_seen = hidden ? INT64_MIN :
		    stmt_col_opt(q, 7) };
	}
	return stmt_done(q);
}

/* Returns the index of the first row of the page. */
static size_t
scan_start(const struct rows *rows, const struct favorite_filter *f,
    const struct favorite_page *page)
{
	size_t at = 0;

	if (!page->after)
		return page->offset < (int64_t)rows->n ? (size_t)page->offset :
		    rows->n;
	while (at < rows->n && rows->v[at].id != page->id)
		at++;
	if (at < rows->n)
		return at + 1;
	/*
	 * The favorite was removed. In the order of time its place is known. In
	 * other orders, the page starts at the first row.
	 */
	for (at = 0; f->order == FAVORITE_RECENT && at < rows->n &&
	    (rows->v[at].created_at > page->at ||
	    (rows->v[at].created_at == page->at &&
	    rows->v[at].id > page->id)); )
		at++;
	return at;
}

/* Reads the cards of the rows, in their order. */
static enum rc
scan_cards(struct db *db, struct arena *a, int64_t user, int64_t now,
    const struct row *rows, size_t n, struct favorite_listeners *out)
{
	uint64_t h = counts_hash(out);
	struct stmt *q;
	int64_t *ids;
	size_t i;
	enum rc rc;

	out->version = (int64_t)h;
	out->cards = arena_alloc(a, n * sizeof(*out->cards));
	if (n == 0)
		return RC_OK;
	ids = arena_alloc(a, n * sizeof(*ids));
	for (i = 0; i < n; i++)
		ids[i] = rows[i].listener;
	q = stmt_get(db, Q_FAVORITE_LIST_CARDS);
	stmt_text(q, ":ids", id_page_json(a, ids, n));
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	while (out->n < n && stmt_row(q))
		read_card(q, a, now, &out->cards[out->n++]);
	rc = stmt_done(q);
	for (i = 0; i < out->n; i++)
		h = card_hash(h, out->cards[i].id, out->cards[i].version,
		    out->cards[i].card.is_online,
		    out->cards[i].card.wait_time,
		    out->cards[i].card.next_available_at);
	out->version = (int64_t)h ^ out->more;
	return rc;
}

static enum rc
scan_page(struct db *db, struct arena *a, int64_t user,
    const struct favorite_filter *f, const struct favorite_page *page,
    int64_t now, struct favorite_listeners *out)
{
	static int (*const orders[])(const void *, const void *) = {
		[FAVORITE_RECENT] = by_time, [FAVORITE_RATING] = by_rating,
		[FAVORITE_NAME] = by_name, [FAVORITE_LAST_SEEN] = by_last_seen,
	};
	struct rows rows = { 0 };
	size_t from, n;
	enum rc rc;

	rc = scan_rows(db, a, user, f, now, out, &rows);
	if (rc != RC_OK)
		return rc;
	if (rows.n > 0)
		qsort(rows.v, rows.n, sizeof(*rows.v),
		    orders[f->order]);
	from = scan_start(&rows, f, page);
	n = rows.n - from;
	out->more = (int64_t)n > page->limit;
	if (out->more)
		n = (size_t)page->limit;
	return scan_cards(db, a, user, now, rows.v + from, n, out);
}

enum rc
favorite_list_listeners(struct db *db, struct arena *a, int64_t user,
    const struct favorite_filter *f, const struct favorite_page *page,
    int64_t now, struct favorite_listeners *out)
{
	*out = (struct favorite_listeners){ 0 };
	if (f->order == FAVORITE_RECENT && f->online < 0 && f->available < 0 &&
	    f->lang == NULL && f->sex == NULL && f->match == NULL)
		return indexed_page(db, user, page, now, out);
	return scan_page(db, a, user, f, page, now, out);
}
