#include "providers/message_send.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "providers/message_internal.h"

#define PAUSE	SECOND			/* minimum pause in ms if the
					 * provider is unavailable */
/*
 * If so many recipients in a row get an error that may concern only one of
 * them, it concerns the provider.
 */
#define SUSPECTS 3
#define SLOTS	(MESSAGE_SEND_MAX + MESSAGE_SEND_URGENT)
/* Maximum time in ms that a message waits until the driver is ready. */
#define WAIT	(15 * SECOND)
#define MEMORY	(1 << 20)		/* of a request of the driver */

struct message_send {
	const struct conf *conf;
	const struct message_driver *driver;
	struct http_multi *multi;
	size_t window, out;		/* maximum and current number of
					 * requests */
	size_t urgent;			/* requests outside of the window */
	int64_t closed_until;		/* by clock_mono(), µs */
	int64_t alive_at;		/* the last message with a final
					 * result */
	uint64_t suspects[SUSPECTS];	/* recipients with errors since then,
					 * hashed */
	size_t n_suspects;
	struct sending *refused[SLOTS];	/* rejected by begin() */
	struct message_result why[SLOTS];
	size_t n;			/* number of rejected messages */
	size_t waiting;			/* number of messages that wait */
	bool preparing;			/* a request of the driver runs */
	struct arena arena;		/* of this request */
	struct http_answer answer;	/* to it; also its tag */
	struct sending v[SLOTS];	/* free if tag is NULL */
};

static const struct message_driver *
find_driver(const struct conf *c, enum message_kind kind)
{
	if (kind == MESSAGE_SMS)
		return c->sms_by == SMS_TWILIO ? &twilio_driver :
		    c->sms_by == SMS_HTTP ? &sms_http_driver :
		    c->sms_by == SMS_WEBHOOK ? &sms_webhook_driver :
		    c->sms_by == SMS_NONE ? &no_driver : NULL;
	if (kind == MESSAGE_EMAIL)
		return c->email_by == EMAIL_SMTP ? &smtp_driver : NULL;
	if (c->push_by == PUSH_FILE)
		return NULL;
	if (kind == MESSAGE_APNS)
		return message_by_apns(c) ? &apns_driver : &no_driver;
	return c->push_by == PUSH_FCM ? &fcm_driver : &no_driver;
}

struct message_send *
message_send_new(const struct conf *c, enum message_kind kind)
{
	const struct message_driver *driver = find_driver(c, kind);
	struct message_send *p;

	if (driver == NULL)
		return NULL;
	if (driver->max_requests > MESSAGE_SEND_MAX ||
	    driver->max_urgent > MESSAGE_SEND_URGENT)
		BUG("a driver for %zu at once", driver->max_requests);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		BUG("out of memory");
	p->conf = c;
	p->driver = driver;
	p->window = 1;
	arena_init(&p->arena, MEMORY);
	p->multi = http_multi_new(driver->max_requests + driver->max_urgent +
	    (driver->prepare != NULL));
	if (p->multi == NULL)
		BUG("libcurl cannot be initialized");
	http_multi_limit(p->multi, driver->max_hosts);
	return p;
}

void
message_send_free(struct message_send *p)
{
	if (p == NULL)
		return;
	http_multi_free(p->multi);
	arena_free(&p->arena);
	free(p);
}

size_t
message_send_room(const struct message_send *p)
{
	if (clock_mono() < p->closed_until || p->window <= p->out)
		return 0;
	return p->window - p->out;
}

bool
message_send_reserves(const struct message_send *p)
{
	return p->driver->max_urgent > 0;
}

size_t
message_send_urgent_room(const struct message_send *p)
{
	return message_send_reserves(p) ? p->driver->max_urgent - p->urgent :
	    message_send_room(p);
}

/* Returns whether a message is sent outside of the window. */
static bool
is_urgent(const struct message_send *p, const struct message *m)
{
	return m->urgent && message_send_reserves(p);
}

bool
message_send_prepare(struct message_send *p)
{
	struct http_request r;

	if (p->driver->prepare == NULL || p->preparing)
		return p->preparing;
	p->preparing = p->driver->prepare(&p->arena, p->conf, p->waiting > 0,
	    &r);
	if (p->preparing)
		http_multi_ask(p->multi, &p->arena, &r, &p->answer, &p->answer);
	else
		arena_reset(&p->arena);
	return p->preparing;
}

static void
start_sending(struct message_send *p, struct sending *s)
{
	struct message_result result = { .status = MESSAGE_DEAD };

	s->began = clock_mono();
	s->waits = p->driver->ready != NULL && !p->driver->ready();
	if (s->waits) {
		p->waiting++;
		message_send_prepare(p);
	} else if (!p->driver->begin(s, p->conf, &result)) {
		p->why[p->n] = result;
		p->refused[p->n++] = s;
	} else if (p->driver->is_mail) {
		http_multi_mail(p->multi, s->arena, &s->mail, &s->answer, s);
	} else {
		http_multi_ask(p->multi, s->arena, &s->ask, &s->answer, s);
	}
}

