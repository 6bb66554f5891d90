#include "base/field.h"
#include "base/str.h"
#include "json/json_parse.h"
#include "json/json_read_only.h"

/* Returns whether both are numbers with the same integral value. */
static bool
same_integer(struct json_object *a, struct json_object *b)
{
	int64_t x, y;

	return field_integer(json_object_to_json_string(a), &x) &&
	    field_integer(json_object_to_json_string(b), &y) && x == y;
}

static bool
same_text(struct arena *arena, const struct conf *conf,
    json_normalize *normalize, const char *a, const char *b)
{
	const char *x, *y;

	if (str_eq_nocase(a, b))
		return true;
	if (normalize == NULL)
		return false;
	x = normalize(arena, conf, a);
	y = normalize(arena, conf, b);
	return x != NULL && y != NULL && str_eq(x, y);
}

static bool
same_value(struct arena *arena, const struct conf *conf,
    json_normalize *normalize, struct json_object *a, struct json_object *b)
{
	if (json_object_is_type(a, json_type_string) &&
	    json_object_is_type(b, json_type_string))
		return same_text(arena, conf, normalize,
		    json_object_get_string(a), json_object_get_string(b));
	return json_object_equal(a, b) || (a != NULL && b != NULL &&
	    same_integer(a, b));
}

/* Compares one spelling of a member. Absent members are equal. */
static enum rc
check_member(struct arena *a, const struct conf *conf,
    const struct json_read_only *m, json_normalize *normalize,
    const char *spelling, struct json_object *body,
    struct json_object *object, struct err *err)
{
	struct json_object *sent, *present = NULL;

	if (!json_object_object_get_ex(body, spelling, &sent))
		return RC_OK;
	(void)json_object_object_get_ex(object, m->name, &present);
	if (same_value(a, conf, normalize, sent, present))
		return RC_OK;
	return err_field(err, spelling, m->why);
}

enum rc
json_read_only_check(struct arena *a, const struct conf *conf,
    const struct json_read_only *list, json_normalize *normalize,
    const char *body, size_t n, const char *object, size_t object_n,
    struct err *err)
{
	struct json_object *sent = json_parse_text(body, n);
	struct json_object *present = json_parse_text(object, object_n);
	char camel[FIELD_NAME_MAX];
	enum rc rc = RC_OK;

	for (; list->name != NULL; list++) {
		if (check_member(a, conf, list, normalize, list->name, sent,
		    present, err) != RC_OK)
			rc = RC_INVALID;
		if (field_camel(list->name, camel) &&
		    check_member(a, conf, list, normalize, arena_str(a, camel),
		    sent, present, err) != RC_OK)
			rc = RC_INVALID;
	}
	json_object_put(sent);
	json_object_put(present);
	return rc;
}
