/*
 * Fuzzes "METHOD URI" as nginx passes it: path, route, query string, and the
 * URL of the next page.
 */
#include "fuzz.h"

#include "fcgi/core/form.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/route.h"

struct q {
	const char *q, *need;
	int on, order;
	struct uuid u;
	struct strv tags;
	struct intv ids;
	struct pages pages;
};

static const char *const orders[] = { "new", "old", NULL };

#define AT(m) .off = offsetof(struct q, m)

static const struct field fields[] = {
	{ .name = "q", .type = F_STR, AT(q), .min = 1, .max = 8 },
	{ .name = "need", .type = F_STR, .flags = FIELD_REQUIRED, AT(need) },
	{ .name = "on", .alias = "isOn", .type = F_BOOL, AT(on), .dflt = -1 },
	{ .name = "order", .type = F_ENUM, AT(order), .words = orders },
	{ .name = "u", .type = F_UUID, AT(u) },
	{ .name = "tags", .type = F_STRV, AT(tags), .max = 3, .max2 = 4 },
	{ .name = "ids", .type = F_INTV, AT(ids), .max = 3 },
	PAGING_FIELDS(struct q, pages),
};
static const struct field_table table = FIELD_TABLE(fields, struct q);

#define ROW(m, p, pre) { .method = m, .path = p, .prefix = pre, \
	    .role = ROLE_OPEN, .tx = TX_NONE, .query = &table }

static const struct route rows[] = {
	ROW("GET", "/users/me/favorites", PREFIX_V1),
	ROW("POST", "/users/me/favorites", PREFIX_V1),
	ROW("DELETE", "/users/me/favorites/{id}", PREFIX_V1),
	ROW("GET", "/users/me/favorites", PREFIX_API),
	ROW("DELETE", "/users/me/favorites/{id}", PREFIX_API),
	ROW("GET", "/users/{id}", PREFIX_APP),
	ROW("PUT", "/users/me", PREFIX_APP),
	ROW("GET", "/favorites", PREFIX_APP),
	ROW("GET", "/favorites/check/{id}", PREFIX_APP),
	ROW("POST", "/a/{b}/c/{d}/e/{f}/{g}", PREFIX_APP),
};
static const struct route more[] = {
	ROW("GET", "/health", PREFIX_NONE),
	ROW("GET", "/", PREFIX_NONE),
	ROW("GET", "/api/{x}", PREFIX_NONE),
};
static const struct route_table table1 = ROUTE_TABLE(rows),
    table2 = ROUTE_TABLE(more);
static const struct route_table *const tables[] = { &table1, &table2, NULL };
static const struct conf conf = { .base_url = "http://127.0.0.1:3001" };

/*
 * Checks that the path is the pattern with its segments filled in, after a
 * prefix.
 */
static void
must_be_the_path(const struct req *req)
{
	const char *at = req->path, *p = req->route->path;
	int seg = 0;

	switch (req->route->prefix) {
	case PREFIX_APP:
		at += str_prefix(at, "/api/v1") ? 7 : 0;
		break;
	case PREFIX_V1:
		MUST(str_prefix(at, "/api/v1"));
		at += 7;
		break;
	case PREFIX_API:
		MUST(str_prefix(at, "/api"));
		at += 4;
		break;
	case PREFIX_NONE:
		break;
	}
	while (*p != '\0') {
		if (*p != '{') {
			MUST(*p++ == *at++);
			continue;
		}
		MUST(req->path_arg[seg] != NULL && req->path_arg[seg][0] != '\0');
		MUST(strchr(req->path_arg[seg], '/') == NULL);
		MUST(str_prefix(at, req->path_arg[seg]));
		at += strlen(req->path_arg[seg++]);
		p += strcspn(p, "}") + 1;
	}
	MUST(*at == '\0' || str_eq(at, "/"));
	MUST(seg == REQ_PATH_ARGS || req->path_arg[seg] == NULL);
}

/* Checks that the URL is safe in a header between angle brackets. */
static void
must_be_an_address(const char *url)
{
	MUST(str_prefix(url, conf.base_url));
	for (; *url != '\0'; url++)
		MUST(*url > 0x20 && *url < 0x7f &&
		    strchr("<>\"", *url) == NULL);
}

static void
query(struct req *req)
{
	struct q *q = field_new(&req->arena, &table);
	enum rc rc;

	rc = form_read(&req->arena, &table, q, req->query_text, &req->err);
	MUST(rc == req->err.rc);
	must_be_named_once(&req->err);
	MUST(q->pages.page >= 1 && q->pages.per_page >= 1 &&
	    q->pages.per_page <= 100);
	MUST(q->tags.n <= 3 && q->ids.n <= 3);
	MUST(q->order >= 0 && q->order <= 1 && q->on >= -1 && q->on <= 1);
	MUST(rc != RC_OK || q->need != NULL);
	MUST(q->q == NULL || str_utf8(q->q, strlen(q->q)) <= 8);
	must_be_an_address(paging_url(req, "cursor", "abc"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct req req;
	char *text, *uri, *params[3];
	const char *allow;
	struct arena a;
	enum rc rc;

	arena_init(&a, 16 << 20);
	text = arena_strn(&a, (const char *)data, n);
	uri = strchr(text, ' ');
	if (uri != NULL)
		*uri++ = '\0';
	params[0] = arena_fmt(&a, "REQUEST_METHOD=%s", text);
	params[1] = uri == NULL ? NULL : arena_fmt(&a, "REQUEST_URI=%s", uri);
	params[2] = NULL;
	req_init(&req, NULL, &conf);
	if (req_params(&req, params)) {
		rc = route_find(&req, tables, &allow);
		MUST((rc == RC_METHOD) == (allow != NULL));
		MUST((rc == RC_OK) == (req.route != NULL));
		if (rc == RC_OK) {
			MUST(str_eq(req.route->method,
			    req.head ? "GET" : req.method));
			must_be_the_path(&req);
		} else {
			MUST(rc == RC_METHOD || rc == RC_NOT_FOUND);
		}
		query(&req);
	}
	req_reset(&req);
	arena_free(&a);
	return 0;
}
