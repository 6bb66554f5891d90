#include "domain/catalog/studio.h"

#include "domain/common/counter.h"
#include "domain/common/id_page.h"
#include "domain/common/quota.h"

/* Returns a statement of a list, with its filters bound. */
static struct stmt *
bind_filters(struct db *db, enum stmt_id id, const struct studio_list *list,
    int64_t viewer, const struct studio_query *query)
{
	struct stmt *q = stmt_get(db, id);

	if (list->personal)
		stmt_int(q, ":viewer", viewer);
	if (!uuid_nil(&query->collection)) {
		stmt_uuid(q, ":collection", &query->collection);
		stmt_int(q, ":mine", query->own);
	}
	return q;
}

/* Finds the ids of a page and the total. */
static enum rc
find_ids(struct db *db, struct arena *arena, const struct studio_type *type,
    int64_t viewer, const struct studio_query *query, const struct span *span,
    struct id_page *ids, int64_t *total)
{
	const struct studio_list *list = &type->lists[
	    !uuid_nil(&query->collection) ? STUDIO_COLLECTION :
	    query->own ? STUDIO_OWN : STUDIO_SEEN];
	int64_t counter = 0;
	enum rc rc = RC_OK;

	if (list->personal)
		rc = catalog_count(bind_filters(db, list->count, list, viewer,
		    query), total);
	if (rc == RC_OK && list->counter != NULL)
		rc = counter_get(db, list->counter, &counter);
	if (rc != RC_OK)
		return rc;
	*total += counter;
	return catalog_page_ids(bind_filters(db, list->find, list, viewer,
	    query), arena, span, INT64_MAX, ids);
}

/* Reads a row whose last column is is_favorite. */
static void
read_row(struct stmt *q, struct arena *arena,
    const struct studio_type *type, void *row)
{
	struct studio_head *head = row;

	head->is_favorite = stmt_col_int(q, type->read(q, 0, arena, row)) != 0;
}

enum rc
studio_list(struct db *db, struct arena *arena, const struct studio_type *type,
    int64_t viewer, const struct studio_query *query, const struct span *span,
    struct studio_page *page)
{
	struct id_page ids;
	enum rc rc;

	*page = (struct studio_page){ .n = 0 };
	rc = find_ids(db, arena, type, viewer, query, span, &ids,
	    &page->total);
	return rc != RC_OK || ids.n == 0 ? rc : studio_items(db, arena, type,
	    &ids, span->bytes, viewer, page);
}

enum rc
studio_items(struct db *db, struct arena *arena, const struct studio_type *type,
    const struct id_page *ids, size_t bytes, int64_t viewer,
    struct studio_page *page)
{
	struct stmt *q = stmt_get(db, type->items);
	void *row;

	page->n = 0;
	page->v = arena_zalloc(arena, ids->n, sizeof(*page->v));
	stmt_text(q, ":ids", id_page_json(arena, ids->v, ids->n));
	stmt_int(q, ":viewer", viewer);
	if (bytes > 0)
		stmt_budget(q, arena, bytes);
	while (page->n < ids->n && stmt_row(q)) {
		row = arena_zalloc(arena, 1, type->size);
		read_row(q, arena, type, row);
		page->v[page->n++] = row;
	}
	page->cut = stmt_cut(q);
	page->more = ids->more || page->cut;
	return stmt_done(q);
}

enum rc
studio_get(struct db *db, struct arena *arena, const struct studio_type *type,
    const struct uuid *uuid, int64_t viewer, void *row, struct err *err)
{
	const struct studio_head *head = row;
	struct stmt *q = stmt_get(db, type->get);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	stmt_int(q, ":viewer", viewer);
	found = stmt_row(q);
	if (found) {
		read_row(q, arena, type, row);
		found = type->open == NULL || type->open(row) ||
		    head->owner_id == viewer;
	}
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "%s", type->not_found);
}

