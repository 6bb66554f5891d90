/*
 * provider: sends requests to a provider from the command line, for
 * t/money/90-providers.t. Prints the result as one JSON object.
 *
 *	provider CONF PROVIDER open PAYMENT AMOUNT CURRENCY KEY
 *	provider CONF PROVIDER ask REF
 *	provider CONF PROVIDER refund REF PAID_REF AMOUNT NUMBER KEY [CURRENCY]
 *	provider CONF PROVIDER write NEWS	writes a webhook: its body and headers
 *	provider CONF PROVIDER read		reads one from standard input: headers,
 *						an empty line, the body
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "json/json_write.h"
#include "providers/provider.h"

#define BYTES	(1 << 17)

static struct arena arena;
static struct conf *conf;
static enum provider provider;
static struct err err;
static struct buf out;
static struct json_write j;

static int64_t
number(const char *text)
{
	int64_t n;

	if (!str_int(text, &n))
		BUG("%s is no number", text);
	return n;
}

static enum rc
do_open(char **arg)
{
	struct provider_opened o = { NULL, NULL };
	enum rc rc = provider_open(&arena, conf, provider,
	    &(struct provider_order){ .payment = number(arg[0]), .user = 7,
	    .amount = number(arg[1]), .currency = arg[2],
	    .idempotency_key = arg[3] }, &o, &err);

	json_write_str(&j, "ref", o.ref);
	json_write_str(&j, "secret", o.secret);
	return rc;
}

static enum rc
do_ask(char **arg)
{
	static const char *const words[] = { "open", "paid", "ended" };
	struct provider_state s = { .state = STATE_OPEN };
	enum rc rc = provider_ask(&arena, conf, provider, arg[0], &s, &err);

	json_write_str(&j, "state", words[s.state]);
	json_write_str(&j, "paid_ref", s.paid_ref);
	json_write_int(&j, "amount", s.amount);
	json_write_str(&j, "currency", s.currency);
	return rc;
}

static enum rc
do_refund(char **arg)
{
	const char *ref;
	bool done;
	enum rc rc = provider_refund(&arena, conf, provider,
	    &(struct provider_refund){ .ref = arg[0], .paid_ref = arg[1],
	    .amount = number(arg[2]), .number = number(arg[3]),
	    .idempotency_key = arg[4],
	    .currency = arg[5] != NULL ? arg[5] : "INR" }, &ref, &done, &err);

	json_write_str(&j, "ref", ref);
	json_write_bool(&j, "done", done);
	return rc;
}

static int
do_write(char **arg)
{
	const char *headers[4];
	struct buf body;
	size_t i;

	buf_init(&body, BYTES);
	webhook_write(&arena, conf, provider, &(struct webhook_order){
	    .kind = (enum webhook_event_kind)number(arg[0]),
	    .event_id = "evt_ours",
	    .payment = 42, .amount = 49900, .currency = "INR",
	    .now = clock_now() }, &body, headers);
	puts(body.data);
	for (i = 0; headers[i] != NULL; i++)
		puts(headers[i]);
	buf_free(&body);
	return 0;
}

/* Returns the value of a header line, or NULL if its name is another one. */
static const char *
header(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncmp(line, name, n) == 0 && line[n] == ':' ?
	    arena_str(&arena, line + n + 2) : NULL;
}

static enum rc
do_read(void)
{
	char *text = arena_zalloc(&arena, 1, BYTES), *rest = text, *line;
	struct webhook_headers h = { 0 };
	struct webhook_event e;
	const char *why = "";
	enum rc rc;

	if (fread(text, 1, BYTES - 1, stdin) == 0)
		BUG("nothing to read");
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		if (header(line, "Stripe-Signature"))
			h.stripe_signature = header(line, "Stripe-Signature");
		if (header(line, "X-Razorpay-Signature"))
			h.razorpay_signature = header(line,
			    "X-Razorpay-Signature");
		if (header(line, "X-Razorpay-Event-Id"))
			h.razorpay_event_id = header(line,
			    "X-Razorpay-Event-Id");
	}
	if (rest == NULL)
		BUG("no body");
	json_write_bool(&j, "verified", webhook_provider(&h) == provider &&
	    webhook_verify(conf, provider, &h, rest, strlen(rest), clock_now(),
	    &why));
	json_write_str(&j, "why", why);
	rc = webhook_read(&arena, provider, &h, rest, strlen(rest), &e, &err);
	json_write_str(&j, "id", e.id);
	json_write_str(&j, "type", e.type);
	json_write_int(&j, "kind", e.kind);
	json_write_str(&j, "ref", e.ref);
	json_write_str(&j, "paid_ref", e.paid_ref);
	json_write_int(&j, "payment", e.payment);
	json_write_int(&j, "amount", e.amount);
	json_write_str(&j, "currency", e.currency);
	json_write_str(&j, "return_ref", e.return_ref);
	json_write_int(&j, "return_no", e.return_no);
	json_write_int(&j, "return_state", e.return_state);
	return rc;
}

static enum rc
run(const char *verb, int n, char **arg)
{
	if (str_eq(verb, "open") && n == 4)
		return do_open(arg);
	if (str_eq(verb, "ask") && n == 1)
		return do_ask(arg);
	if (str_eq(verb, "refund") && n == 5)
		return do_refund(arg);
	if (str_eq(verb, "read") && n == 0)
		return do_read();
	BUG("%s with %d words?", verb, n);
}

int
main(int argc, char **argv)
{
	const char *why = "";
	int64_t began;
	enum rc rc;
	int p;

	if (argc < 4 || (conf = conf_load(argv[1], stderr)) == NULL)
		return 2;
	log_init("t-provider", LOG_INFO);
	arena_init(&arena, 32 << 20);
	err_init(&err, &arena);
	if (!provider_start(conf, &why)) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (p = 1; p < PROVIDER_MAX; p++)
		if (str_eq(provider_names[p], argv[2]))
			provider = (enum provider)p;
	if (str_eq(argv[3], "write"))
		return do_write(argv + 4);
	buf_init(&out, BYTES);
	json_write_init(&j, &out);
	json_write_obj(&j, NULL);
	began = clock_mono();
	rc = run(argv[3], argc - 4, argv + 4);
	json_write_int(&j, "ms", (clock_mono() - began) / 1000);
	json_write_str(&j, "rc", rc_ok(rc) ? "ok" : err.code != NULL ?
	    err.code : rc_code(rc));
	json_write_str(&j, "message", err.message);
	json_write_int(&j, "retry_after", err.retry_after);
	json_write_obj_end(&j);
	puts(out.data);
	log_flush();
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
