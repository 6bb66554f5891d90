/*
 * http_stub: replaces a provider without network access. Each test sets the
 * responses in order; requests are recorded. Linked with --wrap=http_ask.
 */
#ifndef T_UNIT_HTTP_STUB_H
#define T_UNIT_HTTP_STUB_H

#include "temp_folder.h"

#include "base/log.h"
#include "net/http.h"
#include "providers/provider.h"

static struct arena arena;
static struct conf conf;
static struct err err;

#define WIRE_MAX 8
static struct http_answer wire_answers[WIRE_MAX];
static struct wire_asked {
	const char *method, *url, *user, *password, *bearer, *content_type,
	    *body, *headers[4];
	long timeout_ms;
} asked[WIRE_MAX];
static size_t wire_n, wire_next;

void	__wrap_http_ask(struct arena *, const struct http_request *,
	    struct http_answer *);

void
__wrap_http_ask(struct arena *a, const struct http_request *r,
    struct http_answer *out)
{
	struct wire_asked *w = &asked[wire_next];
	size_t i;

	if (wire_next == wire_n)
		fail_msg("asked once more: %s %s", r->method, r->url);
	*w = (struct wire_asked){ .method = r->method, .url = r->url,
		.user = r->user, .password = r->password, .bearer = r->bearer,
		.content_type = r->content_type, .timeout_ms = r->timeout_ms };
	w->body = r->body == NULL ? NULL : arena_strn(a, r->body, r->body_len);
	for (i = 0; r->headers != NULL && r->headers[i] != NULL; i++)
		w->headers[i] = r->headers[i];
	*out = wire_answers[wire_next++];
}

/* Adds a response. Status 0 simulates a missing response. */
static void
answer(int status, const char *body)
{
	assert_true(wire_n < WIRE_MAX);
	wire_answers[wire_n++] = (struct http_answer){ .status = status,
		.body = body, .len = strlen(body), .error = "it hangs",
		.retry_after = status == 429 ? 7 : 0 };
}

static void
forget(void)
{
	wire_n = wire_next = 0;
	memset(asked, 0, sizeof(asked));
	err_init(&err, &arena);
}

/* Checks that all expected requests were made, and the result. */
static void
ended(enum rc rc, enum rc want, const char *code)
{
	if (rc != want)
		fail_msg("%s (%s), not %s", rc_code(rc), err.message == NULL ?
		    "" : err.message, rc_code(want));
	assert_int_equal(wire_next, wire_n);
	assert_int_equal(err.rc, want);
	if (code != NULL)
		assert_string_equal(err.code, code);
}

/* Configures both providers with keys in a new folder. */
static int
wire_start(void **state)
{
	const char *why = "", *file;

	(void)state;
	log_init("t-wire", LOG_ERROR + 1);
	arena_init(&arena, 64 << 20);
	if (temp_folder_create() != 0)
		return -1;
	file = temp_folder_put("key", "the_secret\n", 11, 0600);
	conf.providers = "stripe,razorpay";
	conf.currency = "INR";
	conf.stripe_url = "https://stripe.example.com";
	conf.razorpay_url = "https://razorpay.example.com";
	conf.razorpay_key_id = "rzp_id";
	conf.stripe_key_file = conf.stripe_hook_file = file;
	conf.razorpay_key_file = conf.razorpay_hook_file = file;
	conf.pay_timeout = 10;
	if (!provider_start(&conf, &why))
		print_message("# %s\n", why);
	return *why == '\0' ? temp_folder_remove() : -1;
}

static int
wire_end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#endif
