#include "dom/document.h"

#include "dom/lines.h"
#include "dom/listing.h"

#define EDIT_FIELDS(title_flags) \
	{ .name = "title", .type = F_STR, .flags = FIELD_TRIM | (title_flags), \
	    .off = offsetof(struct document_edit, title), .min = 1, \
	    .max = 200 }, \
	{ .name = "content", .type = F_STR, .flags = FIELD_CLEAR | FIELD_CTL, \
	    .off = offsetof(struct document_edit, content), .max = 50000 }, \
	{ .name = "sources", .type = F_STRV, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct document_edit, sources), .max = 100, \
	    .max2 = 2000 }, \
	{ .name = "status", .type = F_STR, .flags = FIELD_TRIM, \
	    .off = offsetof(struct document_edit, status), .min = 1, \
	    .max = 50 }, \
	{ .name = "is_public", .type = F_BOOL, .dflt = -1, \
	    .off = offsetof(struct document_edit, is_public) }, \
	{ .name = "is_task", .type = F_BOOL, .dflt = -1, \
	    .off = offsetof(struct document_edit, is_task) }, \
	{ .name = "include_research", .type = F_STR, \
	    .flags = FIELD_CLEAR | FIELD_TRIM, \
	    .off = offsetof(struct document_edit, include_research), \
	    .max = 50 }

static const struct field add_fields[] = { EDIT_FIELDS(FIELD_REQUIRED) };
const struct field_table document_add_table =
    FIELD_TABLE(add_fields, struct document_edit);
static const struct field change_fields[] = { EDIT_FIELDS(0) };
const struct field_table document_change_table =
    FIELD_TABLE(change_fields, struct document_edit);

int
document_row(struct stmt *q, int col, struct arena *arena,
    struct document *d)
{
	d->id = q_col_int(q, col++);
	d->owner_id = q_col_int(q, col++);
	d->uuid = q_col_uuid(q, col++);
	d->owner = q_col_uuid(q, col++);
	d->title = q_col_text(q, col++, arena);
	d->content = q_col_text(q, col++, arena);
	d->sources = lines_split(arena, q_col_peek(q, col++));
	d->status = q_col_text(q, col++, arena);
	d->created_at = q_col_opt(q, col++);
	d->updated_at = q_col_opt(q, col++);
	d->is_public = q_col_int(q, col++) != 0;
	d->is_task = q_col_int(q, col++) != 0;
	d->include_research = q_col_text(q, col++, arena);
	d->version = q_col_int(q, col++);
	return col;
}

enum rc
document_list(struct db *db, struct arena *arena, int64_t viewer, bool own,
    const struct span *span, struct document_page *page)
{
	struct document *d;
	struct stmt *q;
	struct ids ids;
	int64_t public = 0;
	enum rc rc;

	*page = (struct document_page){ 0, NULL, false, 0 };
	q = db_q(db, own ? Q_DOCUMENT_OWN_COUNT : Q_DOCUMENT_PRIVATE_COUNT);
	q_int(q, ":viewer", viewer);
	rc = catalog_count(q, &page->total);
	if (rc == RC_OK && !own)
		rc = tally_get(db, "document:public", &public);
	if (rc != RC_OK)
		return rc;
	page->total += public;
	q = db_q(db, own ? Q_DOCUMENT_OWN : Q_DOCUMENT_VISIBLE);
	q_int(q, ":viewer", viewer);
	rc = ids_find(q, arena, span, INT64_MAX, &ids);
	if (rc != RC_OK || ids.n == 0)
		return rc;
	page->v = arena_zalloc(arena, ids.n, sizeof(*page->v));
	page->more = ids.more;
	q = db_q(db, Q_DOCUMENT_ITEMS);
	q_text(q, ":ids", ids_json(arena, &ids));
	q_int(q, ":viewer", viewer);
	while (page->n < ids.n && q_row(q)) {
		d = &page->v[page->n++];
		d->is_favorite = q_col_int(q, document_row(q, 0, arena, d)) !=
		    0;
	}
	return q_done(q);
}

enum rc
document_named(struct db *db, struct arena *arena, int64_t viewer,
    const struct strv *list, struct document_page *page)
{
	uint8_t *uuids = arena_alloc(arena, list->n * 16 + 1);
	struct ids starts = { 0, NULL, false };
	struct uuid uuid;
	struct stmt *q;
	size_t i;

	*page = (struct document_page){ 0, NULL, false, 0 };
	starts.v = arena_zalloc(arena, list->n + 1, sizeof(*starts.v));
	for (i = 0; i < list->n; i++) {
		if (!uuid_parse(list->v[i], &uuid))
			continue;
		memcpy(uuids + starts.n * 16, uuid.b, 16);
		starts.v[starts.n] = (int64_t)starts.n * 16 + 1;
		starts.n++;
	}
	if (starts.n == 0)
		return RC_OK;
	page->v = arena_zalloc(arena, starts.n, sizeof(*page->v));
	q = db_q(db, Q_DOCUMENT_NAMED);
	q_text(q, ":starts", ids_json(arena, &starts));
	q_blob(q, ":uuids", uuids, starts.n * 16);
	q_int(q, ":viewer", viewer);
	while (page->n < starts.n && q_row(q))
		document_row(q, 0, arena, &page->v[page->n++]);
	return q_done(q);
}

