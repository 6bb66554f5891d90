#include "domain/catalog/destination.h"

#include "domain/common/counter.h"
#include "domain/common/country.h"
#include "domain/common/favoritable.h"
#include "domain/common/fts_query.h"
#include "domain/common/id_page.h"
#include "domain/common/removal.h"
#include "domain/common/text_list.h"

#define EDIT_FIELDS(name_flags) \
	{ .name = "name", .type = F_STR, .flags = FIELD_TRIM | (name_flags), \
	    .off = offsetof(struct destination_edit, name), .min = 1, \
	    .max = 200 }, \
	{ .name = "city", .type = F_STR, .flags = FIELD_CLEAR | FIELD_TRIM, \
	    .off = offsetof(struct destination_edit, city), .max = 100 }, \
	{ .name = "country", .type = F_STR, \
	    .flags = FIELD_CLEAR | FIELD_TRIM, \
	    .off = offsetof(struct destination_edit, country), .max = 100 }, \
	{ .name = "thumbnail_url", .type = F_STR, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct destination_edit, thumbnail_url), \
	    .max = 2000 }, \
	{ .name = "summary", .type = F_STR, .flags = FIELD_CLEAR | FIELD_CTL, \
	    .off = offsetof(struct destination_edit, summary), .max = 2000 }, \
	{ .name = "images", .type = F_STRV, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct destination_edit, images), .max = 50, \
	    .max2 = 2000 }, \
	{ .name = "latitude", .type = F_FIXED, .scale = 6, \
	    .flags = FIELD_CLEAR | FIELD_ROUND, \
	    .off = offsetof(struct destination_edit, lat), \
	    .min = -90000000, .max = 90000000, .dflt = FIELD_NONE }, \
	{ .name = "longitude", .type = F_FIXED, .scale = 6, \
	    .flags = FIELD_CLEAR | FIELD_ROUND, \
	    .off = offsetof(struct destination_edit, lng), \
	    .min = -180000000, .max = 180000000, .dflt = FIELD_NONE }

static const struct field add_fields[] = { EDIT_FIELDS(FIELD_REQUIRED) };
const struct field_table destination_add_table =
    FIELD_TABLE(add_fields, struct destination_edit);
static const struct field change_fields[] = { EDIT_FIELDS(0) };
const struct field_table destination_change_table =
    FIELD_TABLE(change_fields, struct destination_edit);

/* The statements that find destinations, each in three orders. */
enum scan { SCAN_ALL, SCAN_COUNTRY, SCAN_CITY, SCAN_MATCHING, SCAN_MANY };
/* If more rows match, a list reads the index of its order, without a sort. */
#define MANY	2000

static const enum stmt_id lists[][3] = {
	[SCAN_ALL] = { Q_DESTINATION_ALL_NAME, Q_DESTINATION_ALL_POPULAR,
	    Q_DESTINATION_ALL_RECENT },
	[SCAN_COUNTRY] = { Q_DESTINATION_COUNTRY_NAME,
	    Q_DESTINATION_COUNTRY_POPULAR, Q_DESTINATION_COUNTRY_RECENT },
	[SCAN_CITY] = { Q_DESTINATION_CITY_NAME, Q_DESTINATION_CITY_POPULAR,
	    Q_DESTINATION_CITY_RECENT },
	[SCAN_MATCHING] = { Q_DESTINATION_MATCHING_NAME,
	    Q_DESTINATION_MATCHING_POPULAR, Q_DESTINATION_MATCHING_RECENT },
	[SCAN_MANY] = { Q_DESTINATION_MANY_NAME, Q_DESTINATION_MANY_POPULAR,
	    Q_DESTINATION_MATCHING_RECENT },
};

/*
 * Fills a destination from a row whose columns are:
 *
 *	d.id, d.uuid, d.name, d.city, d.country, d.thumbnail_url, d.summary,
 *	d.images, d.lat, d.lng, d.created_at, d.updated_at, d.version,
 *	e.favorites_count, is_favorited
 *
 * (destination d, favoritable e).
 */
