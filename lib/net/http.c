#include "net/http.h"

#include <curl/curl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define AGENT		"Earmark (self-hosted)"
#define RETRY_MOST	86400

/* One handle a process: it keeps its connections for the next request. */
static CURL *curl;

bool
http_start(void)
{
	if (curl != NULL)
		return true;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	curl = curl_easy_init();
	return curl != NULL;
}

/* Bytes of the answer's body; too many end the request. */
static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, size * n);
	return b->full ? 0 : size * n;
}

static void
set(CURLcode rc)
{
	if (rc != CURLE_OK)
		BUG("libcurl: %s", curl_easy_strerror(rc));
}

/* What holds for every request. */
static void
set_rules(const struct http_request *r)
{
	set(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
	set(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1));
	set(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
	set(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
	set(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L));
	set(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L));
	set(curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2));
	set(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, r->timeout_ms));
	set(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, r->timeout_ms));
	set(curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT));
}

/* False: a header could not be set, for want of memory. */
static bool
add(struct curl_slist **list, const char *line)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	if (more != NULL)
		*list = more;
	return more != NULL;
}

static bool
set_headers(struct arena *a, const struct http_request *r,
    struct curl_slist **list)
{
	const char *const *h;
	bool ok = add(list, "Accept: application/json") && add(list, "Expect:");

	if (r->bearer != NULL)
		ok = ok && add(list, arena_fmt(a, "Authorization: Bearer %s",
		    r->bearer));
	if (r->content_type != NULL)
		ok = ok && add(list, arena_fmt(a, "Content-Type: %s",
		    r->content_type));
	for (h = r->headers; h != NULL && *h != NULL; h++)
		ok = ok && add(list, *h);
	set(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *list));
	return ok;
}

static void
set_body(const struct http_request *r)
{
	if (r->content_type != NULL) {
		set(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len));
		set(curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		    r->body == NULL ? "" : r->body));
	}
	set(curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method));
}

/* What there is to say of an answer that came whole. */
static void
describe(struct arena *a, const struct buf *body, struct http_answer *out)
{
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
	out->status = (int)status;
	out->len = body->len;
	out->body = arena_strn(a, body->len == 0 ? "" : body->data, body->len);
	if (wait > 0)
		out->retry_after = wait > RETRY_MOST ? RETRY_MOST : (int)wait;
}

void
http_ask(struct arena *a, const struct http_request *r,
    struct http_answer *out)
{
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	struct buf body;
	CURLcode rc;

	*out = (struct http_answer){ .body = "" };
	if (!http_start()) {
		out->error = "libcurl can not be started";
		return;
	}
	buf_init(&body, HTTP_ANSWER);
	curl_easy_reset(curl);
	set_rules(r);
	set(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	set(curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why));
	set(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take));
	set(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body));
	if (r->user != NULL) {
		set(curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
		    (long)CURLAUTH_BASIC));
		set(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		set(curl_easy_setopt(curl, CURLOPT_PASSWORD,
		    r->password == NULL ? "" : r->password));
	}
	set_body(r);
	rc = set_headers(a, r, &headers) ? curl_easy_perform(curl) :
	    CURLE_OUT_OF_MEMORY;
	if (rc == CURLE_OK)
		describe(a, &body, out);
	else
		out->error = body.full ? "the answer is too long" :
		    arena_str(a, why[0] != '\0' ? why :
		    curl_easy_strerror(rc));
	out->timed_out = rc == CURLE_OPERATION_TIMEDOUT;
	/* Nothing of this request stays behind, its keys least of all. */
	curl_easy_reset(curl);
	curl_slist_free_all(headers);
	buf_free(&body);
}

struct source { const char *p; size_t left; };

static size_t
give(char *to, size_t size, size_t n, void *arg)
{
	struct source *s = arg;

	n = size * n < s->left ? size * n : s->left;
	memcpy(to, s->p, n);
	s->p += n;
	s->left -= n;
	return n;
}

void
http_mail(struct arena *a, const struct mail_request *r,
    struct http_answer *out)
{
	bool here = str_prefix(r->url, "smtp://127.0.0.1") ||
	    str_prefix(r->url, "smtp://localhost");
	struct http_request rules = { .timeout_ms = r->timeout_ms };
	struct source source = { r->text, r->len };
	struct curl_slist *to = NULL;
	long status = 0;
	CURLcode rc;

	*out = (struct http_answer){ .body = "" };
	if (!http_start() || !add(&to, arena_fmt(a, "<%s>", r->to))) {
		out->error = "libcurl can not be started";
		return;
	}
	curl_easy_reset(curl);
	set_rules(&rules);
	set(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	set(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	set(curl_easy_setopt(curl, CURLOPT_USE_SSL, here ?
	    (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL));
	if (r->ca_file[0] != '\0')
		set(curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file));
	if (r->user[0] != '\0') {
		set(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		set(curl_easy_setopt(curl, CURLOPT_PASSWORD, r->password));
	}
	set(curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arena_fmt(a, "<%s>",
	    r->from)));
	set(curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to));
	set(curl_easy_setopt(curl, CURLOPT_READFUNCTION, give));
	set(curl_easy_setopt(curl, CURLOPT_READDATA, &source));
	set(curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L));
	rc = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	/* Without a 4xx or 5xx it was the line that broke. */
	if (rc == CURLE_OK)
		out->status = 250;
	else if (status >= 400)
		out->status = (int)status;
	else
		out->error = curl_easy_strerror(rc);
	curl_easy_reset(curl);
	curl_slist_free_all(to);
}

char *
http_escape(struct arena *a, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, 3 * strlen(text) + 1), *p = out;

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL) {
			*p++ = *text;
			continue;
		}
		*p++ = '%';
		*p++ = digits[(unsigned char)*text >> 4];
		*p++ = digits[(unsigned char)*text & 15];
	}
	*p = '\0';
	return out;
}
