/*
 * message: the requests of the drivers and their interpretation of responses,
 * without a network; the signature of Standard Webhooks with its published
 * vector; URLs that secrets may be sent to; encoding of mail.
 */
#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/mime.h"
#include "net/url_policy.h"
#include "providers/message_internal.h"

#define FCM_ERROR "\"details\":[{\"@type\":\"type.googleapis.com/" \
	"google.firebase.fcm.v1.FcmError\",\"errorCode\":\"%s\"}]"

static struct arena arena;
static struct conf conf;

static void
signature(void **state)
{
	static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
	    body[] = "{\"test\": 2432232314}";
	size_t n = strlen(body);

	(void)state;
	assert_string_equal(sms_webhook_sign(&arena, secret, id, 1614265330,
	    body, n), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_string_equal(sms_webhook_sign(&arena, secret + 6, id, 1614265330,
	    body, n), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_string_equal(sms_webhook_sign(&arena, secret, id, 1614265330,
	    "{\"test\":2432232314}", n - 1),
	    "Vif40peJBP7Iyl0XGmu61n4MwdrcHov5CFREBpE0svs=");
	assert_null(sms_webhook_sign(&arena, "whsec_", id, 1, body, n));
	assert_null(sms_webhook_sign(&arena, "whsec_no base64!", id, 1, body,
	    n));
}

/* Returns a driver's interpretation of a response. */
static struct message_result
judged(const struct message_driver *d, int status, const char *body, int after)
{
	static const struct message m = { .to = "x", .title = "t" };
	struct sending s = { .m = &m, .arena = &arena, .ask.bearer = "t",
		.conf = &conf, .token = "t" };

	s.answer = (struct http_answer){ .status = status, .body = body,
		.len = strlen(body), .retry_after = after,
		.error = status == 0 ? "no route" : NULL };
	return d->judge(&s);
}

/*
 * A driver of push messages leaves it to message_send whether an error concerns
 * the provider or one device.
 */
static void
check_push(const struct message_driver *d, int status, int after,
    int64_t delay)
{
	struct message_result r = judged(d, status, "", after);

	assert_int_equal(r.status, MESSAGE_RETRY);
	assert_true(r.suspect);
	assert_false(r.down);
	assert_int_equal(r.after, delay);
	assert_non_null(r.why);
}

static void
check_result(struct message_result r, enum delivery_status want, bool down,
    int64_t after)
{
	assert_int_equal(r.status, want);
	assert_int_equal(r.down, down);
	assert_int_equal(r.after, after);
	assert_true(want == MESSAGE_SENT ? r.why == NULL : r.why != NULL);
}

static void
statuses(void **state)
{
	static const struct message_driver *const all[] = { &sms_webhook_driver,
		&twilio_driver, &fcm_driver };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		check_result(judged(all[i], 200, "{}", 0), MESSAGE_SENT, false, 0);
		check_result(judged(all[i], 500, "", 0), MESSAGE_RETRY, false, 0);
		check_result(judged(all[i], 401, "", 0), MESSAGE_RETRY, true, 0);
		check_result(judged(all[i], 400, "", 0), MESSAGE_DEAD, false, 0);
		check_result(judged(all[i], 302, "", 0), MESSAGE_DEAD, false, 0);
	}
	for (i = 0; i < 2; i++) {
		check_result(judged(all[i], 0, "", 0), MESSAGE_RETRY, true, 0);
		check_result(judged(all[i], 503, "", 7), MESSAGE_RETRY, true, 7000);
		check_result(judged(all[i], 429, "", 90), MESSAGE_RETRY, true, 90000);
	}
	check_push(&fcm_driver, 0, 0, 0);
	check_push(&fcm_driver, 503, 7, 7000);
	check_push(&fcm_driver, 429, 0, MINUTE);
	check_push(&fcm_driver, 429, 90, 90000);
	check_push(&apns_driver, 0, 0, 0);
	check_push(&apns_driver, 503, 0, 0);
	check_result(judged(&smtp_driver, 250, "", 0), MESSAGE_SENT, false, 0);
	check_result(judged(&smtp_driver, 0, "", 0), MESSAGE_RETRY, true, 0);
	check_result(judged(&smtp_driver, 451, "451", 0), MESSAGE_RETRY, true, 0);
	check_result(judged(&smtp_driver, 554, "554 no", 0), MESSAGE_RETRY, true,
	    MINUTE);
}

static struct message_result
fcm(int status, const char *code, const char *text)
{
	const char *details = code[0] == '\0' ? "\"details\":[]" :
	    arena_fmt(&arena, FCM_ERROR, code);

	return judged(&fcm_driver, status, arena_fmt(&arena, "{\"error\":"
	    "{\"code\":%d,\"message\":\"%s\",\"status\":\"NOT_FOUND\",%s}}",
	    status, text, details), 0);
}

static void
errors_of_fcm(void **state)
{
	struct message_result r;

	(void)state;
	check_result(fcm(404, "UNREGISTERED", "x"), MESSAGE_DROP, false, 0);
	/* The error code matters, not the text or the HTTP status. */
	check_result(fcm(404, "", "UNREGISTERED"), MESSAGE_DEAD, false, 0);
	check_result(fcm(403, "SENDER_ID_MISMATCH", "x"), MESSAGE_DROP, false, 0);
	check_result(fcm(403, "", "Permission denied"), MESSAGE_RETRY, true, 0);
	/* The same error is returned for a message to an Apple device. */
	check_result(fcm(400, "INVALID_ARGUMENT", "not a valid FCM registration token"),
	    MESSAGE_DEAD, false, 0);
	check_result(judged(&fcm_driver, 200, "{}", 0), MESSAGE_SENT, false, 0);
	check_result(fcm(400, "INVALID_ARGUMENT", "not a valid FCM registration token"),
	    MESSAGE_DROP, false, 0);
	check_result(fcm(400, "INVALID_ARGUMENT", "bad value at 'message.data'"),
	    MESSAGE_DEAD, false, 0);
	check_result(fcm(500, "INTERNAL", "x"), MESSAGE_RETRY, false, 0);
	check_result(fcm(429, "QUOTA_EXCEEDED", "x"), MESSAGE_RETRY, false, MINUTE);
	r = fcm(401, "THIRD_PARTY_AUTH_ERROR", "x");
	assert_int_equal(r.status, MESSAGE_DEAD);
	assert_false(r.again);
	assert_true(fcm(401, "", "x").again);
	assert_false(fcm(503, "UNAVAILABLE", "x").again);
}

static struct message_result
apns(int status, const char *reason)
{
	return judged(&apns_driver, status, arena_fmt(&arena,
	    "{\"reason\":\"%s\",\"timestamp\":1234}", reason), 0);
}

static void
errors_of_apns(void **state)
{
	static const char *const ours[] = { "BadCollapseId",
		"BadExpirationDate", "BadMessageId", "BadPriority",
		"DuplicateHeaders", "InvalidPushType", "MissingDeviceToken",
		"PayloadEmpty", "SomethingNew" };
	static const char *const account[] = { "InvalidProviderToken",
		"MissingProviderToken", "UnrelatedKeyIdInToken",
		"BadEnvironmentKeyIdInToken", "BadEnvironmentKeyInToken",
		"BadCertificate", "Forbidden" };
	struct message_result r;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(ours); i++)
		check_result(apns(400, ours[i]), MESSAGE_DEAD, false, 0);
	check_result(apns(404, "BadPath"), MESSAGE_DEAD, false, 0);
	check_result(apns(405, "MethodNotAllowed"), MESSAGE_DEAD, false, 0);
	check_result(apns(413, "PayloadTooLarge"), MESSAGE_DEAD, false, 0);
	for (i = 0; i < NELEM(account); i++)
		check_result(apns(403, account[i]), MESSAGE_RETRY, true, MINUTE);
	check_result(apns(400, "BadTopic"), MESSAGE_RETRY, true, MINUTE);
	check_result(apns(400, "TopicDisallowed"), MESSAGE_RETRY, true, MINUTE);
	check_result(apns(429, "TooManyProviderTokenUpdates"), MESSAGE_RETRY,
	    true, MINUTE);
	r = apns(429, "TooManyRequests");
	check_result(r, MESSAGE_RETRY, false, MINUTE);
	assert_false(r.suspect);
	assert_true(apns(500, "InternalServerError").suspect);
	assert_true(apns(503, "Shutdown").suspect);
	assert_true(apns(400, "IdleTimeout").again);
	r = apns(410, "Unregistered");
	check_result(r, MESSAGE_DROP, false, 0);
	assert_int_equal(r.before, 1234);
	assert_int_equal(apns(410, "ExpiredToken").before, 1234);
	check_result(apns(400, "BadDeviceToken"), MESSAGE_DEAD, false, 0);
	check_result(judged(&apns_driver, 200, "", 0), MESSAGE_SENT, false, 0);
	check_result(apns(400, "BadDeviceToken"), MESSAGE_DROP, false, 0);
	check_result(apns(400, "DeviceTokenNotForTopic"), MESSAGE_DROP, false, 0);
}

