#include <inttypes.h>
#include <json-c/json.h>

#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_parse.h"
#include "json/json_validate.h"

static enum rc read_object(struct arena *, const struct field_table *, void *,
    struct json_object *, struct err *);

/* Reads an array of strings. Adds the field to err if the type is wrong. */
static enum rc
read_strv(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	struct json_object *item;
	struct strv list;
	size_t i;

	if (!json_object_is_type(json, json_type_array))
		return err_field(err, f->name, "must be an array of strings");
	list.n = json_object_array_length(json);
	if (field_count(f, list.n, err) != RC_OK)
		return RC_INVALID;
	list.v = arena_zalloc(a, list.n + 1, sizeof(*list.v));
	for (i = 0; i < list.n; i++) {
		item = json_object_array_get_idx(json, i);
		if (!json_object_is_type(item, json_type_string))
			return err_field(err, f->name,
			    "must be an array of strings");
		list.v[i] = arena_strn(a, json_object_get_string(item),
		    (size_t)json_object_get_string_len(item));
	}
	return field_put_strv(a, f, obj, list, err);
}

/* Returns the JSON text of a value, which belongs to the value. */
static const char *
to_text(struct json_object *json)
{
	const char *text = json_object_to_json_string_ext(json,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text == NULL)
		BUG("out of memory (JSON text)");
	return text;
}

static bool
is_number(struct json_object *json)
{
	return json_object_is_type(json, json_type_int) ||
	    json_object_is_type(json, json_type_double);
}

static enum rc
read_intv(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	struct json_object *item;
	struct intv list;
	size_t i;

	if (!json_object_is_type(json, json_type_array))
		return err_field(err, f->name, "must be an array of integers");
	list.n = json_object_array_length(json);
	if (field_count(f, list.n, err) != RC_OK)
		return RC_INVALID;
	list.v = arena_zalloc(a, list.n + 1, sizeof(*list.v));
	for (i = 0; i < list.n; i++) {
		item = json_object_array_get_idx(json, i);
		if (!is_number(item) ||
		    !field_integer(to_text(item), &list.v[i]))
			return err_field(err, f->name,
			    "must be an array of integers");
	}
	return field_put_intv(f, obj, list, err);
}

/*
 * Reads an object of a member. The names of invalid fields in err are like
 * "data.amount"; at: "", or the place in an array, such as "[2]".
 */
static enum rc
read_nested(struct arena *a, const struct field *f, const char *at, void *obj,
    struct json_object *json, struct err *err)
{
	struct err_field **before = err->tail, *wrong;
	struct err_field *spellings = err->spellings;
	enum rc rc = read_object(a, f->sub, obj, json, err);

	for (wrong = *before; wrong != NULL; wrong = wrong->next)
		wrong->name = arena_fmt(err->arena, "%s%s.%s",
		    err_spelled(err, f->name), at,
		    err_spelled(err, wrong->name));
	err->spellings = spellings;
	return rc;
}

static enum rc
read_obj(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	void *one;

	if (!json_object_is_type(json, json_type_object))
		return err_field(err, f->name, "must be an object");
	one = field_new(a, f->sub);
	*(void **)((char *)obj + f->off) = one;
	return read_nested(a, f, "", one, json, err);
}

static enum rc
read_objv(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	struct json_object *item;
	enum rc rc = RC_OK;
	struct objv list;
	char at[24];
	size_t i;

	if (!json_object_is_type(json, json_type_array))
		return err_field(err, f->name, "must be an array of objects");
	list.n = json_object_array_length(json);
	if (field_count(f, list.n, err) != RC_OK)
		return RC_INVALID;
	list.v = arena_zalloc(a, list.n + 1, f->sub->size);
	for (i = 0; i < list.n; i++) {
		void *one = (char *)list.v + i * f->sub->size;

		item = json_object_array_get_idx(json, i);
		if (!json_object_is_type(item, json_type_object))
			return err_field(err, f->name,
			    "must be an array of objects");
		field_init(f->sub, one);
		snprintf(at, sizeof(at), "[%zu]", i);
		if (read_nested(a, f, at, one, item, err) != RC_OK)
			rc = RC_INVALID;
	}
	*(struct objv *)((char *)obj + f->off) = list;
	return rc;
}

