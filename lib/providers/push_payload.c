#include "providers/push_payload.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

#define BODY_BYTES	16384		/* of a buffer; above both maxima */

struct extra {
	const char *type, *call, *deadline, *collapse, *listener, *caller,
	    *notification, *username, *image, *kind, *channel, *rate, *reason,
	    *answered_on;
};
#define EXTRA(k, member) \
	{ .name = k, .type = F_ID, .max = 600, \
	    .off = offsetof(struct extra, member) }
static const struct field extra_fields[] = {
	EXTRA("type", type), EXTRA("call_id", call),
	EXTRA("deadline", deadline), EXTRA("collapse", collapse),
	EXTRA("listener_id", listener), EXTRA("caller_id", caller),
	EXTRA("notification_id", notification),
	EXTRA("caller_username", username), EXTRA("caller_image_url", image),
	EXTRA("kind", kind), EXTRA("channel", channel),
	EXTRA("rate_per_minute", rate), EXTRA("reason", reason),
	EXTRA("answered_on", answered_on),
};
static const struct field_table extra_table =
    FIELD_TABLE(extra_fields, struct extra);

/* Reads the members that this program knows. Unknown ones are ignored. */
static struct extra *
read_extra(struct arena *a, const struct message *m)
{
	struct extra *x = field_new(a, &extra_table);

	if (m->data == NULL || !provider_json_read(a, &extra_table, x, m->data))
		*x = (struct extra){ 0 };
	return x;
}

static const char *
message_type(const struct message *m, const struct extra *x)
{
	return x->type == NULL ? m->template : x->type;
}

static const char *
collapse_id(struct arena *a, const char *id)
{
	const char *p;
	struct hash h;
	char *hex;

	if (id == NULL || id[0] == '\0')
		return NULL;
	for (p = id; *p > ' ' && *p < 0x7f;)
		p++;
	if (*p == '\0' && p - id <= PUSH_COLLAPSE_MAX)
		return id;
	h = hash_sha256(id, strlen(id));
	hex = arena_alloc(a, 2 * sizeof(h.b) + 1);
	hash_hex(h.b, sizeof(h.b), hex);
	return hex;
}

const char *
push_payload_collapse(struct arena *a, const struct message *m)
{
	return collapse_id(a, read_extra(a, m)->collapse);
}

/*
 * Writes the data as texts. Members that are not in the table are contained in
 * "json".
 */
static void
write_fcm_data(struct json_write *j, const struct message *m,
    const struct extra *x)
{
	json_write_obj(j, "data");
	json_write_str(j, "type", message_type(m, x));
	for (size_t i = 1; i < NELEM(extra_fields); i++) {
		const char *v = *(const char *const *)((const char *)x +
		    extra_fields[i].off);

		if (v != NULL)
			json_write_str(j, extra_fields[i].name, v);
	}
	if (m->data != NULL)
		json_write_str(j, "json", m->data);
	json_write_obj_end(j);
}

static void
write_alert(struct json_write *j, const char *name, const struct message *m,
    const char *body)
{
	json_write_obj(j, name);
	json_write_str(j, "title", m->title);
	if (body != NULL)
		json_write_str(j, "body", body);
	json_write_obj_end(j);
}

/*
 * The collapse keys of FCM are limited to a burst of 20 per device and one more
 * in 3 minutes, so messages about calls have none.
 */
static void
write_android(struct arena *a, struct json_write *j, const struct message *m,
    const struct extra *x, const char *ttl)
{
	json_write_obj(j, "android");
	json_write_str(j, "priority", m->rings && m->title != NULL ? "high" :
	    "normal");
	json_write_str(j, "ttl", arena_fmt(a, "%ss", ttl));
	if (!m->rings && x->collapse != NULL)
		json_write_str(j, "collapse_key", x->collapse);
	json_write_obj_end(j);
}

/*
 * Writes the part for Apple devices. FCM rejects other combinations of push
 * type, priority and content.
 */
