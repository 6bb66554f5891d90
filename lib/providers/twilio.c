/*
 * twilio: sends SMS with the Messages resource of Twilio
 * (https://www.twilio.com/docs/messaging/api/message-resource).
 */
#include "base/str.h"
#include "providers/message_internal.h"

static bool
begin_twilio(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	bool service = str_prefix(c->twilio_from, "MG");
	const struct message *m = s->m;
	struct arena *a = s->arena;

	(void)result;
	s->ask = (struct http_request){ .method = "POST",
		.user = c->twilio_account, .password = message_keys.twilio,
		.content_type = "application/x-www-form-urlencoded",
		.timeout_ms = MESSAGE_TIMEOUT };
	s->ask.url = arena_fmt(a, "%s/2010-04-01/Accounts/%s/Messages.json",
	    c->twilio_url, http_escape(a, c->twilio_account));
	s->ask.body = arena_fmt(a, "To=%s&%s=%s&Body=%s",
	    http_escape(a, m->to), service ? "MessagingServiceSid" : "From",
	    http_escape(a, c->twilio_from),
	    http_escape(a, m->body == NULL ? "" : m->body));
	s->ask.body_len = strlen(s->ask.body);
	return true;
}

static struct message_result
evaluate_twilio(struct sending *s)
{
	const struct http_answer *answer = &s->answer;

	/* The request succeeded, but the message failed at once. */
	if (answer->status / 100 == 2 &&
	    (strstr(answer->body, "\"status\": \"failed\"") != NULL ||
	    strstr(answer->body, "\"status\":\"failed\"") != NULL))
		return message_dead("Twilio reports: failed");
	return message_judge(s->arena, answer);
}

const struct message_driver twilio_driver = {
	.max_requests = 16, .begin = begin_twilio, .judge = evaluate_twilio,
};
