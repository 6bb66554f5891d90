#include "providers/message_send.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "providers/message_internal.h"

#define PAUSE	SECOND			/* ms, when it is down */

struct message_send {
	const struct conf *conf;
	const struct message_driver *driver;
	struct http_multi *many;
	size_t window, out;		/* may be out; are */
	int64_t closed_until;		/* by clock_mono(), us */
	struct sending *refused[MESSAGE_SEND_MAX]; /* done before they began */
	struct message_result why[MESSAGE_SEND_MAX];
	size_t n;			/* of these */
	struct sending v[MESSAGE_SEND_MAX];	/* tag NULL: free */
};

static const struct message_driver *
driver_of(const struct conf *c, enum message_kind kind)
{
	if (kind == MESSAGE_SMS)
		return c->sms_by == SMS_TWILIO ? &twilio_driver :
		    c->sms_by == SMS_WEBHOOK ? &sms_webhook_driver : NULL;
	if (kind == MESSAGE_EMAIL)
		return c->email_by == EMAIL_SMTP ? &smtp_driver : NULL;
	return c->push_by == PUSH_FCM ? &fcm_driver : NULL;
}

struct message_send *
message_send_new(const struct conf *c, enum message_kind kind)
{
	const struct message_driver *driver = driver_of(c, kind);
	struct message_send *p;

	if (driver == NULL)
		return NULL;
	if (driver->most > MESSAGE_SEND_MAX)
		BUG("a driver for %zu at once", driver->most);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		BUG("out of memory");
	p->conf = c;
	p->driver = driver;
	p->window = 1;
	p->many = http_multi_new(driver->most);
	if (p->many == NULL)
		BUG("libcurl can not be started");
	return p;
}

void
message_send_free(struct message_send *p)
{
	if (p == NULL)
		return;
	http_multi_free(p->many);
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
ask_message_send(struct message_send *p, struct sending *s)
{
	struct message_result result = { .fate = MESSAGE_DEAD };

	if (!p->driver->begin(s, p->conf, &result)) {
		p->why[p->n] = result;
		p->refused[p->n++] = s;
	} else if (p->driver->is_mail) {
		http_multi_mail(p->many, s->arena, &s->mail, &s->answer, s);
	} else {
		http_multi_ask(p->many, s->arena, &s->ask, &s->answer, s);
	}
}

void
message_send_begin(struct message_send *p, struct arena *a,
    const struct message *m, void *tag)
{
	struct sending *s = p->v;

	while (s < p->v + NELEM(p->v) && s->tag != NULL)
		s++;
	if (s == p->v + NELEM(p->v) || p->out == p->driver->most)
		BUG("more than %zu messages at once", p->driver->most);
	*s = (struct sending){ .m = m, .arena = a, .tag = tag };
	p->out++;
	ask_message_send(p, s);
}

/* The next one whose provider has answered, or that had no use. */
static struct sending *
next(struct message_send *p, struct message_result *r)
{
	struct sending *s;

	while (p->n == 0) {
		s = http_multi_over(p->many);
		if (s == NULL)
			return NULL;
		*r = p->driver->judge(s);
		if (!r->again || s->again)
			return s;
		s->again = true;
		ask_message_send(p, s);
	}
	*r = p->why[--p->n];
	return p->refused[p->n];
}

void *
message_send_done(struct message_send *p, struct message_result *r)
{
	struct sending *s = next(p, r);
	int64_t until;
	void *tag;

	if (s == NULL)
		return NULL;
	tag = s->tag;
	s->tag = NULL;
	p->out--;
	if (r->fate == MESSAGE_RETRY && r->down) {
		p->window = 1;
		until = clock_mono() + 1000 * (r->after > PAUSE ? r->after :
		    PAUSE);
		if (p->closed_until < until)
			p->closed_until = until;
	} else if (clock_mono() >= p->closed_until &&
	    p->window < p->driver->most) {
		p->window++;	/* so it doubles with each round */
	}
	return tag;
}

void
message_send_wait(struct message_send *p, int fd, int ms)
{
	http_multi_wait(p->many, fd, p->n > 0 ? 0 : ms);
}
