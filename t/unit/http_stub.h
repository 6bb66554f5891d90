/*
 * http_stub: a provider without a network. Each test says which answers come, in
 * order; what was asked is kept. Linked with --wrap=http_ask.
 */
#ifndef T_UNIT_HTTP_STUB_H
#define T_UNIT_HTTP_STUB_H

#include "unit.h"

#include <sys/stat.h>

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

/* The next answer; status 0: none comes. */
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

/* All that was to be asked was, and that is how it ended. */
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

/* Both providers, with keys, in a folder of its own. */
static int
wire_start(void **state)
{
	char dir[] = "/tmp/wire-XXXXXX";
	const char *why = "", *file;
	FILE *f;

	(void)state;
	log_init("t-wire", LOG_ERROR + 1);
	arena_init(&arena, 64 << 20);
	if (mkdtemp(dir) == NULL)
		return -1;
	file = arena_fmt(&arena, "%s/key", dir);
	if ((f = fopen(file, "w")) == NULL)
		return -1;
	fputs("the_secret\n", f);
	fclose(f);
	chmod(file, 0600);
	conf.providers = "stripe,razorpay";
	conf.stripe_url = "https://stripe.example.com";
	conf.razorpay_url = "https://razorpay.example.com";
	conf.razorpay_key_id = "rzp_id";
	conf.stripe_key_file = conf.stripe_hook_file = file;
	conf.razorpay_key_file = conf.razorpay_hook_file = file;
	conf.pay_timeout = 10;
	if (!provider_start(&conf, &why))
		print_message("# %s\n", why);
	unlink(file);
	rmdir(dir);
	return *why == '\0' ? 0 : -1;
}

static int
wire_end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#endif
