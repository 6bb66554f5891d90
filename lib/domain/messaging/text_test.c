#include "domain/messaging/text_test.h"

#include "base/clock.h"
#include "base/str.h"
#include "json/json_build.h"

#define LANGUAGES_MAX	100

enum rc
text_test_preview(struct arena *a, const char *name,
    enum template_channel channel, const char *language,
    struct text_preview *p, struct err *err)
{
	*p = (struct text_preview){ .type = text_type_find(name) };
	if (p->type == NULL || !(p->type->channels & 1u << channel))
		return err_set(err, RC_NOT_FOUND, NULL, "Template not found");
	p->file = template_find(language, name, channel);
	p->error = text_check_file(a, p->file);
	if (p->error != NULL)
		p->file = template_find_builtin(language, name, channel);
	text_make(a, language, name, channel, text_samples(a, p->type),
	    &p->text);
	if (channel == TEMPLATE_SMS) {
		p->unicode = template_sms_unicode(p->text.body);
		p->segments = template_sms_segments(p->text.body);
	}
	return RC_OK;
}

static enum rc
find_address(struct db *db, struct arena *a, int64_t user,
    enum outbox_channel channel, const char **to)
{
	struct stmt *q = stmt_get(db, Q_TEXT_TEST_ADDRESS);

	stmt_int(q, ":user", user);
	if (stmt_row(q))
		*to = stmt_col_text(q, channel == OUTBOX_EMAIL ? 0 : 1, a);
	return stmt_done(q);
}

enum rc
text_test_send(struct db *db, struct arena *a, const struct text_preview *p,
    const struct audit_by *by, const char **to, struct err *err)
{
	struct outbox_message m = { .user = by->actor,
		.channel = (enum outbox_channel)(p->file->channel + 1),
		.template = p->type->name, .title = p->text.title,
		.body = p->text.body, .data = p->text.details, .ttl = HOUR };
	enum rc rc = RC_OK;

	*to = NULL;
	if (m.channel != OUTBOX_PUSH) {
		rc = find_address(db, a, by->actor, m.channel, to);
		if (rc == RC_OK && *to == NULL)
			return err_set(err, RC_CONFLICT, "no_address",
			    "Your account has no verified address for this "
			    "channel");
		m.recipient = *to;
	} else {
		m.template = "notification";
		m.data = json_build_object(a, JSON_OBJECT(
		    JSON_STR("type", "template.test")));
	}
	if (rc == RC_OK)
		rc = outbox_put(db, &m, by->now);
	return rc == RC_OK ? audit_add(db, by, "template.test",
	    arena_fmt(a, "template:%s/%s.%s", p->file->language,
	    p->type->name, template_channel_names[p->file->channel]), NULL,
	    NULL) : rc;
}

/* Inserts a language into the sorted list, unless it is there. */
static void
add_language(struct strv *list, const char *language)
{
	size_t i = list->n;

	for (size_t j = 0; j < list->n; j++)
		if (str_eq(list->v[j], language))
			return;
	if (list->n == LANGUAGES_MAX)
		return;
	for (; i > 0 && strcmp(list->v[i - 1], language) > 0; i--)
		list->v[i] = list->v[i - 1];
	list->v[i] = language;
	list->n++;
}

void
text_test_languages(struct arena *a, struct strv *list)
{
	const struct template_file *f;

	list->n = 0;
	list->v = arena_zalloc(a, LANGUAGES_MAX, sizeof(*list->v));
	for (size_t i = 0; i < template_builtin_n; i++)
		add_language(list, template_builtin[i].language);
	for (size_t i = 0; (f = template_own(i)) != NULL; i++)
		add_language(list, f->language);
}
