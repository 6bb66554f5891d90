#include <stdarg.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/str.h"
#include "fcgi/core/cache.h"
#include "fcgi/core/req.h"
#include "fcgi/core/route.h"

#define ARENA_MAX	(32 * 1024 * 1024)
#define OUT_MAX		(32 * 1024 * 1024)

bool
req_init(struct req *req, struct db *db, const struct conf *conf)
{
	if (req->out == NULL) {
		req->out = calloc(1, sizeof(*req->out));
		if (req->out == NULL)
			return false;
		buf_init(req->out, OUT_MAX);
		arena_init(&req->arena, ARENA_MAX);
	}
	req->db = db;
	req->conf = conf;
	req->now = clock_now();
	req->began = clock_mono();
	err_init(&req->err, &req->arena);
	json_write_init(&req->j, req->out);
	return true;
}

bool
req_exceeded(struct req *req)
{
	bool memory = arena_exceeded_clear();

	if (!memory && !req->out->full)
		return false;
	log_error("memory", "request %s needs more than %zu bytes", req->id,
	    memory ? req->arena.limit : req->out->max);
	req->rc = err_set(&req->err, RC_FAULT, NULL, NULL);
	req->keep_writes = false;
	return true;
}

void
req_reset(struct req *req)
{
	struct arena arena;
	struct buf *out = req->out;

	body_file_close(&req->body_file);
	arena_reset(&req->arena);
	arena = req->arena;
	buf_clear(out);
	/* A large response is rare, so its buffer is freed. */
	if (out->cap > 256 * 1024)
		buf_free(out);
	*req = (struct req){ .arena = arena, .out = out };
}

void
req_trim(struct req *req)
{
	arena_free(&req->arena);
	buf_free(req->out);
}

void
req_free(struct req *req)
{
	req_trim(req);
	free(req->out);
	free(req);
}

/* Copies s if it is an acceptable request id: 8 to 64 of A-Za-z0-9-. */
static bool
copy_id(struct req *req, const char *s)
{
	size_t n;

	for (n = 0; s[n] != '\0'; n++) {
		char c = str_lower_ch(s[n]);

		if (n == 64 || ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
		    c != '-'))
			return false;
	}
	if (n < 8)
		return false;
	memcpy(req->id, s, n + 1);
	return true;
}

static void
take_id(struct req *req, const char *from_client, const char *from_nginx)
{
	uint8_t b[16];

	if ((from_client != NULL && copy_id(req, from_client)) ||
	    (from_nginx != NULL && copy_id(req, from_nginx)))
		return;
	random_bytes(b, sizeof(b));
	hash_hex(b, sizeof(b), req->id);
}

/* Returns whether a segment of the path is "." or "..". */
static bool
has_dots(const char *path)
{
	while ((path = strstr(path, "/.")) != NULL) {
		path += path[2] == '.' ? 3 : 2;
		if (*path == '/' || *path == '\0')
			return true;
	}
	return false;
}

/*
 * Decodes %3A. Clients that escape path segments also escape the ':' of push
 * device tokens.
 */
static void
decode_colons(char *path)
{
	char *to = path;

	for (; *path != '\0'; path++) {
		if (*path == '%' && strncasecmp(path, "%3a", 3) == 0) {
			*to++ = ':';
			path += 2;
		} else {
			*to++ = *path;
		}
	}
	*to = '\0';
}

/*
 * Sets req->path to the URI up to '?'. Returns false if it contains other
 * escapes, empty segments or dot segments. No route needs them, so each path
 * has only one form.
 */
static bool
take_path(struct req *req, const char *uri)
{
	static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._~:/-";
	const char *end = strchr(uri, '?');
	size_t n = end == NULL ? strlen(uri) : (size_t)(end - uri);
	char *path;

	req->query_text = end == NULL ? "" : arena_str(&req->arena, end + 1);
	path = arena_strn(&req->arena, uri, n);
	decode_colons(path);
	req->path = path;
	return path[0] == '/' && path[strspn(path, ok)] == '\0' &&
	    strstr(path, "//") == NULL && !has_dots(path);
}

