#include "providers/message.h"

#include "base/str.h"
#include "net/url_policy.h"
#include "providers/message_internal.h"

struct message_keys message_keys;

static bool
read_secret(const char *key, const char *file, char out[SECRET_FILE_BYTES],
    const char **why)
{
	char lines[1][SECRET_FILE_BYTES];
	size_t n;

	if (!secret_file_lines(key, file, lines, 1, &n, why))
		return false;
	memcpy(out, lines[0], SECRET_FILE_BYTES);
	explicit_bzero(lines, sizeof(lines));
	return true;
}

/* Checks a URL that may contain variables after its host. */
static bool
check_url(const char *url, const char **why)
{
	static char text[1000];
	size_t n = strcspn(url, "{");

	snprintf(text, sizeof(text), "%.*s", (int)n, url);
	return url_policy_ok("delivery.sms_url", text, URL_WEB, why);
}

bool
message_start(const struct conf *c, const char **why)
{
	struct message_keys *k = &message_keys;

	if (c->sms_by == SMS_WEBHOOK &&
	    (!url_policy_ok("delivery.sms_url", c->sms_url, URL_WEB, why) ||
	    !read_secret("delivery.sms_secret_file", c->sms_secret_file, k->sms,
	    why)))
		return false;
	if (c->sms_by == SMS_HTTP && (!check_url(c->sms_url, why) ||
	    (c->sms_secret_file[0] != '\0' &&
	    !read_secret("delivery.sms_secret_file", c->sms_secret_file,
	    k->sms, why))))
		return false;
	if (c->sms_by == SMS_TWILIO &&
	    (!url_policy_ok("delivery.twilio_url", c->twilio_url, URL_BASE,
	    why) || !read_secret("delivery.twilio_token_file",
	    c->twilio_token_file, k->twilio, why)))
		return false;
	if (c->email_by == EMAIL_SMTP && !url_policy_ok("delivery.smtp_url",
	    c->smtp_url, URL_MAIL, why))
		return false;
	if (c->email_by == EMAIL_SMTP && c->smtp_user[0] != '\0' &&
	    !read_secret("delivery.smtp_password_file", c->smtp_password_file,
	    k->smtp, why))
		return false;
	if (c->push_by == PUSH_FCM &&
	    (!url_policy_ok("delivery.fcm_url", c->fcm_url, URL_BASE, why) ||
	    !url_policy_ok("delivery.fcm_token_url", c->fcm_token_url, URL_WEB,
	    why) || !fcm_start(c, why)))
		return false;
	return !message_by_apns(c) || apns_start(c, why);
}

bool
message_by_apns(const struct conf *c)
{
	return c->push_by == PUSH_APNS || (c->push_by == PUSH_FCM &&
	    c->apns_key_file[0] != '\0');
}

struct message_result
message_dead(const char *why)
{
	return (struct message_result){ .status = MESSAGE_DEAD, .why = why };
}

static bool
begin_none(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	(void)s;
	(void)c;
	*result = message_dead("its provider is not configured");
	return false;
}

static struct message_result
judge_none(struct sending *s)
{
	return message_judge(s->arena, &s->answer);
}

const struct message_driver no_driver = {
	.max_requests = 32, .begin = begin_none, .judge = judge_none,
};

struct message_result
message_judge(struct arena *a, const struct http_answer *answer)
{
	int status = answer->status;

	if (status / 100 == 2)
		return (struct message_result){ .status = MESSAGE_SENT };
	if (status == 0)
		return (struct message_result){ .status = MESSAGE_RETRY,
		    .down = true, .why = answer->error };
	/*
	 * Errors of the provider, of its credentials, or a rate limit. Retry.
	 */
	if (status >= 500 || status == 429 || status == 408 || status == 401 ||
	    status == 403)
		return (struct message_result){ .status = MESSAGE_RETRY,
		    .after = answer->retry_after * INT64_C(1000),
		    .down = status != 500,
		    .why = arena_fmt(a, "status %d", status) };
	return message_dead(arena_fmt(a, "status %d", status));
}
