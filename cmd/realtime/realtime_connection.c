#include "cmd/realtime/realtime_connection.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define BUCKETS	8192

static struct realtime_user *buckets[BUCKETS];
static int count;

static struct realtime_user **
user_bucket(int64_t user)
{
	struct realtime_user **at = &buckets[(uint64_t)user % BUCKETS];

	while (*at != NULL && (*at)->user != user)
		at = &(*at)->next;
	return at;
}

struct realtime_user *
realtime_user_find(int64_t user, bool make)
{
	struct realtime_user **at = user_bucket(user);

	if (*at != NULL || !make)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		BUG("out of memory");
	(*at)->user = user;
	return *at;
}

void
realtime_user_drop(struct realtime_user *p)
{
	struct realtime_user **at = user_bucket(p->user);

	if (*at != p || p->n != 0)
		BUG("a user with connections");
	*at = p->next;
	free(p);
}

void
realtime_user_each(void (*f)(void *, struct realtime_user *), void *arg)
{
	struct realtime_user *p, *next;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (p = buckets[i]; p != NULL; p = next) {
			next = p->next;
			f(arg, p);
		}
}

bool
realtime_conn_add(struct realtime_conn *c, struct lws *wsi,
    const struct credential *who, bool sse)
{
	struct realtime_user *p = realtime_user_find(who->user, true);

	if (p->n >= CONNS_OF_ONE)
		return false;
	*c = (struct realtime_conn){ .wsi = wsi, .person = p, .next = p->conns,
	    .who = *who, .sse = sse };
	p->conns = c;
	p->n++;
	count++;
	return true;
}

/* Discards what a client sends, and closes the stream at its end. */
static void
on_stream_input(struct ev_loop *l, struct ev_io *w, int events)
{
	struct realtime_conn *c = w->data;
	char bytes[512];
	ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)l;
	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK,
		    LWS_TO_KILL_SYNC);
}

void
realtime_conn_watch(struct realtime_conn *c, struct ev_loop *loop)
{
	c->loop = loop;
	ev_io_init(&c->input, on_stream_input, lws_get_socket_fd(c->wsi),
	    EV_READ);
	c->input.data = c;
	ev_io_start(loop, &c->input);
}

void
realtime_conn_gone(struct realtime_conn *c)
{
	struct realtime_conn **at;
	struct realtime_waiting *w;

	if (c->person == NULL)
		return;
	if (c->loop != NULL)
		ev_io_stop(c->loop, &c->input);
	for (at = &c->person->conns; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	if (--c->person->n == 0)
		c->person->gone_at = clock_mono() / 1000;
	count--;
	while ((w = c->first) != NULL) {
		c->first = w->next;
		realtime_msg_drop(w->msg);
		free(w);
	}
	*c = (struct realtime_conn){ 0 };
}

int
realtime_conn_count(void)
{
	return count;
}

struct realtime_msg *
realtime_msg_new(const char *text, size_t len)
{
	struct realtime_msg *m = malloc(sizeof(*m) + LWS_PRE + len);

	if (m == NULL)
		BUG("out of memory");
	m->refs = 1;
	m->len = len;
	memcpy(m->data + LWS_PRE, text, len);
	return m;
}

void
realtime_msg_drop(struct realtime_msg *m)
{
	if (--m->refs == 0)
		free(m);
}

void
realtime_conn_close(struct realtime_conn *c, int code)
{
	if (c->closing != 0)
		return;
	c->closing = code;
	/* A client that does not read would never receive the close frame. */
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, 5);
	lws_callback_on_writable(c->wsi);
}

void
realtime_conn_put(struct realtime_conn *c, struct realtime_msg *m)
{
	struct realtime_waiting *w;

	if (c->closing != 0)
		return;
	if (c->nwaiting >= QUEUE) {
		realtime_conn_close(c, CLOSE_TRY_LATER);
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

void
realtime_conn_ping(struct realtime_conn *c, int64_t now)
{
	c->pinged = now;
	c->ping = true;
	lws_callback_on_writable(c->wsi);
}

void
realtime_conn_kill(struct realtime_conn *c)
{
	c->closing = CLOSE_TRY_LATER;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_WS_PONG_CHECK_GET_PONG,
	    LWS_TO_KILL_ASYNC);
}

static int
write_ping(struct realtime_conn *c)
{
	/* libwebsockets ignores a pong without a payload. */
	unsigned char frame[LWS_PRE + sizeof(c->pinged)];

	c->ping = false;
	memcpy(frame + LWS_PRE, &c->pinged, sizeof(c->pinged));
	if (lws_write(c->wsi, frame + LWS_PRE, sizeof(c->pinged),
	    LWS_WRITE_PING) < 0)
		return -1;
	if (c->first != NULL)
		lws_callback_on_writable(c->wsi);
	return 0;
}

int
realtime_conn_write(struct realtime_conn *c)
{
	struct realtime_waiting *w = c->first;
	enum lws_write_protocol how = c->sse ? LWS_WRITE_HTTP : LWS_WRITE_TEXT;
	int n, len;

	if (c->closing != 0) {
		if (!c->sse)
			lws_close_reason(c->wsi,
			    (enum lws_close_status)c->closing, NULL, 0);
		return -1;
	}
	if (c->ping)
		return write_ping(c);
	if (w == NULL)
		return 0;
	/*
	 * libwebsockets writes the frame header before the text. It is written
	 * again for each connection.
	 */
	len = (int)w->msg->len;
	n = lws_write(c->wsi, w->msg->data + LWS_PRE, (size_t)len, how);
	if (n < len)
		return -1;
	c->first = w->next;
	c->nwaiting--;
	realtime_msg_drop(w->msg);
	free(w);
	if (c->first != NULL)
		lws_callback_on_writable(c->wsi);
	return 0;
}
