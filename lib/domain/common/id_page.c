#include "domain/common/id_page.h"
#include "json/json_build.h"

enum rc
id_page_read(struct stmt *q, struct arena *arena, int64_t limit,
    int64_t offset, struct id_page *ids)
{
	size_t max = (size_t)limit;

	*ids = (struct id_page){ .v = arena_zalloc(arena, max,
	    sizeof(*ids->v)) };
	stmt_int(q, ":limit", limit + 1);
	stmt_int(q, ":offset", offset);
	while (!ids->more && stmt_row(q)) {
		ids->more = ids->n == max;
		if (!ids->more)
			ids->v[ids->n++] = stmt_col_int(q, 0);
	}
	return stmt_done(q);
}

char *
id_page_json(struct arena *arena, const int64_t *ids, size_t n)
{
	return json_build_ints(arena, ids, n);
}

enum rc
id_page_before(struct stmt *q, struct arena *arena, int64_t before,
    int64_t limit, int64_t offset, struct id_page *ids)
{
	stmt_int(q, ":before", before);
	return id_page_read(q, arena, limit, offset, ids);
}
