#include "cmd/realtime/realtime_feed.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/proof_map.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/calls/call_event.h"
#include "domain/listeners/realtime_store.h"
#include "json/json_write.h"
#include "providers/media_credentials.h"

#define BATCH	256			/* events per query */
#define MISSED	64	/* missed events per query of one connection */
#define WRITES	200			/* users per transaction */
#define WRITE_MS 100			/* maximum ms per tick for presence */
#define ALIVE	(20 * SECOND)		/* interval of keep-alive messages */
#define BEGIN	(15 * SECOND)		/* for users whose process died */
#define TEXT	(64 * 1024)

static struct {
	struct db *db;
	const struct conf *conf;
	struct arena arena;
	struct buf text;
	int64_t id;			/* last event that was delivered */
	int64_t revocation;		/* last revocation that was read */
	int64_t looked, alive, tracked;
	metric *conns, *events, *closed;
} f;

/* Messages */

/*
 * Writes an event for a login session of a user (0: none) to f.text. Runs in a
 * read transaction.
 */
static enum rc
write_event(int64_t user, int64_t device, const struct event *e, bool numbered)
{
	struct media_access access = { .user = user, .channel = e->channel,
		.now = clock_now() };
	struct call_event_view v;
	struct json_write j;
	enum rc rc;

	rc = call_event_read(f.db, &f.arena, e, user, device, access.now, &v);
	if (rc != RC_OK)
		return rc;
	access.until = v.until;
	access.video = v.kind == LISTENER_VIDEO;
	if (v.rtc)
		v.data = media_credentials_event(&f.arena, f.conf, v.data,
		    &access);
	buf_clear(&f.text);
	json_write_init(&j, &f.text);
	json_write_obj(&j, NULL);
	if (numbered)
		json_write_int(&j, "seq", e->seq);
	json_write_str(&j, "type", event_type_names[e->type]);
	json_write_time(&j, "at", e->at);
	json_write_raw(&j, "data", v.data);
	json_write_obj_end(&j);
	return RC_OK;
}

/* Returns the JSON in f.text as a message for a WebSocket or a stream. */
static struct realtime_msg *
new_message(bool sse, const char *type, int64_t seq)
{
	struct realtime_msg *m;
	struct buf b;

	if (!sse)
		return realtime_msg_new(f.text.data, f.text.len);
	buf_init(&b, TEXT + 256);
	if (seq >= 0)
		buf_fmt(&b, "id: %" PRId64 "\n", seq);
	buf_fmt(&b, "event: %s\ndata: ", type);
	buf_add(&b, f.text.data, f.text.len);
	buf_str(&b, "\n\n");
	m = realtime_msg_new(b.data, b.len);
	buf_free(&b);
	return m;
}

/* Queues a message that is not a stored event: "ready", "resync". */
static void
queue_notice(struct realtime_conn *c, const char *type, int64_t seq)
{
	struct realtime_msg *m;
	struct json_write j;

	buf_clear(&f.text);
	json_write_init(&j, &f.text);
	json_write_obj(&j, NULL);
	json_write_int(&j, "seq", seq);
	json_write_str(&j, "type", type);
	json_write_time(&j, "at", clock_now());
	json_write_obj(&j, "data");
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	m = new_message(c->sse, type, seq);
	realtime_conn_put(c, m);
	realtime_msg_drop(m);
}

/* Queues an event. Runs in a read transaction. */
static enum rc
put_event(struct realtime_conn *c, const struct event *e)
{
	struct realtime_msg *m;
	enum rc rc;

	rc = write_event(c->person->user, c->who.session, e, true);
	if (rc != RC_OK)
		return rc;
	m = new_message(c->sse, event_type_names[e->type], e->seq);
	realtime_conn_put(c, m);
	realtime_msg_drop(m);
	c->last = e->seq;
	return RC_OK;
}

/* Revocations */

/* Closes the connections of a revoked credential. */
static void
close_revoked(void *arg, const struct credential *gone)
{
	struct realtime_user *p = realtime_user_find(gone->user, false);
	struct realtime_conn *c;

	(void)arg;
	for (c = p == NULL ? NULL : p->conns; c != NULL; c = c->next) {
		if (c->closing != 0 || (gone->session != 0 && gone->session !=
		    c->who.session) || (gone->service_token != 0 &&
		    gone->service_token != c->who.service_token))
			continue;
		realtime_conn_close(c, CLOSE_POLICY);
		metric_add(f.closed, 1);
	}
}

/*
 * Checks the credential again, because it may have been revoked after nginx
 * authenticated it. realtime_feed_run() reads later revocations.
 */
