#include "base/hash.h"
#include "base/str.h"
#include "dom/favorite_list.h"
#include "dom/lines.h"

struct fav_listener_row {
	int64_t listener, created_at, id;
	int64_t version, wait;
	int64_t rating, last_seen;
	const char *username;
	bool online, busy;
};

static bool
wide(const struct fav_filter *f)
{
	return f->order != FAV_RECENT || f->lang != NULL || f->sex != NULL ||
	    f->match != NULL;
}

static bool
wanted(const struct fav_filter *f, bool online, bool busy)
{
	return (f->online < 0 || f->online == online) &&
	    (f->available < 0 || f->available == (online && !busy));
}

/* Best first; the newest favorite decides between equals. */
static int
newer(const struct fav_listener_row *a, const struct fav_listener_row *b)
{
	if (a->created_at != b->created_at)
		return a->created_at > b->created_at ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

static int
by_rating(const void *va, const void *vb)
{
	const struct fav_listener_row *a = va, *b = vb;

	if (a->rating != b->rating)
		return a->rating > b->rating ? -1 : 1;
	return newer(a, b);
}

static int
by_name(const void *va, const void *vb)
{
	const struct fav_listener_row *a = va, *b = vb;
	int c = strcmp(a->username, b->username);

	return c != 0 ? c : newer(a, b);
}

static int
by_last_seen(const void *va, const void *vb)
{
	const struct fav_listener_row *a = va, *b = vb;

	if (a->last_seen != b->last_seen)
		return a->last_seen > b->last_seen ? -1 : 1;
	return newer(a, b);
}

/* Every row of the list that the filter lets through, and the figures. */
static enum rc
read_rows(struct db *db, struct arena *a, int64_t user,
    const struct fav_filter *f, int64_t now, struct fav_listeners *out,
    size_t *n)
{
	bool all = wide(f), online, busy;
	struct fav_listener_row *r, *grown;
	size_t room = 128;
	struct stmt *q;

	q = db_q(db, all ? Q_FAVORITE_LISTENERS_WIDE : Q_FAVORITE_LISTENERS);
	q_int(q, ":user", user);
	q_int(q, ":now", now);
	if (all) {
		q_text(q, ":sex", f->sex);
		q_text(q, ":lang", f->lang);
		q_text(q, ":match", f->match);
	}
	out->rows = arena_alloc(a, room * sizeof(*r));
	for (*n = 0; q_row(q); ) {
		online = q_col_int(q, 3) != 0;
		busy = q_col_int(q, 4) != 0;
		if (!wanted(f, online, busy))
			continue;
		if (*n == room) {
			grown = arena_alloc(a, room * 2 * sizeof(*r));
			memcpy(grown, out->rows, room * sizeof(*r));
			out->rows = grown;
			room *= 2;
		}
		r = &out->rows[(*n)++];
		*r = (struct fav_listener_row){ .listener = q_col_int(q, 0),
		    .created_at = q_col_int(q, 1), .id = q_col_int(q, 2),
		    .online = online, .busy = busy };
		out->online += online;
		out->available += online && !busy;
		r->version = q_col_int(q, 5);
		if (busy)
			r->wait = listener_wait(q_col_int(q, 6),
			    q_col_opt(q, 7), now);
		if (all) {
			r->rating = q_col_int(q, 8);
			r->username = q_col_text(q, 9, a);
			r->last_seen = q_col_opt(q, 10);
		}
	}
	out->total = (int64_t)*n;
	return q_done(q);
}

/* All that the answer is made of: the figures, and the page's rows. */
static int64_t
version_of(const struct fav_listeners *l)
{
	const int64_t figures[] = { l->total, l->online, l->available,
		l->more };
	uint64_t h = hash_fast(HASH_FAST_SEED, figures, sizeof(figures));
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct fav_listener_row *r = &l->rows[i];
		const int64_t parts[] = { r->id, r->version,
			r->online | r->busy << 1, r->wait };

		h = hash_fast(h, parts, sizeof(parts));
	}
	return (int64_t)h;
}

enum rc
favorite_listeners(struct db *db, struct arena *a, int64_t user,
    const struct fav_filter *f, const struct fav_page *page, int64_t now,
    struct fav_listeners *out)
{
	static int (*const orders[])(const void *, const void *) = {
		[FAV_RATING] = by_rating, [FAV_NAME] = by_name,
		[FAV_LAST_SEEN] = by_last_seen,
	};
	size_t n, from = 0;
	enum rc rc;

	*out = (struct fav_listeners){ 0 };
	rc = read_rows(db, a, user, f, now, out, &n);
	if (rc != RC_OK)
		return rc;
	if (f->order != FAV_RECENT)
		qsort(out->rows, n, sizeof(*out->rows), orders[f->order]);
	if (page->after) {
		/*
		 * Behind the row of the cursor; when it is gone, where it was
		 * by its time.
		 */
		for (from = 0; from < n && out->rows[from].id != page->id; )
			from++;
		if (from < n)
			from++;
		else if (f->order == FAV_RECENT)
			for (from = 0; from < n && (out->rows[from].created_at >
			    page->at || (out->rows[from].created_at ==
			    page->at && out->rows[from].id > page->id)); )
				from++;
	}
	if (page->offset >= (int64_t)(n - from))
		from = n;
	else
		from += (size_t)page->offset;
	out->rows += from;
	out->n = n - from;
	if ((int64_t)out->n > page->limit) {
		out->n = (size_t)page->limit;
		out->more = true;
	}
	out->version = version_of(out);
	return RC_OK;
}

enum rc
favorite_cards(struct db *db, struct arena *a, int64_t user, int64_t now,
    struct fav_listeners *l)
{
	struct stmt *q;
	struct fav_card *c;
	int64_t *ids;
	size_t i;
	int col;

	l->cards = arena_zalloc(a, l->n, sizeof(*l->cards));
	if (l->n == 0)
		return RC_OK;
	ids = arena_alloc(a, l->n * sizeof(*ids));
	for (i = 0; i < l->n; i++)
		ids[i] = l->rows[i].listener;
	q = db_q(db, Q_FAVORITE_CARDS);
	q_text(q, ":ids", lines_ids(a, ids, l->n));
	q_int(q, ":user", user);
	for (i = 0; q_row(q) && i < l->n; i++) {
		c = &l->cards[i];
		col = listener_card_row(q, 0, a, now, &c->card);
		c->favorited_at = q_col_int(q, col);
		c->notify = (int)q_col_int(q, col + 1);
		c->note = q_col_text(q, col + 2, a);
		c->id = q_col_int(q, col + 3);
	}
	l->n = i;
	return q_done(q);
}
