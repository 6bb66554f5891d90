#include "dom/style.h"

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
