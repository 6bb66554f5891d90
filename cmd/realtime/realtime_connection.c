#include "cmd/realtime/realtime_connection.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define BUCKETS	8192

static struct person *buckets[BUCKETS];
static int count;

static struct person **
place(int64_t user)
{
	struct person **at = &buckets[(uint64_t)user % BUCKETS];

	while (*at != NULL && (*at)->user != user)
		at = &(*at)->next;
	return at;
}

struct person *
person_find(int64_t user, bool make)
{
	struct person **at = place(user);

	if (*at != NULL || !make)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		BUG("out of memory");
	(*at)->user = user;
	return *at;
}

void
person_drop(struct person *p)
{
	struct person **at = place(p->user);

	if (*at != p || p->n != 0)
		BUG("a person with connections");
	*at = p->next;
	free(p);
}

void
person_each(void (*f)(void *, struct person *), void *arg)
{
	struct person *p, *next;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (p = buckets[i]; p != NULL; p = next) {
			next = p->next;
			f(arg, p);
		}
}

bool
conn_add(struct conn *c, struct lws *wsi, const struct credential *who,
    bool sse)
{
	struct person *p = person_find(who->user, true);

	if (p->n >= CONNS_OF_ONE)
		return false;
	*c = (struct conn){ .wsi = wsi, .person = p, .next = p->conns,
	    .who = *who, .sse = sse };
	p->conns = c;
	p->n++;
	count++;
	return true;
}

void
conn_gone(struct conn *c)
{
	struct conn **at;
	struct waiting *w;

	if (c->person == NULL)
		return;
	for (at = &c->person->conns; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	if (--c->person->n == 0)
		c->person->gone_at = clock_mono() / 1000;
	count--;
	while ((w = c->first) != NULL) {
		c->first = w->next;
		msg_drop(w->msg);
		free(w);
	}
	*c = (struct conn){ 0 };
}

int
conn_count(void)
{
	return count;
}

struct msg *
msg_new(const char *text, size_t len)
{
	struct msg *m = malloc(sizeof(*m) + LWS_PRE + len);

	if (m == NULL)
		BUG("out of memory");
	m->refs = 1;
	m->len = len;
	memcpy(m->data + LWS_PRE, text, len);
	return m;
}

void
msg_drop(struct msg *m)
{
	if (--m->refs == 0)
		free(m);
}

void
conn_close(struct conn *c, int code)
{
	if (c->closing != 0)
		return;
	c->closing = code;
	/* One that does not read would never get there. */
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, 5);
	lws_callback_on_writable(c->wsi);
}

void
conn_put(struct conn *c, struct msg *m)
{
	struct waiting *w;

	if (c->closing != 0)
		return;
	if (c->nwaiting >= QUEUE) {
		conn_close(c, CLOSE_TRY_LATER);
		return;
	}
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		BUG("out of memory");
	w->msg = m;
	m->refs++;
	if (c->first == NULL)
		c->first = w;
	else
		c->end->next = w;
	c->end = w;
	c->nwaiting++;
	lws_callback_on_writable(c->wsi);
}

int
conn_write(struct conn *c)
{
	struct waiting *w = c->first;
	enum lws_write_protocol how = c->sse ? LWS_WRITE_HTTP : LWS_WRITE_TEXT;
	int n, len;

	if (c->closing != 0) {
		if (!c->sse)
			lws_close_reason(c->wsi,
			    (enum lws_close_status)c->closing, NULL, 0);
		return -1;
	}
	if (w == NULL)
		return 0;
	/*
	 * What was framed for one stays in front of the text, and is written
	 * anew for the next.
	 */
	len = (int)w->msg->len;
	n = lws_write(c->wsi, w->msg->data + LWS_PRE, (size_t)len, how);
	if (n < len)
		return -1;
	c->first = w->next;
	c->nwaiting--;
	msg_drop(w->msg);
	free(w);
	if (c->first != NULL)
		lws_callback_on_writable(c->wsi);
	return 0;
}
