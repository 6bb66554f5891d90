#include "json/json_build.h"

#include "json/json_write.h"

static void
write_member(struct json_write *j, const struct json_member *m)
{
	switch (m->kind) {
	case JSON_MEMBER_INT:
		json_write_opt(j, m->name, m->number);
		break;
	case JSON_MEMBER_STR:
		json_write_str(j, m->name, m->text);
		break;
	case JSON_MEMBER_BOOL:
		json_write_bool(j, m->name, m->number != 0);
		break;
	case JSON_MEMBER_TIME:
		json_write_time(j, m->name, m->number);
		break;
	case JSON_MEMBER_RAW:
		json_write_raw(j, m->name, m->text);
		break;
	case JSON_MEMBER_REST:
		json_write_members(j, m->text);
		break;
	}
}

void
json_build_append(struct buf *buf, const struct json_member *m)
{
	struct json_write j;

	json_write_init(&j, buf);
	json_write_obj(&j, NULL);
	for (; m->name != NULL; m++)
		write_member(&j, m);
	json_write_obj_end(&j);
}

/* Moves a text to the arena, whose limit bounds it. */
static char *
move_text(struct arena *arena, struct buf *buf)
{
	char *text = arena_strn(arena, buf->data, buf->len);

	buf_free(buf);
	return text;
}

char *
json_build_object(struct arena *arena, const struct json_member *members)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	json_build_append(&buf, members);
	return move_text(arena, &buf);
}

char *
json_build_ints(struct arena *arena, const int64_t *v, size_t n)
{
	struct json_write j;
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	json_write_init(&j, &buf);
	json_write_arr(&j, NULL);
	for (size_t i = 0; i < n; i++)
		json_write_int(&j, NULL, v[i]);
	json_write_arr_end(&j);
	return move_text(arena, &buf);
}

char *
json_build_strings(struct arena *arena, const struct strv *list)
{
	struct json_write j;
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	json_write_init(&j, &buf);
	json_write_strv(&j, NULL, list);
	return move_text(arena, &buf);
}
