/* smtp: sends e-mail with libcurl (RFC 5321, RFC 5322). */
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/mime.h"
#include "providers/message_internal.h"

/* Returns whether a header value cannot add another header. */
static bool
is_safe(const char *s)
{
	return s[0] != '\0' && strpbrk(s, "\r\n<>") == NULL;
}

static void
write_mail(struct buf *b, const struct conf *c, const struct message *m)
{
	const char *title = m->title == NULL ? m->template : m->title;
	time_t at = (time_t)(m->now / SECOND);
	char date[64];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_fmt(b, "Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\n"
	    "Message-ID: <%lld.%lld@earmark>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\nSubject: ", date, c->mail_from,
	    m->to, (long long)m->id, (long long)m->now);
	mime_header(b, title, strlen("Subject: "));
	buf_lit(b, "\r\n\r\n");
	mime_text(b, m->body == NULL ? "" : m->body);
}

static bool
begin_smtp(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	const struct message *m = s->m;
	struct buf b;

	if (!is_safe(m->to) || !is_safe(c->mail_from)) {
		*result = message_dead("invalid e-mail address");
		return false;
	}
	buf_init(&b, 64 * 1024);
	write_mail(&b, c, m);
	s->mail = (struct mail_request){ .url = c->smtp_url,
		.user = c->smtp_user, .password = message_keys.smtp,
		.ca_file = c->smtp_ca_file, .from = c->mail_from, .to = m->to,
		.text = arena_strn(s->arena, b.data, b.len), .len = b.len,
		.timeout_ms = 3 * MESSAGE_TIMEOUT };
	buf_free(&b);
	return true;
}

static struct message_result
evaluate_smtp(struct sending *s)
{
	const struct http_answer *answer = &s->answer;
	int status = answer->status;

	if (status / 100 == 2)
		return (struct message_result){ .status = MESSAGE_SENT };
	if (status / 100 == 5)
		return message_dead(arena_fmt(s->arena, "SMTP %d", status));
	return (struct message_result){ .status = MESSAGE_RETRY,
	    .down = status == 0, .why = status == 0 ? answer->error :
	    arena_fmt(s->arena, "SMTP %d", status) };
}

const struct message_driver smtp_driver = {
	.max_requests = 4, .is_mail = true, .begin = begin_smtp,
	.judge = evaluate_smtp,
};
