/* smtp: e-mail, by libcurl (RFC 5321, 5322). */
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/message_impl.h"

/* Nothing of a header's value begins another header. */
static bool
plain(const char *s)
{
	return s[0] != '\0' && strpbrk(s, "\r\n<>") == NULL;
}

/* Lines end with CR LF; libcurl doubles the dots. */
static void
add_text(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\r')
			continue;
		if (*s == '\n')
			buf_ch(b, '\r');
		buf_ch(b, *s);
	}
	buf_lit(b, "\r\n");
}

struct message_result
smtp_send(struct arena *a, const struct conf *c, const struct message *m)
{
	const char *title = m->title == NULL ? m->template : m->title;
	struct mail_request r = { .url = c->smtp_url, .user = c->smtp_user,
		.password = message_keys.smtp, .ca_file = c->smtp_ca_file,
		.from = c->mail_from, .to = m->to,
		.timeout_ms = 3 * MESSAGE_TIMEOUT };
	time_t at = (time_t)(m->now / SECOND);
	struct http_answer answer;
	char date[64];
	struct buf b;
	struct tm tm;

	if (!plain(m->to) || !plain(c->mail_from))
		return message_dead("this is no address");
	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_init(&b, 64 * 1024);
	buf_fmt(&b, "Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\n"
	    "Message-ID: <%lld.%lld@earmark>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "Auto-Submitted: auto-generated\r\nSubject: ", date, c->mail_from,
	    m->to, (long long)m->id, (long long)m->now);
	for (; *title != '\0'; title++)
		buf_ch(&b, (unsigned char)*title < ' ' ? ' ' : *title);
	buf_lit(&b, "\r\n\r\n");
	add_text(&b, m->body == NULL ? "" : m->body);
	r.text = b.data;
	r.len = b.len;
	http_mail(a, &r, &answer);
	buf_free(&b);
	if (answer.status / 100 == 2)
		return (struct message_result){ .fate = MESSAGE_SENT };
	if (answer.status / 100 == 5)
		return message_dead(arena_fmt(a, "SMTP %d", answer.status));
	return (struct message_result){ .fate = MESSAGE_RETRY, .down =
	    answer.status == 0, .why = answer.status == 0 ? answer.error :
	    arena_fmt(a, "SMTP %d", answer.status) };
}
