#include "dom/creative.h"

#include "dom/lines.h"
#include "dom/listing.h"

#define ID_FIELD(word, m) \
	{ .name = (word), .type = F_UUID, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct creative_edit, m) }
#define IDS_FIELD(word, m) \
	{ .name = (word), .type = F_STRV, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct creative_edit, m), .max = 100, \
	    .max2 = 100 }
#define URL_FIELD(word, m) \
	{ .name = (word), .type = F_STR, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct creative_edit, m), .max = 2000 }

static const struct field change_fields[] = {
	ID_FIELD("collection_id", collection),
	ID_FIELD("creative_format_id", format),
	ID_FIELD("style_id", style),
	IDS_FIELD("document_ids", document_ids),
	IDS_FIELD("asset_ids", asset_ids),
	URL_FIELD("html_url", html_url),
	URL_FIELD("draft_url", draft_url),
	{ .name = "bundle_id", .type = F_STR,
	    .flags = FIELD_CLEAR | FIELD_TRIM,
	    .off = offsetof(struct creative_edit, bundle_id), .max = 100 },
	URL_FIELD("screenshot_url", screenshot_url),
	{ .name = "is_published", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct creative_edit, is_published) },
	URL_FIELD("publish_url", publish_url),
};
const struct field_table creative_table =
    FIELD_TABLE(change_fields, struct creative_edit);

int
creative_row(struct stmt *q, int col, struct arena *arena,
    struct creative *c)
{
	c->id = q_col_int(q, col++);
	c->owner_id = q_col_int(q, col++);
	c->uuid = q_col_uuid(q, col++);
	c->collection = q_col_uuid(q, col++);
	c->format = q_col_uuid(q, col++);
	c->style = q_col_uuid(q, col++);
	c->document_ids = lines_split(arena, q_col_peek(q, col++));
	c->asset_ids = lines_split(arena, q_col_peek(q, col++));
	c->html_url = q_col_text(q, col++, arena);
	c->draft_url = q_col_text(q, col++, arena);
	c->bundle_id = q_col_text(q, col++, arena);
	c->screenshot_url = q_col_text(q, col++, arena);
	c->is_published = q_col_int(q, col++) != 0;
	c->publish_url = q_col_text(q, col++, arena);
	c->created_at = q_col_opt(q, col++);
	c->updated_at = q_col_opt(q, col++);
	c->version = q_col_int(q, col++);
	return col;
}

/* The ids of a page and how many there are in all, by the way that fits. */
static enum rc
find(struct db *db, struct arena *arena, int64_t viewer,
    const struct creative_query *want, const struct span *span,
    struct ids *ids, int64_t *total)
{
	bool in_one = !uuid_nil(&want->collection);
	int64_t drafts = 0;
	struct stmt *q;
	enum rc rc;

	q = db_q(db, in_one ? Q_CREATIVE_COLLECTION_COUNT :
	    want->own ? Q_CREATIVE_OWN_COUNT : Q_CREATIVE_DRAFT_COUNT);
	q_int(q, ":viewer", viewer);
	if (in_one) {
		q_uuid(q, ":collection", &want->collection);
		q_int(q, ":mine", want->own);
	}
	rc = catalog_count(q, total);
	if (rc == RC_OK && !in_one && !want->own) {
		drafts = *total;
		rc = tally_get(db, "creative:published", total);
		*total += drafts;
	}
	if (rc != RC_OK)
		return rc;
	q = db_q(db, in_one ? Q_CREATIVE_COLLECTION :
	    want->own ? Q_CREATIVE_OWN : Q_CREATIVE_VISIBLE);
	q_int(q, ":viewer", viewer);
	if (in_one) {
		q_uuid(q, ":collection", &want->collection);
		q_int(q, ":mine", want->own);
	}
	return ids_find(q, arena, span, INT64_MAX, ids);
}

enum rc
creative_list(struct db *db, struct arena *arena, int64_t viewer,
    const struct creative_query *want, const struct span *span,
    struct creative_page *page)
{
	struct creative *c;
	struct stmt *q;
	struct ids ids;
	enum rc rc;

	*page = (struct creative_page){ 0, NULL, false, 0 };
	rc = find(db, arena, viewer, want, span, &ids, &page->total);
	if (rc != RC_OK || ids.n == 0)
		return rc;
	page->v = arena_zalloc(arena, ids.n, sizeof(*page->v));
	page->more = ids.more;
	q = db_q(db, Q_CREATIVE_ITEMS);
	q_text(q, ":ids", ids_json(arena, &ids));
	q_int(q, ":viewer", viewer);
	while (page->n < ids.n && q_row(q)) {
		c = &page->v[page->n++];
		c->is_favorite = q_col_int(q, creative_row(q, 0, arena, c)) !=
		    0;
	}
	return q_done(q);
}

enum rc
creative_get(struct db *db, struct arena *arena, const struct uuid *uuid,
    int64_t viewer, struct creative *c, struct err *err)
{
	struct stmt *q = db_q(db, Q_CREATIVE_GET);
	bool found;
	enum rc rc;

	q_uuid(q, ":uuid", uuid);
	q_int(q, ":viewer", viewer);
	found = q_row(q);
	if (found) {
		c->is_favorite = q_col_int(q, creative_row(q, 0, arena, c)) !=
		    0;
		found = c->is_published || c->owner_id == viewer;
	}
	rc = q_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Creative not found");
}

