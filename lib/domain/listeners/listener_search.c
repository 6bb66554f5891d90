#include "domain/listeners/listener_search.h"

#include "domain/common/counter.h"
#include "domain/common/fts_query.h"
#include "domain/common/text_list.h"

/* Recommended keys of who is here begin at this; see listener_search.sql. */
#define KEY_HERE	(INT64_C(1) << 32)

/* A search under way. */
struct search {
	struct db *db;
	const struct listener_search_query *query;
	const char *match;		/* full text, or NULL */
	int64_t now;
	int64_t *ids;			/* room for limit + 1 */
	int64_t *keys;
	int64_t n;			/* found so far */
};

void
listener_search_query_init(struct listener_search_query *query)
{
	memset(query, 0, sizeof(*query));
	query->online = query->available = -1;
	query->max_rate = INT64_MAX;
	query->limit = 20;
}

static void
bind_flag(struct stmt *q, const char *name, int flag)
{
	if (flag < 0)
		stmt_null(q, name);
	else
		stmt_int(q, name, flag);
}

/* A statement with the filters bound; online overrides the query's. */
static struct stmt *
prepare_search(const struct search *s, enum stmt_id id, int online)
{
	const struct listener_search_query *query = s->query;
	struct stmt *q = stmt_get(s->db, id);

	stmt_text(q, ":sex", query->sex);
	stmt_text(q, ":country", query->country);
	stmt_text(q, ":language", query->language);
	stmt_text(q, ":interest", query->interest);
	stmt_int(q, ":min_rating", query->min_rating);
	stmt_int(q, ":max_rate", query->max_rate);
	bind_flag(q, ":online", online);
	bind_flag(q, ":available", query->available);
	stmt_int(q, ":now", s->now);
	return q;
}

static enum rc
count_search(const struct search *s, enum stmt_id id, int64_t *n)
{
	struct stmt *q = prepare_search(s, id, s->query->online);

	if (id == Q_LISTENER_SEARCH_COUNT_MATCHING)
		stmt_text(q, ":match", s->match);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Add rows behind (key, id), or behind the first `offset`, up to limit + 1. */
static enum rc
find_search(struct search *s, enum stmt_id stmt, int online, bool after,
    int64_t offset)
{
	const struct listener_search_query *query = s->query;
	bool up = stmt == Q_LISTENER_SEARCH_BY_RATE;
	int64_t start = up ? INT64_MIN : INT64_MAX;
	struct stmt *q = prepare_search(s, stmt, online);

	if (stmt == Q_LISTENER_SEARCH_MATCHING)
		stmt_text(q, ":match", s->match);
	if (stmt == Q_LISTENER_SEARCH_MATCHING ||
	    stmt == Q_LISTENER_SEARCH_HERE)
		stmt_int(q, ":sort", query->sort);
	stmt_int(q, ":key", after ? query->key : start);
	stmt_int(q, ":id", after ? query->id : start);
	stmt_int(q, ":limit", query->limit + 1 - s->n);
	stmt_int(q, ":offset", offset);
	while (s->n <= query->limit && stmt_row(q)) {
		s->ids[s->n] = stmt_col_int(q, 0);
		s->keys[s->n] = stmt_col_int(q, 1);
		s->n++;
	}
	return stmt_done(q);
}

/* Who is here first, then the others. */
static enum rc
recommended(struct search *s)
{
	const struct listener_search_query *query = s->query;
	bool in_rest = query->after && query->key < KEY_HERE;
	int64_t offset = query->after ? 0 : query->offset, here = 0;
	enum rc rc;

	if (query->online == 0)
		return find_search(s, Q_LISTENER_SEARCH_BY_SCORE, 0,
		    query->after, offset);
	if (!in_rest) {
		rc = find_search(s, Q_LISTENER_SEARCH_HERE, query->online,
		    query->after, offset);
		if (rc != RC_OK || s->n > query->limit)
			return rc;
	}
	if (offset > 0 && s->n == 0) {
		rc = count_search(s, Q_LISTENER_SEARCH_COUNT_HERE, &here);
		if (rc != RC_OK)
			return rc;
	}
	return find_search(s, Q_LISTENER_SEARCH_BY_SCORE, 0, in_rest,
	    offset > here && s->n == 0 ? offset - here : 0);
}

static enum rc
walk_search(struct search *s)
{
	static const enum stmt_id orders[] = {
		[LISTENER_SEARCH_RATING] = Q_LISTENER_SEARCH_BY_RATING,
		[LISTENER_SEARCH_RATE] = Q_LISTENER_SEARCH_BY_RATE,
		[LISTENER_SEARCH_RECENT] = Q_LISTENER_SEARCH_BY_RECENT,
		[LISTENER_SEARCH_POPULAR] = Q_LISTENER_SEARCH_BY_FAVORITES,
	};
	const struct listener_search_query *query = s->query;
	int64_t offset = query->after ? 0 : query->offset;

	if (s->match)
		return find_search(s, Q_LISTENER_SEARCH_MATCHING, query->online,
		    query->after, offset);
	if (query->online == 1 || query->available == 1)
		return find_search(s, Q_LISTENER_SEARCH_HERE, query->online,
		    query->after, offset);
	if (query->sort == LISTENER_SEARCH_RECOMMENDED)
		return recommended(s);
	return find_search(s, orders[query->sort], query->online, query->after,
	    offset);
}

static enum rc
search_total(const struct search *s, int64_t *n)
{
	const struct listener_search_query *query = s->query;

	if (s->match)
		return count_search(s, Q_LISTENER_SEARCH_COUNT_MATCHING, n);
	if (query->online == 1 || query->available == 1)
		return count_search(s, Q_LISTENER_SEARCH_COUNT_HERE, n);
	if (query->language || query->sex || query->country ||
	    query->interest || query->min_rating > 0 ||
	    query->max_rate < INT64_MAX || query->online == 0 ||
	    query->available == 0)
		return count_search(s, Q_LISTENER_SEARCH_COUNT, n);
	return counter_get(s->db, "listed", n);
}

/* The words to look for. False: there are some, but none can match. */
static bool
words(struct arena *arena, const struct listener_search_query *query,
    const char **match)
{
	char *typed = NULL, *interest = NULL;

	if (query->q) {
		typed = fts_query_words(arena, query->q);
		if (!typed)
			return false;
	}
	/* An interest without letters is found by walking. */
	if (query->interest)
		interest = fts_query_phrase(arena, "interests",
		    query->interest);
	*match = fts_query_both(arena, typed, interest);
	return true;
}

enum rc
listener_search(struct db *db, struct arena *arena,
    const struct listener_search_query *query, int64_t now,
    struct listener_search_page *page)
{
	size_t room = (size_t)query->limit + 1;
	struct search s = { .db = db, .query = query, .now = now };
	enum rc rc;

	memset(page, 0, sizeof(*page));
	if (query->none || !words(arena, query, &s.match))
		return RC_OK;
	s.ids = arena_zalloc(arena, room, sizeof(*s.ids));
	s.keys = arena_zalloc(arena, room, sizeof(*s.keys));
	rc = walk_search(&s);
	if (rc == RC_OK)
		rc = search_total(&s, &page->total);
	if (rc != RC_OK || s.n == 0)
		return rc;
	page->more = s.n > query->limit;
	if (page->more)
		s.n = query->limit;
	page->key = s.keys[s.n - 1];
	page->id = s.ids[s.n - 1];
	return listener_items(db, arena, s.ids, (size_t)s.n, query->viewer, now,
	    &page->items, &page->n);
}
