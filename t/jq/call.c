/* call: the functions of jq's library that are known here. */
#include "jq.h"

#include <math.h>
#include <regex.h>

typedef const struct value *plain(const struct value *);
typedef const struct value *with(const struct value *, const struct value *);

static int
by_value(const void *a, const void *b)
{
	return v_cmp(*(const struct value *const *)a,
	    *(const struct value *const *)b);
}

static const struct value *
copy(const struct value *v)
{
	struct value *other;

	if (v->kind != V_ARRAY)
		doubt();
	other = v_many(V_ARRAY, v->n);
	memcpy(other->item, v->item, v->n * sizeof(*v->item));
	other->n = v->n;
	return other;
}

static const struct value *
do_not(const struct value *v)
{
	return v_bool(!v_truth(v));
}

static const struct value *
do_length(const struct value *v)
{
	switch (v->kind) {
	case V_NULL:
		return v_number(0);
	case V_NUMBER:
		return v_number(fabs(v->number));
	case V_TEXT:
		return v_number((double)str_utf8(v->text, v->n));
	case V_ARRAY:
	case V_OBJECT:
		return v_number((double)v->n);
	default:
		doubt();
	}
}

static const struct value *
do_keys_unsorted(const struct value *v)
{
	struct value *keys = v_many(V_ARRAY, v->n);

	if (v->kind != V_OBJECT && v->kind != V_ARRAY)
		doubt();
	for (; keys->n < v->n; keys->n++)
		keys->item[keys->n] = v->kind == V_OBJECT ? v->name[keys->n] :
		    v_number((double)keys->n);
	return keys;
}

static const struct value *
do_sort(const struct value *v)
{
	v = copy(v);
	qsort(v->item, v->n, sizeof(*v->item), by_value);
	return v;
}

static const struct value *
do_keys(const struct value *v)
{
	return do_sort(do_keys_unsorted(v));
}

static const struct value *
do_unique(const struct value *v)
{
	const struct value *sorted = do_sort(v);
	struct value *out = v_many(V_ARRAY, v->n);
	size_t i;

	for (i = 0; i < sorted->n; i++)
		if (i == 0 || v_cmp(sorted->item[i], sorted->item[i - 1]) != 0)
			out->item[out->n++] = sorted->item[i];
	return out;
}

static const struct value *
do_reverse(const struct value *v)
{
	const struct value *out = copy(v);
	size_t i;

	for (i = 0; i < v->n; i++)
		out->item[i] = v->item[v->n - 1 - i];
	return out;
}

static const struct value *
do_type(const struct value *v)
{
	static const char *names[] = { "null", "boolean", "boolean", "number",
	    "string", "array", "object" };

	return v_text(names[v->kind], strlen(names[v->kind]));
}

static const struct value *
do_tojson(const struct value *v)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	v_write(&b, v, -1);
	return v_text(b.data, b.len);
}

static const struct value *
do_tostring(const struct value *v)
{
	return v->kind == V_TEXT ? v : do_tojson(v);
}

static const struct value *
do_fromjson(const struct value *v)
{
	const struct value *out;
	size_t at = 0;

	if (v->kind != V_TEXT || (out = v_read(v->text, v->n, &at)) == NULL ||
	    v_read(v->text, v->n, &at) != NULL)
		doubt();
	return out;
}

static const struct value *
do_tonumber(const struct value *v)
{
	const struct value *out = v->kind == V_TEXT ? do_fromjson(v) : v;

	if (out->kind != V_NUMBER)
		doubt();
	return out;
}

static const struct value *
do_floor(const struct value *v)
{
	if (v->kind != V_NUMBER)
		doubt();
	return v_number(floor(v->number));
}

static const struct value *
least(const struct value *v, int sign)
{
	const struct value *best = &v_null;
	size_t i;

	if (v->kind != V_ARRAY)
		doubt();
	for (i = 0; i < v->n; i++)
		if (i == 0 || v_cmp(v->item[i], best) * sign < 0)
			best = v->item[i];
	return best;
}

