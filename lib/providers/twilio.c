/*
 * twilio: sends SMS with the Messages resource of Twilio
 * (https://www.twilio.com/docs/messaging/api/message-resource).
 */
#include "base/str.h"
#include "providers/message_internal.h"
#include "providers/provider_internal.h"

struct refusal { int64_t code; };
static const struct field refusal_fields[] = {
	{ .name = "code", .type = F_INT, .flags = FIELD_REQUIRED, .min = 0,
	    .max = 99999, .off = offsetof(struct refusal, code) },
};
static const struct field_table refusal_table =
    FIELD_TABLE(refusal_fields, struct refusal);

/*
 * Errors about the number or the text of a message
 * (https://www.twilio.com/docs/api/errors). Others concern the account: its
 * sender, its permissions, its queue.
 */
static const int final_codes[] = {
	21211, 21214, 21217, 21602, 21604, 21605, 21610, 21612, 21614, 21617
};
/* The account may not send to this country. */
#define COUNTRY 21408

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
		.ca_file = c->sms_ca_file, .timeout_ms = MESSAGE_TIMEOUT };
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
	struct refusal *refusal = field_new(s->arena, &refusal_table);
	const struct http_answer *answer = &s->answer;
	struct message_result result;

	/* The request succeeded, but the message failed at once. */
	if (answer->status / 100 == 2 &&
	    (strstr(answer->body, "\"status\": \"failed\"") != NULL ||
	    strstr(answer->body, "\"status\":\"failed\"") != NULL))
		return message_dead("Twilio reports: failed");
	result = message_judge(s->arena, answer);
	if (result.status != MESSAGE_DEAD || !provider_json_read(s->arena,
	    &refusal_table, refusal, answer->body))
		return result;
	result.why = arena_fmt(s->arena, "status %d, code %d", answer->status,
	    (int)refusal->code);
	for (size_t i = 0; i < NELEM(final_codes); i++)
		if (refusal->code == final_codes[i])
			return result;
	result.status = MESSAGE_RETRY;
	result.down = refusal->code != COUNTRY;
	return result;
}

const struct message_driver twilio_driver = {
	.max_requests = 16, .begin = begin_twilio, .judge = evaluate_twilio,
};
