#include "domain/catalog/studio.h"

#include "domain/common/counter.h"
#include "domain/common/id_page.h"
#include "domain/common/quota.h"

/* A statement of a list, asking for what the list is to show. */
static struct stmt *
prepare_studio(struct db *db, enum stmt_id id, const struct studio_list *list,
    int64_t viewer, const struct studio_query *want)
{
	struct stmt *q = stmt_get(db, id);

	if (list->personal)
		stmt_int(q, ":viewer", viewer);
	if (!uuid_nil(&want->collection)) {
		stmt_uuid(q, ":collection", &want->collection);
		stmt_int(q, ":mine", want->own);
	}
	return q;
}

/* The ids of a page and how many there are in all. */
static enum rc
find_studio(struct db *db, struct arena *arena, const struct studio_type *noun,
    int64_t viewer, const struct studio_query *want, const struct span *span,
    struct id_page *ids, int64_t *total)
{
	const struct studio_list *list = &noun->lists[
	    !uuid_nil(&want->collection) ? STUDIO_COLLECTION :
	    want->own ? STUDIO_OWN : STUDIO_SEEN];
	int64_t tally = 0;
	enum rc rc = RC_OK;

	if (list->personal)
		rc = catalog_count(prepare_studio(db, list->count, list, viewer,
		    want), total);
	if (rc == RC_OK && list->tally != NULL)
		rc = counter_get(db, list->tally, &tally);
	if (rc != RC_OK)
		return rc;
	*total += tally;
	return catalog_page_ids(prepare_studio(db, list->find, list, viewer,
	    want), arena, span, INT64_MAX, ids);
}

/* A row whose last column tells whether it is a favorite. */
static void
read_studio_row(struct stmt *q, struct arena *arena,
    const struct studio_type *noun, void *row)
{
	struct studio_head *head = row;

	head->is_favorite = stmt_col_int(q, noun->read(q, 0, arena, row)) != 0;
}

enum rc
studio_list(struct db *db, struct arena *arena, const struct studio_type *noun,
    int64_t viewer, const struct studio_query *want, const struct span *span,
    struct studio_page *page)
{
	struct stmt *q;
	struct id_page ids;
	void *row;
	enum rc rc;

	*page = (struct studio_page){ 0, NULL, false, 0 };
	rc = find_studio(db, arena, noun, viewer, want, span, &ids,
	    &page->total);
	if (rc != RC_OK || ids.n == 0)
		return rc;
	page->v = arena_zalloc(arena, ids.n, sizeof(*page->v));
	page->more = ids.more;
	q = stmt_get(db, noun->items);
	stmt_text(q, ":ids", id_page_json(arena, ids.v, ids.n));
	stmt_int(q, ":viewer", viewer);
	stmt_budget(q, arena, PAGE_BYTES);
	while (page->n < ids.n && stmt_row(q)) {
		row = arena_zalloc(arena, 1, noun->size);
		read_studio_row(q, arena, noun, row);
		page->v[page->n++] = row;
	}
	page->more |= stmt_cut(q);
	return stmt_done(q);
}

enum rc
studio_get(struct db *db, struct arena *arena, const struct studio_type *noun,
    const struct uuid *uuid, int64_t viewer, void *row, struct err *err)
{
	const struct studio_head *head = row;
	struct stmt *q = stmt_get(db, noun->get);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	stmt_int(q, ":viewer", viewer);
	found = stmt_row(q);
	if (found) {
		read_studio_row(q, arena, noun, row);
		found = noun->open == NULL || noun->open(row) ||
		    head->owner_id == viewer;
	}
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "%s", noun->not_found);
}

static enum rc
insert_studio(struct db *db, struct arena *arena,
    const struct studio_type *noun, const void *row, const struct source *from)
{
	struct stmt *q = stmt_get(db, noun->add);

	noun->bind(q, arena, row);
	stmt_int(q, ":now", from->now);
	stmt_uuid(q, ":uuid", &from->uuid);
	stmt_int(q, ":owner", from->owner);
	stmt_text(q, ":source", from->key);
	return stmt_run(q);
}

static enum rc
update_studio(struct db *db, struct arena *arena,
    const struct studio_type *noun, void *row, int64_t now)
{
	struct studio_head *head = row;
	struct stmt *q = stmt_get(db, noun->change);

	noun->bind(q, arena, row);
	stmt_int(q, ":now", now);
	stmt_int(q, ":id", head->id);
	head->updated_at = now;
	return stmt_run(q);
}

enum rc
studio_add(struct db *db, struct arena *arena, const struct studio_type *noun,
    const struct editor *by, const void *edit, void *row, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .owner = by->user,
	    .now = by->now };
	struct quota_usage before;
	bool moved = false;
	enum rc rc;

	memcpy(row, noun->blank, noun->size);
	rc = noun->edit(arena, row, edit, &moved, err);
	if (rc == RC_OK)
		rc = quota_usage(db, by->user, &before);
	if (rc == RC_OK)
		rc = insert_studio(db, arena, noun, row, &from);
	if (rc == RC_OK)
		rc = quota_check(db, by->conf, by->user, &before, err);
	return rc != RC_OK ? rc : studio_get(db, arena, noun, &from.uuid,
	    by->user, row, err);
}

/* The row, if it is the editor's. */
static enum rc
get_own(struct db *db, struct arena *arena, const struct studio_type *noun,
    const struct editor *by, const struct uuid *uuid, void *row,
    struct err *err)
{
	const struct studio_head *head = row;
	enum rc rc = studio_get(db, arena, noun, uuid, by->user, row, err);

	if (rc != RC_OK || head->owner_id == by->user)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL, "%s", noun->not_own);
}

enum rc
studio_change(struct db *db, struct arena *arena,
    const struct studio_type *noun, const struct editor *by,
    const struct uuid *uuid, const void *edit, void *row, struct err *err)
{
	struct quota_usage before;
	bool moved = false;
	enum rc rc;

	rc = get_own(db, arena, noun, by, uuid, row, err);
	if (rc == RC_OK)
		rc = noun->edit(arena, row, edit, &moved, err);
	if (rc != RC_OK || !moved)
		return rc;
	rc = quota_usage(db, by->user, &before);
	if (rc == RC_OK)
		rc = update_studio(db, arena, noun, row, by->now);
	return rc != RC_OK ? rc :
	    quota_check(db, by->conf, by->user, &before, err);
}

enum rc
studio_remove(struct db *db, struct arena *arena,
    const struct studio_type *noun, const struct editor *by,
    const struct uuid *uuid, struct err *err)
{
	struct studio_head *head = arena_zalloc(arena, 1, noun->size);
	struct stmt *q;
	enum rc rc;

	rc = get_own(db, arena, noun, by, uuid, head, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, noun->drop);
	stmt_int(q, ":id", head->id);
	return stmt_run(q);
}

enum rc
studio_put(struct db *db, struct arena *arena, const struct studio_type *noun,
    const struct source *from, const void *edit, enum put *put,
    struct err *err)
{
	void *row = arena_zalloc(arena, 1, noun->size);
	struct source new = *from;
	bool moved = false;
	struct uuid uuid;
	enum rc rc;

	memcpy(row, noun->blank, noun->size);
	rc = catalog_source_uuid(db, noun->source, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = studio_get(db, arena, noun, &uuid, from->owner, row, err);
	if (rc == RC_OK)
		rc = noun->edit(arena, row, edit, &moved, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = moved ? PUT_CHANGED : PUT_SAME;
		return moved ? update_studio(db, arena, noun, row, from->now) :
		    RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return catalog_source_taken(insert_studio(db, arena, noun, row, &new),
	    err);
}
