#include "domain/catalog/document.h"

#include "domain/common/id_page.h"
#include "domain/common/text_list.h"

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
	d->head.id = stmt_col_int(q, col++);
	d->head.owner_id = stmt_col_int(q, col++);
	d->head.uuid = stmt_col_uuid(q, col++);
	d->owner = stmt_col_uuid(q, col++);
	d->title = stmt_col_text(q, col++, arena);
	d->content = stmt_col_text(q, col++, arena);
	d->sources = text_list_split(arena, stmt_col_peek(q, col++));
	d->status = stmt_col_text(q, col++, arena);
	d->head.created_at = stmt_col_opt(q, col++);
	d->head.updated_at = stmt_col_opt(q, col++);
	d->is_public = stmt_col_int(q, col++) != 0;
	d->is_task = stmt_col_int(q, col++) != 0;
	d->include_research = stmt_col_text(q, col++, arena);
	d->head.version = stmt_col_int(q, col++);
	return col;
}

static int
read_document(struct stmt *q, int col, struct arena *arena, void *row)
{
	return document_row(q, col, arena, row);
}

enum rc
document_named(struct db *db, struct arena *arena, int64_t viewer,
    const struct strv *list, struct document_page *page)
{
	uint8_t *uuids = arena_alloc(arena, list->n * 16 + 1);
	struct id_page starts = { NULL, 0, false };
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
	q = stmt_get(db, Q_DOCUMENT_NAMED);
	stmt_text(q, ":starts", id_page_json(arena, starts.v, starts.n));
	stmt_blob(q, ":uuids", uuids, starts.n * 16);
	stmt_int(q, ":viewer", viewer);
	while (page->n < starts.n && stmt_row(q))
		document_row(q, 0, arena, &page->v[page->n++]);
	return stmt_done(q);
}

static bool
is_open(const void *row)
{
	const struct document *d = row;

	return d->is_public;
}

static enum rc
edit_document(struct arena *arena, void *row, const void *edit, bool *changed,
    struct err *err)
{
	struct document *d = row;
	const struct document_edit *e = edit;

	catalog_edit_text(&d->title, e->title, changed);
	catalog_edit_text(&d->content, e->content, changed);
	catalog_edit_list(arena, &d->sources, &e->sources, changed);
	catalog_edit_text(&d->status, e->status, changed);
	catalog_edit_bool(&d->is_public, e->is_public, changed);
	catalog_edit_bool(&d->is_task, e->is_task, changed);
	catalog_edit_text(&d->include_research, e->include_research, changed);
	return d->title != NULL ? RC_OK :
	    err_field(err, "title", "must not be empty");
}

static void
bind_document(struct stmt *q, struct arena *arena, const void *row)
{
	const struct document *d = row;

	stmt_text(q, ":title", d->title);
	stmt_text(q, ":content", d->content);
	stmt_text(q, ":sources", text_list_join(arena, &d->sources));
	stmt_text(q, ":status", d->status);
	stmt_int(q, ":public", d->is_public);
	stmt_int(q, ":task", d->is_task);
	stmt_text(q, ":include_research", d->include_research);
}

static const struct document blank = { .status = "draft" };

const struct studio_type document_type = {
	.size = sizeof(struct document),
	.blank = &blank,
	.not_found = "Document not found",
	.not_own = "Only its owner can change a document",
	.lists = {
		[STUDIO_SEEN] = { .find = Q_DOCUMENT_VISIBLE,
		    .count = Q_DOCUMENT_PRIVATE_COUNT, .personal = true,
		    .counter = "document:public" },
		[STUDIO_OWN] = { .find = Q_DOCUMENT_OWN,
		    .count = Q_DOCUMENT_OWN_COUNT, .personal = true },
	},
	.items = Q_DOCUMENT_ITEMS,
	.get = Q_DOCUMENT_GET,
	.add = Q_DOCUMENT_ADD,
	.change = Q_DOCUMENT_CHANGE,
	.drop = Q_DOCUMENT_DROP,
	.source = Q_DOCUMENT_SOURCE,
	.read = read_document,
	.open = is_open,
	.edit = edit_document,
	.bind = bind_document,
};
