/*
 * smtp: sends e-mail with libcurl (RFC 5321, RFC 5322). smtp_reply.h interprets
 * the replies.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/metric.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "net/mime.h"
#include "providers/message_internal.h"
#include "providers/smtp_reply.h"

/* The server may need 10 minutes to accept the text (RFC 5321 4.5.3.2.6). */
#define TEXT_TIMEOUT	(10 * MINUTE)
/* Pause if an operator must change something, in ms. */
#define ALARM_PAUSE	MINUTE

/* Members of message.data. */
struct mail_data {
	const char *unsubscribe;
};
static const struct field data_fields[] = {
	{ .name = "unsubscribe", .type = F_STR, .max = 500,
	    .off = offsetof(struct mail_data, unsubscribe) },
};
static const struct field_table data_table =
    FIELD_TABLE(data_fields, struct mail_data);

/* Returns whether a header value cannot add another header. */
static bool
is_safe(const char *s)
{
	return s[0] != '\0' && strpbrk(s, "\r\n<> ") == NULL;
}

/* Returns the URL by which the recipient ends such messages, or NULL. */
static const char *
unsubscribe_url(struct arena *a, const struct message *m)
{
	struct mail_data *data = field_new(a, &data_table);
	struct err err;

	err_init(&err, a);
	if (m->data == NULL || json_decode(a, &data_table, data, m->data,
	    strlen(m->data), &err) != RC_OK || data->unsubscribe == NULL ||
	    !is_safe(data->unsubscribe))
		return NULL;
	return data->unsubscribe;
}

static void
write_mail(struct buf *b, struct arena *a, const struct conf *c,
    const struct message *m)
{
	const char *title = m->title == NULL ? m->template : m->title;
	const char *url = unsubscribe_url(a, m);
	const char *at = strrchr(c->mail_from, '@');
	time_t created = (time_t)(m->created_at / SECOND);
	char date[64];
	struct tm tm;

	gmtime_r(&created, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_fmt(b, "Date: %s\r\nFrom: ", date);
	mime_phrase(b, c->app_name, strlen("From: "));
	/* A repeated message has the same ID, so the receiver can drop it. */
	buf_fmt(b, "\r\n <%s>\r\nTo: <%s>\r\n"
	    "Message-ID: <%lld.%lld@%s>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\n", c->mail_from, m->to,
	    (long long)m->id, (long long)m->created_at,
	    at == NULL ? "localhost" : at + 1);
	if (url != NULL)
		buf_fmt(b, "List-Unsubscribe: <%s>\r\nList-Unsubscribe-Post: "
		    "List-Unsubscribe=One-Click\r\n", url);
	buf_lit(b, "Subject: ");
	mime_header(b, title, strlen("Subject: "));
	buf_lit(b, "\r\n\r\n");
	mime_text(b, m->body == NULL ? "" : m->body);
}

static bool
begin_smtp(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	const struct message *m = s->m;
	const char *from = m->sender == NULL ? c->mail_from : m->sender;
	struct buf b;

	if (!is_safe(m->to) || !is_safe(from) || !is_safe(c->mail_from)) {
		*result = message_dead("invalid e-mail address");
		return false;
	}
	buf_init(&b, 64 * 1024);
	write_mail(&b, s->arena, c, m);
	s->mail = (struct mail_request){ .url = c->smtp_url,
		.user = c->smtp_user, .password = message_keys.smtp,
		.ca_file = c->smtp_ca_file, .from = from, .to = m->to,
		.text = arena_strn(s->arena, b.data, b.len), .len = b.len,
		.timeout_ms = 3 * MESSAGE_TIMEOUT,
		.text_timeout_ms = TEXT_TIMEOUT };
	buf_free(&b);
	return true;
}

/* Counts a rejection, by the command that was rejected. */
static void
count_rejection(enum smtp_phase phase, const struct smtp_verdict *v)
{
	static const char *const scopes[] = { [SMTP_ACCOUNT] = "account",
		[SMTP_RECIPIENT] = "recipient", [SMTP_MESSAGE] = "message" };

	metric_add(metric_get("earmark_smtp_rejected_total{phase=\"%s\","
	    "scope=\"%s\",alarm=\"%s\"}", smtp_phase_names[phase],
	    scopes[v->scope], v->alarm ? "yes" : "no"), 1);
}

static struct message_result
evaluate_smtp(struct sending *s)
{
	const struct http_answer *answer = &s->answer;
	const char *reply = answer->body;
	struct message_result r = { .status = MESSAGE_SENT };
	struct smtp_verdict v;
	int status[3];

	if (answer->status / 100 == 2)
		return r;
	smtp_reply_status(reply, status);
	v = smtp_reply_judge(answer->phase, answer->status, status);
	count_rejection(answer->phase, &v);
	r.status = v.retry ? MESSAGE_RETRY : MESSAGE_DEAD;
	r.down = v.scope == SMTP_ACCOUNT;
	r.after = r.down && v.alarm ? ALARM_PAUSE : 0;
	r.why = answer->status == 0 ? answer->error : arena_fmt(s->arena,
	    "SMTP %s %d%s", smtp_phase_names[answer->phase], answer->status,
	    status[0] == 0 ? "" : arena_fmt(s->arena, " %d.%d.%d", status[0],
	    status[1], status[2]));
	if (v.suppress)
		r.suppress = arena_fmt(s->arena, "%d.%d.%d", status[0],
		    status[1], status[2]);
	return r;
}

const struct message_driver smtp_driver = {
	.max_requests = 4, .is_mail = true, .begin = begin_smtp,
	.judge = evaluate_smtp,
};
