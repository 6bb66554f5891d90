#include "net/smtp_trace.h"

#include "base/str.h"

void
smtp_trace_sent(struct smtp_trace *t, const char *p, size_t n)
{
	static const struct {
		const char *command;
		enum smtp_phase phase;
	} commands[] = {
		{ "EHLO ", SMTP_HELLO }, { "HELO ", SMTP_HELLO },
		{ "STARTTLS\r\n", SMTP_TLS }, { "AUTH ", SMTP_AUTH },
		{ "MAIL FROM:", SMTP_MAIL }, { "RCPT TO:", SMTP_RCPT },
		{ "DATA\r\n", SMTP_DATA },
	};

	for (size_t i = 0; i < NELEM(commands); i++) {
		size_t len = strlen(commands[i].command);

		if (n >= len && memcmp(p, commands[i].command, len) == 0) {
			t->phase = commands[i].phase;
			t->code = 0;
		}
	}
}

void
smtp_trace_received(struct smtp_trace *t, const char *p, size_t n)
{
	size_t to = 0;
	int code = 0;

	if (n < 3)
		return;
	for (size_t i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return;
		code = code * 10 + p[i] - '0';
	}
	if (code == 354 && t->phase == SMTP_DATA)
		t->phase = SMTP_TEXT;
	if (code < 400)
		return;
	t->code = code;
	for (size_t i = 0; i < n && to < sizeof(t->reply) - 1; i++)
		if (p[i] >= ' ' && p[i] <= '~')
			t->reply[to++] = p[i];
	t->reply[to] = '\0';
}
