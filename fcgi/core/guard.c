#include "base/proof_map.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "crypto/jwt.h"
#include "domain/accounts/service_token.h"
#include "domain/accounts/session_cookie.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "fcgi/core/cache.h"
#include "fcgi/core/cookie.h"
#include "fcgi/core/form.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/image_upload.h"
#include "fcgi/core/record.h"
#include "fcgi/core/spool.h"
#include "json/json_decode.h"

_Static_assert(RECORD_BODY_MAX == IMAGE_UPLOAD_MAX + 1,
    "a connection discards what is too large for an image");

static enum rc
pass_read(struct loop_pass *pass)
{
	enum rc rc;

	if (pass->reading)
		return RC_OK;
	rc = db_read(pass->db);
	pass->reading = rc == RC_OK;
	return rc;
}

void
guard_pass_end(struct loop_pass *pass)
{
	if (pass->reading)
		db_read_end(pass->db);
	pass->reading = false;
}

/* Checks that the account and the session of a credential may be used. */
static enum rc
check_account(struct req *req, const struct actor_row *row)
{
	/*
	 * A ban also ends the sessions. The user gets the error for bans, not
	 * the one for ended sessions.
	 */
	if (row->status == USER_DELETED ||
	    (!row->session_ok && (row->active || row->status != USER_BANNED)))
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	return RC_OK;
}

/*
 * Loads the account of a credential into req->actor. Call it in a transaction.
 */
static enum rc
load_actor(struct req *req, const struct credential *c)
{
	struct actor_row row;
	enum rc rc = actor_load(req->db, c, req->now, &row);

	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	if (rc == RC_OK)
		rc = check_account(req, &row);
	if (rc != RC_OK)
		return rc;
	req->actor = (struct actor){ .user = row.user, .session = c->session,
	    .service_token = c->service_token, .uuid = row.uuid,
	    .roles = row.roles, .active = row.active };
	return RC_OK;
}

/* Finds the session of the cookie that cookie_choose() has chosen. */
static enum rc
read_cookie(struct req *req, struct credential *c)
{
	struct session_cookie found;
	enum rc rc;

	rc = session_cookie_find(req->db, req->conf, req->cookie,
	    req->cookie_kind == COOKIE_STAFF, req->now, &found);
	*c = found.who;
	return rc;
}

/* Finds the login session or service token of an Authorization header. */
static enum rc
read_token(struct req *req, struct loop_pass *pass, struct credential *c)
{
	struct claims claims = { .session = 0 };
	const char *token = req->authorization;
	bool service;
	enum rc rc;

	if (strncasecmp(token, "Bearer ", 7) != 0)
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	token += 7;
	/* JWTs never begin with this prefix. */
	service = str_prefix(token, SERVICE_TOKEN_PREFIX);
	if (!service && !jwt_verify(token, strlen(token), req->now, &claims))
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	rc = pass_read(pass);
	if (rc != RC_OK)
		return rc;
	*c = (struct credential){ .user = claims.user,
	    .session = claims.session };
	return service ? service_token_find(req->db, token, c) : RC_OK;
}

/* Verifies the access token or the cookie, and loads its account. */
static enum rc
authenticate(struct req *req, struct loop_pass *pass)
{
	struct credential c;
	enum rc rc;

	if (req->authorization != NULL) {
		rc = read_token(req, pass, &c);
	} else if (req->cookie != NULL) {
		rc = pass_read(pass);
		if (rc == RC_OK)
			rc = read_cookie(req, &c);
	} else {
		return err_set(&req->err, RC_AUTH, "token_required",
		    "Access token required");
	}
	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	if (rc == RC_OK)
		rc = load_actor(req, &c);
	if (rc == RC_OK)
		proof_map_seen(c.session, false, req->now);
	return rc;
}

/* Returns the names of a set of roles for a message: "Admin or finance". */
static const char *
role_text(struct arena *a, unsigned roles)
{
	char *text = NULL;
	int i;

	for (i = 0; i < ROLES; i++)
		if (roles & 1u << i)
			text = arena_fmt(a, "%s%s%s", text == NULL ? "" : text,
			    text == NULL ? "" : " or ", role_names[i]);
	text[0] = (char)(text[0] - 'a' + 'A');
	return text;
}

static enum rc
check_active(struct req *req)
{
	if (!req->actor.active && !(req->route->flags & ROUTE_INACTIVE))
		return actor_inactive(req->db, req->actor.user,
		    &req->err);
	return RC_OK;
}