static const struct value *
do_min(const struct value *v)
{
	return least(v, 1);
}

static const struct value *
do_max(const struct value *v)
{
	return least(v, -1);
}

static const struct value *
do_first(const struct value *v)
{
	if (v->kind != V_ARRAY)
		doubt();
	return v->n > 0 ? v->item[0] : &v_null;
}

static const struct value *
do_last(const struct value *v)
{
	if (v->kind != V_ARRAY)
		doubt();
	return v->n > 0 ? v->item[v->n - 1] : &v_null;
}

static const struct value *
do_to_entries(const struct value *v)
{
	const struct value *keys = do_keys_unsorted(v);
	struct value *out = v_many(V_ARRAY, v->n), *entry;

	if (v->kind != V_OBJECT)
		doubt();
	for (; out->n < v->n; out->n++) {
		entry = v_many(V_OBJECT, 2);
		v_set(entry, v_text("key", 3), keys->item[out->n]);
		v_set(entry, v_text("value", 5), v->item[out->n]);
		out->item[out->n] = entry;
	}
	return out;
}

static const struct {
	const char *name;
	plain *f;
} plains[] = {
	{ "not", do_not }, { "length", do_length }, { "keys", do_keys },
	{ "keys_unsorted", do_keys_unsorted }, { "sort", do_sort },
	{ "unique", do_unique }, { "reverse", do_reverse },
	{ "type", do_type }, { "tostring", do_tostring },
	{ "tojson", do_tojson }, { "fromjson", do_fromjson },
	{ "tonumber", do_tonumber }, { "floor", do_floor }, { "min", do_min },
	{ "max", do_max }, { "first", do_first }, { "last", do_last },
	{ "to_entries", do_to_entries },
};

static void
texts(const struct value *a, const struct value *b)
{
	if (a->kind != V_TEXT || b->kind != V_TEXT)
		doubt();
}

static const struct value *
do_has(const struct value *v, const struct value *key)
{
	if (v->kind == V_OBJECT && key->kind == V_TEXT)
		return v_bool(v_get(v, key->text) != NULL);
	if (v->kind == V_ARRAY && key->kind == V_NUMBER)
		return v_bool(key->number >= 0 &&
		    key->number < (double)v->n);
	doubt();
}

static const struct value *
do_startswith(const struct value *v, const struct value *text)
{
	texts(v, text);
	return v_bool(str_prefix(v->text, text->text));
}

static bool
ends(const struct value *v, const struct value *text)
{
	return v->n >= text->n &&
	    str_eq(v->text + v->n - text->n, text->text);
}

static const struct value *
do_endswith(const struct value *v, const struct value *text)
{
	texts(v, text);
	return v_bool(ends(v, text));
}

static const struct value *
do_ltrimstr(const struct value *v, const struct value *text)
{
	texts(v, text);
	return str_prefix(v->text, text->text) ?
	    v_text(v->text + text->n, v->n - text->n) : v;
}

static const struct value *
do_rtrimstr(const struct value *v, const struct value *text)
{
	texts(v, text);
	return text->n > 0 && ends(v, text) ?
	    v_text(v->text, v->n - text->n) : v;
}

static const struct value *
do_index(const struct value *v, const struct value *of)
{
	const char *found;
	size_t i;

	if (v->kind == V_ARRAY && of->kind != V_ARRAY) {
		for (i = 0; i < v->n; i++)
			if (v_cmp(v->item[i], of) == 0)
				return v_number((double)i);
		return &v_null;
	}
	texts(v, of);
	/* Versions differ in whether bytes are counted. */
	if (of->n == 0 || str_utf8(v->text, v->n) != (int64_t)v->n)
		doubt();
	found = strstr(v->text, of->text);
	return found == NULL ? &v_null : v_number((double)(found - v->text));
}

