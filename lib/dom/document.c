#include "dom/document.h"

#include "dom/lines.h"

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
