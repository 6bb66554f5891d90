#include "base/hash.h"
#include "base/log.h"
#include "base/origin.h"
#include "base/random.h"
#include "base/str.h"
#include "fcgi/core/accept.h"
#include "fcgi/core/html.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/route.h"
#include "fcgi/core/spool.h"

static const struct {
	int status;
	const char *line;
} statuses[RC_MAX] = {
	[RC_OK] = { 200, "200 OK" },
	[RC_CREATED] = { 201, "201 Created" },
	[RC_ACCEPTED] = { 202, "202 Accepted" },
	[RC_NO_CONTENT] = { 204, "204 No Content" },
	[RC_KNOWN] = { 200, "200 OK" },
	[RC_NOT_MODIFIED] = { 304, "304 Not Modified" },
	[RC_BAD] = { 400, "400 Bad Request" },
	[RC_INVALID] = { 400, "400 Bad Request" },
	[RC_AUTH] = { 401, "401 Unauthorized" },
	[RC_PAYMENT] = { 402, "402 Payment Required" },
	[RC_FORBIDDEN] = { 403, "403 Forbidden" },
	[RC_NOT_FOUND] = { 404, "404 Not Found" },
	[RC_METHOD] = { 405, "405 Method Not Allowed" },
	[RC_CONFLICT] = { 409, "409 Conflict" },
	[RC_TOO_LARGE] = { 413, "413 Content Too Large" },
	[RC_MEDIA] = { 415, "415 Unsupported Media Type" },
	[RC_UNPROCESSABLE] = { 422, "422 Unprocessable Content" },
	[RC_LIMITED] = { 429, "429 Too Many Requests" },
	[RC_FAULT] = { 500, "500 Internal Server Error" },
	[RC_UNAVAILABLE] = { 501, "501 Not Implemented" },
	[RC_UPSTREAM] = { 502, "502 Bad Gateway" },
	[RC_BUSY] = { 503, "503 Service Unavailable" },
	[RC_FULL] = { 503, "503 Service Unavailable" },
	[RC_PENDING] = { 503, "503 Service Unavailable" },
	[RC_SEE_OTHER] = { 303, "303 See Other" },
};

static unsigned
flags_of(const struct req *req)
{
	return req->route == NULL ? 0 : req->route->flags;
}

/*
 * Returns the result to send: routes with ROUTE_422 use 422 for validation
 * errors.
 */
static enum rc
sent_rc(const struct req *req)
{
	if (req->rc == RC_INVALID && (flags_of(req) & ROUTE_422))
		return RC_UNPROCESSABLE;
	return req->rc;
}

int
resp_status(const struct req *req)
{
	return statuses[sent_rc(req)].status;
}

const char *
resp_code(const struct req *req)
{
	if (rc_ok(req->rc))
		return "";
	return req->err.code != NULL && req->err.rc == req->rc ?
	    req->err.code : rc_code(req->rc);
}

bool
resp_admits(const struct req *req)
{
	return req->check && rc_ok(req->rc) && req->route != NULL;
}

static const char *
message_of(const struct req *req)
{
	if (resp_status(req) >= 500 && (flags_of(req) & ROUTE_FAVORITE))
		return "Could not update Favorites. Please try again.";
	return req->err.message != NULL && req->err.rc == req->rc ?
	    req->err.message : rc_message(req->rc);
}

static void
write_money(struct json_write *j, const struct err_money *m)
{
	json_write_int(j, "balance", m->balance);
	json_write_int(j, "bonus", m->bonus);
	json_write_int(j, "earnings", m->earnings);
	json_write_int(j, "owed", m->owed);
	json_write_int(j, "pending_payments", m->pending_payments);
}

static void
write_favorite(struct json_write *j, const struct err_favorite *f)
{
	json_write_obj(j, "favorite");
	json_write_uuid(j, "favorite_id", &f->id);
	json_write_uuid(j, "destination_id", &f->entity);
	json_write_time(j, "saved_at", f->saved_at);
	json_write_obj_end(j);
}

static void
write_ban(struct json_write *j, const struct err_ban *ban)
{
	json_write_time(j, "banned_until", ban->until);
	json_write_str(j, "ban_reason", ban->reason);
}

