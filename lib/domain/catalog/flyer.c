#include "domain/catalog/flyer.h"

#include "base/image_store.h"
#include "domain/common/counter.h"
#include "domain/common/favoritable.h"
#include "domain/common/fts_query.h"
#include "domain/common/id_page.h"
#include "domain/common/quota.h"

#define EDIT_FIELDS(title_flags) \
	{ .name = "title", .type = F_STR, .flags = FIELD_TRIM | (title_flags), \
	    .off = offsetof(struct flyer_edit, title), .min = 1, \
	    .max = 200 }, \
	{ .name = "description", .type = F_STR, \
	    .flags = FIELD_CLEAR | FIELD_CTL, \
	    .off = offsetof(struct flyer_edit, description), .max = 5000 }, \
	{ .name = "image_url", .type = F_STR, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct flyer_edit, image_url), .max = 2000 }, \
	{ .name = "category", .type = F_STR, \
	    .flags = FIELD_CLEAR | FIELD_TRIM, \
	    .off = offsetof(struct flyer_edit, category), .max = 50 }, \
	{ .name = "latitude", .type = F_FIXED, .scale = 6, \
	    .flags = FIELD_CLEAR | FIELD_ROUND, \
	    .off = offsetof(struct flyer_edit, lat), .min = -90000000, \
	    .max = 90000000, .dflt = FIELD_NONE }, \
	{ .name = "longitude", .type = F_FIXED, .scale = 6, \
	    .flags = FIELD_CLEAR | FIELD_ROUND, \
	    .off = offsetof(struct flyer_edit, lng), .min = -180000000, \
	    .max = 180000000, .dflt = FIELD_NONE }, \
	{ .name = "address", .type = F_STR, .flags = FIELD_CLEAR | FIELD_TRIM, \
	    .off = offsetof(struct flyer_edit, address), .max = 300 }, \
	{ .name = "valid_from", .type = F_TIME, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct flyer_edit, valid_from), \
	    .dflt = FIELD_NONE }, \
	{ .name = "valid_until", .type = F_TIME, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct flyer_edit, valid_until), \
	    .dflt = FIELD_NONE }

static const struct field add_fields[] = { EDIT_FIELDS(FIELD_REQUIRED) };
const struct field_table flyer_add_table =
    FIELD_TABLE(add_fields, struct flyer_edit);
static const struct field change_fields[] = { EDIT_FIELDS(0) };
const struct field_table flyer_change_table =
    FIELD_TABLE(change_fields, struct flyer_edit);

int
flyer_row(struct stmt *q, int col, struct arena *arena, struct flyer *f)
{
	f->id = stmt_col_int(q, col++);
	f->publisher_id = stmt_col_int(q, col++);
	f->title = stmt_col_text(q, col++, arena);
	f->description = stmt_col_text(q, col++, arena);
	f->image_url = stmt_col_text(q, col++, arena);
	f->image = stmt_col_text(q, col++, arena);
	f->category = stmt_col_text(q, col++, arena);
	f->lat = stmt_col_opt(q, col++);
	f->lng = stmt_col_opt(q, col++);
	f->address = stmt_col_text(q, col++, arena);
	f->valid_from = stmt_col_opt(q, col++);
	f->valid_until = stmt_col_opt(q, col++);
	f->created_at = stmt_col_opt(q, col++);
	f->version = stmt_col_int(q, col++);
	f->favorites_count = stmt_col_int(q, col++);
	f->distance = INT64_MIN;
	return col;
}

/* Returns a statement for a list or a count, with its filters bound. */
static struct stmt *
bind_filters(struct db *db, enum stmt_id id, const struct flyer_query *query,
    const char *match)
{
	struct stmt *q = stmt_get(db, id);
	struct box box;

	if (id == Q_FLYER_WORDS_COUNT) {
		stmt_text(q, ":match", match);
		return q;
	}
	catalog_bind_filter(q, ":category", query->category);
	if (id == Q_FLYER_CATEGORY || id == Q_FLYER_CATEGORY_COUNT)
		return q;
	stmt_text(q, ":match", match);
	if (id == Q_FLYER_MATCHING || id == Q_FLYER_MATCHING_COUNT)
		return q;
	catalog_box_around(&box, query->lat, query->lng, query->meters);
	stmt_int(q, ":lat", query->lat);
	stmt_int(q, ":lng", query->lng);
	stmt_int(q, ":meters", query->meters);
	stmt_int(q, ":south", box.south);
	stmt_int(q, ":north", box.north);
	stmt_int(q, ":west", box.west);
	stmt_int(q, ":east", box.east);
	return q;
}