static void
form(const char *from, const char *text, const char *want)
{
	struct message m = { .id = 1, .to = "+15558675310", .body = text };
	struct sending s = { .m = &m, .arena = &arena };
	struct message_result r;

	conf.twilio_from = from;
	assert_true(twilio_driver.begin(&s, &conf, &r));
	assert_string_equal(s.ask.url, "https://api.twilio.com/2010-04-01/"
	    "Accounts/ACXX/Messages.json");
	assert_string_equal(s.ask.body, want);
	assert_int_equal(s.ask.body_len, strlen(want));
}

static void
twilio(void **state)
{
	(void)state;
	conf.twilio_url = "https://api.twilio.com";
	conf.twilio_account = "ACXX";
	form("+15017122661", "A & b=c \xc3\xbc+", "To=%2B15558675310&"
	    "From=%2B15017122661&Body=A%20%26%20b%3Dc%20%C3%BC%2B");
	form("MG0123", NULL, "To=%2B15558675310&MessagingServiceSid=MG0123&"
	    "Body=");
	check_result(judged(&twilio_driver, 201, "{\"status\": \"failed\"}", 0),
	    MESSAGE_DEAD, false, 0);
	check_result(judged(&twilio_driver, 201, "{\"status\":\"queued\"}", 0),
	    MESSAGE_SENT, false, 0);
	check_result(judged(&twilio_driver, 400, "{\"code\":21211}", 0),
	    MESSAGE_DEAD, false, 0);
}

