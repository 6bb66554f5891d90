#include "domain/catalog/style.h"

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
	s->head.id = stmt_col_int(q, col++);
	s->head.owner_id = stmt_col_int(q, col++);
	s->head.uuid = stmt_col_uuid(q, col++);
	s->owner = stmt_col_uuid(q, col++);
	s->name = stmt_col_text(q, col++, arena);
	s->html_url = stmt_col_text(q, col++, arena);
	s->screenshot_url = stmt_col_text(q, col++, arena);
	s->head.created_at = stmt_col_opt(q, col++);
	s->head.updated_at = stmt_col_opt(q, col++);
	s->head.version = stmt_col_int(q, col++);
	return col;
}

static int
read_style(struct stmt *q, int col, struct arena *arena, void *row)
{
	return style_row(q, col, arena, row);
}

static enum rc
edit_style(struct arena *arena, void *row, const void *edit, bool *changed,
    struct err *err)
{
	struct style *s = row;
	const struct style_edit *e = edit;
	enum rc rc = RC_OK;

	(void)arena;
	catalog_edit_text(&s->name, e->name, changed);
	catalog_edit_text(&s->html_url, e->html_url, changed);
	catalog_edit_text(&s->screenshot_url, e->screenshot_url, changed);
	if (s->name == NULL)
		rc = err_field(err, "name", "must not be empty");
	if (catalog_check_url(err, "html_url", s->html_url) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_url(err, "screenshot_url", s->screenshot_url) !=
	    RC_OK)
		rc = RC_INVALID;
	return rc;
}

static void
bind_style(struct stmt *q, struct arena *arena, const void *row)
{
	const struct style *s = row;

	(void)arena;
	stmt_text(q, ":name", s->name);
	stmt_text(q, ":html_url", s->html_url);
	stmt_text(q, ":screenshot_url", s->screenshot_url);
}

static const struct style blank;

const struct studio_type style_type = {
	.size = sizeof(struct style),
	.blank = &blank,
	.not_found = "Style not found",
	.not_own = "Only its owner can change a style",
	.lists = {
		[STUDIO_SEEN] = { .find = Q_STYLE_ALL, .counter = "style" },
		[STUDIO_OWN] = { .find = Q_STYLE_OWN,
		    .count = Q_STYLE_OWN_COUNT, .personal = true },
	},
	.items = Q_STYLE_ITEMS,
	.get = Q_STYLE_GET,
	.add = Q_STYLE_ADD,
	.change = Q_STYLE_CHANGE,
	.drop = Q_STYLE_DROP,
	.source = Q_STYLE_SOURCE,
	.read = read_style,
	.edit = edit_style,
	.bind = bind_style,
};