static void
read_destination(struct stmt *q, struct arena *arena, struct destination *d)
{
	int col = 0;

	d->id = stmt_col_int(q, col++);
	d->uuid = stmt_col_uuid(q, col++);
	d->name = stmt_col_text(q, col++, arena);
	d->city = stmt_col_text(q, col++, arena);
	d->country = stmt_col_text(q, col++, arena);
	d->thumbnail_url = stmt_col_text(q, col++, arena);
	d->summary = stmt_col_text(q, col++, arena);
	d->images = text_list_split(arena, stmt_col_peek(q, col++));
	d->lat = stmt_col_opt(q, col++);
	d->lng = stmt_col_opt(q, col++);
	d->created_at = stmt_col_opt(q, col++);
	d->updated_at = stmt_col_opt(q, col++);
	d->version = stmt_col_int(q, col++);
	d->favorites_count = stmt_col_int(q, col++);
	d->is_favorited = stmt_col_int(q, col) != 0;
}

/* The state of a search. */
struct search {
	enum scan scan;
	const char *match, *city, *country;
};

static bool
is_given(const char *s)
{
	return s != NULL && *s != '\0';
}

/* Returns false if no destination can match. */
static bool
init_search(struct search *s, struct arena *arena,
    const struct destination_query *query)
{
	const char *name;

	*s = (struct search){ SCAN_ALL, NULL, query->city, query->country };
	if (is_given(s->country) &&
	    (name = country_name(s->country)) != NULL)
		s->country = name;
	if (is_given(s->country))
		s->scan = SCAN_COUNTRY;
	if (is_given(s->city))
		s->scan = SCAN_CITY;
	if (!is_given(query->q))
		return true;
	s->scan = SCAN_MATCHING;
	s->match = fts_query_words(arena, query->q);
	return s->match != NULL;
}

static struct stmt *
bind_search(struct db *db, const struct search *s, enum stmt_id id)
{
	struct stmt *q = stmt_get(db, id);

	if (s->scan != SCAN_ALL)
		catalog_bind_filter(q, ":country", s->country);
	if (s->scan >= SCAN_CITY)
		catalog_bind_filter(q, ":city", s->city);
	if (s->scan >= SCAN_MATCHING)
		stmt_text(q, ":match", s->match);
	return q;
}

/* Counts the matching rows, and selects SCAN_MANY if there are many. */
static enum rc
count_matches(struct db *db, struct search *s, int64_t *total)
{
	static const enum stmt_id counts[] = {
		[SCAN_COUNTRY] = Q_DESTINATION_COUNTRY_COUNT,
		[SCAN_CITY] = Q_DESTINATION_CITY_COUNT,
		[SCAN_MATCHING] = Q_DESTINATION_MATCHING_COUNT,
	};

	struct stmt *q;
	enum rc rc;

	if (s->scan == SCAN_ALL)
		return counter_get(db, "destination", total);
	if (s->scan == SCAN_MATCHING && !is_given(s->city) &&
	    !is_given(s->country)) {
		q = stmt_get(db, Q_DESTINATION_WORDS_COUNT);
		stmt_text(q, ":match", s->match);
	} else {
		q = bind_search(db, s, counts[s->scan]);
	}
	rc = catalog_count(q, total);
	if (s->scan == SCAN_MATCHING && *total > MANY)
		s->scan = SCAN_MANY;
	return rc;
}

/*
 * Returns the name after which a page in the order of names begins. A cursor
 * contains only the first bytes of a long name. If the row still exists, its
 * complete name is used.
 */
static enum rc
page_start_name(struct db *db, struct arena *arena, const struct span *span,
    const char **name)
{
	struct stmt *q;
	const char *whole;

	*name = span->after && span->text != NULL ? span->text : "";
	if (strlen(*name) < 100)
		return RC_OK;
	q = stmt_get(db, Q_DESTINATION_NAME_OF);
	stmt_int(q, ":id", span->id);
	if (stmt_row(q)) {
		whole = stmt_col_text(q, 0, arena);
		if (str_prefix(whole, *name))
			*name = whole;
	}
	return stmt_done(q);
}

static enum rc
find_ids(struct db *db, struct arena *arena, const struct search *s,
    enum destination_sort sort, const struct span *span, struct id_page *ids)
{
	const char *name;
	struct stmt *q;
	enum rc rc;

