#include "net/http_handle.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"
#include "net/url_policy.h"

#define AGENT		"Earmark (self-hosted)"
#define RETRY_AFTER_MAX	86400
#define MAX_AGE_MAX	86400
/* Of connections that stay open. */
#define IDLE_MAX	3600L		/* s */
#define KEEPALIVE	60L		/* s */
#define UNACKED_MAX	5000		/* ms */

/*
 * Receives bytes of the response body. A body that is too long aborts the
 * request.
 */
static size_t
receive_body(char *p, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, size * n);
	return b->full ? 0 : size * n;
}

/* Provides bytes of a mail. */
static size_t
send_mail(char *to, size_t size, size_t n, void *arg)
{
	struct http_handle *call = arg;

	n = size * n < call->left_len ? size * n : call->left_len;
	memcpy(to, call->left, n);
	call->left += n;
	call->left_len -= n;
	return n;
}

/* Follows the dialog with a mail server. */
static int
trace_mail(CURL *curl, curl_infotype type, char *p, size_t n, void *arg)
{
	struct http_handle *call = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		smtp_trace_sent(&call->trace, p, n);
	else if (type == CURLINFO_HEADER_IN)
		smtp_trace_received(&call->trace, p, n);
	return 0;
}

/* Ends a request that has not reached the text of the mail in time. */
static int
watch_mail(void *arg, curl_off_t to_get, curl_off_t got, curl_off_t to_send,
    curl_off_t sent)
{
	struct http_handle *call = arg;
	curl_off_t us = 0;

	(void)to_get, (void)got, (void)to_send, (void)sent;
	curl_easy_getinfo(call->curl, CURLINFO_TOTAL_TIME_T, &us);
	return call->trace.phase != SMTP_TEXT && us / 1000 > call->limit_ms;
}

static void
check(CURLcode rc)
{
	if (rc != CURLE_OK)
		BUG("libcurl: %s", curl_easy_strerror(rc));
}

/* Sets the options that all requests share. */
static void
set_common_options(struct http_handle *call, CURL *curl, struct arena *a,
    struct http_answer *answer, long timeout_ms)
{
	*answer = (struct http_answer){ .body = "" };
	*call = (struct http_handle){ .curl = curl, .arena = a,
		.answer = answer };
	buf_init(&call->body, HTTP_ANSWER);
	curl_easy_reset(curl);
	check(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
	check(curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1));
	check(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
	check(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
	check(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L));
	check(curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L));
	check(curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2));
	check(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms));
	check(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms));
	check(curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT));
	check(curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->why));
	check(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body));
	check(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call->body));
	check(curl_easy_setopt(curl, CURLOPT_PRIVATE, call));
}

/*
 * Ends a connection whose peer acknowledges no data any more. Otherwise each
 * request on it would wait for its own time limit.
 */
static int
limit_silence(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	unsigned ms = UNACKED_MAX;

	(void)arg;
	(void)purpose;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

/*
 * Requests use streams of one connection. A request waits for a connection
 * that is being made instead of making another one.
 */
static void
set_http2(CURL *curl)
{
	check(curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_2TLS));
	check(curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L));
	check(curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, IDLE_MAX));
	check(curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L));
	check(curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, KEEPALIVE));
	check(curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, limit_silence));
}

/* Adds a line to the list. Returns false if memory could not be allocated. */
static bool
add_line(struct http_handle *call, const char *line)
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
	bool ok = add_line(call, "Accept: application/json") &&
	    add_line(call, "Expect:");

	if (r->bearer != NULL)
		ok = ok && add_line(call, arena_fmt(a,
		    "Authorization: Bearer %s", r->bearer));
	if (r->content_type != NULL)
		ok = ok && add_line(call, arena_fmt(a,
		    "Content-Type: %s", r->content_type));
	for (h = r->headers; h != NULL && *h != NULL; h++)
		ok = ok && add_line(call, *h);
	check(curl_easy_setopt(call->curl, CURLOPT_HTTPHEADER, call->list));
	return ok;
}

static void
set_body(CURL *curl, const struct http_request *r)
{
	if (r->content_type != NULL) {
		check(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len));
		check(curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		    r->body == NULL ? "" : r->body));
	}
	check(curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method));
}

/* Finishes the request if its preparation failed. Returns ok. */
static bool
finish_unless(struct http_handle *call, bool ok)
{
	if (!ok)
		http_handle_over(call, CURLE_OUT_OF_MEMORY);
	return ok;
}

