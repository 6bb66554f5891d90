/*
 * sms_http: sends SMS to any provider that accepts an HTTP request. URL,
 * headers and body are templates of earmark.conf (base/template.h).
 */
#include "base/str.h"
#include "base/template.h"
#include "json/json_decode.h"
#include "providers/message_internal.h"

#define REQUEST_MAX	(64 * 1024)	/* bytes */
#define HEADERS_MAX	8
#define RAW		"{{variables}}"

/* Members of message.data, see domain/messaging/text.h. */
struct details {
	const char *language, *sender, *template_id, *entity_id, *variables;
	int unicode;
};
#define DETAIL(member) \
	{ .name = #member, .type = F_STR, .flags = FIELD_CLEAR, .max = 200, \
	    .off = offsetof(struct details, member) }
static const struct field detail_fields[] = {
	DETAIL(language), DETAIL(sender), DETAIL(template_id),
	DETAIL(entity_id),
	{ .name = "variables", .type = F_JSON,
	    .off = offsetof(struct details, variables) },
	{ .name = "unicode", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct details, unicode) },
};
static const struct field_table detail_table =
    FIELD_TABLE(detail_fields, struct details);

/*
 * Fills in the variables. {{variables}} is replaced by the members of the JSON
 * object, without its braces and without escape.
 */
static const char *
fill(struct arena *a, const char *text, const struct template_var *vars,
    const char *object, enum template_escape escape)
{
	const char *at;
	struct buf b;
	char *out;

	buf_init(&b, REQUEST_MAX);
	while (object != NULL && (at = strstr(text, RAW)) != NULL) {
		template_fill(&b, arena_strn(a, text, (size_t)(at - text)),
		    vars, escape);
		if (strlen(object) > 2)
			buf_add(&b, object + 1, strlen(object) - 2);
		text = at + strlen(RAW);
	}
	template_fill(&b, text, vars, escape);
	out = arena_strn(a, b.data, b.len);
	buf_free(&b);
	return out;
}

/* Splits the headers at '|' and fills in their variables. */
static const char *const *
fill_headers(struct arena *a, const char *text, const struct template_var *vars)
{
	const char **v = arena_zalloc(a, HEADERS_MAX + 1, sizeof(*v));
	size_t n = 0, len;

	for (; *text != '\0' && n < HEADERS_MAX; text += len) {
		text += strspn(text, "| ");
		len = strcspn(text, "|");
		if (len > 0)
			v[n++] = fill(a, arena_strn(a, text, len), vars, NULL,
			    TEMPLATE_LINE);
	}
	return v;
}

static bool
begin_sms_http(struct sending *s, const struct conf *c,
    struct message_result *result)
{
	const struct message *m = s->m;
	const char *type = c->sms_http_type;
	struct arena *a = s->arena;
	struct details *d = field_new(a, &detail_table);
	struct err err;

	err_init(&err, a);
	if (m->data != NULL && json_decode(a, &detail_table, d, m->data,
	    strlen(m->data), &err) != RC_OK) {
		*result = message_dead("the details of the message are "
		    "invalid");
		return false;
	}
	const struct template_var vars[] = {
		{ "to", m->to }, { "number", m->to + (m->to[0] == '+') },
		{ "text", m->body }, { "code", m->code },
		{ "sender", d->sender }, { "template_id", d->template_id },
		{ "entity_id", d->entity_id }, { "language", d->language },
		{ "unicode", d->unicode == 1 ? "1" : "0" },
		{ "secret", message_keys.sms }, { NULL, NULL }
	};

	s->success = c->sms_http_success;
	s->ask = (struct http_request){ .method = "GET",
		.ca_file = c->sms_ca_file, .timeout_ms = MESSAGE_TIMEOUT };
	s->ask.url = fill(a, c->sms_url, vars, NULL, TEMPLATE_FORM);
	s->ask.headers = fill_headers(a, c->sms_http_headers, vars);
	if (c->sms_http_body[0] == '\0')
		return true;
	s->ask.method = "POST";
	s->ask.content_type = type;
	s->ask.body = fill(a, c->sms_http_body, vars, d->variables == NULL ?
	    "{}" : d->variables, strstr(type, "json") != NULL ? TEMPLATE_JSON :
	    strstr(type, "urlencoded") != NULL ? TEMPLATE_FORM : TEMPLATE_TEXT);
	s->ask.body_len = strlen(s->ask.body);
	return true;
}

/* Returns whether a member of the response has the value of "member=value". */
static bool
is_success(struct arena *a, const char *test, const char *body)
{
	struct { const char *value; } *got;
	const char *equals = strchr(test, '=');
	struct field field = { .type = F_JSON };
	struct field_table table = { .fields = &field, .n = 1,
		.size = sizeof(*got) };
	struct err err;

	if (equals == NULL)
		return false;
	field.name = arena_strn(a, test, (size_t)(equals - test));
	got = field_new(a, &table);
	err_init(&err, a);
	if (json_decode(a, &table, got, body, strlen(body), &err) != RC_OK ||
	    got->value == NULL)
		return false;
	equals++;
	return str_eq(got->value, equals) ||
	    str_eq(got->value, arena_fmt(a, "\"%s\"", equals));
}

static struct message_result
evaluate_sms_http(struct sending *s)
{
	struct message_result r = message_judge(s->arena, &s->answer);

	/*
	 * Providers report missing credit and unknown senders with status 200.
	 * An operator can correct most of these errors.
	 */
	if (r.status == MESSAGE_SENT && s->success[0] != '\0' &&
	    !is_success(s->arena, s->success, s->answer.body))
		r = (struct message_result){ .status = MESSAGE_RETRY,
		    .why = "the response does not contain "
		    "delivery.sms_http_success" };
	/*
	 * Others report them with status 400, as an invalid number. The statuses
	 * of a provider that is not known have no certain meaning, so the
	 * message is retried until it expires.
	 */
	if (r.status == MESSAGE_DEAD)
		r.status = MESSAGE_RETRY;
	return r;
}

const struct message_driver sms_http_driver = {
	.max_requests = 16, .begin = begin_sms_http,
	.judge = evaluate_sms_http,
};
