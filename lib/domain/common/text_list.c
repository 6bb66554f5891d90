#include "domain/common/text_list.h"

struct strv
text_list_split(struct arena *arena, const char *text)
{
	struct strv list = { 0, NULL };
	size_t n = 0;

	for (const char *p = text; p && *p; p++)
		n += p == text || p[-1] == '\n';
	list.v = arena_zalloc(arena, n + 1, sizeof(*list.v));
	for (const char *p = text; p && *p;) {
		const char *end = strchr(p, '\n');
		size_t len = end ? (size_t)(end - p) : strlen(p);

		list.v[list.n++] = arena_strn(arena, p, len);
		p += len + (end != NULL);
	}
	return list;
}

static bool
seen_before(const struct strv *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(list->v[i], list->v[at]))
			return true;
	return false;
}

char *
text_list_join(struct arena *arena, const struct strv *list)
{
	size_t room = 1, len = 0;
	char *text;

	for (size_t i = 0; i < list->n; i++)
		room += strlen(list->v[i]) + 1;
	text = arena_alloc(arena, room);
	for (size_t i = 0; i < list->n; i++) {
		size_t n = strlen(list->v[i]);

		if (n == 0 || seen_before(list, i))
			continue;
		if (len > 0)
			text[len++] = '\n';
		memcpy(text + len, list->v[i], n);
		len += n;
	}
	if (len == 0)
		return NULL;
	text[len] = '\0';
	return text;
}

/* Room for a number, its sign and the comma. */
#define ID_ROOM 21

enum rc
id_page_read(struct stmt *q, struct arena *arena, int64_t before, int64_t limit,
    int64_t offset, struct id_page *ids)
{
	size_t most = (size_t)limit;

	*ids = (struct id_page){ .v = arena_zalloc(arena, most,
	    sizeof(*ids->v)) };
	stmt_int(q, ":before", before);
	stmt_int(q, ":limit", limit + 1);
	stmt_int(q, ":offset", offset);
	while (!ids->more && stmt_row(q)) {
		ids->more = ids->n == most;
		if (!ids->more)
			ids->v[ids->n++] = stmt_col_int(q, 0);
	}
	return stmt_done(q);
}

char *
id_page_json(struct arena *arena, const int64_t *ids, size_t n)
{
	size_t room = n * ID_ROOM + 3, len = 0;
	char *text = arena_alloc(arena, room);

	text[len++] = '[';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, room - len, "%s%lld",
		    i > 0 ? "," : "", (long long)ids[i]);
	text[len++] = ']';
	text[len] = '\0';
	return text;
}