static bool
contains(const struct value *v, const struct value *of)
{
	const struct value *m;
	size_t i, k;

	if (v->kind != of->kind)
		doubt();
	switch (v->kind) {
	case V_OBJECT:
		for (i = 0; i < of->n; i++)
			if ((m = v_get(v, of->name[i]->text)) == NULL ||
			    m->kind != of->item[i]->kind ||
			    !contains(m, of->item[i]))
				return false;
		return true;
	case V_ARRAY:
		for (i = 0; i < of->n; i++) {
			for (k = 0; k < v->n; k++)
				if (v->item[k]->kind == of->item[i]->kind &&
				    contains(v->item[k], of->item[i]))
					break;
			if (k == v->n)
				return false;
		}
		return true;
	case V_TEXT:
		return strstr(v->text, of->text) != NULL;
	default:
		return v_cmp(v, of) == 0;
	}
}

static const struct value *
do_contains(const struct value *v, const struct value *of)
{
	return v_bool(contains(v, of));
}

static const struct value *
do_inside(const struct value *v, const struct value *of)
{
	return v_bool(contains(of, v));
}

/* Numbers, null and booleans are joined too. */
static const struct value *
do_join(const struct value *v, const struct value *by)
{
	struct buf b;
	size_t i;

	if (v->kind != V_ARRAY || by->kind != V_TEXT)
		doubt();
	buf_init(&b, SIZE_MAX / 2);
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			buf_str(&b, by->text);
		if (v->item[i]->kind >= V_ARRAY)
			doubt();
		if (v->item[i]->kind == V_TEXT)
			buf_str(&b, v->item[i]->text);
		else if (v->item[i]->kind != V_NULL)
			v_write(&b, v->item[i], -1);
	}
	return v_text(b.len > 0 ? b.data : "", b.len);
}

static const struct value *
do_split(const struct value *v, const struct value *by)
{
	struct list parts = { 0 };
	struct value *out;
	const char *at, *end;

	texts(v, by);
	if (v->n == 0 || by->n == 0)
		doubt();
	for (at = v->text; (end = strstr(at, by->text)) != NULL;
	    at = end + by->n)
		list_add(&parts, v_text(at, (size_t)(end - at)));
	list_add(&parts, v_text(at, strlen(at)));
	out = v_many(V_ARRAY, parts.n);
	memcpy(out->item, parts.v, parts.n * sizeof(*parts.v));
	out->n = parts.n;
	return out;
}

/* Does the pattern mean the same to Oniguruma and to POSIX? */
static bool
common(const char *pattern)
{
	static const char *others[] = { "(?", "[[", "[]", "[^]", "*+", "++",
	    "?+", "&&" };
	bool escapes = false;
	const char *c;
	size_t i;

	for (i = 0; i < NELEM(others); i++)
		if (strstr(pattern, others[i]) != NULL)
			return false;
	for (c = pattern; *c != 0; c++) {
		if (*c == '{' && strchr("0123456789", c[1]) == NULL)
			return false;
		if (*c != '\\')
			continue;
		escapes = true;
		if (*++c == 0 || strchr(".+*?()|^$", *c) == NULL)
			return false;
	}
	return *pattern != 0 && !(escapes && strchr(pattern, '[') != NULL);
}

static const struct value *
do_test(const struct value *v, const struct value *pattern)
{
	regex_t re;
	bool found;

	texts(v, pattern);
	if (!common(pattern->text) || str_has_ctl(v->text) ||
	    str_utf8(pattern->text, pattern->n) != (int64_t)pattern->n ||
	    str_utf8(v->text, v->n) != (int64_t)v->n ||
	    regcomp(&re, pattern->text, REG_EXTENDED | REG_NOSUB) != 0)
		doubt();
	found = regexec(&re, v->text, 0, NULL, 0) == 0;
	regfree(&re);
	return v_bool(found);
}

static const struct {
	const char *name;
	with *f;
} withs[] = {
	{ "has", do_has }, { "startswith", do_startswith },
	{ "endswith", do_endswith }, { "ltrimstr", do_ltrimstr },
	{ "rtrimstr", do_rtrimstr }, { "index", do_index },
	{ "contains", do_contains }, { "inside", do_inside },
	{ "join", do_join }, { "split", do_split }, { "test", do_test },
};