void
resp_error(struct req *req)
{
	bool problem = accept_problem(req->accept);
	const char *message = message_of(req);
	struct err_field *f;
	struct json_write *j = &req->j;

	buf_clear(req->out);
	if (flags_of(req) & ROUTE_PAGE) {
		html_error(req, resp_status(req), message);
		return;
	}
	json_write_init(j, req->out);
	json_write_obj(j, NULL);
	if (problem) {
		req->content_type_out = "application/problem+json";
		json_write_str(j, "type", "about:blank");
		json_write_str(j, "title", statuses[sent_rc(req)].line + 4);
		json_write_int(j, "status", resp_status(req));
		json_write_str(j, "detail", message);
		json_write_str(j, "code", resp_code(req));
	} else {
		req->content_type_out = NULL;
		json_write_str(j, "error", resp_code(req));
		json_write_str(j, "message", message);
		if (flags_of(req) & ROUTE_DETAIL)
			json_write_str(j, "detail", message);
	}
	json_write_str(j, "request_id", req->id);
	if (req->err.attempts_left >= 0)
		json_write_int(j, "attempts_left", req->err.attempts_left);
	if (req->err.mfa_token != NULL)
		json_write_str(j, "mfa_token", req->err.mfa_token);
	if (req->err.state != NULL)
		json_write_str(j, "state", req->err.state);
	if (req->err.wait_time >= 0)
		json_write_int(j, "wait_time", req->err.wait_time);
	if (req->err.limit >= 0) {
		json_write_int(j, "limit", req->err.limit);
		json_write_int(j, "used", req->err.used);
	}
	if (req->err.needed >= 0)
		json_write_int(j, "needed", req->err.needed);
	if (req->err.available >= 0)
		json_write_int(j, "available", req->err.available);
	if (req->err.rate >= 0)
		json_write_int(j, "rate_per_minute", req->err.rate);
	if (req->err.money != NULL)
		write_money(j, req->err.money);
	if (req->err.favorite != NULL)
		write_favorite(j, req->err.favorite);
	if (req->err.ban != NULL)
		write_ban(j, req->err.ban);
	if (req->rc == RC_INVALID && req->err.fields != NULL) {
		json_write_obj(j, "fields");
		for (f = req->err.fields; f != NULL; f = f->next)
			json_write_str(j, err_spelled(&req->err, f->name),
			    f->why);
		json_write_obj_end(j);
	}
	json_write_obj_end(j);
}

size_t
resp_busy(char *to, size_t size)
{
	char id[33], body[RESP_BUSY / 2];
	uint8_t b[16];
	int n;

	random_bytes(b, sizeof(b));
	hash_hex(b, sizeof(b), id);
	snprintf(body, sizeof(body), "{\"error\":\"%s\",\"message\":\"%s\","
	    "\"request_id\":\"%s\"}", rc_code(RC_BUSY), rc_message(RC_BUSY),
	    id);
	n = snprintf(to, size, "Status: %s\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nX-Request-Id: %s\r\n"
	    "Cache-Control: no-store\r\nRetry-After: 1\r\n\r\n%s",
	    statuses[RC_BUSY].line, strlen(body), id, body);
	if (n < 0 || (size_t)n >= size)
		BUG("a response of %d bytes", n);
	return (size_t)n;
}

static void
header(struct buf *to, const char *name, const char *value)
{
	buf_str(to, name);
	buf_lit(to, ": ");
	buf_str(to, value);
	buf_lit(to, "\r\n");
}

static const char *
content_type(const struct req *req)
{
	return req->content_type_out != NULL ? req->content_type_out :
	    "application/json; charset=utf-8";
}

static void
cors(struct req *req, struct buf *to)
{
	/* Sent also without Origin, because a cache may store the response. */
	header(to, "Vary", "Origin");
	if (!origin_listed(req->conf->cors_origins, req->origin))
		return;
	header(to, "Access-Control-Allow-Origin", req->origin);
	header(to, "Access-Control-Allow-Credentials", "true");
	header(to, "Access-Control-Expose-Headers", "ETag, Link, Retry-After, "
	    "X-Request-Id, Idempotent-Replayed, RateLimit-Limit, "
	    "RateLimit-Remaining, RateLimit-Reset");
	if (!str_eq(req->method, "OPTIONS"))
		return;
	header(to, "Access-Control-Allow-Methods",
	    "GET, HEAD, POST, PUT, PATCH, DELETE");
	header(to, "Access-Control-Allow-Headers", "Authorization, "
	    "Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, "
	    "X-CSRF-Token, X-Request-Id");
	header(to, "Access-Control-Max-Age", "600");
}