	if (sort == DESTINATION_NAME) {
		rc = page_start_name(db, arena, span, &name);
		if (rc != RC_OK)
			return rc;
		q = bind_search(db, s, lists[s->scan][sort]);
		stmt_text(q, ":name", name);
		return catalog_page_ids(q, arena, span, 0, ids);
	}
	q = bind_search(db, s, lists[s->scan][sort]);
	if (sort == DESTINATION_POPULAR)
		stmt_int(q, ":count", span->after ? span->key : INT64_MAX);
	return catalog_page_ids(q, arena, span, INT64_MAX, ids);
}

enum rc
destination_list(struct db *db, struct arena *arena,
    const struct destination_query *query, const struct span *span,
    int64_t viewer, struct destination_page *page)
{
	struct search s;
	struct id_page ids;
	enum rc rc;

	*page = (struct destination_page){ 0, NULL, false, 0 };
	if (!init_search(&s, arena, query))
		return RC_OK;
	rc = count_matches(db, &s, &page->total);
	if (rc == RC_OK)
		rc = find_ids(db, arena, &s, query->sort, span, &ids);
	return rc != RC_OK || ids.n == 0 ? rc : destination_items(db, arena,
	    &ids, span->bytes, viewer, page);
}

enum rc
destination_items(struct db *db, struct arena *arena, const struct id_page *ids,
    size_t bytes, int64_t viewer, struct destination_page *page)
{
	struct stmt *q = stmt_get(db, Q_DESTINATION_ITEMS);

	page->n = 0;
	page->v = arena_zalloc(arena, ids->n, sizeof(*page->v));
	stmt_text(q, ":ids", id_page_json(arena, ids->v, ids->n));
	stmt_int(q, ":viewer", viewer);
	if (bytes > 0)
		stmt_budget(q, arena, bytes);
	while (page->n < ids->n && stmt_row(q))
		read_destination(q, arena, &page->v[page->n++]);
	page->more = ids->more || stmt_cut(q);
	return stmt_done(q);
}

enum rc
destination_get(struct db *db, struct arena *arena, const struct uuid *uuid,
    int64_t viewer, struct destination *d, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_DESTINATION_GET);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	stmt_int(q, ":viewer", viewer);
	found = stmt_row(q);
	if (found)
		read_destination(q, arena, d);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc : err_set(err, RC_NOT_FOUND,
	    "destination_not_found", "Destination not found.");
}

/* Applies an edit to a destination, then validates the result. */
static enum rc
edit_destination(struct arena *arena, struct destination *d,
    const struct destination_edit *e, bool *changed, struct err *err)
{
	enum rc rc = RC_OK;

	catalog_edit_text(&d->name, e->name, changed);
	catalog_edit_text(&d->city, e->city, changed);
	catalog_edit_text(&d->country, e->country, changed);
	catalog_edit_text(&d->thumbnail_url, e->thumbnail_url, changed);
	catalog_edit_text(&d->summary, e->summary, changed);
	catalog_edit_list(arena, &d->images, &e->images, changed);
	catalog_edit_num(&d->lat, e->lat, changed);
	catalog_edit_num(&d->lng, e->lng, changed);
	if (d->name == NULL)
		rc = err_field(err, "name", "must not be empty");
	if (catalog_check_url(err, "thumbnail_url", d->thumbnail_url) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_urls(err, "images", &d->images) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_place(err, d->lat, d->lng) != RC_OK)
		rc = RC_INVALID;
	return rc;
}

static struct stmt *
bind_destination(struct stmt *q, struct arena *arena,
    const struct destination *d, int64_t now)
{
	stmt_text(q, ":name", d->name);
	stmt_text(q, ":city", d->city);
	stmt_text(q, ":country", d->country);
	stmt_text(q, ":thumbnail_url", d->thumbnail_url);
	stmt_text(q, ":summary", d->summary);
	stmt_text(q, ":images", text_list_join(arena, &d->images));
	stmt_opt(q, ":lat", d->lat);
	stmt_opt(q, ":lng", d->lng);
	stmt_int(q, ":now", now);
	return q;
}

static enum rc
insert_destination(struct db *db, struct arena *arena,
    const struct destination *d, const struct source *from)
{
	struct stmt *q = bind_destination(stmt_get(db, Q_DESTINATION_ADD),
	    arena, d, from->now);

	stmt_uuid(q, ":uuid", &from->uuid);
	stmt_text(q, ":source", from->key);
	return stmt_run(q);
}