static struct list
nothing(void)
{
	return (struct list){ 0 };
}

static struct list
one(const struct value *v)
{
	struct list l = { 0 };

	list_add(&l, v);
	return l;
}

static struct list
members(const struct value *v)
{
	if (v->kind < V_ARRAY)
		doubt();
	return (struct list){ .n = v->n, .v = v->item };
}

static const struct value *
array(const struct list *l)
{
	struct value *v = v_many(V_ARRAY, l->n);

	if (l->n > 0)
		memcpy(v->item, l->v, l->n * sizeof(*v->item));
	v->n = l->n;
	return v;
}

/* Is any of them, or are all of them, what the filter asks? */
static struct list
whether(bool all, const struct list *of, const struct node *f,
    const struct env *env)
{
	struct list l;
	size_t i, k;

	for (i = 0; i < of->n; i++) {
		l = f == NULL ? one(of->v[i]) : run(f, of->v[i], env);
		for (k = 0; k < l.n; k++)
			if (v_truth(l.v[k]) != all)
				return one(v_bool(!all));
	}
	return one(v_bool(all));
}

static const struct value *
sum(const struct value *v)
{
	static const struct node in = { .op = N_VAR, .name = "a" },
	    by = { .op = N_VAR, .name = "b" },
	    both = { .op = N_ADD, .a = &in, .b = &by };
	struct list l = members(v);
	const struct value *all = &v_null;
	struct env a = { .name = "a" }, b = { .name = "b", .next = &a };
	size_t i;

	for (i = 0; i < l.n; i++) {
		a.value = all;
		b.value = l.v[i];
		all = run(&both, &v_null, &b).v[0];
	}
	return all;
}

