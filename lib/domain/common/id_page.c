#include <stdio.h>

#include "domain/common/id_page.h"

/* Bytes of an id with its sign and a comma. */
#define ID_SIZE 21

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
	size_t size = n * ID_SIZE + 3, len = 0;
	char *text = arena_alloc(arena, size);

	text[len++] = '[';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%lld",
		    i > 0 ? "," : "", (long long)ids[i]);
	text[len++] = ']';
	text[len] = '\0';
	return text;
}

enum rc
id_page_before(struct stmt *q, struct arena *arena, int64_t before,
    int64_t limit, int64_t offset, struct id_page *ids)
{
	stmt_int(q, ":before", before);
	return id_page_read(q, arena, limit, offset, ids);
}