static enum rc
update_destination(struct db *db, struct arena *arena, struct destination *d,
    int64_t now)
{
	struct stmt *q = bind_destination(stmt_get(db, Q_DESTINATION_CHANGE),
	    arena, d, now);

	d->updated_at = now;
	stmt_int(q, ":id", d->id);
	return stmt_run(q);
}

/* Audits a change of a row that had the state `before`. */
static enum rc
audit_destination(struct db *db, struct arena *arena, const struct editor *by,
    const char *action, int64_t id, const struct uuid *uuid,
    const char *before)
{
	const char *after;
	char text[UUID_TEXT];
	enum rc rc;

	uuid_text(uuid, text);
	rc = catalog_editor_state(db, arena, Q_DESTINATION_STATE, id, &after);
	return rc != RC_OK ? rc : catalog_editor_audit(db, by, action,
	    arena_fmt(arena, "destination:%s", text), before, after);
}

enum rc
destination_add(struct db *db, struct arena *arena, const struct editor *by,
    const struct destination_edit *e, struct destination *d, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .now = by->now };
	bool changed = false;
	enum rc rc;

	*d = (struct destination){ .lat = INT64_MIN, .lng = INT64_MIN };
	rc = edit_destination(arena, d, e, &changed, err);
	if (rc == RC_OK)
		rc = insert_destination(db, arena, d, &from);
	if (rc == RC_OK)
		rc = audit_destination(db, arena, by, "destination.add",
		    db_last_id(db), &from.uuid, NULL);
	return rc != RC_OK ? rc : destination_get(db, arena, &from.uuid,
	    by->user, d, err);
}

/* Loads a destination, and its state for the audit. */
static enum rc
load_destination(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct destination *d, const char **state,
    struct err *err)
{
	enum rc rc = destination_get(db, arena, uuid, by->user, d, err);

	return rc != RC_OK ? rc : catalog_editor_state(db, arena,
	    Q_DESTINATION_STATE, d->id, state);
}

enum rc
destination_change(struct db *db, struct arena *arena,
    const struct editor *by, const struct uuid *uuid,
    const struct destination_edit *e, struct destination *d, struct err *err)
{
	const char *before;
	bool changed = false;
	enum rc rc;

	rc = load_destination(db, arena, by, uuid, d, &before, err);
	if (rc == RC_OK)
		rc = edit_destination(arena, d, e, &changed, err);
	if (rc != RC_OK || !changed)
		return rc;
	rc = update_destination(db, arena, d, by->now);
	return rc != RC_OK ? rc : audit_destination(db, arena, by,
	    "destination.change", d->id, uuid, before);
}

enum rc
destination_remove(struct db *db, struct arena *arena,
    const struct editor *by, const struct uuid *uuid, struct err *err)
{
	struct destination d;
	const char *before;
	struct stmt *q;
	enum rc rc;

	rc = load_destination(db, arena, by, uuid, &d, &before, err);
	if (rc == RC_OK)
		rc = removal_entity(db, FAVORITE_DESTINATION, d.id, uuid,
		    by->request_id, by->now);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_DESTINATION_DROP);
	stmt_int(q, ":id", d.id);
	rc = stmt_run(q);
	return rc != RC_OK ? rc : audit_destination(db, arena, by,
	    "destination.delete", d.id, uuid, before);
}

enum rc
destination_put(struct db *db, struct arena *arena, const struct source *from,
    const struct destination_edit *e, enum put *put, struct err *err)
{
	struct destination d = { .lat = INT64_MIN, .lng = INT64_MIN };
	struct source new = *from;
	bool changed = false;
	struct uuid uuid;
	enum rc rc;

	rc = catalog_source_uuid(db, Q_DESTINATION_SOURCE, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = destination_get(db, arena, &uuid, from->owner, &d, err);
	if (rc == RC_OK)
		rc = edit_destination(arena, &d, e, &changed, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = changed ? PUT_CHANGED : PUT_SAME;
		return changed ? update_destination(db, arena, &d, from->now) :
		    RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return catalog_source_taken(insert_destination(db, arena, &d, &new),
	    err);
}
