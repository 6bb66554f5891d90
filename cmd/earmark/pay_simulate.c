/*
 * pay_simulate: simulates the webhooks of a payment provider. It sends them by
 * HTTP to the running system: repeatedly, out of order, late or with a false
 * signature.
 */
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/money.h"
#include "base/random.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"
#include "cmd/jobs/webhook_url.h"
#include "domain/money/payment.h"
#include "json/json_build.h"
#include "net/http.h"
#include "providers/provider.h"

#define TIMES_MAX	1000
#define AT_ONCE		64	/* maximum number of processes */
#define TIMEOUT		(30 * SECOND)
#define BODY		(64 << 10)

/* The webhooks of one payment. Providers send them in another order. */
static const struct simulated {
	const char *word;
	enum webhook_event_kind kind;
	bool twin;
} webhooks[] = {
	{ "paid", WEBHOOK_PAID, false },
	{ "paid, its twin", WEBHOOK_PAID, true },
	{ "failed", WEBHOOK_FAILED, false },
	{ "something else", WEBHOOK_NONE, false },
};

struct sending {
	struct cli *cli;
	const struct payment *p;
	bool forged, late;
	size_t n;			/* number of webhooks used */
	char events[NELEM(webhooks)][32];
	size_t *order;			/* indexes of all webhooks to send */
	size_t all;
};

struct outcome {
	size_t event;
	int status;			/* 0: no response */
	char why[120];
};

/* Returns a well-formed but invalid signature. */
static const char *
forge_signature(struct arena *a, const char *header)
{
	char *text = arena_str(a, header), *last = text + strlen(text) - 1;

	*last = *last == '0' ? '1' : '0';
	return text;
}

static struct outcome
send_one(const struct sending *s, size_t event)
{
	const struct conf *conf = s->cli->conf;
	const struct payment *p = s->p;
	struct webhook_order order = { .kind = webhooks[event].kind,
		.twin = webhooks[event].twin, .event_id = s->events[event],
		.payment = p->id, .amount = p->amount, .currency = p->currency,
		.ref = p->ref, .paid_ref = p->paid_ref,
		.now = clock_now() - (s->late ? HOUR : 0) };
	struct arena *a = &s->cli->arena;
	struct http_request ask = { .method = "POST",
		.url = webhook_url(a, conf, p->provider),
		.content_type = "application/json", .timeout_ms = TIMEOUT };
	struct outcome out = { .event = event };
	struct http_answer answer;
	const char *headers[4];
	struct buf body;

	buf_init(&body, BODY);
	webhook_write(a, conf, p->provider, &order, &body, headers);
	if (s->forged)
		headers[0] = forge_signature(a, headers[0]);
	ask.headers = headers;
	ask.body = body.data;
	ask.body_len = body.len;
	http_ask(a, &ask, &answer);
	buf_free(&body);
	out.status = answer.status;
	if (answer.status == 0)
		snprintf(out.why, sizeof(out.why), "%s", answer.error);
	return out;
}

/* Runs in a child: sends each `step`-th webhook, starting with `first`. */
static void
send_some(const struct sending *s, size_t first, size_t step, int fd)
{
	size_t i;

	if (!http_start())
		_exit(1);
	for (i = first; i < s->all; i += step) {
		struct outcome out = send_one(s, s->order[i]);

		/* Writes smaller than PIPE_BUF are atomic. */
		if (write(fd, &out, sizeof(out)) != sizeof(out))
			_exit(1);
	}
	_exit(0);
}

/* Sends all webhooks in parallel. Returns false if some were not sent. */
static bool
send_all(const struct sending *s, struct outcome *outs, size_t *n)
{
	size_t nprocs = s->all < AT_ONCE ? s->all : AT_ONCE, i;
	bool ok = true;
	int ends[2], status;
	pid_t pid;

	*n = 0;
	if (pipe(ends) != 0)
		return false;
	fflush(stdout);
	for (i = 0; i < nprocs; i++) {
		pid = fork();
		if (pid == 0) {
			close(ends[0]);
			send_some(s, i, nprocs, ends[1]);
		}
		ok &= pid > 0;
	}
	close(ends[1]);
	while (*n < s->all && read(ends[0], &outs[*n], sizeof(*outs)) ==
	    (ssize_t)sizeof(*outs))
		++*n;
	close(ends[0]);
	while (wait(&status) > 0)
		ok &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return ok && *n == s->all;
}

/*
 * Plans the webhooks to send. reorder: all webhooks of the list in random
 * order, otherwise only the first one. Each is sent `times` times.
 */
static void
plan(struct sending *s, size_t times, bool reorder)
{
	uint8_t b[12];
	size_t i, k, swap;

	s->n = reorder ? NELEM(webhooks) : 1;
	s->all = s->n * times;
	s->order = arena_zalloc(&s->cli->arena, s->all, sizeof(*s->order));
	for (i = 0; i < s->n; i++) {
		random_bytes(b, sizeof(b));
		memcpy(s->events[i], "evt_", 4);
		hash_hex(b, sizeof(b), s->events[i] + 4);
	}
	for (i = 0; i < s->all; i++)
		s->order[i] = i % s->n;
	for (i = s->all; reorder && i > 1; i--) {
		k = random_below((uint32_t)i);
		swap = s->order[k];
		s->order[k] = s->order[i - 1];
		s->order[i - 1] = swap;
	}
}