static void
write_fcm_apns(struct arena *a, struct json_write *j, const struct message *m,
    const struct extra *x, const char *body)
{
	const char *collapse = collapse_id(a, x->collapse);
	bool alert = m->title != NULL;

	json_write_obj(j, "apns");
	json_write_obj(j, "headers");
	json_write_str(j, "apns-priority", alert ? "10" : "5");
	json_write_str(j, "apns-push-type", alert ? "alert" : "background");
	json_write_str(j, "apns-expiration", arena_fmt(a, "%lld",
	    (long long)(m->expires_at / SECOND)));
	if (collapse != NULL)
		json_write_str(j, "apns-collapse-id", collapse);
	json_write_obj_end(j);
	json_write_obj(j, "payload");
	json_write_obj(j, "aps");
	/* Other messages have the alert in "notification". */
	if (alert && m->rings)
		write_alert(j, "alert", m, body);
	if (alert)
		json_write_str(j, "sound", "default");
	else
		json_write_int(j, "content-available", 1);
	json_write_obj_end(j);
	json_write_obj_end(j);
	json_write_obj_end(j);
}

static void
write_fcm(struct arena *a, struct buf *b, const struct message *m,
    const char *body)
{
	const struct extra *x = read_extra(a, m);
	const char *ttl = arena_fmt(a, "%lld",
	    (long long)((m->expires_at - m->now) / SECOND));
	struct json_write j;

	json_write_init(&j, b);
	json_write_obj(&j, NULL);
	json_write_obj(&j, "message");
	json_write_str(&j, m->fid ? "fid" : "token", m->to);
	/* An Android app shows a ring itself, so it gets only data. */
	if (m->title != NULL && !m->rings)
		write_alert(&j, "notification", m, body);
	write_fcm_data(&j, m, x);
	write_android(a, &j, m, x, ttl);
	write_fcm_apns(a, &j, m, x, body);
	json_write_obj(&j, "webpush");
	json_write_obj(&j, "headers");
	json_write_str(&j, "TTL", ttl);
	json_write_str(&j, "Urgency", m->rings ? "high" : "normal");
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
}

/* The data keep their types, in an object of their own. */
static void
write_apns(struct arena *a, struct buf *b, const struct message *m,
    const char *body)
{
	struct json_write j;

	json_write_init(&j, b);
	json_write_obj(&j, NULL);
	json_write_obj(&j, "aps");
	if (!m->voip && m->title != NULL) {
		write_alert(&j, "alert", m, body);
		json_write_str(&j, "sound", "default");
	} else if (!m->voip) {
		json_write_int(&j, "content-available", 1);
	}
	json_write_obj_end(&j);
	json_write_str(&j, "type", message_type(m, read_extra(a, m)));
	if (m->data != NULL)
		json_write_raw(&j, "data", m->data);
	json_write_obj_end(&j);
}

typedef void write_body(struct arena *, struct buf *, const struct message *,
    const char *body);

/*
 * Returns the beginning of a text without at least n of its bytes, cut between
 * two characters. text may be NULL.
 */
static const char *
shorten(struct arena *a, const char *text, size_t n)
{
	size_t len = text == NULL ? 0 : strlen(text);

	if (len == 0)
		return text;
	for (len -= n < len ? n : len; len > 0 &&
	    ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return arena_strn(a, text, len);
}

/*
 * Writes a body of at most `max` bytes. If it is longer, shortens the text, and
 * then the title. Removing n bytes of them makes the body at least n bytes
 * shorter.
 */
static bool
write_within(write_body *write, struct arena *a, struct buf *b,
    const struct message *m, size_t max)
{
	struct message cut = *m;
	const char **const parts[] = { &cut.body, &cut.title };

	write(a, b, &cut, cut.body);
	for (size_t i = 0; i < NELEM(parts) && (b->full || b->len > max); i++) {
		*parts[i] = shorten(a, *parts[i], b->full ? SIZE_MAX :
		    b->len - max);
		buf_clear(b);
		write(a, b, &cut, cut.body);
	}
	return !b->full && b->len <= max;
}

bool
push_payload_fcm(struct arena *a, struct buf *b, const struct message *m)
{
	return write_within(write_fcm, a, b, m, PUSH_PAYLOAD_MAX +
	    strlen(m->to));
}

bool
push_payload_apns(struct arena *a, struct buf *b, const struct message *m)
{
	return write_within(write_apns, a, b, m, m->voip ? PUSH_PAYLOAD_VOIP :
	    PUSH_PAYLOAD_MAX);
}

size_t
push_payload_size(struct arena *a, const struct message *m)
{
	struct buf b;
	size_t n;

	buf_init(&b, BODY_BYTES);
	write_fcm(a, &b, m, m->body);
	n = b.full ? BODY_BYTES : b.len - strlen(m->to);
	buf_clear(&b);
	write_apns(a, &b, m, m->body);
	n = b.full ? BODY_BYTES : b.len > n ? b.len : n;
	buf_free(&b);
	return n;
}