static enum rc
check_credential(const struct realtime_conn *c, bool *ok)
{
	struct actor_row row;
	enum rc rc = actor_load(f.db, &c->who, clock_now(), &row);

	*ok = rc == RC_OK && actor_ok(&row);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* One connection */

void
realtime_feed_more(struct realtime_conn *c)
{
	struct event_page page;
	enum rc rc;
	size_t i;

	if (!c->behind || c->closing != 0 || c->nwaiting > MISSED)
		return;
	rc = db_read(f.db);
	if (rc == RC_OK) {
		rc = event_list(f.db, &f.arena, c->person->user, c->last,
		    MISSED, &page);
		for (i = 0; rc == RC_OK && !page.resync && i < page.n; i++)
			rc = put_event(c, &page.events[i]);
		db_read_end(f.db);
	}
	if (rc != RC_OK) {
		realtime_conn_close(c, CLOSE_TRY_LATER);
	} else if (page.resync) {
		c->last = page.last;
		c->behind = false;
		queue_notice(c, "resync", page.last);
	} else {
		c->behind = page.more;
	}
	arena_reset(&f.arena);
}

void
realtime_feed_join(struct realtime_conn *c, int64_t after)
{
	int64_t last = 0, pruned;
	bool ok = false;
	enum rc rc;

	metric_set(f.conns, (uint64_t)realtime_conn_count());
	rc = db_read(f.db);
	if (rc == RC_OK) {
		rc = check_credential(c, &ok);
		if (rc == RC_OK && ok && after < 0)
			rc = event_ends(f.db, c->person->user, &last, &pruned);
		db_read_end(f.db);
	}
	if (rc != RC_OK || !ok) {
		realtime_conn_close(c, rc != RC_OK ? CLOSE_TRY_LATER :
		    CLOSE_POLICY);
	} else if (after >= 0) {
		c->last = after;
		c->behind = true;
		realtime_feed_more(c);
	} else {
		c->last = last;
		queue_notice(c, "ready", last);
	}
}

/* All connections */

static enum rc
deliver(struct realtime_user *p, const struct event *e)
{
	struct realtime_conn *c;
	enum rc rc;

	for (c = p->conns; c != NULL; c = c->next) {
		if (c->behind || e->seq <= c->last)
			continue;
		if (e->seq == c->last + 1) {
			rc = put_event(c, e);
			if (rc != RC_OK)
				return rc;
			continue;
		}
		c->behind = true;
		lws_callback_on_writable(c->wsi);
	}
	return RC_OK;
}

/*
 * Delivers an event to another user who may see it. It is not stored for this
 * user and cannot be requested later.
 */
static void
deliver_to_watcher(void *arg, int64_t user)
{
	const struct realtime_event *from = arg;
	struct realtime_user *p = realtime_user_find(user, false);
	struct realtime_conn *c;
	struct realtime_msg *m;

	if (p == NULL || user == from->user)
		return;
	if (write_event(user, 0, &from->event, false) != RC_OK)
		return;
	for (c = p->conns; c != NULL; c = c->next) {
		m = new_message(c->sse, event_type_names[from->event.type], -1);
		realtime_conn_put(c, m);
		realtime_msg_drop(m);
	}
}

static enum rc
deliver_all(struct realtime_event *list, size_t n)
{
	enum rc rc = RC_OK;
	struct realtime_user *p;
	size_t i;

	for (i = 0; i < n && rc == RC_OK; i++) {
		p = realtime_user_find(list[i].user, false);
		if (p != NULL)
			rc = deliver(p, &list[i].event);
		if (rc == RC_OK && list[i].event.type == EVENT_PRESENCE_CHANGED)
			rc = realtime_store_watchers(f.db, list[i].user,
			    deliver_to_watcher, &list[i]);
		if (rc == RC_OK)
			f.id = list[i].id;
	}
	metric_add(f.events, n);
	return rc;
}

void
realtime_feed_run(void)
{
	struct realtime_event *list;
	size_t n = BATCH;
	enum rc rc = db_read(f.db);

	/*
	 * Revocations are read before events, so that revoked sessions receive
	 * no more events.
	 */
	if (rc == RC_OK) {
		rc = realtime_store_revocations(f.db, &f.revocation,
		    close_revoked, NULL);
		db_read_end(f.db);
	}
	while (n == BATCH && rc == RC_OK) {
		rc = db_read(f.db);
		if (rc != RC_OK)
			break;
		if (realtime_conn_count() == 0) {
			rc = realtime_store_head(f.db, &f.id);
			n = 0;
		} else {
			rc = realtime_store_feed(f.db, &f.arena, f.id, BATCH,
			    &list, &n);
			if (rc == RC_OK)
				rc = deliver_all(list, n);
		}
		db_read_end(f.db);
		arena_reset(&f.arena);
	}
	if (rc != RC_OK)
		log_warn("feed", "%s", rc_code(rc));
	f.looked = clock_mono() / 1000;
}

/* Presence */

struct change {
	struct realtime_user *p;
	bool hold;
};
struct changes {
	struct change list[WRITES];
	size_t n;
	int64_t mono;
};

static void
change(void *arg, struct realtime_user *p)
{
	struct changes *w = arg;
	bool hold = p->n > 0;

	if (w->n == WRITES)
		return;
	if (!hold && !p->held) {
		realtime_user_drop(p);
		return;
	}
	if (hold == p->held || (!hold &&
	    w->mono < p->gone_at + f.conf->disconnect_grace * SECOND))
		return;
	w->list[w->n++] = (struct change){ p, hold };
}

/* Deleted users have no presence. */
static enum rc
write_change(const struct change *w, int64_t now)
{
	enum rc rc = db_save(f.db);

	if (rc != RC_OK)
		return rc;
	rc = w->hold ? realtime_store_hold(f.db, w->p->user, now) :
	    realtime_store_release(f.db, w->p->user, now);
	if (rc == RC_OK)
		return db_save_keep(f.db);
	if (db_save_undo(f.db) != RC_OK)
		return RC_FAULT;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Writes one transaction. Returns true if there are more changes. */
static bool
write_changes(int64_t mono)
{
	struct changes w = { .mono = mono };
	enum rc rc;
	size_t i;

	realtime_user_each(change, &w);
	if (w.n == 0)
		return false;
	rc = db_write(f.db);
	if (rc == RC_OK) {
		for (i = 0; i < w.n && rc == RC_OK; i++)
			rc = write_change(&w.list[i], clock_now());
		if (rc == RC_OK)
			rc = db_commit(f.db);
		else
			db_rollback(f.db);
	}
	if (rc != RC_OK) {
		log_warn("presence", "%s", rc_code(rc));
		return false;
	}
	for (i = 0; i < w.n; i++)
		w.list[i].p->held = w.list[i].hold;
	if (db_wake_take(f.db) & WAKEUP_REALTIME)
		realtime_feed_run();
	return w.n == WRITES;
}

/*
 * Thousands of users may connect at once, so the lock is released between
 * transactions.
 */
static void
write_presence(int64_t mono)
{
	while (write_changes(mono) && clock_mono() / 1000 < mono + WRITE_MS)
		;
}

/*
 * Adopts a user of a process that died. The user has a short time to reconnect.
 */
static void
adopt_user(void *arg, int64_t user)
{
	struct realtime_user *p = realtime_user_find(user, true);

	(void)arg;
	p->held = true;
	p->gone_at = clock_mono() / 1000 + BEGIN -
	    f.conf->disconnect_grace * SECOND;
}

/* Timer */

static void
queue_keepalive(void *arg, struct realtime_user *p)
{
	struct realtime_conn *c;

	for (c = p->conns; c != NULL; c = c->next)
		if (c->sse)
			realtime_conn_put(c, arg);
}

/*
 * A session may start after the connection of a party. The party would count as
 * one without a connection until the client sends something.
 */
static void
track(void *arg, struct realtime_user *p)
{
	struct realtime_conn *c;

	(void)arg;
	for (c = p->conns; c != NULL; c = c->next)
		if (!c->sse)
			proof_map_track(c->who.session);
}

void
realtime_feed_tick(int64_t mono)
{
	struct realtime_msg *m;

	write_presence(mono);
	metric_set(f.conns, (uint64_t)realtime_conn_count());
	if (mono - f.looked >= SECOND)
		realtime_feed_run();
	if (mono - f.tracked >= SECOND) {
		f.tracked = mono;
		realtime_user_each(track, NULL);
	}
	if (mono - f.alive >= ALIVE) {
		f.alive = mono;
		m = realtime_msg_new(":\n\n", 3);
		realtime_user_each(queue_keepalive, m);
		realtime_msg_drop(m);
	}
}

bool
realtime_feed_open(struct db *db, const struct conf *conf)
{
	enum rc rc;

	f.db = db;
	f.conf = conf;
	arena_init(&f.arena, 64 << 20);
	buf_init(&f.text, TEXT);
	f.conns = metric_get("earmark_realtime_connections");
	f.events = metric_get("earmark_realtime_events_total");
	f.closed = metric_get("earmark_realtime_cut_total");
	f.alive = f.looked = clock_mono() / 1000;
	rc = db_read(db);
	if (rc == RC_OK) {
		rc = realtime_store_head(db, &f.id);
		if (rc == RC_OK)
			rc = realtime_store_revocation_head(db, &f.revocation);
		if (rc == RC_OK)
			rc = realtime_store_held(db, adopt_user, NULL);
		db_read_end(db);
	}
	if (rc != RC_OK)
		log_error("start", "%s", rc_message(rc));
	return rc == RC_OK;
}
