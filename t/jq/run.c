/*
 * run: what a filter gives. All results at once, not one by one as jq: with
 * what is known here that is the same.
 */
#include "jq.h"

#include <math.h>

static struct list
one(const struct value *v)
{
	struct list l = { 0 };

	list_add(&l, v);
	return l;
}

static void
append(struct list *to, const struct list *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		list_add(to, from->v[i]);
}

/* Where the number is no place in an array of n, n. */
static size_t
place(double at, size_t n)
{
	at = floor(at);
	if (at < 0)
		at += (double)n;
	return at < 0 || at >= (double)n ? n : (size_t)at;
}

static const struct value *
member(const struct value *v, const struct value *key)
{
	const struct value *m;
	size_t i;

	if (v->kind == V_NULL && (key->kind == V_TEXT || key->kind == V_NUMBER))
		return &v_null;
	if (v->kind == V_OBJECT && key->kind == V_TEXT) {
		m = v_get(v, key->text);
		return m != NULL ? m : &v_null;
	}
	if (v->kind != V_ARRAY || key->kind != V_NUMBER)
		doubt();
	i = place(key->number, v->n);
	return i < v->n ? v->item[i] : &v_null;
}

/* A slice's edge: within 0 and n. */
static size_t
edge(const struct node *n, const struct value *in, const struct env *env,
    size_t size, size_t otherwise)
{
	struct list l;
	double at;

	if (n == NULL)
		return otherwise;
	l = run(n, in, env);
	if (l.n != 1 || l.v[0]->kind != V_NUMBER ||
	    l.v[0]->number != floor(l.v[0]->number))
		doubt();
	at = l.v[0]->number;
	if (at < 0)
		at += (double)size;
	return at < 0 ? 0 : at > (double)size ? size : (size_t)at;
}

static const struct value *
slice(const struct node *n, const struct value *v, const struct value *in,
    const struct env *env)
{
	size_t from, to, i;
	struct value *part;

	if (v->kind == V_NULL)
		return v;
	if (v->kind != V_ARRAY && v->kind != V_TEXT)
		doubt();
	/* Texts are counted in code points. */
	if (v->kind == V_TEXT && str_utf8(v->text, v->n) != (int64_t)v->n)
		doubt();
	from = edge(n->b, in, env, v->n, 0);
	to = edge(n->c, in, env, v->n, v->n);
	if (to < from)
		to = from;
	if (v->kind == V_TEXT)
		return v_text(v->text + from, to - from);
	part = v_many(V_ARRAY, to - from);
	for (i = from; i < to; i++)
		part->item[part->n++] = v->item[i];
	return part;
}

static const struct value *
add(const struct value *a, const struct value *b)
{
	struct value *v;
	struct buf text;
	size_t i;

	if (a->kind == V_NULL)
		return b;
	if (b->kind == V_NULL)
		return a;
	if (a->kind != b->kind)
		doubt();
	switch (a->kind) {
	case V_NUMBER:
		return v_number(a->number + b->number);
	case V_TEXT:
		buf_init(&text, SIZE_MAX / 2);
		buf_str(&text, a->text);
		buf_str(&text, b->text);
		return v_text(text.data, text.len);
	case V_ARRAY:
	case V_OBJECT:
		v = v_many(a->kind, a->n + b->n);
		for (i = 0; i < a->n + b->n; i++) {
			const struct value *of = i < a->n ? a : b;
			size_t k = i < a->n ? i : i - a->n;

			if (a->kind == V_OBJECT)
				v_set(v, of->name[k], of->item[k]);
			else
				v->item[v->n++] = of->item[k];
		}
		return v;
	default:
		doubt();
	}
}

static const struct value *
without(const struct value *a, const struct value *b)
{
	struct value *v = v_many(V_ARRAY, a->n);
	size_t i, k;

	for (i = 0; i < a->n; i++) {
		for (k = 0; k < b->n && v_cmp(a->item[i], b->item[k]) != 0; k++)
			;
		if (k == b->n)
			v->item[v->n++] = a->item[i];
	}
	return v;
}

static const struct value *
operate(enum op op, const struct value *a, const struct value *b)
{
	int c = v_cmp(a, b);

	switch (op) {
	case N_EQ:
		return v_bool(c == 0);
	case N_NE:
		return v_bool(c != 0);
	case N_LT:
		return v_bool(c < 0);
	case N_LE:
		return v_bool(c <= 0);
	case N_GT:
		return v_bool(c > 0);
	case N_GE:
		return v_bool(c >= 0);
	case N_ADD:
		return add(a, b);
	default:
		break;
	}
	if (op == N_SUB && a->kind == V_ARRAY && b->kind == V_ARRAY)
		return without(a, b);
	if (a->kind != V_NUMBER || b->kind != V_NUMBER)
		doubt();
	if (op == N_SUB)
		return v_number(a->number - b->number);
	if (op == N_MUL)
		return v_number(a->number * b->number);
	if (b->number == 0 || op == N_MOD)
		doubt();
	return v_number(a->number / b->number);
}

