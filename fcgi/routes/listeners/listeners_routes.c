/*
 * listeners_routes: searches listeners, and manages the caller's listener
 * profile.
 */
#include "base/clock.h"
#include "base/opening_hours.h"
#include "base/str.h"
#include "domain/accounts/profile.h"
#include "domain/common/language.h"
#include "domain/listeners/listener_search.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/listeners/listener_json.h"
#include "json/json_decode.h"
#include "json/json_read_only.h"

/* Accepted words for a gender. */
static const struct {
	const char *word, *sex;
} genders[] = {
	{ "male", "male" }, { "m", "male" }, { "man", "male" },
	{ "men", "male" }, { "boy", "male" }, { "guy", "male" },
	{ "female", "female" }, { "f", "female" }, { "woman", "female" },
	{ "women", "female" }, { "girl", "female" }, { "lady", "female" },
	{ "other", "other" }, { "nonbinary", "other" },
	{ "non-binary", "other" }, { "o", "other" },
};
/* Same order as enum listener_search_sort. */
static const char *const sorts[] = {
	"recommended", "rating", "rate", "recent", "popular", NULL
};

/* Maximum number of listeners that are requested by id. */
#define IDS_MAX	100

struct search {
	struct pages pages;
	const char *lang, *gender, *country, *interest, *q;
	int online, available, sort;
	int64_t min_rating, max_rate, available_at;
	struct intv ids;
};

/* The hours of later times are not known. */
#define AVAILABLE_WITHIN	(OPENING_HORIZON * DAY)

#define WORD(n, most) \
	{ .name = #n, .type = F_STR, .flags = FIELD_TRIM, \
	    .off = offsetof(struct search, n), .min = 1, .max = (most) }
#define FLAG(n) \
	{ .name = #n, .type = F_BOOL, .off = offsetof(struct search, n), \
	    .dflt = -1 }

static const struct field search_fields[] = {
	PAGING_FIELDS(struct search, pages),
	WORD(lang, 60),
	{ .name = "gender", .alias = "sex", .type = F_STR,
	    .flags = FIELD_TRIM, .off = offsetof(struct search, gender),
	    .min = 1, .max = 20 },
	{ .name = "country", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct search, country), .min = 2, .max = 2 },
	WORD(interest, 60),
	WORD(q, 200),
	FLAG(online),
	FLAG(available),
	{ .name = "available_at", .type = F_TIME, .dflt = INT64_MIN,
	    .off = offsetof(struct search, available_at) },
	{ .name = "min_rating", .type = F_FIXED, .scale = 1,
	    .off = offsetof(struct search, min_rating), .min = 0, .max = 50 },
	{ .name = "max_rate", .type = F_INT, .flags = FIELD_CLAMP,
	    .off = offsetof(struct search, max_rate), .min = 0,
	    .max = FIELD_INT_MAX, .dflt = INT64_MAX },
	{ .name = "sort", .type = F_ENUM, .words = sorts,
	    .off = offsetof(struct search, sort), .dflt = 0 },
	{ .name = "ids", .type = F_INTV, .off = offsetof(struct search, ids),
	    .min = 1, .max = IDS_MAX },
};
static const struct field_table search_table =
    FIELD_TABLE(search_fields, struct search);

static void
render_listener_item(struct req *req, const struct listener_item *item,
    bool own)
{
	enum listener_json_view view = req->actor.user != 0 ?
	    LISTENER_JSON_SIGNED_IN : LISTENER_JSON_OPEN;

	json_write_obj(&req->j, NULL);
	listener_json_members(&req->j, req->conf, item, own ?
	    LISTENER_JSON_OWN : view);
	json_write_obj_end(&req->j);
}

/* Returns the sex for a word, ignoring case, or NULL. */
static const char *
parse_gender(const char *text)
{
	for (size_t i = 0; i < NELEM(genders); i++)
		if (str_eq_nocase(genders[i].word, text))
			return genders[i].sex;
	return NULL;
}

