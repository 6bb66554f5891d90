/*
 * smtp_reply: the interpretation of each row of the table of phases, and the
 * trace of a dialog; bounce reports with unusual forms.
 */
#include "unit.h"

#include "net/bounce.h"
#include "providers/smtp_reply.h"

static void
phases(void **state)
{
	static const struct {
		enum smtp_phase phase;
		const char *reply;
		enum smtp_scope scope;
		bool retry, suppress, alarm;
	} rows[] = {
		{ SMTP_GREETING, "554 no", SMTP_ACCOUNT, true, false, true },
		{ SMTP_GREETING, "421 busy", SMTP_ACCOUNT, true, false, false },
		{ SMTP_HELLO, "504 5.5.2 name", SMTP_ACCOUNT, true, false,
		    true },
		{ SMTP_TLS, "454 4.7.0 no", SMTP_ACCOUNT, true, false, true },
		{ SMTP_AUTH, "454 4.7.0 later", SMTP_ACCOUNT, true, false,
		    false },
		{ SMTP_AUTH, "535 5.7.8 no", SMTP_ACCOUNT, true, false, true },
		{ SMTP_AUTH, "534 5.7.9 weak", SMTP_ACCOUNT, true, false,
		    true },
		{ SMTP_MAIL, "530 5.7.0 login", SMTP_ACCOUNT, true, false,
		    true },
		{ SMTP_MAIL, "550 5.4.5 quota", SMTP_ACCOUNT, true, false,
		    true },
		{ SMTP_MAIL, "452 4.3.1 full", SMTP_ACCOUNT, true, false,
		    false },
		{ SMTP_MAIL, "552 5.3.4 size", SMTP_MESSAGE, false, false,
		    false },
		{ SMTP_MAIL, "552 size", SMTP_MESSAGE, false, false, false },
		{ SMTP_MAIL, "552 5.7.0 policy", SMTP_ACCOUNT, true, false,
		    true },
		{ SMTP_RCPT, "550 no", SMTP_RECIPIENT, false, false, false },
		{ SMTP_RCPT, "550 5.1.1 no", SMTP_RECIPIENT, false, true,
		    false },
		{ SMTP_RCPT, "501 5.1.3 syntax", SMTP_RECIPIENT, false, true,
		    false },
		{ SMTP_RCPT, "552 5.2.2 full", SMTP_RECIPIENT, true, false,
		    false },
		{ SMTP_RCPT, "550 5.2.2 full", SMTP_RECIPIENT, true, false,
		    false },
		{ SMTP_RCPT, "550 5.7.1 policy", SMTP_RECIPIENT, false, false,
		    false },
		{ SMTP_RCPT, "450 4.2.0 grey", SMTP_RECIPIENT, true, false,
		    false },
		{ SMTP_RCPT, "503 order", SMTP_RECIPIENT, false, false, true },
		{ SMTP_DATA, "554 no", SMTP_MESSAGE, false, false, false },
		{ SMTP_TEXT, "552 5.3.4 size", SMTP_MESSAGE, false, false,
		    false },
		{ SMTP_TEXT, "451 4.3.0 later", SMTP_MESSAGE, true, false,
		    false },
		{ SMTP_TEXT, "421 4.3.2 down", SMTP_ACCOUNT, true, false,
		    false },
		/* An address status of the text is not about the recipient. */
		{ SMTP_TEXT, "550 5.1.1 no", SMTP_MESSAGE, false, false,
		    false },
	};
	struct smtp_verdict v;
	int status[3], code;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		smtp_reply_status(rows[i].reply, status);
		code = (rows[i].reply[0] - '0') * 100 +
		    (rows[i].reply[1] - '0') * 10 + rows[i].reply[2] - '0';
		v = smtp_reply_judge(rows[i].phase, code, status);
		if (v.scope != rows[i].scope || v.retry != rows[i].retry ||
		    v.suppress != rows[i].suppress || v.alarm != rows[i].alarm)
			fail_msg("%d %s", rows[i].phase, rows[i].reply);
	}
	v = smtp_reply_judge(SMTP_TEXT, 0, status);
	assert_true(v.retry && v.scope == SMTP_ACCOUNT && !v.alarm);
}