/* Members whose names or values are more than one are for jq. */
static const struct value *
object(const struct node *n, const struct value *in, const struct env *env)
{
	struct value *v = v_many(V_OBJECT, n->n);
	struct list key, value;
	size_t i;

	for (i = 0; i < n->n; i++) {
		key = run(n->key[i], in, env);
		value = run(n->part[i], in, env);
		if (key.n != 1 || value.n != 1 || key.v[0]->kind != V_TEXT)
			doubt();
		v_set(v, key.v[0], value.v[0]);
	}
	return v;
}

static const struct value *
joined(const struct node *n, const struct value *in, const struct env *env)
{
	struct list l;
	struct buf b;
	size_t i;

	buf_init(&b, SIZE_MAX / 2);
	for (i = 0; i < n->n; i++) {
		l = run(n->part[i], in, env);
		if (l.n != 1)
			doubt();
		if (l.v[0]->kind == V_TEXT)
			buf_str(&b, l.v[0]->text);
		else
			v_write(&b, l.v[0], -1);
	}
	return v_text(b.len > 0 ? b.data : "", b.len);
}

static void
all_of(struct list *out, const struct value *v)
{
	size_t i;

	list_add(out, v);
	for (i = 0; i < v->n && v->kind >= V_ARRAY; i++)
		all_of(out, v->item[i]);
}

static const struct value *
variable(const char *name, const struct env *env)
{
	while (env != NULL && !str_eq(env->name, name))
		env = env->next;
	if (env == NULL)
		doubt();
	return env->value;
}

static void
logic(struct list *out, const struct node *n, const struct value *in,
    const struct env *env)
{
	struct list a = run(n->a, in, env), b;
	size_t i, k;

	for (i = 0; i < a.n; i++) {
		if (v_truth(a.v[i]) == (n->op == N_OR)) {
			list_add(out, v_bool(n->op == N_OR));
			continue;
		}
		b = run(n->b, in, env);
		for (k = 0; k < b.n; k++)
			list_add(out, v_bool(v_truth(b.v[k])));
	}
}

struct list
run(const struct node *n, const struct value *in, const struct env *env)
{
	struct list out = { 0 }, a = { 0 }, b = { 0 };
	struct env inner = { .next = env };
	struct value *v;
	size_t i, k;

	switch (n->op) {
	case N_DOT:
		return one(in);
	case N_ALL:
		all_of(&out, in);
		return out;
	case N_LITERAL:
		return one(n->value);
	case N_JOIN:
		return one(joined(n, in, env));
	case N_VAR:
		return one(variable(n->name, env));
	case N_OBJECT:
		return one(object(n, in, env));
	case N_CALL:
		return call(n, in, env);
	case N_AND:
	case N_OR:
		logic(&out, n, in, env);
		return out;
	case N_ARRAY:
		if (n->a != NULL)
			a = run(n->a, in, env);
		v = v_many(V_ARRAY, a.n);
		for (i = 0; i < a.n; i++)
			v->item[v->n++] = a.v[i];
		return one(v);
	default:
		break;
	}
	a = run(n->a, in, env);
	switch (n->op) {
	case N_EACH:
		for (i = 0; i < a.n; i++) {
			if (a.v[i]->kind < V_ARRAY)
				doubt();
			for (k = 0; k < a.v[i]->n; k++)
				list_add(&out, a.v[i]->item[k]);
		}
		return out;
	case N_SLICE:
		for (i = 0; i < a.n; i++)
			list_add(&out, slice(n, a.v[i], in, env));
		return out;
	case N_PIPE:
		for (i = 0; i < a.n; i++) {
			b = run(n->b, a.v[i], env);
			append(&out, &b);
		}
		return out;
	case N_AS:
		for (i = 0; i < a.n; i++) {
			inner.name = n->name;
			inner.value = a.v[i];
			b = run(n->b, in, &inner);
			append(&out, &b);
		}
		return out;
	case N_IF:
		for (i = 0; i < a.n; i++) {
			b = run(v_truth(a.v[i]) ? n->b : n->c, in, env);
			append(&out, &b);
		}
		return out;
	case N_ELSE:
		for (i = 0; i < a.n; i++)
			if (v_truth(a.v[i]))
				list_add(&out, a.v[i]);
		return out.n > 0 ? out : run(n->b, in, env);
	case N_COMMA:
		append(&out, &a);
		b = run(n->b, in, env);
		append(&out, &b);
		return out;
	case N_INDEX:
		b = run(n->b, in, env);
		if (a.n > 1 && b.n > 1)
			doubt();
		for (i = 0; i < a.n; i++)
			for (k = 0; k < b.n; k++)
				list_add(&out, member(a.v[i], b.v[k]));
		return out;
	default:
		b = run(n->b, in, env);
		for (k = 0; k < b.n; k++)
			for (i = 0; i < a.n; i++)
				list_add(&out, operate(n->op, a.v[i], b.v[k]));
		return out;
	}
}