/*
 * Finds the ids of a page and the total, with the index that fits the filters.
 */
static enum rc
find_ids(struct db *db, struct arena *arena, const struct flyer_query *query,
    const struct span *span, struct id_page *ids, int64_t *total)
{
	const char *match = query->q != NULL ?
	    fts_query_words(arena, query->q) : NULL;
	bool category = query->category != NULL && *query->category != '\0';
	enum stmt_id list, count;
	enum rc rc;

	/* A text without words matches no flyer. */
	if (query->q != NULL && match == NULL)
		return RC_OK;
	if (query->lat != INT64_MIN) {
		list = Q_FLYER_NEAR;
		count = Q_FLYER_NEAR_COUNT;
	} else if (match != NULL) {
		list = Q_FLYER_MATCHING;
		count = category ? Q_FLYER_MATCHING_COUNT :
		    Q_FLYER_WORDS_COUNT;
	} else if (category) {
		list = Q_FLYER_CATEGORY;
		count = Q_FLYER_CATEGORY_COUNT;
	} else {
		rc = counter_get(db, "flyer", total);
		return rc != RC_OK ? rc :
		    catalog_page_ids(stmt_get(db, Q_FLYER_NEWEST), arena, span,
		    INT64_MAX, ids);
	}
	rc = catalog_count(bind_filters(db, count, query, match), total);
	if (rc != RC_OK)
		return rc;
	return catalog_page_ids(bind_filters(db, list, query, match), arena,
	    span, INT64_MAX, ids);
}

/*
 * Reads the flyers of a page of ids. Distances are measured from a place, unless
 * it is INT64_MIN.
 */
static enum rc
read_items(struct db *db, struct arena *arena, const struct id_page *ids,
    size_t bytes, int64_t lat, int64_t lng, int64_t viewer,
    struct flyer_page *page)
{
	struct stmt *q = stmt_get(db, Q_FLYER_ITEMS);
	struct flyer *f;
	int col;

	page->v = arena_zalloc(arena, ids->n, sizeof(*page->v));
	page->more = ids->more;
	stmt_text(q, ":ids", id_page_json(arena, ids->v, ids->n));
	stmt_int(q, ":viewer", viewer);
	stmt_opt(q, ":lat", lat);
	stmt_opt(q, ":lng", lng);
	if (bytes > 0)
		stmt_budget(q, arena, bytes);
	while (page->n < ids->n && stmt_row(q)) {
		f = &page->v[page->n++];
		col = flyer_row(q, 0, arena, f);
		f->is_favorited = stmt_col_int(q, col) != 0;
		f->distance = stmt_col_opt(q, col + 1);
	}
	page->more |= stmt_cut(q);
	return stmt_done(q);
}

enum rc
flyer_list(struct db *db, struct arena *arena, const struct flyer_query *query,
    const struct span *span, int64_t viewer, struct flyer_page *page)
{
	struct id_page ids = { NULL, 0, false };
	enum rc rc;

	*page = (struct flyer_page){ 0, NULL, false, 0 };
	rc = find_ids(db, arena, query, span, &ids, &page->total);
	return rc != RC_OK || ids.n == 0 ? rc : read_items(db, arena, &ids,
	    span->bytes, query->lat, query->lng, viewer, page);
}

enum rc
flyer_items(struct db *db, struct arena *arena, const struct id_page *ids,
    size_t bytes, int64_t viewer, struct flyer_page *page)
{
	*page = (struct flyer_page){ 0, NULL, false, 0 };
	return read_items(db, arena, ids, bytes, INT64_MIN, INT64_MIN, viewer,
	    page);
}

enum rc
flyer_get(struct db *db, struct arena *arena, int64_t id, int64_t viewer,
    struct flyer *f, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_FLYER_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	stmt_int(q, ":viewer", viewer);
	found = stmt_row(q);
	if (found)
		f->is_favorited = stmt_col_int(q, flyer_row(q, 0, arena, f)) !=
		    0;
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Flyer not found");
}