static char *
upper(struct arena *arena, const char *text)
{
	char *copy = arena_str(arena, text);

	for (char *p = copy; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return copy;
}

/*
 * Converts the request to a search query. gsearch: unknown words
 * match no listener. Otherwise an unknown gender is a validation error.
 */
static enum rc
read_query(struct req *req, bool gsearch, struct listener_search_query *query)
{
	const struct search *in = req->query;

	listener_search_query_init(query);
	if (in->lang) {
		query->languages = language_codes(&req->arena, in->lang);
		query->none = query->languages == NULL;
	}
	if (in->gender) {
		query->sex = parse_gender(in->gender);
		if (!gsearch && (!query->sex ||
		    !str_eq(query->sex, in->gender)))
			return err_field(&req->err, "gender",
			    "must be one of male, female, other");
		query->none = query->none || !query->sex;
	}
	query->country = upper(&req->arena, in->country);
	query->interest = in->interest;
	query->q = in->q;
	query->online = in->online;
	query->available = in->available;
	query->available_at = in->available_at;
	/* A day for clients whose clocks differ, or which send dates. */
	if (in->available_at != INT64_MIN && (in->available_at < req->now -
	    DAY || in->available_at > req->now + AVAILABLE_WITHIN))
		return err_field(&req->err, "available_at",
		    "must be within the next 400 days");
	query->min_rating = in->min_rating;
	/* Rates above the maximum are shown as the maximum. */
	query->max_rate = req->conf->max_rate > 0 &&
	    in->max_rate >= req->conf->max_rate ? INT64_MAX : in->max_rate;
	query->sort = (enum listener_search_sort)in->sort;
	query->viewer = req->actor.user;
	query->limit = in->pages.per_page;
	query->offset = (in->pages.page - 1) * in->pages.per_page;
	return RC_OK;
}

/*
 * Returns a number for the order and the kind of search. A cursor is valid only
 * with the same number.
 */
static int64_t
order_of(const struct listener_search_query *query)
{
	int64_t words = query->q || query->interest;
	int64_t here = query->online == 1 || query->available == 1;

	return (int64_t)query->sort | words << 3 | here << 4;
}

static uint64_t
hash_page(const struct listener_search_page *page)
{
	const int64_t numbers[] = { page->total, page->more, page->key };
	uint64_t h = hash_fast(HASH_FAST_SEED, numbers, sizeof(numbers));

	for (size_t i = 0; i < page->n; i++)
		h = listener_hash(&page->items[i], h);
	return h;
}

/*
 * Writes the page of a list and its ETag. A tag of versions is not possible,
 * because presence changes without one, so it is a hash of the rows.
 */
static enum rc
render_listeners(struct req *req, const struct pages *pages,
    const struct listener_search_page *page, char *next)
{
	enum rc rc = req_etag(req, 3, (int64_t)hash_page(page),
	    (int64_t)(req->actor.user != 0), req->conf->max_rate);

	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "listeners");
	for (size_t i = 0; i < page->n; i++)
		render_listener_item(req, &page->items[i], false);
	json_write_arr_end(&req->j);
	paging_render(req, pages, page->total, page->more, next);
	json_write_obj_end(&req->j);
	return RC_OK;
}

/*
 * Lists the listeners of the parameter ids, in this order and each once.
 * Listeners that GET /listeners/{id} does not find are left out.
 */
static enum rc
list_named(struct req *req, const struct search *in)
{
	const struct pages pages = { .page = 1, .per_page = IDS_MAX };
	struct search *other = field_new(&req->arena, &search_table);
	struct listener_search_page page = { 0 };
	enum rc rc;

	other->ids = in->ids;
	other->pages.per_page = in->pages.per_page;
	if (memcmp(other, in, sizeof(*in)) != 0)
		return err_field(&req->err, "ids",
		    "cannot be combined with filters, sort or page");
	rc = listener_named(req->db, &req->arena, in->ids.v, in->ids.n,
	    req->actor.user, req->now, &page.items, &page.n);
	page.total = (int64_t)page.n;
	return rc != RC_OK ? rc : render_listeners(req, &pages, &page, NULL);
}