static void
caching(struct req *req, struct buf *to)
{
	if (req->etag[0] != '\0') {
		buf_lit(to, "ETag: W/\"");
		buf_str(to, req->etag);
		buf_lit(to, "\"\r\n");
	}
	if (req->cache_seconds > 0 && rc_ok(req->rc))
		buf_fmt(to, "Cache-Control: public, max-age=%lld\r\n",
		    (long long)req->cache_seconds);
	else if (req->etag[0] != '\0' && rc_ok(req->rc) &&
	    !(flags_of(req) & ROUTE_NO_STORE))
		buf_lit(to, "Cache-Control: private, no-cache\r\n");
	else
		buf_lit(to, "Cache-Control: no-store\r\n");
}

static void
failure(struct req *req, const char *allow, struct buf *to)
{
	int status = resp_status(req), after = req->err.retry_after;

	if (status == 401)
		header(to, "WWW-Authenticate", "Bearer");
	if (status == 405 && allow != NULL)
		header(to, "Allow", allow);
	if (after == 0 && (status == 503 || status == 429))
		after = req->rc == RC_FULL ? 30 : 1;
	if (after > 0)
		buf_fmt(to, "Retry-After: %d\r\n", after);
	if (flags_of(req) & ROUTE_CONNECT)
		header(to, "X-Earmark-Error", resp_code(req));
}

/*
 * Writes the headers from which nginx makes the response to a request that it
 * must not read: auth_request discards the body and knows few statuses. The
 * body has no control characters (json/json_write.h).
 */
static void
refuse_body(struct req *req, struct buf *to)
{
	buf_fmt(to, "X-Earmark-Status: %d\r\n", resp_status(req));
	if (req->rc == RC_NO_CONTENT)
		return;
	header(to, "X-Earmark-Type", content_type(req));
	buf_lit(to, "X-Earmark-Body: ");
	buf_add(to, req->out->data, req->out->len);
	buf_lit(to, "\r\n");
}

void
resp_write(struct req *req, const char *allow, struct buf *to)
{
	bool body, refused;
	size_t i;

	if (req->out->full) {
		log_error("answer", "more than %zu bytes in the response to "
		    "request %s",
		    req->out->max, req->id);
		req->rc = err_set(&req->err, RC_FAULT, NULL, NULL);
	}
	body = req->rc != RC_NO_CONTENT && req->rc != RC_NOT_MODIFIED;
	refused = req->check && !resp_admits(req);

	if (!rc_ok(req->rc)) {
		req->etag[0] = '\0';
		req->link_next = req->location = NULL;
		if (!req->replayed)
			resp_error(req);
	}
	buf_clear(to);
	buf_lit(to, "Status: ");
	buf_str(to, statuses[refused ? RC_AUTH : sent_rc(req)].line);
	buf_lit(to, "\r\n");
	if (refused)
		refuse_body(req, to);
	if (body) {
		header(to, "Content-Type", content_type(req));
		buf_lit(to, "Content-Length: ");
		buf_int(to, req->spool != NULL ? spool_size(req->spool) :
		    (int64_t)req->out->len);
		buf_lit(to, "\r\n");
	}
	/* Otherwise nginx would store what the client has not read yet. */
	if (req->spool != NULL)
		header(to, "X-Accel-Buffering", "no");
	header(to, "X-Request-Id", req->id);
	buf_lit(to, "X-Content-Type-Options: nosniff\r\n");
	if (flags_of(req) & ROUTE_PAGE)
		buf_lit(to, HTML_HEADERS);
	caching(req, to);
	if (req->location != NULL)
		header(to, "Location", req->location);
	if (req->link_next != NULL) {
		buf_lit(to, "Link: <");
		buf_str(to, req->link_next);
		buf_lit(to, ">; rel=\"next\"\r\n");
	}
	for (i = 0; rc_ok(req->rc) && i < NELEM(req->cookies_out); i++)
		if (req->cookies_out[i] != NULL)
			header(to, "Set-Cookie", req->cookies_out[i]);
	if (req->realtime_user != NULL)
		header(to, "X-Earmark-User", req->realtime_user);
	if (req->replayed)
		header(to, "Idempotent-Replayed", "true");
	if (req->limit > 0)
		buf_fmt(to, "RateLimit-Limit: %lld\r\nRateLimit-Remaining: "
		    "%lld\r\nRateLimit-Reset: %d\r\n", (long long)req->limit,
		    (long long)req->remaining,
		    req->err.retry_after > 0 ? req->err.retry_after : 60);
	if (!rc_ok(req->rc))
		failure(req, allow, to);
	cors(req, to);
	buf_lit(to, "\r\n");
	if (body && !req->head && req->spool == NULL)
		buf_add(to, req->out->data, req->out->len);
}
