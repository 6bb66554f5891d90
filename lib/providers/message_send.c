#include "providers/message_send.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "providers/message_internal.h"

#define PAUSE	SECOND			/* minimum pause in ms if the
					 * provider is unavailable */

struct message_send {
	const struct conf *conf;
	const struct message_driver *driver;
	struct http_multi *multi;
	size_t window, out;		/* maximum and current number of
					 * requests */
	int64_t closed_until;		/* by clock_mono(), µs */
	struct sending *refused[MESSAGE_SEND_MAX]; /* rejected by begin() */
	struct message_result why[MESSAGE_SEND_MAX];
	size_t n;			/* number of rejected messages */
	struct sending v[MESSAGE_SEND_MAX];	/* free if tag is NULL */
};

static const struct message_driver *
find_driver(const struct conf *c, enum message_kind kind)
{
	if (kind == MESSAGE_SMS)
		return c->sms_by == SMS_TWILIO ? &twilio_driver :
		    c->sms_by == SMS_HTTP ? &sms_http_driver :
		    c->sms_by == SMS_WEBHOOK ? &sms_webhook_driver : NULL;
	if (kind == MESSAGE_EMAIL)
		return c->email_by == EMAIL_SMTP ? &smtp_driver : NULL;
	return c->push_by == PUSH_FCM ? &fcm_driver : NULL;
}

struct message_send *
message_send_new(const struct conf *c, enum message_kind kind)
{
	const struct message_driver *driver = find_driver(c, kind);
	struct message_send *p;

	if (driver == NULL)
		return NULL;
	if (driver->max_requests > MESSAGE_SEND_MAX)
		BUG("a driver for %zu at once", driver->max_requests);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		BUG("out of memory");
	p->conf = c;
	p->driver = driver;
	p->window = 1;
	p->multi = http_multi_new(driver->max_requests);
	if (p->multi == NULL)
		BUG("libcurl cannot be initialized");
	return p;
}

void
message_send_free(struct message_send *p)
{
	if (p == NULL)
		return;
	http_multi_free(p->multi);
	free(p);
}

size_t
message_send_room(const struct message_send *p)
{
	if (clock_mono() < p->closed_until || p->window <= p->out)
		return 0;
	return p->window - p->out;
}

static void
start_sending(struct message_send *p, struct sending *s)
{
	struct message_result result = { .status = MESSAGE_DEAD };

	if (!p->driver->begin(s, p->conf, &result)) {
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
	if (s == p->v + NELEM(p->v) || p->out == p->driver->max_requests)
		BUG("more than %zu messages at once", p->driver->max_requests);
	*s = (struct sending){ .m = m, .arena = a, .tag = tag };
	p->out++;
	start_sending(p, s);
}

/* Returns the next message that has a result, or NULL. */
static struct sending *
next_finished(struct message_send *p, struct message_result *r)
{
	struct sending *s;

	while (p->n == 0) {
		s = http_multi_over(p->multi);
		if (s == NULL)
			return NULL;
		*r = p->driver->judge(s);
		if (!r->again || s->again)
			return s;
		s->again = true;
		start_sending(p, s);
	}
	*r = p->why[--p->n];
	return p->refused[p->n];
}

void *
message_send_done(struct message_send *p, struct message_result *r)
{
	struct sending *s = next_finished(p, r);
	int64_t until;
	void *tag;

	if (s == NULL)
		return NULL;
	tag = s->tag;
	s->tag = NULL;
	p->out--;
	if (r->status == MESSAGE_RETRY && r->down) {
		p->window = 1;
		until = clock_mono() + 1000 * (r->after > PAUSE ? r->after :
		    PAUSE);
		if (p->closed_until < until)
			p->closed_until = until;
	} else if (clock_mono() >= p->closed_until &&
	    p->window < p->driver->max_requests) {
		p->window++;	/* the window doubles with each full window */
	}
	return tag;
}

void
message_send_wait(struct message_send *p, int fd, int ms)
{
	http_multi_wait(p->multi, fd, p->n > 0 ? 0 : ms);
}