/*
 * Returns a complete copy of the JSON text. If json-c cannot grow its buffer,
 * it silently omits pieces. A second serialization does not have to grow it.
 */
static const char *
whole_text(struct arena *a, struct json_object *json)
{
	const char *text = arena_str(a, to_text(json));

	if (!str_eq(text, to_text(json)) ||
	    json_validate(text, strlen(text)) != NULL)
		BUG("out of memory (JSON text)");
	return text;
}

/* Reads a value that is not null into a scalar field. */
static enum rc
read_scalar(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	enum json_type type = json_object_get_type(json);
	int64_t n;

	switch (f->type) {
	case F_JSON:
		*(const char **)((char *)obj + f->off) = whole_text(a, json);
		return RC_OK;
	case F_INT:
		if (type == json_type_int)
			return field_put_int(f, obj,
			    json_object_get_int64(json), err);
		if (type != json_type_double)
			return err_field(err, f->name, "must be an integer");
		return field_put_num(f, obj, to_text(json), err);
	case F_FIXED:
		/* json-c keeps the original digits of a parsed double. */
		if (!is_number(json))
			return err_field(err, f->name, "must be a number");
		return field_put_num(f, obj, to_text(json), err);
	case F_BOOL:
		if (type != json_type_boolean)
			return err_field(err, f->name,
			    "must be true or false");
		return field_put_bool(f, obj, json_object_get_boolean(json));
	case F_ID:
		if (type == json_type_int)
			return field_put_str(a, f, obj,
			    arena_str(a, to_text(json)), err);
		if (is_number(json) && field_integer(to_text(json), &n))
			return field_put_str(a, f, obj, arena_fmt(a,
			    "%" PRId64, n), err);
		if (type != json_type_string)
			return err_field(err, f->name,
			    "must be an integer or a string");
		break;
	case F_STR:
	case F_UUID:
	case F_TIME:
	case F_ENUM:
		if (type != json_type_string)
			return err_field(err, f->name, "must be a string");
		break;
	case F_STRV:
	case F_INTV:
	case F_OBJ:
	case F_OBJV:
		BUG("%s: not a scalar", f->name);
	}
	return field_put_str(a, f, obj, arena_strn(a,
	    json_object_get_string(json),
	    (size_t)json_object_get_string_len(json)), err);
}

static enum rc
read_field(struct arena *a, const struct field *f, void *obj,
    struct json_object *json, struct err *err)
{
	switch (f->type) {
	case F_STRV:
		return read_strv(a, f, obj, json, err);
	case F_INTV:
		return read_intv(a, f, obj, json, err);
	case F_OBJ:
		return read_obj(a, f, obj, json, err);
	case F_OBJV:
		return read_objv(a, f, obj, json, err);
	default:
		return read_scalar(a, f, obj, json, err);
	}
}

/*
 * Finds the member of a field by its name, its alias, or the camelCase spelling
 * of the name. *json is NULL for null. *sent is the name that was found, NULL if
 * none was. Returns how many of these names have a value other than null.
 */
static int
find_member(const struct field *f, struct json_object *from,
    struct json_object **json, const char **sent, char camel[FIELD_NAME_MAX])
{
	const char *names[] = { f->name, f->alias,
	    !(f->flags & FIELD_EXACT) && field_camel(f->name, camel) ? camel :
	    NULL };
	struct json_object *value;
	int values = 0;
	size_t i;

	*json = NULL;
	*sent = NULL;
	for (i = 0; i < NELEM(names); i++) {
		if (names[i] == NULL ||
		    !json_object_object_get_ex(from, names[i], &value) ||
		    (*sent != NULL && value == NULL))
			continue;
		*json = value;
		*sent = names[i];
		values += value != NULL;
	}
	return values;
}

/* Clears a field with FIELD_CLEAR that was given as null. */
static void
clear_field(struct arena *a, const struct field *f, void *obj)
{
	void *to = (char *)obj + f->off;

	switch (f->type) {
	case F_STR:
		*(const char **)to = "";
		break;
	case F_INT:
	case F_FIXED:
	case F_TIME:
		*(int64_t *)to = FIELD_CLEARED;
		break;
	case F_UUID:
		memset(to, 0xff, sizeof(struct uuid));
		break;
	case F_STRV:
		*(struct strv *)to = (struct strv){
		    0, arena_zalloc(a, 1, sizeof(const char *)) };
		break;
	default:
		BUG("%s: cannot be cleared", f->name);
	}
}

