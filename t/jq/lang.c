/* lang: the part of jq's language that is known here, as a tree. */
#include "jq.h"

static const char *at;

static const struct node *pipes(void);
static const struct node *term(void);

static struct node *
node(enum op op, const struct node *a, const struct node *b)
{
	struct node *n = arena_new(&mem, struct node);

	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

static const struct node *
literal(const struct value *v)
{
	struct node *n = node(N_LITERAL, NULL, NULL);

	n->value = v;
	return n;
}

static void
part(struct node *n, const struct node *key, const struct node *value)
{
	const struct node **keys, **parts;

	keys = arena_zalloc(&mem, n->n + 1, sizeof(*keys));
	parts = arena_zalloc(&mem, n->n + 1, sizeof(*parts));
	if (n->n > 0) {
		memcpy(keys, n->key, n->n * sizeof(*keys));
		memcpy(parts, n->part, n->n * sizeof(*parts));
	}
	keys[n->n] = key;
	parts[n->n++] = value;
	n->key = keys;
	n->part = parts;
}

static void
blank(void)
{
	while (*at == ' ' || *at == '\t' || *at == '\n')
		at++;
}

static bool
next(const char *sign)
{
	blank();
	if (!str_prefix(at, sign))
		return false;
	at += strlen(sign);
	return true;
}

static void
need(const char *sign)
{
	if (!next(sign))
		doubt();
}

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A name right here; NULL: there is none. */
static const char *
name(void)
{
	size_t n = 0;

	if (!letter(*at))
		return NULL;
	while (letter(at[n]) || digit(at[n]))
		n++;
	at += n;
	if (at[0] == ':' && at[1] == ':')
		doubt();
	return arena_strn(&mem, at - n, n);
}

/* Is this word next, whole? */
static bool
word(const char *text)
{
	size_t n = strlen(text);

	blank();
	if (!str_prefix(at, text) || letter(at[n]) || digit(at[n]))
		return false;
	at += n;
	return true;
}

/* A text, behind its first quote: with what is to be put into it in \(). */
static const struct node *
text(void)
{
	struct node *all = node(N_JOIN, NULL, NULL);
	struct buf b;
	size_t from = 0;

	buf_init(&b, SIZE_MAX / 2);
	buf_ch(&b, '"');
	while (*at != '"') {
		if (*at == 0)
			doubt();
		if (at[0] != '\\') {
			buf_ch(&b, *at++);
		} else if (at[1] != '(') {
			if (at[1] == 0)
				doubt();
			buf_ch(&b, *at++);
			buf_ch(&b, *at++);
		} else {
			buf_ch(&b, '"');
			from = 0;
			part(all, NULL, literal(v_read(b.data, b.len, &from)));
			at += 2;
			part(all, NULL, pipes());
			need(")");
			buf_clear(&b);
			buf_ch(&b, '"');
		}
	}
	at++;
	buf_ch(&b, '"');
	from = 0;
	part(all, NULL, literal(v_read(b.data, b.len, &from)));
	return all->n == 1 ? all->part[0] : all;
}

static const struct node *
number(void)
{
	size_t n = 0, from = 0;
	const struct value *v;

	while (digit(at[n]) || at[n] == '.')
		n++;
	if (letter(at[n]))
		doubt();
	v = v_read(at, n, &from);
	at += n;
	return literal(v);
}

static const struct node *
object(void)
{
	struct node *all = node(N_OBJECT, NULL, NULL), *n;
	const struct node *key, *value;

	if (next("}"))
		return all;
	do {
		value = NULL;
		blank();
		if (*at == '$') {
			at++;
			n = node(N_VAR, NULL, NULL);
			if ((n->name = name()) == NULL)
				doubt();
			key = literal(v_text(n->name, strlen(n->name)));
			value = n;
		} else if (*at == '(') {
			at++;
			key = pipes();
			need(")");
			blank();
			if (*at != ':')
				doubt();
		} else if (*at == '"') {
			at++;
			key = text();
		} else {
			const char *word = name();

			if (word == NULL)
				doubt();
			key = literal(v_text(word, strlen(word)));
		}
		if (next(":")) {
			if (value != NULL)
				doubt();
			value = term();
			while (next("|"))
				value = node(N_PIPE, value, term());
		} else if (value == NULL) {
			value = node(N_INDEX, node(N_DOT, NULL, NULL), key);
		}
		part(all, key, value);
	} while (next(","));
	need("}");
	return all;
}

static const struct node *
branches(void)
{
	struct node *n = node(N_IF, NULL, NULL);

	n->a = pipes();
	if (!word("then"))
		doubt();
	n->b = pipes();
	if (word("elif")) {
		n->c = branches();
		return n;
	}
	if (!word("else"))
		doubt();
	n->c = pipes();
	if (!word("end"))
		doubt();
	return n;
}

static const struct node *
named(const char *word)
{
	static const char *others[] = { "def", "reduce", "foreach", "try",
	    "label", "import", "include", "then", "elif", "else", "end", "as",
	    "and", "or", "catch", "__loc__" };
	struct node *n;
	size_t i;

	if (str_eq(word, "null"))
		return literal(&v_null);
	if (str_eq(word, "true"))
		return literal(&v_true);
	if (str_eq(word, "false"))
		return literal(&v_false);
	if (str_eq(word, "if"))
		return branches();
	for (i = 0; i < NELEM(others); i++)
		if (str_eq(word, others[i]))
			doubt();
	n = node(N_CALL, NULL, NULL);
	n->name = word;
	if (*at == '(') {
		at++;
		do
			part(n, NULL, pipes());
		while (next(";"));
		need(")");
	}
	return n;
}

static const struct node *
first(void)
{
	const struct node *n = NULL;
	struct node *var;
	const char *word;

	blank();
	if (next("..")) {
		return node(N_ALL, NULL, NULL);
	} else if (*at == '.') {
		/* What follows a dot is looked at with what follows a term. */
		if (!letter(at[1]) && at[1] != '"')
			at++;
		return node(N_DOT, NULL, NULL);
	} else if (digit(*at)) {
		return number();
	} else if (next("\"")) {
		return text();
	} else if (next("(")) {
		n = pipes();
		need(")");
		return n;
	} else if (next("[")) {
		if (!next("]")) {
			n = pipes();
			need("]");
		}
		return node(N_ARRAY, n, NULL);
	} else if (next("{")) {
		return object();
	} else if (next("-")) {
		return node(N_SUB, literal(v_number(0)), term());
	} else if (next("$")) {
		var = node(N_VAR, NULL, NULL);
		if ((var->name = name()) == NULL)
			doubt();
		return var;
	} else if ((word = name()) != NULL) {
		return named(word);
	}
	doubt();
}

/* [], [n], [from:to] behind a term. */
static const struct node *
brackets(const struct node *n)
{
	const struct node *from = NULL;
	struct node *slice;

	if (next("]"))
		return node(N_EACH, n, NULL);
	blank();
	if (*at != ':')
		from = pipes();
	if (next("]"))
		return node(N_INDEX, n, from);
	need(":");
	slice = node(N_SLICE, n, from);
	if (!next("]")) {
		slice->c = pipes();
		need("]");
	}
	return slice;
}

static const struct node *
term(void)
{
	const struct node *n = first();
	const char *word;

	for (;;) {
		blank();
		if (*at == '?') {
			doubt();
		} else if (*at == '[') {
			at++;
			n = brackets(n);
		} else if (at[0] == '.' && at[1] == '[') {
			at += 2;
			n = brackets(n);
		} else if (at[0] == '.' && at[1] == '"') {
			at += 2;
			n = node(N_INDEX, n, text());
		} else if (at[0] == '.' && letter(at[1])) {
			at++;
			word = name();
			n = node(N_INDEX, n,
			    literal(v_text(word, strlen(word))));
		} else {
			return n;
		}
	}
}

/* Operators by how strongly they bind; each level is left-associative. */
static const struct {
	const char *sign;
	enum op op;
	int level;
} operators[] = {
	{ "//", N_ELSE, 1 }, { "or", N_OR, 2 }, { "and", N_AND, 3 },
	{ "==", N_EQ, 4 }, { "!=", N_NE, 4 }, { "<=", N_LE, 4 },
	{ ">=", N_GE, 4 }, { "<", N_LT, 4 }, { ">", N_GT, 4 },
	{ "+", N_ADD, 5 }, { "-", N_SUB, 5 },
	{ "*", N_MUL, 6 }, { "/", N_DIV, 6 }, { "%", N_MOD, 6 },
};

static const struct node *
binary(int level)
{
	const struct node *n;
	size_t i;

	if (level > 6)
		return term();
	n = binary(level + 1);
again:
	blank();
	for (i = 0; i < NELEM(operators); i++) {
		const char *sign = operators[i].sign;
		size_t len = strlen(sign);

		if (!str_prefix(at, sign))
			continue;
		if (letter(*sign) ? letter(at[len]) || digit(at[len]) :
		    at[len] == '=')
			doubt();
		if (operators[i].level != level)
			return n;
		at += len;
		/* jq's // is right-associative, comparisons do not chain. */
		n = node(operators[i].op, n, binary(level == 1 ? 1 : level + 1));
		if (level == 1 || level == 4)
			return n;
		goto again;
	}
	if (*at == '=' || (at[0] == '|' && at[1] == '=') || *at == '?')
		doubt();
	return n;
}

static const struct node *
commas(void)
{
	const struct node *n = binary(1);

	while (next(","))
		n = node(N_COMMA, n, binary(1));
	return n;
}

static const struct node *
pipes(void)
{
	const struct node *n = commas();
	struct node *as;

	if (word("as")) {
		/* It belongs to a term alone. */
		if (n->op >= N_PIPE && n->op <= N_MOD)
			doubt();
		need("$");
		as = node(N_AS, n, NULL);
		if ((as->name = name()) == NULL)
			doubt();
		need("|");
		as->b = pipes();
		return as;
	}
	return next("|") ? node(N_PIPE, n, pipes()) : n;
}

const struct node *
lang(const char *filter)
{
	const struct node *n;

	at = filter;
	if (strchr(filter, '#') != NULL)
		doubt();
	n = pipes();
	blank();
	if (*at != 0)
		doubt();
	return n;
}
