#include "dom/creative.h"

#include "dom/lines.h"

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
