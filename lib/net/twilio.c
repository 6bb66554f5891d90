/* twilio: SMS by Twilio's Messages resource. */
#include "base/str.h"
#include "net/message_impl.h"

struct message_result
twilio_send(struct arena *a, const struct conf *c, const struct message *m)
{
	struct http_request r = { .method = "POST", .user = c->twilio_account,
		.password = message_keys.twilio,
		.content_type = "application/x-www-form-urlencoded",
		.timeout_ms = MESSAGE_TIMEOUT };
	bool service = str_prefix(c->twilio_from, "MG");
	struct http_answer answer;

	r.url = arena_fmt(a, "%s/2010-04-01/Accounts/%s/Messages.json",
	    c->twilio_url, http_escape(a, c->twilio_account));
	r.body = arena_fmt(a, "To=%s&%s=%s&Body=%s", http_escape(a, m->to),
	    service ? "MessagingServiceSid" : "From",
	    http_escape(a, c->twilio_from),
	    http_escape(a, m->body == NULL ? "" : m->body));
	r.body_len = strlen(r.body);
	http_ask(a, &r, &answer);
	/* Accepted, and failed at once. */
	if (answer.status / 100 == 2 &&
	    (strstr(answer.body, "\"status\": \"failed\"") != NULL ||
	    strstr(answer.body, "\"status\":\"failed\"") != NULL))
		return message_dead("Twilio says failed");
	return message_judge(a, &answer);
}
