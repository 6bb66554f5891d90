#include "dom/destination.h"

#include "dom/lines.h"

int
destination_row(struct stmt *q, int col, struct arena *arena,
    struct destination *d)
{
	d->id = q_col_int(q, col++);
	d->uuid = q_col_uuid(q, col++);
	d->name = q_col_text(q, col++, arena);
	d->city = q_col_text(q, col++, arena);
	d->country = q_col_text(q, col++, arena);
	d->thumbnail_url = q_col_text(q, col++, arena);
	d->summary = q_col_text(q, col++, arena);
	d->images = lines_split(arena, q_col_peek(q, col++));
	d->lat = q_col_opt(q, col++);
	d->lng = q_col_opt(q, col++);
	d->created_at = q_col_opt(q, col++);
	d->updated_at = q_col_opt(q, col++);
	d->version = q_col_int(q, col++);
	d->favorites_count = q_col_int(q, col++);
	return col;
}
