#include "domain/listeners/listener_search.h"

#include "domain/common/counter.h"
#include "domain/common/fts_query.h"
#include "domain/common/language.h"
#include "domain/common/text_list.h"

/*
 * The keys of online listeners are at least this if the sort is "recommended";
 * see listener_search.sql.
 */
#define KEY_ONLINE	(INT64_C(1) << 32)

/* The state of a search. */
struct search {
	struct db *db;
	const struct listener_search_query *query;
	const char *match;		/* FTS5 query, or NULL */
	/* See listener_search_matching; NULL without names of languages. */
	const char *speaks, *rest;
	int64_t now;
	int64_t *ids;			/* limit + 1 elements */
	int64_t *keys;
	int64_t n;			/* found so far */
};

void
listener_search_query_init(struct listener_search_query *query)
{
	memset(query, 0, sizeof(*query));
	query->online = query->available = -1;
	query->max_rate = INT64_MAX;
	query->available_at = INT64_MIN;
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

/* Returns a statement with the filters bound. `online` overrides the query. */
static struct stmt *
bind_filters(const struct search *s, enum stmt_id id, int online)
{
	const struct listener_search_query *query = s->query;
	struct stmt *q = stmt_get(s->db, id);

	stmt_text(q, ":sex", query->sex);
	stmt_text(q, ":country", query->country);
	stmt_text(q, ":languages", query->languages);
	stmt_text(q, ":interest", query->interest);
	stmt_int(q, ":min_rating", query->min_rating);
	stmt_int(q, ":max_rate", query->max_rate);
	bind_flag(q, ":online", online);
	bind_flag(q, ":available", query->available);
	stmt_opt(q, ":available_at", query->available_at);
	stmt_int(q, ":now", s->now);
	stmt_int(q, ":viewer", query->viewer);
	return q;
}

static void
bind_words(const struct search *s, struct stmt *q)
{
	stmt_text(q, ":match", s->match);
	stmt_text(q, ":speaks", s->speaks);
	stmt_text(q, ":rest", s->rest);
}

static enum rc
count_rows(const struct search *s, enum stmt_id id, int64_t *n)
{
	struct stmt *q = bind_filters(s, id, s->query->online);

	if (id == Q_LISTENER_SEARCH_COUNT_MATCHING)
		bind_words(s, q);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Adds rows after (key, id), or after the first `offset`, up to limit + 1. */
static enum rc
add_rows(struct search *s, enum stmt_id stmt, int online, bool after,
    int64_t offset)
{
	const struct listener_search_query *query = s->query;
	bool up = stmt == Q_LISTENER_SEARCH_BY_RATE;
	int64_t start = up ? INT64_MIN : INT64_MAX;
	struct stmt *q = bind_filters(s, stmt, online);

	if (stmt == Q_LISTENER_SEARCH_MATCHING)
		bind_words(s, q);
	if (stmt == Q_LISTENER_SEARCH_MATCHING ||
	    stmt == Q_LISTENER_SEARCH_ONLINE)
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

/* Adds online listeners, then the others. */
static enum rc
search_recommended(struct search *s)
{
	const struct listener_search_query *query = s->query;
	bool in_rest = query->after && query->key < KEY_ONLINE;
	int64_t offset = query->after ? 0 : query->offset, n_online = 0;
	enum rc rc;

	if (query->online == 0)
		return add_rows(s, Q_LISTENER_SEARCH_BY_SCORE, 0,
		    query->after, offset);
	if (!in_rest) {
		rc = add_rows(s, Q_LISTENER_SEARCH_ONLINE, query->online,
		    query->after, offset);
		if (rc != RC_OK || s->n > query->limit)
			return rc;
	}
	if (offset > 0 && s->n == 0) {
		rc = count_rows(s, Q_LISTENER_SEARCH_COUNT_ONLINE, &n_online);
		if (rc != RC_OK)
			return rc;
	}
	return add_rows(s, Q_LISTENER_SEARCH_BY_SCORE, 0, in_rest,
	    offset > n_online && s->n == 0 ? offset - n_online : 0);
}

static enum rc
run_search(struct search *s)
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
		return add_rows(s, Q_LISTENER_SEARCH_MATCHING, query->online,
		    query->after, offset);
	if (query->online == 1 || query->available == 1)
		return add_rows(s, Q_LISTENER_SEARCH_ONLINE, query->online,
		    query->after, offset);
	if (query->sort == LISTENER_SEARCH_RECOMMENDED)
		return search_recommended(s);
	return add_rows(s, orders[query->sort], query->online, query->after,
	    offset);
}

/* Counts the listed listeners that the viewer sees, without other filters. */
static enum rc
count_listed(const struct search *s, int64_t *n)
{
	struct stmt *q = stmt_get(s->db, Q_LISTENER_SEARCH_COUNT_HIDDEN);
	int64_t hidden;
	enum rc rc;

	stmt_int(q, ":viewer", s->query->viewer);
	hidden = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = counter_get(s->db, "listed", n);
	*n -= hidden;
	return rc;
}

static enum rc
search_total(const struct search *s, int64_t *n)
{
	const struct listener_search_query *query = s->query;

	if (s->match)
		return count_rows(s, Q_LISTENER_SEARCH_COUNT_MATCHING, n);
	if (query->online == 1 || query->available == 1)
		return count_rows(s, Q_LISTENER_SEARCH_COUNT_ONLINE, n);
	if (query->languages || query->sex || query->country ||
	    query->interest || query->min_rating > 0 ||
	    query->max_rate < INT64_MAX || query->online == 0 ||
	    query->available == 0 || query->available_at != INT64_MIN)
		return count_rows(s, Q_LISTENER_SEARCH_COUNT, n);
	return count_listed(s, n);
}

/*
 * Builds the FTS5 queries. Returns false if the text has no words, so that
 * nothing can match.
 */
static bool
build_match(struct arena *arena, struct search *s)
{
	const struct listener_search_query *query = s->query;
	char *typed = NULL, *interest = NULL;
	const char *rest;

	if (query->q) {
		typed = fts_query_words(arena, query->q);
		if (!typed)
			return false;
	}
	/* An interest without letters is found without full text. */
	if (query->interest)
		interest = fts_query_phrase(arena, "interests",
		    query->interest);
	s->match = fts_query_both(arena, typed, interest);
	if (query->q)
		s->speaks = language_names_in(arena, query->q, &rest);
	if (s->speaks)
		s->rest = fts_query_both(arena, fts_query_words(arena, rest),
		    interest);
	return true;
}

enum rc
listener_search_languages(struct db *db, struct arena *arena,
    struct strv *codes)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_SEARCH_LANGUAGES);

	codes->n = 0;
	codes->v = arena_zalloc(arena, language_count(), sizeof(codes->v[0]));
	while (codes->n < language_count() && stmt_row(q))
		codes->v[codes->n++] = stmt_col_text(q, 0, arena);
	return stmt_done(q);
}

enum rc
listener_search(struct db *db, struct arena *arena,
    const struct listener_search_query *query, int64_t now,
    struct listener_search_page *page)
{
	size_t max = (size_t)query->limit + 1;
	struct search s = { .db = db, .query = query, .now = now };
	enum rc rc;

	memset(page, 0, sizeof(*page));
	if (query->none || !build_match(arena, &s))
		return RC_OK;
	s.ids = arena_zalloc(arena, max, sizeof(*s.ids));
	s.keys = arena_zalloc(arena, max, sizeof(*s.keys));
	rc = run_search(&s);
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