void
message_send_begin(struct message_send *p, struct arena *a,
    const struct message *m, void *tag)
{
	struct sending *s = p->v;

	while (s < p->v + NELEM(p->v) && s->tag != NULL)
		s++;
	if (s == p->v + NELEM(p->v) || (is_urgent(p, m) ?
	    p->urgent == p->driver->max_urgent :
	    p->out == p->driver->max_requests))
		BUG("more than %zu messages at once", p->driver->max_requests);
	*s = (struct sending){ .m = m, .arena = a, .tag = tag };
	if (is_urgent(p, m))
		p->urgent++;
	else
		p->out++;
	start_sending(p, s);
}

/* Returns whether a message has waited too long or has expired. */
static bool
is_overdue(const struct sending *s)
{
	int64_t ms = (clock_mono() - s->began) / 1000;

	return ms >= WAIT || s->m->now + ms >= s->m->expires_at;
}

/*
 * Ends the wait of a message. Its time, from which its lifetime at the provider
 * is computed, advances.
 */
static void
end_wait(struct message_send *p, struct sending *s)
{
	struct message *m = arena_alloc(s->arena, sizeof(*m));

	*m = *s->m;
	m->now += (clock_mono() - s->began) / 1000;
	s->m = m;
	s->waits = false;
	p->waiting--;
}

/* Sends the messages that waited, rings first. */
static void
send_waiting(struct message_send *p, bool rings)
{
	struct sending *s;

	for (s = p->v; s < p->v + NELEM(p->v); s++)
		if (s->tag != NULL && s->waits && s->m->rings == rings &&
		    !is_overdue(s)) {
			end_wait(p, s);
			start_sending(p, s);
		}
}

/* Handles the response to a request of the driver. */
static void
finish_preparation(struct message_send *p)
{
	p->driver->prepared(&p->arena, &p->answer);
	arena_reset(&p->arena);
	p->preparing = false;
	if (p->driver->ready()) {
		send_waiting(p, true);
		send_waiting(p, false);
	}
}

/* Returns an overdue message and sets its result, or returns NULL. */
static struct sending *
next_overdue(struct message_send *p, struct message_result *r)
{
	struct sending *s;

	for (s = p->v; p->waiting > 0 && s < p->v + NELEM(p->v); s++) {
		if (s->tag == NULL || !s->waits || !is_overdue(s))
			continue;
		end_wait(p, s);
		*r = (struct message_result){ .status = MESSAGE_RETRY,
			.down = true, .why = "no access token" };
		return s;
	}
	return NULL;
}

/* Returns the next message that has a result, or NULL. */
static struct sending *
next_finished(struct message_send *p, struct message_result *r)
{
	struct sending *s;
	void *tag;

	while (p->n == 0) {
		message_send_prepare(p);
		tag = http_multi_over(p->multi);
		if (tag == &p->answer) {
			finish_preparation(p);
			continue;
		}
		s = tag;
		if (s == NULL)
			return next_overdue(p, r);
		*r = p->driver->judge(s);
		if (!r->again || s->again)
			return s;
		s->again = true;
		start_sending(p, s);
	}
	*r = p->why[--p->n];
	return p->refused[p->n];
}

/*
 * Returns whether an error that may concern only its recipient concerns the
 * provider: several recipients had one, and no message had another result.
 */
static bool
suspects_provider(struct message_send *p, const struct sending *s)
{
	const char *to = s->m->to;
	uint64_t hash = hash_fast(HASH_FAST_SEED, to, strlen(to));
	size_t i;

	if (p->alive_at >= s->began)
		return false;
	for (i = 0; i < p->n_suspects; i++)
		if (p->suspects[i] == hash)
			return p->n_suspects == SUSPECTS;
	if (p->n_suspects < SUSPECTS)
		p->suspects[p->n_suspects++] = hash;
	return p->n_suspects == SUSPECTS;
}

/* Pauses after an error of the provider or the account. */
static void
close_window(struct message_send *p, int64_t after)
{
	int64_t until = clock_mono() + 1000 * (after > PAUSE ? after : PAUSE);

	p->window = 1;
	if (p->closed_until < until)
		p->closed_until = until;
}

static void
adapt_window(struct message_send *p, const struct sending *s,
    const struct message_result *r)
{
	bool retry = r->status == MESSAGE_RETRY;

	if (retry && (r->down || (r->suspect && suspects_provider(p, s)))) {
		close_window(p, r->after);
	} else if (!retry) {
		p->alive_at = clock_mono();
		p->n_suspects = 0;
	}
	/* The window doubles with each full window. */
	if (!(retry && (r->down || r->suspect)) && !is_urgent(p, s->m) &&
	    clock_mono() >= p->closed_until &&
	    p->window < p->driver->max_requests)
		p->window++;
}

void *
message_send_done(struct message_send *p, struct message_result *r)
{
	struct sending *s = next_finished(p, r);
	void *tag;

	if (s == NULL)
		return NULL;
	tag = s->tag;
	s->tag = NULL;
	if (is_urgent(p, s->m))
		p->urgent--;
	else
		p->out--;
	adapt_window(p, s, r);
	return tag;
}

void
message_send_wait(struct message_send *p, int fd, int ms)
{
	http_multi_wait(p->multi, fd, p->n > 0 ? 0 : ms);
}
