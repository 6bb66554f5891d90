#include "domain/catalog/creative.h"

#include "domain/common/text_list.h"

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
	c->head.id = stmt_col_int(q, col++);
	c->head.owner_id = stmt_col_int(q, col++);
	c->head.uuid = stmt_col_uuid(q, col++);
	c->collection = stmt_col_uuid(q, col++);
	c->format = stmt_col_uuid(q, col++);
	c->style = stmt_col_uuid(q, col++);
	c->document_ids = text_list_split(arena, stmt_col_peek(q, col++));
	c->asset_ids = text_list_split(arena, stmt_col_peek(q, col++));
	c->html_url = stmt_col_text(q, col++, arena);
	c->draft_url = stmt_col_text(q, col++, arena);
	c->bundle_id = stmt_col_text(q, col++, arena);
	c->screenshot_url = stmt_col_text(q, col++, arena);
	c->is_published = stmt_col_int(q, col++) != 0;
	c->publish_url = stmt_col_text(q, col++, arena);
	c->head.created_at = stmt_col_opt(q, col++);
	c->head.updated_at = stmt_col_opt(q, col++);
	c->head.version = stmt_col_int(q, col++);
	return col;
}

static int
read_creative(struct stmt *q, int col, struct arena *arena, void *row)
{
	return creative_row(q, col, arena, row);
}

static bool
is_open(const void *row)
{
	const struct creative *c = row;

	return c->is_published;
}

static enum rc
edit_creative(struct arena *arena, void *row, const void *edit, bool *changed,
    struct err *err)
{
	struct creative *c = row;
	const struct creative_edit *e = edit;
	enum rc rc = RC_OK;

	catalog_edit_uuid(&c->collection, &e->collection, changed);
	catalog_edit_uuid(&c->format, &e->format, changed);
	catalog_edit_uuid(&c->style, &e->style, changed);
	catalog_edit_list(arena, &c->document_ids, &e->document_ids, changed);
	catalog_edit_list(arena, &c->asset_ids, &e->asset_ids, changed);
	catalog_edit_text(&c->html_url, e->html_url, changed);
	catalog_edit_text(&c->draft_url, e->draft_url, changed);
	catalog_edit_text(&c->bundle_id, e->bundle_id, changed);
	catalog_edit_text(&c->screenshot_url, e->screenshot_url, changed);
	catalog_edit_bool(&c->is_published, e->is_published, changed);
	catalog_edit_text(&c->publish_url, e->publish_url, changed);
	if (catalog_check_url(err, "html_url", c->html_url) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_url(err, "draft_url", c->draft_url) != RC_OK)
		rc = RC_INVALID;
	if (catalog_check_url(err, "screenshot_url", c->screenshot_url) !=
	    RC_OK)
		rc = RC_INVALID;
	if (catalog_check_url(err, "publish_url", c->publish_url) != RC_OK)
		rc = RC_INVALID;
	return rc;
}

static void
bind_creative(struct stmt *q, struct arena *arena, const void *row)
{
	const struct creative *c = row;

	stmt_uuid(q, ":collection", &c->collection);
	stmt_uuid(q, ":format", &c->format);
	stmt_uuid(q, ":style", &c->style);
	stmt_text(q, ":documents", text_list_join(arena, &c->document_ids));
	stmt_text(q, ":assets", text_list_join(arena, &c->asset_ids));
	stmt_text(q, ":html_url", c->html_url);
	stmt_text(q, ":draft_url", c->draft_url);
	stmt_text(q, ":bundle", c->bundle_id);
	stmt_text(q, ":screenshot_url", c->screenshot_url);
	stmt_int(q, ":published", c->is_published);
	stmt_text(q, ":publish_url", c->publish_url);
}

static const struct creative blank;

const struct studio_type creative_type = {
	.size = sizeof(struct creative),
	.blank = &blank,
	.not_found = "Creative not found",
	.not_own = "Only its owner can change a creative",
	.lists = {
		[STUDIO_SEEN] = { .find = Q_CREATIVE_VISIBLE,
		    .count = Q_CREATIVE_DRAFT_COUNT, .personal = true,
		    .counter = "creative:published" },
		[STUDIO_OWN] = { .find = Q_CREATIVE_OWN,
		    .count = Q_CREATIVE_OWN_COUNT, .personal = true },
		[STUDIO_COLLECTION] = { .find = Q_CREATIVE_COLLECTION,
		    .count = Q_CREATIVE_COLLECTION_COUNT, .personal = true },
	},
	.items = Q_CREATIVE_ITEMS,
	.get = Q_CREATIVE_GET,
	.add = Q_CREATIVE_ADD,
	.change = Q_CREATIVE_CHANGE,
	.drop = Q_CREATIVE_DROP,
	.source = Q_CREATIVE_SOURCE,
	.read = read_creative,
	.open = is_open,
	.edit = edit_creative,
	.bind = bind_creative,
};
