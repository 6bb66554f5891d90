/*
 * smtp_trace: follows an SMTP dialog, to tell which command a reply rejects.
 * libcurl reports only that a transfer failed.
 */
#ifndef NET_SMTP_TRACE_H
#define NET_SMTP_TRACE_H

#include <stddef.h>

/* What the client waits for a reply to. */
enum smtp_phase {
	SMTP_GREETING, SMTP_HELLO, SMTP_TLS, SMTP_AUTH, SMTP_MAIL, SMTP_RCPT,
	SMTP_DATA,
	SMTP_TEXT			/* the final dot */
};

struct smtp_trace {
	enum smtp_phase phase;
	int code;			/* of the last error reply; 0: none */
	char reply[200];		/* the last error reply, printable */
};

/* Processes a line that was sent. Credentials are not stored. */
void	smtp_trace_sent(struct smtp_trace *, const char *, size_t n);
/* Processes a line that was received. */
void	smtp_trace_received(struct smtp_trace *, const char *, size_t n);

#endif