static bool
mail(const char *to, const char *title, const char *body, const char **text)
{
	struct message m = { .id = 7, .to = to, .title = title, .body = body };
	struct sending s = { .m = &m, .arena = &arena };
	struct message_result r = { .status = MESSAGE_SENT };
	bool ok = smtp_driver.begin(&s, &conf, &r);

	*text = s.mail.text;
	assert_int_equal(r.status, ok ? MESSAGE_SENT : MESSAGE_DEAD);
	return ok;
}

static void
mails(void **state)
{
	const char *text;

	(void)state;
	conf.mail_from = "a@example.org";
	conf.app_name = "A \"b\"";
	conf.smtp_url = "smtps://mail.example.org";
	conf.smtp_user = conf.smtp_ca_file = "";
	assert_true(mail("b@example.org", "One\r\nBcc: evil@example.org",
	    "x\n", &text));
	assert_null(strstr(text, "\r\nBcc:"));
	assert_non_null(strstr(text, "\r\nFrom: \"A \\\"b\\\"\"\r\n "
	    "<a@example.org>\r\n"));
	assert_non_null(strstr(text, "\r\nSubject: =?UTF-8?B?"));
	assert_false(mail("b@example.org\r\nRCPT TO:<c@d>", "x", "x", &text));
	assert_false(mail("b@example.org> SIZE=1 <", "x", "x", &text));
	assert_false(mail("", "x", "x", &text));
}

static void
mime_is(void (*write)(struct buf *, const char *), const char *text,
    const char *want)
{
	struct buf b;

	buf_init(&b, 4096);
	write(&b, text);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	buf_free(&b);
}

static void
subject(struct buf *b, const char *text)
{
	mime_header(b, text, strlen("Subject: "));
}

static void
mime(void **state)
{
	(void)state;
	mime_is(subject, "Plain (text), 1=2", "Plain (text), 1=2");
	mime_is(subject, "\xc3\xbc", "=?UTF-8?B?w7w=?" "=");
	mime_is(subject, "=?x", "=?UTF-8?B?PT94?" "=");
	/* 39 bytes fit, and no character is split. */
	mime_is(subject, "12345678901234567890123456789012345678\xc3\xbc",
	    "=?UTF-8?B?MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg="
	    "?" "=\r\n =?UTF-8?B?w7w=?" "=");
	mime_is(mime_text, "a=b \nc\r\n\xc3\xbc", "a=3Db=20\r\nc\r\n=C3=BC\r\n");
	mime_is(mime_text, "12345678901234567890123456789012345678901234567890"
	    "1234567890123456789012345\xc3\xbc", "12345678901234567890123456"
	    "7890123456789012345678901234567890123456789012345=\r\n"
	    "=C3=BC\r\n");
	mime_is(mime_text, "", "\r\n");
}