/*
 * Returns whether a URL is that of the uploaded image or of its thumbnail. Host
 * and folder do not count: the names are random, and the service may have
 * several hosts.
 */
static bool
is_own_image(const struct flyer *f, const char *url)
{
	const char *slash = strrchr(url, '/');
	char thumb[IMAGE_STORE_THUMB_NAME];

	if (f->image == NULL || slash == NULL)
		return false;
	image_store_thumb(f->image, thumb);
	return str_eq(slash + 1, f->image) || str_eq(slash + 1, thumb);
}

/*
 * Applies the member image_url. The URLs of the stored image, which clients read
 * and send back, keep it. Any other value replaces it.
 */
static void
edit_image(struct flyer *f, const char *edit, bool *changed)
{
	if (edit == NULL || is_own_image(f, edit))
		return;
	*changed |= f->image != NULL;
	f->image = NULL;
	catalog_edit_text(&f->image_url, edit, changed);
}

/* Applies an edit to a flyer, then validates the result. */
static enum rc
edit_flyer(struct flyer *f, const struct flyer_edit *e, bool *changed,
    struct err *err)
{
	enum rc rc = RC_OK;

	catalog_edit_text(&f->title, e->title, changed);
	catalog_edit_text(&f->description, e->description, changed);
	edit_image(f, e->image_url, changed);
	catalog_edit_text(&f->category, e->category, changed);
	catalog_edit_text(&f->address, e->address, changed);
	catalog_edit_num(&f->lat, e->lat, changed);
	catalog_edit_num(&f->lng, e->lng, changed);
	catalog_edit_num(&f->valid_from, e->valid_from, changed);
	catalog_edit_num(&f->valid_until, e->valid_until, changed);
	if (f->title == NULL)
		rc = err_field(err, "title", "must not be empty");
	if (catalog_check_url(err, "image_url", f->image_url) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_place(err, f->lat, f->lng) != RC_OK)
		rc = RC_INVALID;
	if (f->valid_until != INT64_MIN && f->valid_until < f->valid_from)
		rc = err_field(err, "valid_until",
		    "must not be before valid_from");
	return rc;
}

static struct stmt *
bind_flyer(struct stmt *q, const struct flyer *f, int64_t now)
{
	stmt_text(q, ":title", f->title);
	stmt_text(q, ":description", f->description);
	stmt_text(q, ":image_url", f->image_url);
	stmt_text(q, ":category", f->category);
	stmt_text(q, ":address", f->address);
	stmt_opt(q, ":lat", f->lat);
	stmt_opt(q, ":lng", f->lng);
	stmt_opt(q, ":valid_from", f->valid_from);
	stmt_opt(q, ":valid_until", f->valid_until);
	stmt_int(q, ":now", now);
	return q;
}

/* A new flyer, before its edit. */
static const struct flyer blank = {
	.lat = INT64_MIN, .lng = INT64_MIN,
	.valid_from = INT64_MIN, .valid_until = INT64_MIN
};

static enum rc
insert_flyer(struct db *db, const struct flyer *f, int64_t publisher,
    const struct source *from, const char *source_image, int64_t now)
{
	struct stmt *q = bind_flyer(stmt_get(db, Q_FLYER_ADD), f, now);

	stmt_int(q, ":publisher", publisher);
	stmt_text(q, ":source", from == NULL ? NULL : from->key);
	stmt_text(q, ":source_image", source_image);
	return stmt_run(q);
}

static enum rc
update_flyer(struct db *db, const struct flyer *f, int64_t now)
{
	struct stmt *q = bind_flyer(stmt_get(db, Q_FLYER_CHANGE), f, now);

	stmt_int(q, ":id", f->id);
	stmt_text(q, ":image", f->image);
	return stmt_run(q);
}

enum rc
flyer_publish(struct db *db, struct arena *arena, const struct editor *by,
    const struct flyer_edit *e, struct flyer *f, struct err *err)
{
	struct quota_usage before;
	bool changed = false;
	int64_t id;
	enum rc rc;

	*f = blank;
	rc = edit_flyer(f, e, &changed, err);
	if (rc == RC_OK)
		rc = quota_usage(db, by->user, &before);
	if (rc == RC_OK)
		rc = insert_flyer(db, f, by->user, NULL, NULL, by->now);
	if (rc != RC_OK)
		return rc;
	id = db_last_id(db);
	rc = quota_check(db, by->conf, by->user, &before, err);
	return rc != RC_OK ? rc :
	    flyer_get(db, arena, id, by->user, f, err);
}

