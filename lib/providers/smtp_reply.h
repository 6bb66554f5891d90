/*
 * smtp_reply: what an SMTP error reply concerns, and whether the message may
 * succeed later. It depends on the command that was rejected (RFC 5321) and on
 * the enhanced status code (RFC 3463), which precedes the reply code.
 *
 * Until MAIL FROM, a reply concerns our account at the mail server or its
 * configuration. So nothing is discarded. RCPT TO concerns the recipient; DATA
 * and the final dot concern the message.
 */
#ifndef PROVIDERS_SMTP_REPLY_H
#define PROVIDERS_SMTP_REPLY_H

#include <stdbool.h>

#include "net/smtp_trace.h"

enum smtp_scope {
	SMTP_ACCOUNT,			/* all messages */
	SMTP_RECIPIENT, SMTP_MESSAGE
};

struct smtp_verdict {
	enum smtp_scope scope;
	bool retry;
	bool suppress;			/* the address accepts no mail */
	bool alarm;		/* an operator must change something */
};

extern const char *const smtp_phase_names[];	/* index: enum smtp_phase */

/* Reads the status "5.1.1" of a reply into out, or sets all to 0. */
void	smtp_reply_status(const char *reply, int out[3]);
/* Interprets an error reply. code 0: the connection failed. */
struct smtp_verdict smtp_reply_judge(enum smtp_phase, int code,
	    const int status[3]);
/* Returns whether a status means that the address accepts no mail. */
bool	smtp_reply_bad_address(const int status[3]);

#endif
