#include "net/http_handle.h"

#include "base/err.h"
#include "base/str.h"
#include "net/url_policy.h"

#define AGENT		"Earmark (self-hosted)"
#define RETRY_MOST	86400

/* Bytes of the answer's body; too many end the request. */
static size_t
take_http_handle(char *p, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, size * n);
	return b->full ? 0 : size * n;
}

/* Bytes of a mail. */
static size_t
give(char *to, size_t size, size_t n, void *arg)
{
	struct http_handle *call = arg;

	n = size * n < call->left_len ? size * n : call->left_len;
	memcpy(to, call->left, n);
	call->left += n;
	call->left_len -= n;
	return n;
}

static void
set(CURLcode rc)
{
	if (rc != CURLE_OK)
		BUG("libcurl: %s", curl_easy_strerror(rc));
}

/* What holds for all of them. */
static void
begin_http_handle(struct http_handle *call, CURL *curl, struct arena *a,
    struct http_answer *answer, long timeout_ms)
{
	*answer = (struct http_answer){ .body = "" };
	*call = (struct http_handle){ .curl = curl, .arena = a,
		.answer = answer };
	buf_init(&call->body, HTTP_ANSWER);
	curl_easy_reset(curl);
	set(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
	set(curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1));
	set(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
	set(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
	set(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L));
	set(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L));
	set(curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2));
	set(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms));
	set(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms));
	set(curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT));
	set(curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->why));
	set(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_http_handle));
	set(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call->body));
	set(curl_easy_setopt(curl, CURLOPT_PRIVATE, call));
}

/* False: a line could not be added, for want of memory. */
static bool
add_http_handle(struct http_handle *call, const char *line)
{
	struct curl_slist *more = curl_slist_append(call->list, line);

	if (more != NULL)
		call->list = more;
	return more != NULL;
}

static bool
add_headers(struct http_handle *call, const struct http_request *r)
{
	struct arena *a = call->arena;
	const char *const *h;
	bool ok = add_http_handle(call, "Accept: application/json") &&
	    add_http_handle(call, "Expect:");

	if (r->bearer != NULL)
		ok = ok && add_http_handle(call, arena_fmt(a,
		    "Authorization: Bearer %s", r->bearer));
	if (r->content_type != NULL)
		ok = ok && add_http_handle(call, arena_fmt(a,
		    "Content-Type: %s", r->content_type));
	for (h = r->headers; h != NULL && *h != NULL; h++)
		ok = ok && add_http_handle(call, *h);
	set(curl_easy_setopt(call->curl, CURLOPT_HTTPHEADER, call->list));
	return ok;
}

static void
set_body(CURL *curl, const struct http_request *r)
{
	if (r->content_type != NULL) {
		set(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len));
		set(curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		    r->body == NULL ? "" : r->body));
	}
	set(curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method));
}

static bool
ready(struct http_handle *call, bool ok)
{
	if (!ok)
		http_handle_over(call, CURLE_OUT_OF_MEMORY);
	return ok;
}

bool
http_handle_ask(struct http_handle *call, CURL *curl, struct arena *a,
    const struct http_request *r, struct http_answer *answer)
{
	begin_http_handle(call, curl, a, answer, r->timeout_ms);
	set(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	if (r->user != NULL) {
		set(curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
		    (long)CURLAUTH_BASIC));
		set(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		set(curl_easy_setopt(curl, CURLOPT_PASSWORD,
		    r->password == NULL ? "" : r->password));
	}
	set_body(curl, r);
	return ready(call, add_headers(call, r));
}

bool
http_handle_mail(struct http_handle *call, CURL *curl, struct arena *a,
    const struct mail_request *r, struct http_answer *answer)
{
	begin_http_handle(call, curl, a, answer, r->timeout_ms);
	call->mail = true;
	call->left = r->text;
	call->left_len = r->len;
	set(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	set(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	set(curl_easy_setopt(curl, CURLOPT_USE_SSL, url_policy_here(r->url) ?
	    (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL));
	if (r->ca_file[0] != '\0')
		set(curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file));
	if (r->user[0] != '\0') {
		set(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		set(curl_easy_setopt(curl, CURLOPT_PASSWORD, r->password));
	}
	set(curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arena_fmt(a, "<%s>",
	    r->from)));
	set(curl_easy_setopt(curl, CURLOPT_READFUNCTION, give));
	set(curl_easy_setopt(curl, CURLOPT_READDATA, call));
	set(curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L));
	if (!ready(call, add_http_handle(call, arena_fmt(a, "<%s>", r->to))))
		return false;
	set(curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, call->list));
	return true;
}

/* What there is to say of an answer that came whole. */
static void
describe(struct http_handle *call, struct http_answer *out)
{
	const struct buf *body = &call->body;
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->curl, CURLINFO_RETRY_AFTER, &wait);
	out->status = (int)status;
	out->len = body->len;
	out->body = arena_strn(call->arena, body->len == 0 ? "" : body->data,
	    body->len);
	if (wait > 0)
		out->retry_after = wait > RETRY_MOST ? RETRY_MOST : (int)wait;
}

void
http_handle_over(struct http_handle *call, CURLcode rc)
{
	struct http_answer *out = call->answer;
	long status = 0;

	if (call->mail)
		curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
	if (call->mail && rc == CURLE_OK)
		out->status = 250;
	else if (status >= 400)	/* without one it was the line that broke */
		out->status = (int)status;
	else if (rc == CURLE_OK)
		describe(call, out);
	else
		out->error = call->body.full ? "the answer is too long" :
		    arena_str(call->arena, call->why[0] != '\0' ? call->why :
		    curl_easy_strerror(rc));
	out->timed_out = rc == CURLE_OPERATION_TIMEDOUT;
	curl_easy_reset(call->curl);
	curl_slist_free_all(call->list);
	buf_free(&call->body);
	call->list = NULL;
}