enum rc
document_get(struct db *db, struct arena *arena, const struct uuid *uuid,
    int64_t viewer, struct document *d, struct err *err)
{
	struct stmt *q = db_q(db, Q_DOCUMENT_GET);
	bool found;
	enum rc rc;

	q_uuid(q, ":uuid", uuid);
	q_int(q, ":viewer", viewer);
	found = q_row(q);
	if (found) {
		d->is_favorite = q_col_int(q, document_row(q, 0, arena, d)) !=
		    0;
		found = d->is_public || d->owner_id == viewer;
	}
	rc = q_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Document not found");
}

static enum rc
edit(struct arena *arena, struct document *d, const struct document_edit *e,
    bool *moved, struct err *err)
{
	edit_text(&d->title, e->title, moved);
	edit_text(&d->content, e->content, moved);
	edit_list(arena, &d->sources, &e->sources, moved);
	edit_text(&d->status, e->status, moved);
	edit_bool(&d->is_public, e->is_public, moved);
	edit_bool(&d->is_task, e->is_task, moved);
	edit_text(&d->include_research, e->include_research, moved);
	return d->title != NULL ? RC_OK :
	    err_field(err, "title", "must not be empty");
}

static struct stmt *
bind(struct stmt *q, struct arena *arena, const struct document *d,
    int64_t now)
{
	q_text(q, ":title", d->title);
	q_text(q, ":content", d->content);
	q_text(q, ":sources", lines_join(arena, &d->sources));
	q_text(q, ":status", d->status);
	q_int(q, ":public", d->is_public);
	q_int(q, ":task", d->is_task);
	q_text(q, ":include_research", d->include_research);
	q_int(q, ":now", now);
	return q;
}

static enum rc
insert(struct db *db, struct arena *arena, const struct document *d,
    const struct source *from)
{
	struct stmt *q = bind(db_q(db, Q_DOCUMENT_ADD), arena, d, from->now);

	q_uuid(q, ":uuid", &from->uuid);
	q_int(q, ":owner", from->owner);
	q_text(q, ":source", from->key);
	return q_run(q);
}

static enum rc
update(struct db *db, struct arena *arena, struct document *d, int64_t now)
{
	struct stmt *q = bind(db_q(db, Q_DOCUMENT_CHANGE), arena, d, now);

	d->updated_at = now;
	q_int(q, ":id", d->id);
	return q_run(q);
}

enum rc
document_add(struct db *db, struct arena *arena, const struct editor *by,
    const struct document_edit *e, struct document *d, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .owner = by->user,
	    .now = by->now };
	bool moved = false;
	enum rc rc;

	*d = (struct document){ .status = "draft" };
	rc = edit(arena, d, e, &moved, err);
	if (rc == RC_OK)
		rc = insert(db, arena, d, &from);
	return rc != RC_OK ? rc : document_get(db, arena, &from.uuid, by->user,
	    d, err);
}

/* The document, if it is the editor's. */
static enum rc
own_document(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct document *d, struct err *err)
{
	enum rc rc = document_get(db, arena, uuid, by->user, d, err);

	if (rc != RC_OK || d->owner_id == by->user)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL,
	    "Only its owner can change a document");
}

enum rc
document_change(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, const struct document_edit *e,
    struct document *d, struct err *err)
{
	bool moved = false;
	enum rc rc;

	rc = own_document(db, arena, by, uuid, d, err);
	if (rc == RC_OK)
		rc = edit(arena, d, e, &moved, err);
	if (rc != RC_OK || !moved)
		return rc;
	return update(db, arena, d, by->now);
}

enum rc
document_remove(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct err *err)
{
	struct document d;
	struct stmt *q;
	enum rc rc;

	rc = own_document(db, arena, by, uuid, &d, err);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_DOCUMENT_DROP);
	q_int(q, ":id", d.id);
	return q_run(q);
}

enum rc
document_put(struct db *db, struct arena *arena, const struct source *from,
    const struct document_edit *e, enum put *put, struct err *err)
{
	struct document d = { .status = "draft" };
	struct source new = *from;
	bool moved = false;
	struct uuid uuid;
	enum rc rc;

	rc = source_uuid(db, Q_DOCUMENT_SOURCE, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = document_get(db, arena, &uuid, from->owner, &d, err);
	if (rc == RC_OK)
		rc = edit(arena, &d, e, &moved, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = moved ? PUT_CHANGED : PUT_SAME;
		return moved ? update(db, arena, &d, from->now) : RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return source_taken(insert(db, arena, &d, &new), err);
}
