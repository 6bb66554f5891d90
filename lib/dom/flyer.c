#include "dom/flyer.h"

int
flyer_row(struct stmt *q, int col, struct arena *arena, struct flyer *f)
{
	f->id = q_col_int(q, col++);
	f->publisher_id = q_col_int(q, col++);
	f->title = q_col_text(q, col++, arena);
	f->description = q_col_text(q, col++, arena);
	f->image_url = q_col_text(q, col++, arena);
	f->category = q_col_text(q, col++, arena);
	f->lat = q_col_opt(q, col++);
	f->lng = q_col_opt(q, col++);
	f->address = q_col_text(q, col++, arena);
	f->valid_from = q_col_opt(q, col++);
	f->valid_until = q_col_opt(q, col++);
	f->created_at = q_col_opt(q, col++);
	f->version = q_col_int(q, col++);
	f->favorites_count = q_col_int(q, col++);
	return col;
}