static void
addresses(void **state)
{
	static const struct { const char *url; enum url_kind kind; bool ok; }
	    cases[] = {
		{ "https://api.example.com", URL_BASE, true },
		{ "https://api.example.com/v1", URL_BASE, true },
		{ "https://api.example.com/v1/", URL_BASE, false },
		{ "https://sms.example.com/send/?a=b", URL_WEB, true },
		{ "https://sms.example.com/send?a=b", URL_BASE, false },
		{ "http://localhost:8080/x", URL_WEB, true },
		{ "http://localhost.evil", URL_WEB, false },
		{ "http://127.0.0.1.evil.com/", URL_WEB, false },
		{ "http://127.0.0.1:80@evil.com", URL_WEB, false },
		{ "http://127.0.0.1:80evil", URL_WEB, false },
		{ "http://localhost\\@evil.com", URL_WEB, false },
		{ "http://sms.example.com", URL_WEB, false },
		{ "https://", URL_WEB, false }, { "https:///x", URL_WEB, false },
		{ "", URL_WEB, false }, { "ftp://localhost", URL_WEB, false },
		{ "smtp://mail.example.com:587", URL_MAIL, true },
		{ "smtps://mail.example.com", URL_MAIL, true },
		{ "https://mail.example.com", URL_MAIL, false },
		{ "smtp://a@mail.example.com", URL_MAIL, false },
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		if (url_policy_ok("a.key", cases[i].url, cases[i].kind, &why) !=
		    cases[i].ok)
			fail_msg("%s", cases[i].url);
	assert_false(url_policy_ok("a.key", "x", URL_WEB, &why));
	assert_non_null(strstr(why, "a.key"));
	assert_true(url_policy_here("smtp://[::1]:25"));
	assert_false(url_policy_here("smtp://localhost.evil:25"));
}

static void
private_urls(void **state)
{
	static const struct {
		const char *url;
		bool private;
	} cases[] = {
		{ "http://127.0.0.1:3001", true }, { "http://127.9.9.9", true },
		{ "http://localhost", true }, { "http://LOCALHOST:80/x", true },
		{ "http://[::1]:3001", true }, { "http://10.1.2.3", true },
		{ "http://172.16.0.1", true }, { "http://172.31.9.9", true },
		{ "http://192.168.1.1", true }, { "http://100.64.0.1", true },
		{ "http://169.254.1.1", true }, { "http://[fd00::1]", true },
		{ "http://[fe80::1]:80", true }, { "http://earmark:80", true },
		{ "https://app.localhost", true }, { "https://x.lan", true },
		{ "https://api.corp.internal", true },
		{ "https://nas.local", true }, { "https://x.home.arpa", true },
		{ "http://[::ffff:10.0.0.1]", true },
		{ "https://api.example.org", false },
		{ "https://localhost.example.org", false },
		{ "https://10.example.org", false },
		{ "https://internal.example.org", false },
		{ "https://8.8.8.8", false }, { "https://172.32.0.1", false },
		{ "https://[2001:db8::1]:443", false },
		{ "http://[::ffff:8.8.8.8]", false },
		{ "http://0.0.0.0", false }, { "http://2130706433", false },
		{ "http://localhost@evil.example", false },
		{ "https://", false }, { "", false }, { "https://.local", false },
		{ "https://api.test", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		if (url_policy_private(cases[i].url) != cases[i].private)
			fail_msg("%s", cases[i].url);
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* Before a driver has seen an accepted message. */
		cmocka_unit_test(errors_of_fcm),
		cmocka_unit_test(errors_of_apns),
		cmocka_unit_test(signature), cmocka_unit_test(statuses),
		cmocka_unit_test(twilio),
		cmocka_unit_test(mails), cmocka_unit_test(mime),
		cmocka_unit_test(addresses), cmocka_unit_test(private_urls),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