bool
http_handle_ask(struct http_handle *call, CURL *curl, struct arena *a,
    const struct http_request *r, struct http_answer *answer)
{
	set_common_options(call, curl, a, answer, r->timeout_ms);
	check(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
	check(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	if (r->http2)
		set_http2(curl);
	check(curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, (long)r->fresh));
	check(curl_easy_setopt(curl, CURLOPT_MAXLIFETIME_CONN, r->max_age));
	if (r->ca_file != NULL && r->ca_file[0] != '\0')
		check(curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file));
	if (r->user != NULL) {
		check(curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
		    (long)CURLAUTH_BASIC));
		check(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		check(curl_easy_setopt(curl, CURLOPT_PASSWORD,
		    r->password == NULL ? "" : r->password));
	}
	set_body(curl, r);
	return finish_unless(call, add_headers(call, r));
}

bool
http_handle_mail(struct http_handle *call, CURL *curl, struct arena *a,
    const struct mail_request *r, struct http_answer *answer)
{
	set_common_options(call, curl, a, answer, r->text_timeout_ms);
	call->mail = true;
	call->limit_ms = r->timeout_ms;
	check(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    r->timeout_ms));
	check(curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    r->text_timeout_ms / 1000));
	check(curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, trace_mail));
	check(curl_easy_setopt(curl, CURLOPT_DEBUGDATA, call));
	check(curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L));
	check(curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_mail));
	check(curl_easy_setopt(curl, CURLOPT_XFERINFODATA, call));
	check(curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L));
	call->left = r->text;
	call->left_len = r->len;
	check(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
	check(curl_easy_setopt(curl, CURLOPT_URL, r->url));
	check(curl_easy_setopt(curl, CURLOPT_USE_SSL, url_policy_here(r->url) &&
	    r->ca_file[0] == '\0' ?
	    (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL));
	if (r->ca_file[0] != '\0')
		check(curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file));
	if (r->user[0] != '\0') {
		check(curl_easy_setopt(curl, CURLOPT_USERNAME, r->user));
		check(curl_easy_setopt(curl, CURLOPT_PASSWORD, r->password));
	}
	check(curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arena_fmt(a, "<%s>",
	    r->from)));
	check(curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_mail));
	check(curl_easy_setopt(curl, CURLOPT_READDATA, call));
	check(curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L));
	if (!finish_unless(call, add_line(call, arena_fmt(a, "<%s>", r->to))))
		return false;
	check(curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, call->list));
	return true;
}

/* Returns max-age of Cache-Control, or 0. */
static int
max_age(CURL *curl)
{
	struct curl_header *header;
	const char *at;
	long age;

	if (curl_easy_header(curl, "Cache-Control", 0, CURLH_HEADER, -1,
	    &header) != CURLHE_OK || strcasestr(header->value, "no-store") !=
	    NULL || strcasestr(header->value, "no-cache") != NULL)
		return 0;
	at = strcasestr(header->value, "max-age=");
	age = at == NULL ? 0 : strtol(at + strlen("max-age="), NULL, 10);
	return age <= 0 ? 0 : age > MAX_AGE_MAX ? MAX_AGE_MAX : (int)age;
}

/* Fills in a complete response. */
static void
fill_response(struct http_handle *call, struct http_answer *out)
{
	const struct buf *body = &call->body;
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->curl, CURLINFO_RETRY_AFTER, &wait);
	out->status = (int)status;
	out->max_age = max_age(call->curl);
	out->len = body->len;
	out->body = arena_strn(call->arena, body->len == 0 ? "" : body->data,
	    body->len);
	if (wait > 0)
		out->retry_after = wait > RETRY_AFTER_MAX ? RETRY_AFTER_MAX :
		    (int)wait;
}

void
http_handle_over(struct http_handle *call, CURLcode rc)
{
	struct http_answer *out = call->answer;

	out->phase = call->trace.phase;
	if (call->mail && rc == CURLE_OK) {
		out->status = 250;
	} else if (call->mail && call->trace.code != 0) {
		out->status = call->trace.code;
		out->body = arena_str(call->arena, call->trace.reply);
		out->len = strlen(out->body);
	} else if (rc == CURLE_OK) {
		fill_response(call, out);
	} else {
		out->error = call->body.full ? "the response is too large" :
		    arena_str(call->arena, call->why[0] != '\0' ? call->why :
		    curl_easy_strerror(rc));
	}
	out->timed_out = rc == CURLE_OPERATION_TIMEDOUT;
	curl_easy_reset(call->curl);
	curl_slist_free_all(call->list);
	buf_free(&call->body);
	call->list = NULL;
}