/* Returns whether the route needs a second factor from each caller. */
static bool
needs_factor(const struct req *req)
{
	return req->conf->staff_mfa == STAFF_MFA_REQUIRED &&
	    (req->route->role & ROLE_STAFF) != 0 &&
	    (req->actor.roles & ROLE_STAFF) != 0;
}

/*
 * Checks the second factor: of staff, if the configuration requires it, and of
 * callers that have one, on routes with ROUTE_STEP_UP.
 */
static enum rc
check_factor(struct req *req)
{
	const struct credential c = { .user = req->actor.user,
	    .session = req->actor.session };
	bool step_up = (req->route->flags & ROUTE_STEP_UP) != 0,
	    staff = needs_factor(req);
	struct actor_factor f;
	enum rc rc;

	if (!step_up && !staff)
		return RC_OK;
	rc = actor_factor(req->db, &c, &f);
	if (rc != RC_OK)
		return rc;
	if (staff && !f.enabled)
		return err_set(&req->err, RC_FORBIDDEN, "mfa_setup_required",
		    "Members of staff need a second factor. Set one up first");
	if ((staff && f.proved_at == INT64_MIN) || (step_up && f.enabled &&
	    (f.proved_at == INT64_MIN ||
	    req->now - f.proved_at >= GUARD_STEP_UP)))
		return err_set(&req->err, RC_FORBIDDEN, "step_up_required",
		    "Enter the code of your authenticator app first");
	return RC_OK;
}

/* Checks that the caller has a role and a state that the route accepts. */
static enum rc
check_role(struct req *req)
{
	unsigned role = req->route->role;
	enum rc rc;

	if (role != ROLE_ANY && role != ROLE_MAYBE &&
	    (req->actor.roles & role) == 0)
		return err_set(&req->err, RC_FORBIDDEN, "role_required",
		    "Access denied. %s role required",
		    role_text(&req->arena, role));
	rc = check_active(req);
	return rc == RC_OK ? check_factor(req) : rc;
}

static enum rc
check_actor(struct req *req, struct loop_pass *pass)
{
	unsigned role = req->route->role;
	enum rc rc;

	if (role == ROLE_OPEN)
		return RC_OK;
	if (req->authorization == NULL) {
		rc = cookie_choose(req);
		if (rc != RC_OK)
			return rc;
	}
	if (role == ROLE_MAYBE && req->authorization == NULL &&
	    req->cookie == NULL)
		return RC_OK;
	rc = authenticate(req, pass);
	return rc == RC_OK ? check_role(req) : rc;
}

enum rc
guard_recheck(struct req *req)
{
	const struct credential c = { .user = req->actor.user,
	    .session = req->actor.session,
	    .service_token = req->actor.service_token };
	enum rc rc;

	if (c.user == 0)
		return RC_OK;
	rc = load_actor(req, &c);
	return rc == RC_OK ? check_role(req) : rc;
}

/* Compares the content type with `type`. Ignores parameters such as charset. */
static bool
type_is(const struct req *req, const char *type)
{
	size_t n = strlen(type);

	return req->content_type != NULL &&
	    strncasecmp(req->content_type, type, n) == 0 &&
	    strchr("; \t", req->content_type[n]) != NULL;
}

static enum rc
read_body(struct req *req)
{
	const struct route *r = req->route;

	if (req->raw_len > (r->flags & ROUTE_IMAGE ? IMAGE_UPLOAD_MAX :
	    JSON_BYTES))
		return err_set(&req->err, RC_TOO_LARGE, NULL, NULL);
	if (r->body == NULL || (r->flags & (ROUTE_RAW | ROUTE_IMAGE)))
		return RC_OK;
	req->body = field_new(&req->arena, r->body);
	if (req->raw_len == 0 && (r->flags & ROUTE_BODY_OPT))
		return RC_OK;
	if ((r->flags & ROUTE_FORM) &&
	    type_is(req, "application/x-www-form-urlencoded"))
		return form_read(&req->arena, r->body, req->body,
		    arena_strn(&req->arena, req->raw, req->raw_len),
		    &req->err);
	if (!type_is(req, "application/json") && req->raw_len > 0)
		return err_set(&req->err, RC_MEDIA, NULL,
		    r->flags & ROUTE_FORM ? "The body must be a form" : NULL);
	return json_decode(&req->arena, r->body, req->body, req->raw,
	    req->raw_len, &req->err);
}

