/*
 * notifications_routes: lists and sends notifications, and sets preferences.
 */
#include "base/clock.h"
#include "domain/common/audit.h"
#include "domain/messaging/notification.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/messaging/notification_json.h"
#include "json/json_build.h"
#include "providers/push_payload.h"

/* Messages that could not be delivered for this time are dropped, in ms. */
#define SEND_TTL	INT64_C(86400000)
#define SEND_USERS_MAX	500		/* maximum number of users */

struct send_body {
	int64_t user_id;
	struct intv user_ids;
	const char *title, *body, *data;
	int kind;
	struct strv channels;
};
static const struct field send_fields[] = {
	{ .name = "user_id", .type = F_INT,
	    .off = offsetof(struct send_body, user_id), .min = 1,
	    .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
	{ .name = "user_ids", .type = F_INTV,
	    .off = offsetof(struct send_body, user_ids), .min = 1,
	    .max = SEND_USERS_MAX },
	{ .name = "title", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct send_body, title), .min = 1,
	    .max = NOTICE_TITLE },
	{ .name = "body", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct send_body, body), .min = 1,
	    .max = NOTICE_BODY },
	{ .name = "data", .type = F_JSON,
	    .off = offsetof(struct send_body, data) },
	{ .name = "kind", .type = F_ENUM, .words = notice_kind_names,
	    .off = offsetof(struct send_body, kind),
	    .dflt = NOTICE_MESSAGES - 1 },
	{ .name = "channels", .type = F_STRV,
	    .off = offsetof(struct send_body, channels), .min = 1, .max = 10,
	    .max2 = 20 },
};
static const struct field_table send_table =
    FIELD_TABLE(send_fields, struct send_body);

/* Returns the bit of a channel, or 0 if the name is unknown. */
static unsigned
channel_bit(const char *word)
{
	for (unsigned i = 0; channel_names[i] != NULL; i++)
		if (str_eq(channel_names[i], word))
			return 1u << i;
	/* Connected apps receive in-app notifications immediately. */
	return str_eq(word, "realtime") ? CHANNEL_IN_APP : 0;
}

/*
 * Checks that FCM and APNs accept the message as it is. A shorter text would
 * help, and so would less data.
 */
static enum rc
check_payload(struct req *req, const struct send_body *in)
{
	struct message m = { .to = "", .template = "notification",
		.title = in->title, .body = in->body, .now = req->now,
		.expires_at = req->now + SEND_TTL };
	size_t n;

	m.data = in->data == NULL ? NULL : json_build_object(&req->arena,
	    JSON_OBJECT(JSON_INT("notification_id", FIELD_INT_MAX),
	    JSON_REST(in->data)));
	n = push_payload_size(&req->arena, &m);
	return n <= PUSH_PAYLOAD_MAX ? RC_OK : err_field(&req->err,
	    in->data != NULL && strlen(in->data) > strlen(in->body) ? "data" :
	    "body", arena_fmt(&req->arena, "the push message would have %zu "
	    "bytes; at most %d are possible", n, PUSH_PAYLOAD_MAX));
}