/* Lists listeners. The argument of the row is not NULL for gsearch. */
static enum rc
list_listeners(struct req *req)
{
	const struct search *in = req->query;
	struct listener_search_query query;
	struct listener_search_page page;
	struct cursor c = { 0 };
	enum rc rc;

	if (in->ids.v != NULL)
		return list_named(req, in);
	rc = read_query(req, req->route->arg != NULL, &query);
	if (rc != RC_OK)
		return rc;
	c.order = order_of(&query);
	rc = paging_cursor_read(req, PAGING_LISTENERS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	query.after = c.given;
	query.key = c.key;
	query.id = c.id;
	rc = listener_search(req->db, &req->arena, &query, req->now, &page);
	if (rc != RC_OK)
		return rc;
	c.key = page.key;
	c.id = page.id;
	return render_listeners(req, &in->pages, &page,
	    page.more ? paging_cursor_write(req, PAGING_LISTENERS, &c) : NULL);
}

static enum rc
get_listener(struct req *req)
{
	struct listener_item item;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Listener not found");
	if (rc != RC_OK)
		return rc;
	rc = listener_get(req->db, &req->arena, id, req->actor.user, req->now,
	    &item, &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 3,
		    (int64_t)listener_hash(&item, HASH_FAST_SEED),
		    (int64_t)(req->actor.user != 0), req->conf->max_rate);
	if (rc == RC_OK)
		render_listener_item(req, &item, false);
	return rc;
}

/* Returns the listener profile of the caller, approved or not. */
static enum rc
get_own(struct req *req)
{
	struct listener_item item;
	enum rc rc;

	rc = listener_own(req->db, &req->arena, req->actor.user, req->now,
	    &item, &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 2,
		    (int64_t)listener_hash(&item, HASH_FAST_SEED),
		    req->conf->max_rate);
	if (rc == RC_OK)
		render_listener_item(req, &item, true);
	return rc;
}

/* in.rate.kinds and in.rate.rates are computed from kinds and rates. */
struct profile_body {
	struct listener_input in;
	struct strv kinds;
	const char *rates;		/* JSON, or NULL */
};

#define INPUT(n, flag) \
	{ .name = #n, .flags = (flag), \
	    .off = offsetof(struct profile_body, in.n)
#define INPUT_FIELDS(must) \
	INPUT(bio, FIELD_CLEAR | FIELD_TRIM | FIELD_CTL), \
	    .type = F_STR, .max = BIO_MAX }, \
	INPUT(languages, must), .type = F_STRV, .max = 20, .max2 = 60 }, \
	INPUT(interests, FIELD_CLEAR), .type = F_STRV, \
	    .max = INTERESTS_MAX, .max2 = INTEREST_MAX }, \
	{ .name = "rate_per_minute", .type = F_INT, .flags = (must), \
	    .off = offsetof(struct profile_body, in.rate.rate), .min = 0, \
	    .max = LISTENER_RATE_MAX, .dflt = FIELD_NONE }, \
	{ .name = "kinds", .type = F_STRV, .min = 1, .max = LISTENER_KINDS, \
	    .max2 = 10, .off = offsetof(struct profile_body, kinds) }, \
	{ .name = "rates", .type = F_JSON, \
	    .off = offsetof(struct profile_body, rates) }

static const struct field register_fields[] = { INPUT_FIELDS(FIELD_REQUIRED) };
static const struct field_table register_table =
    FIELD_TABLE(register_fields, struct profile_body);
static const struct field change_fields[] = { INPUT_FIELDS(0) };
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct profile_body);

#define RATE(kind, id) \
	{ .name = kind, .type = F_INT, \
	    .off = offsetof(struct listener_rates, v[id]), .min = 0, \
	    .max = LISTENER_RATE_MAX, .dflt = FIELD_NONE }
static const struct field rate_fields[] = {
	RATE("audio", LISTENER_AUDIO), RATE("video", LISTENER_VIDEO)
};
static const struct field_table rate_table =
    FIELD_TABLE(rate_fields, struct listener_rates);

/* Parses the names of kinds to bits. */
static enum rc
read_kinds(struct req *req, const struct strv *names, unsigned *kinds)
{
	*kinds = 0;
	for (size_t i = 0; i < names->n; i++) {
		int kind = 0;

		while (kind < LISTENER_KINDS &&
		    !str_eq(listener_kind_names[kind], names->v[i]))
			kind++;
		if (kind == LISTENER_KINDS)
			return err_field(&req->err, "kinds",
			    "must be audio or video");
		*kinds |= 1U << kind;
	}
	return RC_OK;
}

/* Parses the member rates, an object with a rate for each kind. */
static enum rc
read_rates(struct req *req, const char *json, struct listener_rates *rates)
{
	struct err err;
	enum rc rc;

	listener_rate_init(rates);
	if (json == NULL)
		return RC_OK;
	err_init(&err, &req->arena);
	rc = json_decode(&req->arena, &rate_table, rates, json, strlen(json),
	    &err);
	if (rc == RC_BAD)
		return err_field(&req->err, "rates", "must be an object");
	for (struct err_field *f = err.fields; f != NULL; f = f->next)
		err_field(&req->err, arena_fmt(&req->arena, "rates.%s",
		    f->name), f->why);
	if (rc == RC_OK && listener_rate_main(rates) == INT64_MIN)
		return err_field(&req->err, "rates",
		    "must name at least one kind");
	return rc;
}