static enum rc
read_object(struct arena *a, const struct field_table *t, void *obj,
    struct json_object *from, struct err *err)
{
	bool *seen = arena_zalloc(a, t->n + 1, sizeof(*seen));
	char camel[FIELD_NAME_MAX];
	const struct field *f;
	struct json_object *json;
	const char *sent;
	enum rc rc = RC_OK;
	int values;

	for (f = t->fields; f < t->fields + t->n; f++) {
		values = find_member(f, from, &json, &sent, camel);
		if (sent == NULL || (json == NULL && !(f->flags & FIELD_CLEAR)))
			continue;
		seen[f - t->fields] = true;
		if (sent != f->name)
			err_spelling(err, f->name, sent);
		if (values > 1)
			rc = err_field(err, f->name, "is given twice");
		else if (json == NULL)
			clear_field(a, f, obj);
		else if (read_field(a, f, obj, json, err) != RC_OK)
			rc = RC_INVALID;
	}
	return field_missing(t, seen, err) == RC_OK ? rc : RC_INVALID;
}

/* Counts the values of a tree that are not null. */
static size_t
count_values(struct json_object *json)
{
	size_t n = json != NULL, i;

	if (json_object_is_type(json, json_type_array)) {
		for (i = 0; i < json_object_array_length(json); i++)
			n += count_values(json_object_array_get_idx(json,
			    i));
	} else if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach(json, name, value) {
			(void)name;
			n += count_values(value);
		}
	}
	return n;
}

/* Counts the same in a text that json_validate() accepted. */
static size_t
count_values_text(const char *s, size_t n)
{
	bool in_string = false, in_word = false, name;
	size_t values = 0, i, k;

	for (i = 0; i < n; i++) {
		if (in_string) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				in_string = false;
			if (in_string || s[i] != '"')
				continue;
			/* The name of a member is not a value. */
			for (k = i + 1; k < n && strchr(" \t\n\r", s[k]) != NULL;)
				k++;
			name = k < n && s[k] == ':';
			values += !name;
		} else if (strchr(" \t\n\r,:]}", s[i]) != NULL) {
			in_word = false;
		} else if (s[i] == '"') {
			in_string = true;
		} else if (!in_word) {
			in_word = s[i] != '{' && s[i] != '[';
			values += s[i] != 'n';
		}
	}
	return values;
}

/*
 * If json-c 0.16 runs out of memory, it returns NULL or, worse, an object
 * without some members. Comparing the number of values detects this; there is no
 * other cause for a difference.
 */
struct json_object *
json_parse_text(const char *body, size_t n)
{
	/*
	 * One more level for scalars in the root, and one that json-c never
	 * uses.
	 */
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH + 2);
	struct json_object *json;

	if (tok == NULL)
		BUG("out of memory (a tokener)");
	/*
	 * Uses the lax mode, because json_validate() has already been strict.
	 * The strict mode of 0.18 treats bytes over 127 as control characters.
	 */
	json = json_tokener_parse_ex(tok, body, (int)n);
	json_tokener_free(tok);
	if (body[strspn(body, " \t\n\r")] == '{' &&
	    count_values(json) != count_values_text(body, n))
		BUG("out of memory (JSON)");
	return json;
}

enum rc
json_decode(struct arena *a, const struct field_table *t, void *obj,
    const char *body, size_t n, struct err *err)
{
	return json_decode_max(a, t, obj, body, n, JSON_BYTES, err);
}

enum rc
json_decode_max(struct arena *a, const struct field_table *t, void *obj,
    const char *body, size_t n, size_t max, struct err *err)
{
	const char *why = n > max ? "too long" : json_validate(body, n);
	struct json_object *json;
	enum rc rc;

	if (why != NULL)
		return err_set(err, RC_BAD, "invalid_json",
		    "The body is not JSON: %s", why);
	json = json_parse_text(body, n);
	if (!json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		return err_set(err, RC_BAD, "invalid_json",
		    "The body must be a JSON object");
	}
	rc = read_object(a, t, obj, json, err);
	json_object_put(json);
	return rc;
}