/* Checks the rules that the field table cannot express. */
static enum rc
check_send(struct req *req, const struct send_body *in, unsigned *channels)
{
	struct err *err = &req->err;
	unsigned bit;
	size_t i;

	if ((in->user_id == FIELD_NONE) == (in->user_ids.v == NULL))
		err_field(err, "user_id", "exactly one of user_id and user_ids "
		    "is required");
	for (i = 0; i < in->user_ids.n; i++)
		if (in->user_ids.v[i] < 1)
			return err_field(err, "user_ids",
			    "must be positive integers");
	if (in->data != NULL && in->data[0] != '{')
		err_field(err, "data", "must be an object");
	else if (in->data != NULL && strlen(in->data) > NOTICE_DATA)
		err_field(err, "data", "must have at most 2000 bytes");
	else if (in->data != NULL && strstr(in->data, "\"notification_id\""))
		err_field(err, "data", "must not have a notification_id");
	*channels = in->channels.v == NULL ? CHANNEL_IN_APP | CHANNEL_PUSH : 0;
	for (i = 0; i < in->channels.n; i++) {
		bit = channel_bit(in->channels.v[i]);
		if (bit == 0)
			return err_field(err, "channels", "must contain only "
			    "in_app, realtime, push, sms, email");
		*channels |= bit;
	}
	if (err->fields == NULL && (*channels & CHANNEL_PUSH))
		check_payload(req, in);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

static bool
contains(const int64_t *v, size_t n, int64_t id)
{
	while (n-- > 0)
		if (v[n] == id)
			return true;
	return false;
}

/*
 * Notifies each user once. Writes the ids of unknown users into the open array.
 */
static enum rc
send_all(struct req *req, const struct notice *n, const int64_t *ids,
    size_t count, int64_t *accepted)
{
	enum rc rc = RC_OK;
	bool known;
	size_t i;

	*accepted = 0;
	for (i = 0; i < count && rc == RC_OK; i++) {
		if (contains(ids, i, ids[i]))
			continue;
		rc = notification_send(req->db, &req->arena, ids[i], n,
		    req->now, &known);
		if (known)
			++*accepted;
		else if (rc == RC_OK)
			json_write_int(&req->j, NULL, ids[i]);
	}
	return rc;
}

static enum rc
send_notification(struct req *req)
{
	const struct send_body *in = req->body;
	const struct audit_by by = req_by(req);
	struct notice n = { .kind = (enum notice_kind)(in->kind + 1),
		.template = "notification", .vars = TEXT_VARS(
		    { "title", in->title }, { "text", in->body }),
		.data = in->data, .ttl = SEND_TTL };
	bool many = in->user_ids.v != NULL;
	size_t count = many ? in->user_ids.n : 1;
	int64_t accepted;
	enum rc rc;

	rc = check_send(req, in, &n.channels);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "unknown_user_ids");
	rc = send_all(req, &n, many ? in->user_ids.v : &in->user_id, count,
	    &accepted);
	json_write_arr_end(&req->j);
	json_write_int(&req->j, "accepted", accepted);
	json_write_obj_end(&req->j);
	if (rc != RC_OK)
		return rc;
	if (!many && accepted == 0)
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "User not found");
	rc = audit_add(req->db, &by, "notification.send", many ?
	    arena_fmt(&req->arena, "users:%lld", (long long)accepted) :
	    arena_fmt(&req->arena, "user:%lld", (long long)in->user_id), NULL,
	    NULL);
	return rc == RC_OK ? RC_ACCEPTED : rc;
}

