#include "dom/style.h"

#include "dom/listing.h"

#define EDIT_FIELDS(name_flags) \
	{ .name = "name", .type = F_STR, .flags = FIELD_TRIM | (name_flags), \
	    .off = offsetof(struct style_edit, name), .min = 1, \
	    .max = 200 }, \
	{ .name = "html_url", .type = F_STR, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct style_edit, html_url), .max = 2000 }, \
	{ .name = "screenshot_url", .type = F_STR, .flags = FIELD_CLEAR, \
	    .off = offsetof(struct style_edit, screenshot_url), .max = 2000 }

static const struct field add_fields[] = { EDIT_FIELDS(FIELD_REQUIRED) };
const struct field_table style_add_table =
    FIELD_TABLE(add_fields, struct style_edit);
static const struct field change_fields[] = { EDIT_FIELDS(0) };
const struct field_table style_change_table =
    FIELD_TABLE(change_fields, struct style_edit);

int
style_row(struct stmt *q, int col, struct arena *arena, struct style *s)
{
	s->id = q_col_int(q, col++);
	s->owner_id = q_col_int(q, col++);
	s->uuid = q_col_uuid(q, col++);
	s->owner = q_col_uuid(q, col++);
	s->name = q_col_text(q, col++, arena);
	s->html_url = q_col_text(q, col++, arena);
	s->screenshot_url = q_col_text(q, col++, arena);
	s->created_at = q_col_opt(q, col++);
	s->updated_at = q_col_opt(q, col++);
	s->version = q_col_int(q, col++);
	return col;
}

enum rc
style_list(struct db *db, struct arena *arena, int64_t viewer, bool own,
    const struct span *span, struct style_page *page)
{
	struct ids ids;
	struct style *s;
	struct stmt *q;
	enum rc rc;

	*page = (struct style_page){ 0, NULL, false, 0 };
	if (own) {
		q = db_q(db, Q_STYLE_OWN_COUNT);
		q_int(q, ":viewer", viewer);
		rc = catalog_count(q, &page->total);
	} else {
		rc = tally_get(db, "style", &page->total);
	}
	if (rc != RC_OK)
		return rc;
	q = db_q(db, own ? Q_STYLE_OWN : Q_STYLE_ALL);
	if (own)
		q_int(q, ":viewer", viewer);
	rc = ids_find(q, arena, span, INT64_MAX, &ids);
	if (rc != RC_OK || ids.n == 0)
		return rc;
	page->v = arena_zalloc(arena, ids.n, sizeof(*page->v));
	page->more = ids.more;
	q = db_q(db, Q_STYLE_ITEMS);
	q_text(q, ":ids", ids_json(arena, &ids));
	q_int(q, ":viewer", viewer);
	while (page->n < ids.n && q_row(q)) {
		s = &page->v[page->n++];
		s->is_favorite = q_col_int(q, style_row(q, 0, arena, s)) != 0;
	}
	return q_done(q);
}

enum rc
style_get(struct db *db, struct arena *arena, const struct uuid *uuid,
    int64_t viewer, struct style *s, struct err *err)
{
	struct stmt *q = db_q(db, Q_STYLE_GET);
	bool found;
	enum rc rc;

	q_uuid(q, ":uuid", uuid);
	q_int(q, ":viewer", viewer);
	found = q_row(q);
	if (found)
		s->is_favorite = q_col_int(q, style_row(q, 0, arena, s)) != 0;
	rc = q_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Style not found");
}

static enum rc
edit(struct style *s, const struct style_edit *e, bool *moved, struct err *err)
{
	enum rc rc = RC_OK;

	edit_text(&s->name, e->name, moved);
	edit_text(&s->html_url, e->html_url, moved);
	edit_text(&s->screenshot_url, e->screenshot_url, moved);
	if (s->name == NULL)
		rc = err_field(err, "name", "must not be empty");
	if (check_url(err, "html_url", s->html_url) != RC_OK)
		rc = RC_INVALID;
	if (check_url(err, "screenshot_url", s->screenshot_url) != RC_OK)
		rc = RC_INVALID;
	return rc;
}

static struct stmt *
bind(struct stmt *q, const struct style *s, int64_t now)
{
	q_text(q, ":name", s->name);
	q_text(q, ":html_url", s->html_url);
	q_text(q, ":screenshot_url", s->screenshot_url);
	q_int(q, ":now", now);
	return q;
}

static enum rc
insert(struct db *db, const struct style *s,
    const struct source *from)
{
	struct stmt *q = bind(db_q(db, Q_STYLE_ADD), s, from->now);

	q_uuid(q, ":uuid", &from->uuid);
	q_int(q, ":owner", from->owner);
	q_text(q, ":source", from->key);
	return q_run(q);
}

static enum rc
update(struct db *db, struct style *s, int64_t now)
{
	struct stmt *q = bind(db_q(db, Q_STYLE_CHANGE), s, now);

	s->updated_at = now;
	q_int(q, ":id", s->id);
	return q_run(q);
}

enum rc
style_add(struct db *db, struct arena *arena, const struct editor *by,
    const struct style_edit *e, struct style *s, struct err *err)
{
	struct source from = { .uuid = uuid_new(by->now), .owner = by->user,
	    .now = by->now };
	bool moved = false;
	enum rc rc;

	*s = (struct style){ .id = 0 };
	rc = edit(s, e, &moved, err);
	if (rc == RC_OK)
		rc = insert(db, s, &from);
	return rc != RC_OK ? rc : style_get(db, arena, &from.uuid, by->user, s,
	    err);
}

/* The style, if it is the editor's. */
static enum rc
own_style(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct style *s, struct err *err)
{
	enum rc rc = style_get(db, arena, uuid, by->user, s, err);

	if (rc != RC_OK || s->owner_id == by->user)
		return rc;
	return err_set(err, RC_FORBIDDEN, NULL,
	    "Only its owner can change a style");
}

enum rc
style_change(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, const struct style_edit *e, struct style *s,
    struct err *err)
{
	bool moved = false;
	enum rc rc;

	rc = own_style(db, arena, by, uuid, s, err);
	if (rc == RC_OK)
		rc = edit(s, e, &moved, err);
	if (rc != RC_OK || !moved)
		return rc;
	return update(db, s, by->now);
}

enum rc
style_remove(struct db *db, struct arena *arena, const struct editor *by,
    const struct uuid *uuid, struct err *err)
{
	struct style s;
	struct stmt *q;
	enum rc rc;

	rc = own_style(db, arena, by, uuid, &s, err);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_STYLE_DROP);
	q_int(q, ":id", s.id);
	return q_run(q);
}

enum rc
style_put(struct db *db, struct arena *arena, const struct source *from,
    const struct style_edit *e, enum put *put, struct err *err)
{
	struct style s = { .id = 0 };
	struct source new = *from;
	bool moved = false;
	struct uuid uuid;
	enum rc rc;

	rc = source_uuid(db, Q_STYLE_SOURCE, from, &uuid);
	*put = uuid_nil(&uuid) ? PUT_ADDED : PUT_SAME;
	if (rc == RC_OK && *put == PUT_SAME)
		rc = style_get(db, arena, &uuid, from->owner, &s, err);
	if (rc == RC_OK)
		rc = edit(&s, e, &moved, err);
	if (rc != RC_OK)
		return rc;
	if (*put == PUT_SAME) {
		*put = moved ? PUT_CHANGED : PUT_SAME;
		return moved ? update(db, &s, from->now) : RC_OK;
	}
	if (uuid_nil(&new.uuid))
		new.uuid = uuid_new(from->now);
	return source_taken(insert(db, &s, &new), err);
}
