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
	size_t size = 1, len = 0;
	char *text;

	for (size_t i = 0; i < list->n; i++)
		size += strlen(list->v[i]) + 1;
	text = arena_alloc(arena, size);
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