struct keyed {
	const struct value *key, *item;
	size_t at;
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int c = v_cmp(x->key, y->key);

	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static struct keyed *
keyed(const struct value *v, const struct node *f, const struct env *env)
{
	struct keyed *k = arena_zalloc(&mem, v->n + 1, sizeof(*k));
	struct list l;
	size_t i;

	if (v->kind != V_ARRAY)
		doubt();
	for (i = 0; i < v->n; i++) {
		l = run(f, v->item[i], env);
		k[i] = (struct keyed){ array(&l), v->item[i], i };
	}
	qsort(k, v->n, sizeof(*k), by_key);
	return k;
}

static const struct value *
sorted(const struct value *v, const struct node *f, const struct env *env)
{
	struct keyed *k = keyed(v, f, env);
	const struct value *out = copy(v);
	size_t i;

	for (i = 0; i < v->n; i++)
		out->item[i] = k[i].item;
	return out;
}

static const struct value *
grouped(const struct value *v, const struct node *f, const struct env *env)
{
	struct keyed *k = keyed(v, f, env);
	struct list groups = { 0 }, group = { 0 };
	size_t i;

	for (i = 0; i < v->n; i++) {
		list_add(&group, k[i].item);
		if (i + 1 < v->n && v_cmp(k[i].key, k[i + 1].key) == 0)
			continue;
		list_add(&groups, array(&group));
		group = nothing();
	}
	return array(&groups);
}

/* Without what a path of names, and of [], leads to. */
static const struct value *
less(const struct value *v, const struct node **path, size_t n)
{
	struct value *out;
	size_t i;

	if (n == 0 || v->kind < V_ARRAY ||
	    (path[0]->op == N_INDEX && v->kind != V_OBJECT))
		doubt();
	out = v_many(v->kind, v->n);
	for (i = 0; i < v->n; i++) {
		const struct value *m = v->item[i];

		if (path[0]->op == N_EACH ||
		    str_eq(v->name[i]->text, path[0]->b->value->text)) {
			if (n == 1)
				continue;
			m = less(m, path + 1, n - 1);
		}
		if (v->kind == V_OBJECT)
			out->name[out->n] = v->name[i];
		out->item[out->n++] = m;
	}
	return out;
}

static const struct value *
removed(const struct value *v, const struct node *which)
{
	const struct node *path[16], *n;
	size_t from = NELEM(path);

	if (which->op == N_COMMA)
		return removed(removed(v, which->a), which->b);
	for (n = which; n->op != N_DOT; n = n->a) {
		if (from == 0 || (n->op != N_EACH && (n->op != N_INDEX ||
		    n->b->op != N_LITERAL || n->b->value->kind != V_TEXT)))
			doubt();
		path[--from] = n;
	}
	return less(v, path + from, NELEM(path) - from);
}

static double
number(const struct node *n, const struct value *in, const struct env *env)
{
	struct list l = run(n, in, env);

	if (l.n != 1 || l.v[0]->kind != V_NUMBER)
		doubt();
	return l.v[0]->number;
}

static struct list
range(const struct node *n, const struct value *in, const struct env *env)
{
	double from = n->n == 1 ? 0 : number(n->part[0], in, env);
	double to = number(n->part[n->n > 1], in, env);
	double by = n->n < 3 ? 1 : number(n->part[2], in, env);
	struct list out = { 0 };

	if (by == 0 || (to - from) / by > 1e6)
		doubt();
	for (; by > 0 ? from < to : from > to; from += by)
		list_add(&out, v_number(from));
	return out;
}

/* Those whose argument is a filter, not what it gives. */
static bool
special(struct list *out, const struct node *n, const struct value *in,
    const struct env *env)
{
	const struct node *f = n->n > 0 ? n->part[0] : NULL;
	bool all = str_eq(n->name, "all");
	struct list l;
	size_t i;

	if (all || str_eq(n->name, "any")) {
		l = n->n == 2 ? run(f, in, env) : members(in);
		*out = whether(all, &l, n->n == 2 ? n->part[1] : f, env);
	} else if (str_eq(n->name, "range") && n->n > 0 && n->n < 4) {
		*out = range(n, in, env);
	} else if (str_eq(n->name, "limit") && n->n == 2) {
		l = run(n->part[1], in, env);
		for (i = 0; i < l.n && (double)i < number(f, in, env); i++)
			list_add(out, l.v[i]);
	} else if (str_eq(n->name, "empty") && n->n == 0) {
		*out = nothing();
	} else if (str_eq(n->name, "add") && n->n == 0) {
		*out = one(sum(in));
	} else if (n->n != 1) {
		return false;
	} else if (str_eq(n->name, "select")) {
		l = run(f, in, env);
		for (i = 0; i < l.n; i++)
			if (v_truth(l.v[i]))
				list_add(out, in);
	} else if (str_eq(n->name, "map")) {
		struct node each = { .op = N_EACH,
		    .a = &(struct node){ .op = N_DOT } };
		struct node pipe = { .op = N_PIPE, .a = &each, .b = f };

		l = run(&pipe, in, env);
		*out = one(array(&l));
	} else if (str_eq(n->name, "first")) {
		l = run(f, in, env);
		if (l.n > 0)
			*out = one(l.v[0]);
	} else if (str_eq(n->name, "sort_by")) {
		*out = one(sorted(in, f, env));
	} else if (str_eq(n->name, "group_by")) {
		*out = one(grouped(in, f, env));
	} else if (str_eq(n->name, "del")) {
		*out = one(removed(in, f));
	} else {
		return false;
	}
	return true;
}

struct list
call(const struct node *n, const struct value *in, const struct env *env)
{
	struct list out = { 0 }, args;
	size_t i, k;

	if (special(&out, n, in, env))
		return out;
	for (i = 0; n->n == 0 && i < NELEM(plains); i++)
		if (str_eq(n->name, plains[i].name))
			return one(plains[i].f(in));
	for (i = 0; n->n == 1 && i < NELEM(withs); i++) {
		if (!str_eq(n->name, withs[i].name))
			continue;
		args = run(n->part[0], in, env);
		for (k = 0; k < args.n; k++)
			list_add(&out, withs[i].f(in, args.v[k]));
		return out;
	}
	doubt();
}
