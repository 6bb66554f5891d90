#include "domain/messaging/text.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/money.h"
#include "base/str.h"
#include "domain/common/outbox.h"
#include "domain/messaging/mail_address.h"
#include "json/json_build.h"

#define TEXT_MAX	(64 * 1024)	/* bytes */

#define S	(1u << TEMPLATE_SMS)
#define E	(1u << TEMPLATE_EMAIL)
#define P	(1u << TEMPLATE_PUSH)

const struct text_type text_types[] = {
	{ "account_deleted", "", S | E },
	{ "account_warning", "text!", E | P },
	{ "call_incoming", "name", P },
	{ "call_incoming_video", "name", P },
	{ "call_missed", "name", P },
	{ "contact_changed", "contact", S | E | P },
	{ "contact_restored", "", S | E },
	{ "contact_taken", "", S | E },
	{ "contact_undo", "contact link!", S | E },
	{ "flyer_removed", "title reason", E | P },
	{ "identity_linked", "provider", S | E },
	{ "identity_unlinked", "provider", S | E },
	{ "listener_available", "name", P },
	{ "listener_rejected", "reason", E | P },
	{ "listener_verified", "", E | P },
	{ "low_balance", "duration", P },
	{ "mfa_disabled", "", S | E },
	{ "mfa_enabled", "", S | E },
	{ "new_device", "device time", E | P },
	{ "notification", "title text!", S | E | P },
	{ "otp_contact", "code! minutes", S | E },
	{ "otp_continue", "code! minutes", S | E },
	{ "otp_login", "code! minutes", S | E },
	{ "otp_register", "code! minutes", S | E },
	{ "otp_reset", "code! minutes", S | E },
	{ "password_changed", "", S | E },
	{ "picture_removed", "title reason", E | P },
	{ "rate_above_maximum", "amount", P },
	{ "refresh_reused", "", E | P },
	{ "refund", "amount", E | P },
	{ "register_taken", "", S | E },
	{ "session_earned", "name duration amount", P },
	{ "session_ended", "name duration amount", P },
	{ "session_refund", "amount", E | P },
	{ "session_running", "name", P },
	{ "session_started", "name", P },
	{ "ticket_reply", "subject text", E | P },
	{ "ticket_said", "name subject text", P },
	{ "ticket_solved", "subject", E | P },
	{ "topup_credited", "amount", E | P },
};
const size_t text_types_n = NELEM(text_types);

static const struct conf *conf;		/* NULL: text_start() was not called */

static const char *
app_name(void)
{
	return conf == NULL ? "Earmark" : conf->app_name;
}

bool
text_sends_sms(void)
{
	return conf == NULL || conf->sms_by != SMS_NONE;
}

bool
text_has_app_hash(void)
{
	return conf != NULL && conf->sms_app_hash[0] != '\0';
}

const struct text_type *
text_type_find(const char *name)
{
	for (size_t i = 0; i < NELEM(text_types); i++)
		if (str_eq(text_types[i].name, name))
			return &text_types[i];
	return NULL;
}

void
text_set_conf(const struct conf *c)
{
	conf = c;
	outbox_start(c);
}

void
text_start(const struct conf *c, FILE *errs)
{
	text_set_conf(c);
	template_load(c->template_dir, errs);
	text_check(errs);
}

/* ---- values */

const char *
text_amount(struct arena *a, int64_t amount)
{
	const char *currency = conf == NULL ? "INR" : conf->currency;
	char text[MONEY_TEXT];

	money_text(amount, currency, text);
	return arena_fmt(a, "%s %s", currency, text);
}

const char *
text_duration(struct arena *a, int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / SECOND;

	return s < 3600 ? arena_fmt(a, "%" PRId64 ":%02d", s / 60,
	    (int)(s % 60)) : arena_fmt(a, "%" PRId64 ":%02d:%02d", s / 3600,
	    (int)(s / 60 % 60), (int)(s % 60));
}

const char *
text_unsubscribe(struct arena *a, int64_t user)
{
	return conf == NULL ? NULL : json_build_object(a, JSON_OBJECT(
	    JSON_STR("unsubscribe", arena_fmt(a,
	    "%s/notifications/unsubscribe/%s", conf->base_url,
	    mail_address_token(a, conf, user)))));
}