static enum rc
edit(struct arena *arena, struct creative *c, const struct creative_edit *e,
    bool *moved, struct err *err)
{
	enum rc rc = RC_OK;

	edit_uuid(&c->collection, &e->collection, moved);
	edit_uuid(&c->format, &e->format, moved);
	edit_uuid(&c->style, &e->style, moved);
	edit_list(arena, &c->document_ids, &e->document_ids, moved);
	edit_list(arena, &c->asset_ids, &e->asset_ids, moved);
	edit_text(&c->html_url, e->html_url, moved);
	edit_text(&c->draft_url, e->draft_url, moved);
	edit_text(&c->bundle_id, e->bundle_id, moved);
	edit_text(&c->screenshot_url, e->screenshot_url, moved);
	edit_bool(&c->is_published, e->is_published, moved);
	edit_text(&c->publish_url, e->publish_url, moved);
	if (check_url(err, "html_url", c->html_url) != RC_OK)
		rc = RC_INVALID;
	if (check_url(err, "draft_url", c->draft_url) != RC_OK)
		rc = RC_INVALID;
	if (check_url(err, "screenshot_url", c->screenshot_url) != RC_OK)
		rc = RC_INVALID;
	if (check_url(err, "publish_url", c->publish_url) != RC_OK)
		rc = RC_INVALID;
	return rc;
}

static struct stmt *
bind(struct stmt *q, struct arena *arena, const struct creative *c,
    int64_t now)
{
	q_uuid(q, ":collection", &c->collection);
	q_uuid(q, ":format", &c->format);
	q_uuid(q, ":style", &c->style);
	q_text(q, ":documents", lines_join(arena, &c->document_ids));
	q_text(q, ":assets", lines_join(arena, &c->asset_ids));
	q_text(q, ":html_url", c->html_url);
	q_text(q, ":draft_url", c->draft_url);
	q_text(q, ":bundle", c->bundle_id);
	q_text(q, ":screenshot_url", c->screenshot_url);
	q_int(q, ":published", c->is_published);
	q_text(q, ":publish_url", c->publish_url);
	q_int(q, ":now", now);
	return q;
}

static enum rc
insert(struct db *db, struct arena *arena, const struct creative *c,
    const struct source *from)
{
	struct stmt *q = bind(db_q(db, Q_CREATIVE_ADD), arena, c, from->now);

	q_uuid(q, ":uuid", &from->uuid);
	q_int(q, ":owner", from->owner);
	q_text(q, ":source", from->key);
	return q_run(q);
}

static enum rc
update(struct db *db, struct arena *arena, struct creative *c, int64_t now)
{
	struct stmt *q = bind(db_q(db, Q_CREATIVE_CHANGE), arena, c, now);

	c->updated_at = now;
	q_int(q, ":id", c->id);
	return q_run(q);
}

enum rc
creative_add(struct db *db, struct arena *arena, const struct editor *by,
    const struct creative_edit *e, struct creative *c, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .owner = by->user,
	    .now = by->now };
	bool moved = false;
	enum rc rc;

	*c = (struct creative){ .id = 0 };
	rc = edit(arena, c, e, &moved, err);
	if (rc == RC_OK)
		rc = insert(db, arena, c, &from);
	return rc != RC_OK ? rc : creative_get(db, arena, &from.uuid, by->user,
	    c, err);
}

/* The creative, if it is the editor's. */
static enum rc
own_creative(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct creative *c, struct err *err)
{
	enum rc rc = creative_get(db, arena, uuid, by->user, c, err);

	if (rc != RC_OK || c->owner_id == by->user)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL,
	    "Only its owner can change a creative");
}

enum rc
creative_change(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, const struct creative_edit *e,
    struct creative *c, struct err *err)
{
	bool moved = false;
	enum rc rc;

	rc = own_creative(db, arena, by, uuid, c, err);
	if (rc == RC_OK)
		rc = edit(arena, c, e, &moved, err);
	if (rc != RC_OK || !moved)
		return rc;
	return update(db, arena, c, by->now);
}

enum rc
creative_remove(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct err *err)
{
	struct creative c;
	struct stmt *q;
	enum rc rc;

	rc = own_creative(db, arena, by, uuid, &c, err);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_CREATIVE_DROP);
	q_int(q, ":id", c.id);
	return q_run(q);
}

enum rc
creative_put(struct db *db, struct arena *arena, const struct source *from,
    const struct creative_edit *e, enum put *put, struct err *err)
{
	struct creative c = { .id = 0 };
	struct source new = *from;
	bool moved = false;
	struct uuid uuid;
	enum rc rc;

	rc = source_uuid(db, Q_CREATIVE_SOURCE, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = creative_get(db, arena, &uuid, from->owner, &c, err);
	if (rc == RC_OK)
		rc = edit(arena, &c, e, &moved, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = moved ? PUT_CHANGED : PUT_SAME;
		return moved ? update(db, arena, &c, from->now) : RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return source_taken(insert(db, arena, &c, &new), err);
}