/* Parses body and query. Reports all invalid fields of both. */
static enum rc
read_input(struct req *req)
{
	enum rc body, query = RC_OK;

	if (req->content_encoding != NULL &&
	    !str_eq_nocase(req->content_encoding, "identity"))
		return err_set(&req->err, RC_MEDIA, "unsupported_encoding",
		    "The body must have no Content-Encoding");
	body = read_body(req);
	if (body != RC_OK && body != RC_INVALID)
		return body;
	if (req->route->query != NULL) {
		req->query = field_new(&req->arena, req->route->query);
		query = form_read(&req->arena, req->route->query, req->query,
		    req->query_text, &req->err);
	}
	return body != RC_OK ? body : query;
}

static enum rc
take_rate(struct req *req, enum ratelimit_class class, int64_t rate)
{
	int wait;

	if (rate <= 0 || req->actor.user == 0)
		return RC_OK;
	req->limit = rate;
	wait = ratelimit_take(class, req->actor.user, rate, req->now,
	    &req->remaining);
	if (wait == 0)
		return RC_OK;
	refusal_count(class == RATELIMIT_WRITE ? REFUSED_WRITE :
	    REFUSED_SEARCH);
	err_set(&req->err, RC_LIMITED, NULL, NULL);
	req->err.retry_after = wait;
	return RC_LIMITED;
}

/* Lets nginx read the body of a request, which it counts for the caller. */
static enum rc
admit(struct req *req)
{
	req->realtime_user = arena_fmt(&req->arena, "%lld",
	    (long long)req->actor.user);
	return RC_NO_CONTENT;
}

static enum rc
check_guard(struct req *req, struct loop_pass *pass,
    const struct route_table *const *tables, const char **allow)
{
	const struct route *r;
	enum rc rc = route_find(req, tables, allow);

	if (rc != RC_OK)
		return err_set(&req->err, rc, NULL, NULL);
	r = req->route;
	rc = check_actor(req, pass);
	if (rc == RC_OK && req->check)
		return admit(req);
	if (rc == RC_OK)
		rc = read_input(req);
	if (!(r->flags & ROUTE_IDEMPOTENT))
		req->idempotency_key = NULL;
	if (rc == RC_OK && (r->tx == TX_WRITE || (r->flags & ROUTE_IDEMPOTENT)))
		rc = take_rate(req, RATELIMIT_WRITE, req->conf->write_rate);
	if (rc == RC_OK && (r->flags & ROUTE_SEARCH))
		rc = take_rate(req, RATELIMIT_SEARCH, req->conf->search_rate);
	return rc;
}

/* Gives a response its ETag, or caches it if the handler set one. */
static void
tag_response(struct req *req)
{
	const struct route *r = req->route;

	if (req->etag[0] != '\0')
		cache_put(req);
	else if (r->tx == TX_READ && r->prefix != PREFIX_NONE &&
	    str_eq(r->method, "GET") && req->content_type_out == NULL &&
	    !req->out->full)
		req->rc = req_etag_body(req);
}

static bool
run_guard(struct req *req, struct loop_pass *pass,
    const struct route_table *const *tables, const char **allow)
{
	const struct route *r;

	/*
	 * A preflight request is answered without a route (Fetch standard 4.8).
	 */
	if (str_eq(req->method, "OPTIONS") && req->origin != NULL &&
	    req->conf->cors_origins[0] != '\0') {
		req->rc = RC_NO_CONTENT;
		return true;
	}
	req->rc = check_guard(req, pass, tables, allow);
	if (req->rc != RC_OK)
		return true;
	r = req->route;
	if (r->before != NULL) {
		guard_pass_end(pass);
		req->rc = r->before(req);
		if (!rc_ok(req->rc))
			return true;
	}
	if (r->tx == TX_WRITE)
		return false;
	if (req->deferred != NULL)
		BUG("%s %s cannot wait", r->method, r->path);
	/* The handler may open transactions of its own. */
	if (r->tx == TX_NONE)
		guard_pass_end(pass);
	if (r->tx == TX_READ) {
		req->rc = pass_read(pass);
		if (req->rc != RC_OK)
			return true;
	}
	req->rc = r->handler(req);
	if (req->rc == RC_OK && req->spool == NULL)
		tag_response(req);
	return true;
}

bool
guard(struct req *req, struct loop_pass *pass,
    const struct route_table *const *tables, const char **allow)
{
	uint64_t uses = db_uses(pass->db);
	bool done;

	arena_exceeded_clear();
	done = run_guard(req, pass, tables, allow);
	if (req_exceeded(req)) {
		spool_end(req);
		done = true;
	}
	/* The write that needs what before() made does not run. */
	if (done && !rc_ok(req->rc) && req->undo != NULL)
		req->undo(req);
	req->statements = db_uses(pass->db) - uses;
	return done;
}