enum rc
flyer_editable(struct db *db, struct arena *arena, const struct editor *by,
    int64_t id, struct flyer *f, struct err *err)
{
	enum rc rc = flyer_get(db, arena, id, by->user, f, err);

	if (rc != RC_OK || f->publisher_id == by->user || by->admin)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL,
	    "Only its publisher can change a flyer");
}

enum rc
flyer_audit(struct db *db, struct arena *arena, const struct editor *by,
    const char *action, const struct flyer *f, const char *before)
{
	const char *after;
	enum rc rc;

	if (f->publisher_id == by->user)
		return RC_OK;
	rc = catalog_editor_state(db, arena, Q_FLYER_STATE, f->id, &after);
	return rc != RC_OK ? rc : catalog_editor_audit(db, by, action,
	    arena_fmt(arena, "flyer:%lld", (long long)f->id), before, after);
}

enum rc
flyer_change(struct db *db, struct arena *arena, const struct editor *by,
    int64_t id, const struct flyer_edit *e, struct flyer *f, struct err *err)
{
	struct quota_usage usage;
	const char *before;
	bool changed = false;
	enum rc rc;

	rc = flyer_editable(db, arena, by, id, f, err);
	if (rc == RC_OK)
		rc = catalog_editor_state(db, arena, Q_FLYER_STATE, id,
		    &before);
	if (rc == RC_OK)
		rc = edit_flyer(f, e, &changed, err);
	if (rc != RC_OK || !changed)
		return rc;
	rc = quota_usage(db, f->publisher_id, &usage);
	if (rc == RC_OK)
		rc = update_flyer(db, f, by->now);
	if (rc == RC_OK)
		rc = quota_check(db, by->conf, f->publisher_id, &usage, err);
	if (rc == RC_OK)
		rc = flyer_audit(db, arena, by, "flyer.change", f, before);
	return rc;
}

/*
 * Finds an imported flyer: its id, or 0, and the image_url of its last import,
 * or NULL if it is not known.
 */
static enum rc
find_source(struct db *db, struct arena *arena, const char *key, int64_t *id,
    const char **image)
{
	struct stmt *q = stmt_get(db, Q_FLYER_SOURCE);

	stmt_text(q, ":source", key);
	*id = 0;
	*image = NULL;
	if (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		*image = stmt_col_text(q, 1, arena);
	}
	return stmt_done(q);
}

/* Stores the image_url of an import, unless it is known or not given. */
static enum rc
store_source_image(struct db *db, int64_t id, const char *known,
    const char *url)
{
	struct stmt *q;

	if (url == NULL || (known != NULL && str_eq(known, url)))
		return RC_OK;
	q = stmt_get(db, Q_FLYER_SOURCE_IMAGE);
	stmt_int(q, ":id", id);
	stmt_text(q, ":url", url);
	return stmt_run(q);
}

enum rc
flyer_put(struct db *db, struct arena *arena, const struct source *from,
    const struct flyer_edit *e, enum put *put, struct err *err)
{
	struct flyer_edit edit = *e;
	struct flyer f = blank;
	bool changed = false;
	const char *known;
	int64_t id;
	enum rc rc;

	rc = find_source(db, arena, from->key, &id, &known);
	if (rc == RC_OK && id != 0)
		rc = flyer_get(db, arena, id, 0, &f, err);
	/* An upload is newer than an image_url that did not change. */
	if (f.image != NULL && e->image_url != NULL &&
	    (known == NULL || str_eq(known, e->image_url)))
		edit.image_url = NULL;
	if (rc == RC_OK)
		rc = edit_flyer(&f, &edit, &changed, err);
	if (rc != RC_OK)
		return rc;
	*put = id == 0 ? PUT_ADDED : changed ? PUT_CHANGED : PUT_SAME;
	if (*put == PUT_ADDED)
		return insert_flyer(db, &f, from->owner, from,
		    e->image_url == NULL ? "" : e->image_url, from->now);
	if (changed)
		rc = update_flyer(db, &f, from->now);
	return rc != RC_OK ? rc :
	    store_source_image(db, id, known, e->image_url);
}