/* Reads and checks the rates and kinds of a body. */
static enum rc
read_rate_input(struct req *req, struct profile_body *body)
{
	struct listener_rate_input *rate = &body->in.rate;
	enum rc rc = read_kinds(req, &body->kinds, &rate->kinds);
	enum rc rc2 = read_rates(req, body->rates, &rate->rates);

	rc = rc != RC_OK ? rc : rc2;
	return rc != RC_OK ? rc : listener_rate_check(&req->arena, req->conf,
	    rate, &req->err);
}

/* Responds with the listener profile of the caller after a change. */
static enum rc
respond_own(struct req *req, enum rc success)
{
	struct listener_item item;
	enum rc rc;

	rc = listener_own(req->db, &req->arena, req->actor.user, req->now,
	    &item, &req->err);
	if (rc != RC_OK)
		return rc;
	render_listener_item(req, &item, true);
	return success;
}

static enum rc
register_listener(struct req *req)
{
	struct profile_body *body = req->body;
	enum rc rc = read_rate_input(req, body);

	if (rc == RC_OK)
		rc = listener_register(req->db, &req->arena, req->actor.user,
		    &body->in, req->now, &req->err);
	return rc == RC_OK ? respond_own(req, RC_CREATED) : rc;
}

static enum rc
change_listener(struct req *req)
{
	struct profile_body *body = req->body;
	struct audit_by by = req_by(req);
	enum rc rc = read_rate_input(req, body);

	if (rc == RC_OK)
		rc = listener_change(req->db, &req->arena, req->conf,
		    req->actor.user, &body->in, &by, &req->err);
	return rc == RC_OK ? respond_own(req, RC_OK) : rc;
}

static enum rc
list_languages(struct req *req)
{
	struct strv codes;
	enum rc rc;

	rc = listener_search_languages(req->db, &req->arena, &codes);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "languages");
	for (size_t i = 0; i < codes.n; i++) {
		json_write_obj(&req->j, NULL);
		json_write_str(&req->j, "code", codes.v[i]);
		json_write_str(&req->j, "name",
		    language_name(&req->arena, codes.v[i]));
		json_write_obj_end(&req->j);
	}
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const bool lenient = true;

static const struct json_read_only listener_read_only[] = {
	{ "user_id", JSON_READ_ONLY_FIXED },
	{ "username", "cannot be changed here, use POST /user/username" },
	{ "profile_image_url",
	    "cannot be changed here, use PUT /user/profile/image" },
	{ "profile_image_thumb_url",
	    "cannot be changed here, use PUT /user/profile/image" },
	{ "sex", "cannot be changed here, use PUT /user/profile" },
	{ "country", "cannot be changed here, use PUT /user/profile" },
	{ "preferred_language",
	    "cannot be changed here, use PUT /user/profile" },
	{ "currency", JSON_READ_ONLY_FIXED },
	{ "verification", "is decided by an administrator" },
	{ "rejection_reason", JSON_READ_ONLY_FIXED },
	{ "registered_at", JSON_READ_ONLY_FIXED },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/listeners", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_SEARCH,
	    .query = &search_table, .handler = list_listeners },
	{ .method = "GET", .path = "/listeners/gsearch", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_SEARCH,
	    .query = &search_table, .handler = list_listeners,
	    .arg = &lenient },
	{ .method = "GET", .path = "/listeners/languages", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_SEARCH,
	    .handler = list_languages },
	{ .method = "GET", .path = "/listeners/profile", .prefix = PREFIX_APP,
	    .role = ROLE_LISTENER, .tx = TX_READ, .handler = get_own },
	{ .method = "PUT", .path = "/listeners/profile", .prefix = PREFIX_APP,
	    .role = ROLE_LISTENER, .tx = TX_WRITE, .body = &change_table,
	    .handler = change_listener, .read_only = listener_read_only },
	{ .method = "POST", .path = "/listeners/register", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER | ROLE_LISTENER, .tx = TX_WRITE,
	    .body = &register_table, .handler = register_listener },
	{ .method = "GET", .path = "/listeners/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .handler = get_listener },
};

const struct route_table listeners_routes = ROUTE_TABLE(routes);