static void
statuses(void **state)
{
	int s[3];

	(void)state;
	smtp_reply_status("550-5.1.10 x", s);
	assert_true(s[0] == 5 && s[1] == 1 && s[2] == 10);
	smtp_reply_status("5.7.1", s);
	assert_true(s[0] == 5 && s[1] == 7 && s[2] == 1);
	smtp_reply_status("550 5.x.1", s);
	assert_true(s[0] == 0 && s[1] == 0 && s[2] == 0);
	smtp_reply_status("", s);
	assert_true(s[0] == 0);
}

static void
line(struct smtp_trace *t, bool sent, const char *text)
{
	if (sent)
		smtp_trace_sent(t, text, strlen(text));
	else
		smtp_trace_received(t, text, strlen(text));
}

static void
trace(void **state)
{
	struct smtp_trace t = { 0 };

	(void)state;
	line(&t, false, "220 mx\r\n");
	assert_int_equal(t.phase, SMTP_GREETING);
	line(&t, true, "EHLO me\r\n");
	line(&t, false, "250 mx\r\n");
	line(&t, true, "AUTH PLAIN TUFJTCBGUk9NOg==\r\n");
	line(&t, false, "504 no\r\n");
	assert_int_equal(t.code, 504);
	line(&t, true, "AUTH LOGIN\r\n");
	assert_int_equal(t.code, 0);
	line(&t, true, "TUFJTCBGUk9NOg==\r\n");
	assert_int_equal(t.phase, SMTP_AUTH);
	line(&t, true, "MAIL FROM:<a@b>\r\n");
	line(&t, true, "RCPT TO:<a@b>\r\n");
	assert_int_equal(t.phase, SMTP_RCPT);
	line(&t, true, "DATA\r\n");
	line(&t, false, "354 go\r\n");
	assert_int_equal(t.phase, SMTP_TEXT);
	line(&t, false, "554-5.7.1 bad\r\n");
	line(&t, false, "554 5.7.1 bad\x01\r\n");
	assert_int_equal(t.code, 554);
	assert_string_equal(t.reply, "554 5.7.1 bad");
	line(&t, true, "QUIT\r\n");
	line(&t, false, "221 bye\r\n");
	assert_int_equal(t.code, 554);
}

/* Any prefix and any changed byte of a report is read without an error. */
static void
bounces(void **state)
{
	static const char report[] = "TO: Me <b+1@x>\r\n"
	    "Content-Type: MULTIPART/Report; boundary=\"a b\"\r\n\r\n"
	    "--a b\r\nContent-Type: message/global-delivery-status\r\n\r\n"
	    "Reporting-MTA: dns; x\r\n\r\nAction: Failed (x)\r\n"
	    "Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n user\r\n\r\n"
	    "--a b--\r\n";
	char copy[sizeof(report)];
	struct arena arena;
	struct bounce b;

	(void)state;
	arena_init(&arena, 16 * 1024 * 1024);
	bounce_read(&arena, report, strlen(report), &b);
	assert_true(b.report && b.failed && b.status[1] == 1);
	assert_int_equal(b.n_to, 1);
	assert_string_equal(b.to[0], "b+1@x");
	for (size_t i = 0; i < strlen(report); i++) {
		bounce_read(&arena, report, i, &b);
		memcpy(copy, report, sizeof(copy));
		copy[i] = (char)(copy[i] ^ 0x55);
		bounce_read(&arena, copy, strlen(report), &b);
		arena_reset(&arena);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases), cmocka_unit_test(statuses),
		cmocka_unit_test(trace), cmocka_unit_test(bounces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