static enum rc
load_payment(struct cli *cli, int64_t id, struct payment *p)
{
	enum rc rc = db_read(cli->db);

	if (rc != RC_OK)
		return rc;
	rc = payment_get(cli->db, &cli->arena, id, 0, p, &cli->err);
	db_read_end(cli->db);
	return rc;
}

static void
print_state(const struct payment *p)
{
	char amount[MONEY_TEXT], at[CLOCK_TEXT];

	money_text(p->amount, p->currency, amount);
	printf("payment %" PRId64 " is %s: %s %s by %s", p->id,
	    payment_status_name(p->status, p->amount, p->refunded, p->disputed),
	    amount, p->currency, provider_names[p->provider]);
	if (p->credited_at != INT64_MIN) {
		clock_text(p->credited_at, at);
		printf(", credited %s", at);
	}
	if (p->flag != NULL)
		printf(", flagged: %s", p->flag);
	putchar('\n');
}

/* Returns whether the payment has the expected state. */
static bool
is_expected(const struct payment *before, const struct payment *after,
    bool refused)
{
	bool same_flag = (before->flag == NULL) == (after->flag == NULL);

	if (refused || before->credited_at != INT64_MIN)
		return after->status == before->status &&
		    after->credited_at == before->credited_at && same_flag;
	return after->status == PAYMENT_PAID && same_flag;
}

static int
report(struct sending *s, const struct payment *before, bool refused)
{
	struct outcome *outs = arena_zalloc(&s->cli->arena, s->all,
	    sizeof(*outs));
	int want = refused ? 400 : 200, status;
	struct payment after;
	size_t i, n, wrong = 0;
	bool all = send_all(s, outs, &n);
	enum rc rc;

	for (i = 0; i < n; i++) {
		printf("%d %s %s%s%s\n", outs[i].status,
		    s->events[outs[i].event], webhooks[outs[i].event].word,
		    outs[i].status == 0 ? ": " : "", outs[i].why);
		wrong += outs[i].status != want;
	}
	status = cli_db(s->cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = load_payment(s->cli, before->id, &after);
	if (rc != RC_OK)
		return cli_failed(s->cli, rc);
	print_state(&after);
	if (!all)
		return cli_fail(EXIT_FAILED, "some webhooks were not sent");
	if (wrong > 0)
		return cli_fail(EXIT_FAILED, "%zu of %zu responses are not %d",
		    wrong, n, want);
	if (!is_expected(before, &after, refused))
		return cli_fail(EXIT_FAILED, refused ?
		    "a rejected webhook has changed the payment" :
		    "the payment does not have the expected state");
	return EXIT_DONE;
}

static bool
read_args(char **argv, const char *times, int64_t *id, int64_t *n)
{
	if (!str_int(argv[0], id) || *id <= 0) {
		cli_fail(EXIT_USAGE, "'%s' is not a payment number", argv[0]);
		return false;
	}
	*n = 1;
	if (times == NULL ||
	    (str_int(times, n) && *n >= 1 && *n <= TIMES_MAX))
		return true;
	cli_fail(EXIT_USAGE, "--times must be from 1 to %d", TIMES_MAX);
	return false;
}

/* Writes to the audit log that the payment's webhooks are simulated. */
static enum rc
audit_simulation(struct cli *cli, const struct payment *p, int64_t times,
    bool forged)
{
	const struct audit_by by = { .now = cli->now };
	enum rc rc = db_write(cli->db);

	if (rc != RC_OK)
		return rc;
	return cli_end(cli, audit_add(cli->db, &by, "payment.simulate",
	    arena_fmt(&cli->arena, "payment:%" PRId64, p->id), NULL,
	    json_build_object(&cli->arena, JSON_OBJECT(
	    JSON_STR("provider", provider_names[p->provider]),
	    JSON_INT("amount", p->amount), JSON_INT("times", times),
	    JSON_BOOL("bad_signature", forged)))));
}

int
command_pay_simulate(struct cli *cli, int argc, char **argv)
{
	const char *times = NULL, *why;
	bool reorder = false, forged = false, late = false;
	const struct cli_option options[] = {
		{ .name = "times", .value = &times },
		{ .name = "reorder", .flag = &reorder },
		{ .name = "bad-signature", .flag = &forged },
		{ .name = "late", .flag = &late },
	};
	struct sending s = { .cli = cli };
	struct payment before;
	int64_t id, n;
	int status;
	enum rc rc;

	if (cli_options(cli, argc, argv, options, NELEM(options), 1, 1) < 0 ||
	    !read_args(argv, times, &id, &n))
		return EXIT_USAGE;
	status = cli_conf(cli);
	if (status != EXIT_DONE)
		return status;
	if (!provider_start(cli->conf, &why))
		return cli_fail(EXIT_CONF, "%s", why);
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE)
		return status;
	rc = load_payment(cli, id, &before);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	if (!provider_on(cli->conf, before.provider))
		return cli_fail(EXIT_FAILED, "%s is not one of "
		    "payments.providers", provider_names[before.provider]);
	if (before.provider != PROVIDER_SANDBOX && provider_live(cli->conf))
		return cli_fail(EXIT_FAILED, "live keys are configured, so "
		    "only payments of the sandbox can be simulated");
	rc = audit_simulation(cli, &before, n, forged);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
	/* Child processes must not inherit the database connection. */
	db_close(cli->db);
	cli->db = NULL;
	s.p = &before;
	s.forged = forged;
	s.late = late;
	plan(&s, (size_t)n, reorder);
	/* The signature of Razorpay does not include the time. */
	return report(&s, &before,
	    forged || (late && before.provider != PROVIDER_RAZORPAY));
}