struct list_query {
	struct pages pages;
	int unread;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_query, pages),
	{ .name = "unread", .type = F_BOOL, .off = offsetof(struct list_query,
	    unread) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static enum rc
list_notifications(struct req *req)
{
	const struct list_query *in = req->query;
	struct notification_page page = { .limit = in->pages.per_page,
		.unread = in->unread == 1 };
	struct cursor c = { .order = page.unread };
	struct notification_total total;
	struct json_write *j = &req->j;
	enum rc rc;
	size_t i;

	rc = paging_cursor_read(req, PAGING_NOTIFICATIONS, in->pages.cursor,
	    &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = paging_offset(&in->pages, &c);
	rc = notification_total(req->db, req->actor.user, &total);
	if (rc == RC_OK)
		rc = req_etag(req, 2, req->actor.user, total.version);
	if (rc == RC_OK)
		rc = notification_list(req->db, &req->arena, req->actor.user,
		    &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "notifications");
	for (i = 0; i < page.n; i++) {
		notification_json_render(j, &page.v[i]);
		c.id = page.v[i].id;
	}
	json_write_arr_end(j);
	json_write_int(j, "unread_count", total.unread);
	paging_render(req, &in->pages, page.unread ? total.unread : total.n,
	    page.more, page.more ? paging_cursor_write(req,
	    PAGING_NOTIFICATIONS, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

struct read_body {
	struct intv ids;
	int all;
};
static const struct field read_fields[] = {
	{ .name = "ids", .type = F_INTV, .off = offsetof(struct read_body,
	    ids), .min = 1, .max = 100 },
	{ .name = "all", .type = F_BOOL, .off = offsetof(struct read_body,
	    all) },
};
static const struct field_table read_table =
    FIELD_TABLE(read_fields, struct read_body);

static enum rc
mark_read(struct req *req)
{
	const struct read_body *in = req->body;
	int64_t user = req->actor.user;
	struct notification_total total;
	enum rc rc;

	if ((in->all == 1) == (in->ids.v != NULL))
		return err_field(&req->err, "ids",
		    "exactly one of ids and all: true is required");
	rc = in->all == 1 ? notification_read_all(req->db, user, req->now) :
	    notification_read(req->db, user, in->ids.v, in->ids.n, req->now);
	if (rc == RC_OK)
		rc = notification_total(req->db, user, &total);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "unread_count", total.unread);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct kind_body {
	int kind, wanted[CHANNELS];
};
#define WANTED(word, i) \
	{ .name = word, .type = F_BOOL, .dflt = -1, \
	    .off = offsetof(struct kind_body, wanted) + (i) * sizeof(int) }
static const struct field kind_fields[] = {
	{ .name = "kind", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .words = notice_kind_names, .off = offsetof(struct kind_body,
	    kind) },
	WANTED("in_app", 0), WANTED("push", 1), WANTED("sms", 2),
	WANTED("email", 3),
};
static const struct field_table kind_table =
    FIELD_TABLE(kind_fields, struct kind_body);

struct preference_body {
	struct objv kinds;
	const char *quiet_start, *quiet_end;
	int64_t utc_offset;
};
#define HOUR_FIELD(n) \
	{ .name = #n, .type = F_STR, .flags = FIELD_CLEAR, .min = 5, \
	    .max = 5, .off = offsetof(struct preference_body, n) }
static const struct field preference_fields[] = {
	{ .name = "kinds", .type = F_OBJV, .sub = &kind_table, .max =
	    NOTICE_KINDS, .off = offsetof(struct preference_body, kinds) },
	HOUR_FIELD(quiet_start), HOUR_FIELD(quiet_end),
	{ .name = "utc_offset_minutes", .type = F_INT, .min = -840, .max = 840,
	    .dflt = FIELD_NONE, .off = offsetof(struct preference_body,
	    utc_offset) },
};
static const struct field_table preference_table =
    FIELD_TABLE(preference_fields, struct preference_body);

/* Parses "HH:MM" to minutes. "" removes the hour. */
static void
parse_hour(struct req *req, const char *name, const char *text, int64_t *to)
{
	const char *t = text;

	if (t == NULL)
		return;
	if (t[0] == '\0') {
		*to = INT64_MIN;
		return;
	}
	if (t[0] < '0' || t[0] > '2' || t[1] < '0' || t[1] > '9' ||
	    t[2] != ':' || t[3] < '0' || t[3] > '5' || t[4] < '0' ||
	    t[4] > '9' || (t[0] == '2' && t[1] > '3')) {
		err_field(&req->err, name, "must be like 22:30");
		return;
	}
	*to = ((t[0] - '0') * 10 + t[1] - '0') * 60 + (t[3] - '0') * 10 +
	    t[4] - '0';
}

static void
take_kind(const struct kind_body *k, struct preference *p)
{
	for (unsigned c = 0; c < CHANNELS; c++) {
		unsigned bit = preference_bit((enum notice_kind)(k->kind + 1),
		    1u << c);

		if (k->wanted[c] == 1)
			p->off &= ~bit;
		else if (k->wanted[c] == 0)
			p->off |= bit;
	}
}

static enum rc
get_preference(struct req *req)
{
	struct preference p;
	enum rc rc;

	rc = preference_get(req->db, req->actor.user, &p);
	if (rc == RC_OK)
		rc = req_etag(req, 5, req->actor.user, (int64_t)p.off,
		    p.quiet_start, p.quiet_end, preference_offset(&p,
		    req->now));
	if (rc == RC_OK)
		notification_json_preference(&req->j, NULL, &p, req->now);
	return rc;
}

static enum rc
put_preference(struct req *req)
{
	const struct preference_body *in = req->body;
	const struct kind_body *kinds = in->kinds.v;
	struct preference p;
	enum rc rc;

	rc = preference_get(req->db, req->actor.user, &p);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < in->kinds.n; i++)
		take_kind(&kinds[i], &p);
	parse_hour(req, "quiet_start", in->quiet_start, &p.quiet_start);
	parse_hour(req, "quiet_end", in->quiet_end, &p.quiet_end);
	if (in->utc_offset != FIELD_NONE) {
		p.utc_offset = in->utc_offset;
		preference_time_zone(&p, NULL);
	}
	if ((p.quiet_start == INT64_MIN) != (p.quiet_end == INT64_MIN))
		err_field(&req->err, "quiet_end", "must be set together with "
		    "quiet_start");
	else if (p.quiet_start != INT64_MIN && p.quiet_start == p.quiet_end)
		err_field(&req->err, "quiet_end", "must differ from "
		    "quiet_start");
	if (req->err.fields != NULL)
		return RC_INVALID;
	rc = preference_put(req->db, req->actor.user, &p);
	if (rc == RC_OK)
		notification_json_preference(&req->j, NULL, &p, req->now);
	return rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/notifications/send", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SERVICE, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &send_table,
	    .handler = send_notification },
	{ .method = "GET", .path = "/notifications", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &list_table,
	    .handler = list_notifications },
	{ .method = "POST", .path = "/notifications/read", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &read_table,
	    .handler = mark_read },
	{ .method = "GET", .path = "/notifications/preferences",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_READ,
	    .handler = get_preference },
	{ .method = "PUT", .path = "/notifications/preferences",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .body = &preference_table, .handler = put_preference },
};
const struct route_table notifications_routes = ROUTE_TABLE(routes);
