#include "providers/smtp_reply.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

const char *const smtp_phase_names[] = {
	[SMTP_GREETING] = "greeting", [SMTP_HELLO] = "ehlo",
	[SMTP_TLS] = "starttls", [SMTP_AUTH] = "auth", [SMTP_MAIL] = "mail",
	[SMTP_RCPT] = "rcpt", [SMTP_DATA] = "data", [SMTP_TEXT] = "text"
};

/* Reads up to three digits. Returns their number. */
static size_t
read_number(const char *p, int *out)
{
	size_t n = 0;

	for (*out = 0; p[n] >= '0' && p[n] <= '9' && n < 3; n++)
		*out = *out * 10 + p[n] - '0';
	return n;
}

void
smtp_reply_status(const char *reply, int out[3])
{
	const char *p = reply;
	size_t n;
	int code;

	memset(out, 0, 3 * sizeof(*out));
	n = read_number(p, &code);
	if (n == 3 && (p[n] == ' ' || p[n] == '-'))
		p += n + 1;
	for (int i = 0; i < 3; i++) {
		n = read_number(p, &out[i]);
		p += n;
		if (n == 0 || (i < 2 && *p != '.')) {
			memset(out, 0, 3 * sizeof(*out));
			return;
		}
		p++;
	}
}

static bool
is_detail(const int status[3], int subject, int detail)
{
	return status[1] == subject && status[2] == detail;
}

bool
smtp_reply_bad_address(const int status[3])
{
	/* 1 unknown mailbox, 2 unknown host, 3 syntax, 10 null MX */
	return status[0] == 5 && (is_detail(status, 1, 1) ||
	    is_detail(status, 1, 2) || is_detail(status, 1, 3) ||
	    is_detail(status, 1, 10) || is_detail(status, 2, 1));
}

/* A mailbox that is full may have room later. */
static bool
is_full(const int status[3])
{
	return is_detail(status, 2, 2);
}

static struct smtp_verdict
judge_account(enum smtp_phase phase, int code, const int status[3])
{
	/* SIZE of the message, announced by MAIL FROM (RFC 1870) */
	if (phase == SMTP_MAIL && (status[0] == 5 ? is_detail(status, 3, 4) ||
	    (code == 552 && status[1] != 2 && status[1] != 5 &&
	    status[1] != 7) : code == 552))
		return (struct smtp_verdict){ .scope = SMTP_MESSAGE };
	return (struct smtp_verdict){ .scope = SMTP_ACCOUNT, .retry = true,
	    .alarm = code >= 500 || phase == SMTP_TLS };
}

struct smtp_verdict
smtp_reply_judge(enum smtp_phase phase, int code, const int status[3])
{
	struct smtp_verdict v = { .scope = phase == SMTP_RCPT ?
		SMTP_RECIPIENT : SMTP_MESSAGE };

	/* 421: the server closes the connection. */
	if (code == 0 || code == 421)
		return (struct smtp_verdict){ .scope = SMTP_ACCOUNT,
		    .retry = true };
	if (phase < SMTP_RCPT)
		return judge_account(phase, code, status);
	v.retry = status[0] == 4 || (status[0] == 0 && code < 500) ||
	    is_full(status);
	if (phase == SMTP_RCPT) {
		v.suppress = smtp_reply_bad_address(status);
		/* Old servers use 552 for 452 (RFC 5321 4.5.3.1.10). */
		if (code == 552 && !v.suppress)
			v.retry = true;
	}
	/* The server did not understand the command. */
	v.alarm = code >= 500 && code <= 504 && !v.suppress;
	return v;
}