bool
req_params(struct req *req, char *const *params)
{
	const char *uri = "/", *from_client = NULL, *from_nginx = NULL;
#define PARAM(name, to) { name "=", sizeof(name), to }
	const struct {
		const char *name;
		size_t len;		/* including the '=' */
		const char **to;
	} wanted[] = {
		PARAM("REQUEST_METHOD", &req->method),
		PARAM("CONTENT_TYPE", &req->content_type),
		PARAM("REMOTE_ADDR", &req->remote_addr),
		PARAM("HTTP_AUTHORIZATION", &req->authorization),
		PARAM("HTTP_ACCEPT", &req->accept),
		PARAM("HTTP_ACCEPT_LANGUAGE", &req->accept_language),
		PARAM("HTTP_CONTENT_ENCODING", &req->content_encoding),
		PARAM("HTTP_IF_NONE_MATCH", &req->if_none_match),
		PARAM("HTTP_IDEMPOTENCY_KEY", &req->idempotency_key),
		PARAM("HTTP_USER_AGENT", &req->user_agent),
		PARAM("HTTP_ORIGIN", &req->origin),
		PARAM("HTTP_HOST", &req->host),
		PARAM("HTTP_COOKIE", &req->cookies),
		PARAM("HTTP_X_CSRF_TOKEN", &req->csrf_token),
		PARAM("HTTP_STRIPE_SIGNATURE", &req->hook.stripe_signature),
		PARAM("HTTP_X_RAZORPAY_SIGNATURE",
		    &req->hook.razorpay_signature),
		PARAM("HTTP_X_RAZORPAY_EVENT_ID",
		    &req->hook.razorpay_event_id),
		PARAM("HTTP_EARMARK_SIGNATURE", &req->hook.earmark_signature),
		PARAM("HTTP_AGORA_SIGNATURE_V2", &req->agora_signature),
		PARAM("HTTP_X_REQUEST_ID", &from_client),
		PARAM("REQUEST_ID", &from_nginx),
		PARAM("REQUEST_URI", &uri),
	};
	size_t i, n;

	for (; params != NULL && *params != NULL; params++) {
		const char *p = *params, *value = strchr(p, '=');

		n = value == NULL ? 0 : (size_t)(value - p) + 1;
		for (i = 0; i < NELEM(wanted); i++)
			if (wanted[i].len == n &&
			    memcmp(p, wanted[i].name, n) == 0)
				break;
		if (i < NELEM(wanted))
			*wanted[i].to = p + n;
		else if (str_eq(p, "HTTPS=on"))
			req->secure = true;
		else if (str_eq(p, "EARMARK_CHECK=1"))
			req->check = true;
	}
	/*
	 * The parameters are freed before the log line is written, so it needs
	 * copies.
	 */
	req->method = req->method == NULL ? "" :
	    arena_str(&req->arena, req->method);
	if (req->content_type != NULL && req->content_type[0] == '\0')
		req->content_type = NULL;
	if (req->authorization != NULL && req->authorization[0] == '\0')
		req->authorization = NULL;
	take_id(req, from_client, from_nginx);
	return take_path(req, uri);
}

/*
 * Returns whether an If-None-Match list (RFC 9110, section 13.1.2) contains the
 * tag.
 */
static bool
etag_matches(const char *list, const char *tag)
{
	size_t n = strlen(tag);
	const char *at;

	if (str_eq(list, "*"))
		return true;
	for (at = list; (at = strstr(at, tag)) != NULL; at += n)
		if (at > list && at[-1] == '"' && at[n] == '"')
			return true;
	return false;
}

/* Returns the hash of the page of the request. */
static uint64_t
etag_begin(struct req *req)
{
	const int64_t who[] = { req->actor.user, (int64_t)req->actor.roles };
	uint64_t h = hash_fast(HASH_FAST_SEED, who, sizeof(who));

	h = hash_fast(h, req->path, strlen(req->path) + 1);
	h = hash_fast(h, req->query_text, strlen(req->query_text) + 1);
	req->page_hash = h;
	return h;
}

/* Stores the tag. Returns whether the client has this version. */
static bool
etag_end(struct req *req, uint64_t h)
{
	hash_hex(&h, sizeof(h), req->etag);
	return req->if_none_match != NULL &&
	    etag_matches(req->if_none_match, req->etag);
}

enum rc
req_etag(struct req *req, int n, ...)
{
	uint64_t h = etag_begin(req);
	va_list ap;
	int i;

	va_start(ap, n);
	for (i = 0; i < n; i++) {
		int64_t v = va_arg(ap, int64_t);

		h = hash_fast(h, &v, sizeof(v));
	}
	va_end(ap);
	if (etag_end(req, h))
		return RC_NOT_MODIFIED;
	return cache_get(req) ? RC_KNOWN : RC_OK;
}

enum rc
req_etag_body(struct req *req)
{
	return etag_end(req, hash_fast(etag_begin(req), req->out->data,
	    req->out->len)) ? RC_NOT_MODIFIED : RC_OK;
}

struct hash
req_hash(const struct req *req)
{
	struct hash h = hash_sha256(req->raw, req->raw_len);
	struct buf b;

	buf_init(&b, 64 * 1024);
	buf_str(&b, req->method);
	buf_ch(&b, ' ');
	buf_str(&b, req->path);
	buf_ch(&b, '?');
	buf_str(&b, req->query_text);
	buf_ch(&b, ' ');
	buf_add(&b, h.b, sizeof(h.b));
	h = hash_sha256(b.data, b.len);
	buf_free(&b);
	return h;
}

struct audit_by
req_by(const struct req *req)
{
	return (struct audit_by){ .actor = req->actor.user,
	    .request_id = req->id, .now = req->now };
}

bool
req_path_arg_int(const struct req *req, int i, int64_t *v)
{
	return str_int(req->path_arg[i], v) && *v > 0 && *v <= FIELD_INT_MAX;
}

bool
req_path_arg_uuid(const struct req *req, int i, struct uuid *u)
{
	return uuid_read(req->path_arg[i], u);
}

enum rc
req_path_id(struct req *req, int64_t *id, const char *sentence)
{
	return req_path_arg_int(req, 0, id) ? RC_OK :
	    err_set(&req->err, RC_NOT_FOUND, NULL, "%s", sentence);
}