static enum rc
insert_row(struct db *db, struct arena *arena,
    const struct studio_type *type, const void *row, const struct source *from)
{
	struct stmt *q = stmt_get(db, type->add);

	type->bind(q, arena, row);
	stmt_int(q, ":now", from->now);
	stmt_uuid(q, ":uuid", &from->uuid);
	stmt_int(q, ":owner", from->owner);
	stmt_text(q, ":source", from->key);
	return stmt_run(q);
}

static enum rc
update_row(struct db *db, struct arena *arena,
    const struct studio_type *type, void *row, int64_t now)
{
	struct studio_head *head = row;
	struct stmt *q = stmt_get(db, type->change);

	type->bind(q, arena, row);
	stmt_int(q, ":now", now);
	stmt_int(q, ":id", head->id);
	head->updated_at = now;
	return stmt_run(q);
}

enum rc
studio_add(struct db *db, struct arena *arena, const struct studio_type *type,
    const struct editor *by, const void *edit, void *row, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .owner = by->user,
	    .now = by->now };
	struct quota_usage before;
	bool changed = false;
	enum rc rc;

	memcpy(row, type->blank, type->size);
	rc = type->edit(arena, row, edit, &changed, err);
	if (rc == RC_OK)
		rc = quota_usage(db, by->user, &before);
	if (rc == RC_OK)
		rc = insert_row(db, arena, type, row, &from);
	if (rc == RC_OK)
		rc = quota_check(db, by->conf, by->user, &before, err);
	return rc != RC_OK ? rc : studio_get(db, arena, type, &from.uuid,
	    by->user, row, err);
}

/* Loads a row of the editor. */
static enum rc
load_own(struct db *db, struct arena *arena, const struct studio_type *type,
    const struct editor *by, const struct uuid *uuid, void *row,
    struct err *err)
{
	const struct studio_head *head = row;
	enum rc rc = studio_get(db, arena, type, uuid, by->user, row, err);

	if (rc != RC_OK || head->owner_id == by->user)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL, "%s", type->not_own);
}

enum rc
studio_change(struct db *db, struct arena *arena,
    const struct studio_type *type, const struct editor *by,
    const struct uuid *uuid, const void *edit, void *row, struct err *err)
{
	struct quota_usage before;
	bool changed = false;
	enum rc rc;

	rc = load_own(db, arena, type, by, uuid, row, err);
	if (rc == RC_OK)
		rc = type->edit(arena, row, edit, &changed, err);
	if (rc != RC_OK || !changed)
		return rc;
	rc = quota_usage(db, by->user, &before);
	if (rc == RC_OK)
		rc = update_row(db, arena, type, row, by->now);
	return rc != RC_OK ? rc :
	    quota_check(db, by->conf, by->user, &before, err);
}

enum rc
studio_remove(struct db *db, struct arena *arena,
    const struct studio_type *type, const struct editor *by,
    const struct uuid *uuid, struct err *err)
{
	struct studio_head *head = arena_zalloc(arena, 1, type->size);
	struct stmt *q;
	enum rc rc;

	rc = load_own(db, arena, type, by, uuid, head, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, type->drop);
	stmt_int(q, ":id", head->id);
	return stmt_run(q);
}

enum rc
studio_put(struct db *db, struct arena *arena, const struct studio_type *type,
    const struct source *from, const void *edit, enum put *put,
    struct err *err)
{
	void *row = arena_zalloc(arena, 1, type->size);
	struct source new = *from;
	bool changed = false;
	struct uuid uuid;
	enum rc rc;

	memcpy(row, type->blank, type->size);
	rc = catalog_source_uuid(db, type->source, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = studio_get(db, arena, type, &uuid, from->owner, row, err);
	if (rc == RC_OK)
		rc = type->edit(arena, row, edit, &changed, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = changed ? PUT_CHANGED : PUT_SAME;
		return changed ? update_row(db, arena, type, row, from->now) :
		    RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return catalog_source_taken(insert_row(db, arena, type, row, &new),
	    err);
}