/* ---- rendering */

/* Returns the variables and the name of the service. */
static const struct template_var *
with_app(struct arena *a, const struct template_var *vars)
{
	struct template_var *all;
	size_t n = 0;

	while (vars[n].name != NULL)
		n++;
	all = arena_zalloc(a, n + 2, sizeof(*all));
	all[0] = (struct template_var){ "app", app_name() };
	for (size_t i = 0; i < n; i++)
		all[i + 1] = vars[i];
	return all;
}

static const char *
fill(struct arena *a, const char *text, const struct template_var *vars,
    enum template_escape escape)
{
	struct buf b;
	char *out;

	buf_init(&b, TEXT_MAX);
	template_fill(&b, text, vars, escape);
	out = arena_strn(a, b.data == NULL ? "" : b.data, b.len);
	buf_free(&b);
	return out;
}

static const char *
find_code(const struct template_var *vars)
{
	for (; vars->name != NULL; vars++)
		if (str_eq(vars->name, "code"))
			return vars->value;
	return NULL;
}

/*
 * Adds the line of the app for Android's SMS Retriever, and the line of the
 * website for WebOTP, which must be the last one.
 */
static const char *
add_code_lines(struct arena *a, const char *body, const char *code)
{
	if (code == NULL || conf == NULL)
		return body;
	if (conf->sms_app_hash[0] != '\0')
		body = arena_fmt(a, "%s\n%s", body, conf->sms_app_hash);
	if (conf->sms_web_host[0] != '\0')
		body = arena_fmt(a, "%s\n@%s #%s", body, conf->sms_web_host,
		    code);
	return body;
}

/* Returns the header of the template, or the default of the configuration. */
static const char *
id_or(const char *header, const char *dflt)
{
	return header != NULL ? header : dflt[0] != '\0' ? dflt : NULL;
}

static const char *
sms_details(struct arena *a, const struct template *t, const char *language,
    const struct template_var *vars, const char *body)
{
	struct json_member *m;
	size_t n = 0;

	while (vars[n].name != NULL)
		n++;
	m = arena_zalloc(a, n + 1, sizeof(*m));
	for (size_t i = 0; i < n; i++)
		m[i] = (struct json_member)JSON_STR(vars[i].name,
		    vars[i].value == NULL ? "" : vars[i].value);
	return json_build_object(a, JSON_OBJECT(JSON_STR("language", language),
	    JSON_STR("sender", id_or(t->sender, conf == NULL ? "" :
	    conf->sms_sender)), JSON_STR("template_id", t->template_id),
	    JSON_STR("entity_id", id_or(t->entity_id, conf == NULL ? "" :
	    conf->sms_entity_id)),
	    JSON_BOOL("unicode", template_sms_unicode(body)),
	    JSON_RAW("variables", json_build_object(a, m))));
}

/*
 * Parses a file. If it is one of the operator and invalid, parses the built-in
 * one instead.
 */
static const char *
parse_valid(struct arena *a, const char *language, const char *type,
    enum template_channel channel, struct template *t)
{
	const struct template_file *f = template_find(language, type, channel);

	if (f == NULL)
		BUG("no template %s.%s", type, template_channel_names[channel]);
	if (f->own && text_check_file(a, f) != NULL)
		f = template_find_builtin(language, type, channel);
	if (f == NULL || template_parse(a, channel, f->text, t) != NULL)
		BUG("template %s.%s", type, template_channel_names[channel]);
	return f->language;
}

void
text_make(struct arena *a, const char *language, const char *type,
    enum template_channel channel, const struct template_var *vars,
    struct text *out)
{
	const struct template_var *all = with_app(a, vars);
	struct template t;

	language = parse_valid(a, language, type, channel, &t);
	*out = (struct text){ 0 };
	if (t.title != NULL)
		out->title = fill(a, t.title, all, TEMPLATE_LINE);
	out->body = fill(a, t.body, all, channel == TEMPLATE_SMS &&
	    !str_eq(type, "notification") ? TEMPLATE_LINE : TEMPLATE_TEXT);
	if (channel != TEMPLATE_SMS)
		return;
	out->body = add_code_lines(a, out->body, find_code(vars));
	out->details = sms_details(a, &t, language, all, out->body);
}
