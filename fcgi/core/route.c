#include "base/str.h"
#include "fcgi/core/route.h"

#define SEGS 10

/* The segments of a path. They point into its text. */
struct segs {
	int n;
	bool api, v1;			/* begins with /api, with /api/v1 */
	struct {
		const char *s;
		size_t len;
	} at[SEGS];
};

static bool
seg_is(const struct segs *p, int i, const char *word)
{
	return i < p->n && p->at[i].len == strlen(word) &&
	    memcmp(p->at[i].s, word, p->at[i].len) == 0;
}

static bool
split(const char *path, struct segs *out)
{
	out->n = 0;
	while (*path == '/') {
		const char *s = ++path;

		path += strcspn(path, "/");
		if (path == s)
			break;		/* a trailing slash */
		if (out->n == SEGS)
			return false;
		out->at[out->n].s = s;
		out->at[out->n++].len = (size_t)(path - s);
	}
	out->api = seg_is(out, 0, "api");
	out->v1 = out->api && seg_is(out, 1, "v1");
	return *path == '\0';
}

/*
 * Compares a pattern with the path from segment `from` on. Stores the indexes
 * of variable segments in var[], ended by 0 unless var[] is full.
 */
static bool
path_matches(const char *pattern, const struct segs *p, int from, int *var)
{
	int nvar = 0;

	for (; *pattern == '/' && *++pattern != '\0'; from++) {
		if (from >= p->n)
			return false;
		if (*pattern == '{') {
			var[nvar++] = from;
			pattern = strchr(pattern, '}') + 1;
		} else if (strncmp(pattern, p->at[from].s, p->at[from].len) ==
		    0) {
			pattern += p->at[from].len;
		} else {
			return false;
		}
	}
	if (nvar < REQ_PATH_ARGS)
		var[nvar] = 0;
	return *pattern == '\0' && from == p->n;
}

static bool
route_matches(const struct route *r, const struct segs *p, int *var)
{
	switch (r->prefix) {
	case PREFIX_APP:
		return (p->v1 || !p->api) &&
		    path_matches(r->path, p, p->v1 ? 2 : 0, var);
	case PREFIX_V1:
		return p->v1 && path_matches(r->path, p, 2, var);
	case PREFIX_API:
		return p->api && path_matches(r->path, p, 1, var);
	case PREFIX_NONE:
		return path_matches(r->path, p, 0, var);
	}
	BUG("route %s has no prefix", r->path);
}

static int
count_variables(const int *var)
{
	int n = 0;

	while (n < REQ_PATH_ARGS && var[n] != 0)
		n++;
	return n;
}

void
route_check(const struct route_table *const *tables)
{
	size_t k;

	for (; *tables != NULL; tables++)
		for (k = 0; k < (*tables)->n; k++) {
			const struct route *r = &(*tables)->routes[k];

			if (r->role == 0 || r->prefix == 0 || r->tx == 0 ||
			    r->method == NULL || r->path == NULL ||
			    r->handler == NULL)
				BUG("row %zu of a route table is not complete",
				    k);
		}
}

enum rc
route_find(struct req *req, const struct route_table *const *tables,
    const char **allow)
{
	int var[REQ_PATH_ARGS] = { 0 }, found[REQ_PATH_ARGS],
	    best = REQ_PATH_ARGS + 1, n, i;
	const char *methods = NULL;
	const struct route *r;
	struct segs p;
	size_t k;

	*allow = NULL;
	req->route = NULL;
	req->head = str_eq(req->method, "HEAD");
	if (!split(req->path, &p))
		return RC_NOT_FOUND;
	for (; *tables != NULL && (best > 0 || req->route == NULL); tables++)
		for (k = 0; k < (*tables)->n; k++) {
			r = &(*tables)->routes[k];
			if (!route_matches(r, &p, var) ||
			    (n = count_variables(var)) > best)
				continue;
			if (n < best) {
				best = n;
				methods = NULL;
				req->route = NULL;
			}
			if (req->route != NULL)
				continue;
			if (str_eq(r->method, req->head ? "GET" :
			    req->method)) {
				req->route = r;
				memcpy(found, var, sizeof(found));
				continue;
			}
			methods = arena_fmt(&req->arena, "%s%s%s%s",
			    methods == NULL ? "" : methods,
			    methods == NULL ? "" : ", ", r->method,
			    str_eq(r->method, "GET") ? ", HEAD" : "");
		}
	if (req->route == NULL) {
		*allow = methods;
		return methods == NULL ? RC_NOT_FOUND : RC_METHOD;
	}
	for (i = 0; i < best; i++)
		req->path_arg[i] = arena_strn(&req->arena, p.at[found[i]].s,
		    p.at[found[i]].len);
	return RC_OK;
}

const char *
route_path_prefix(const struct route *r)
{
	switch (r->prefix) {
	case PREFIX_APP:
	case PREFIX_V1:
		return "/api/v1";
	case PREFIX_API:
		return "/api";
	case PREFIX_NONE:
		break;
	}
	return "";
}

/* Prints the roles as "customer", "admin|service", "open" and so on. */
static void
print_role(unsigned role, FILE *out)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ ROLE_OPEN, "open" }, { ROLE_MAYBE, "maybe" },
		{ ROLE_ANY, "any" }, { ROLE_CUSTOMER, "customer" },
		{ ROLE_LISTENER, "listener" }, { ROLE_ADMIN, "admin" },
		{ ROLE_FINANCE, "finance" }, { ROLE_SUPPORT, "support" },
		{ ROLE_MODERATOR, "moderator" }, { ROLE_SERVICE, "service" },
	};
	const char *sep = "";
	size_t i;

	for (i = 0; i < NELEM(words); i++)
		if (role & words[i].bit) {
			fprintf(out, "%s%s", sep, words[i].word);
			sep = "|";
		}
	fputc('\n', out);
}

void
route_print(const struct route_table *const *tables, FILE *out)
{
	const struct route *r;
	size_t k;

	for (; *tables != NULL; tables++)
		for (k = 0; k < (*tables)->n; k++) {
			r = &(*tables)->routes[k];
			fprintf(out, "%s %s%s ", r->method,
			    route_path_prefix(r), r->path);
			print_role(r->role, out);
			if (r->prefix != PREFIX_APP)
				continue;
			fprintf(out, "%s %s ", r->method, r->path);
			print_role(r->role, out);
		}
}
