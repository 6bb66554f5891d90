/* text_check: validates templates, and makes examples of texts. */
#include "base/str.h"
#include "domain/messaging/text.h"

#define SEGMENTS_MAX	4		/* of an SMS with example values */

/* Finds a name in a list of variables. *required: it ends with '!'. */
static bool
find_variable(const char *list, const char *name, bool *required)
{
	size_t n = strlen(name), len;

	for (; *list != '\0'; list += len) {
		list += strspn(list, " ");
		len = strcspn(list, " ");
		*required = len > 0 && list[len - 1] == '!';
		if (len - *required == n && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

static const char *
check_variables(struct arena *a, const struct text_type *type,
    const char *text)
{
	const char *p = text, *list = type->variables;
	char name[TEMPLATE_NAME];
	bool required;
	size_t n;

	while (template_next_variable(&p, name))
		if (!str_eq(name, "app") &&
		    !find_variable(list, name, &required))
			return arena_fmt(a, "there is no variable {{%s}}; use "
			    "{{app}}%s%s", name, *list == '\0' ? "" : ", ",
			    list);
	for (; *list != '\0'; list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n > 0 && list[n - 1] == '!' && strstr(text, arena_fmt(a,
		    "{{%.*s}}", (int)n - 1, list)) == NULL)
			return arena_fmt(a, "{{%.*s}} is missing", (int)n - 1,
			    list);
	}
	return NULL;
}

static bool
is_language(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	return (n == 2 || n == 3) && text[n] == '\0';
}

const char *
text_check_file(struct arena *a, const struct template_file *f)
{
	const struct text_type *type = text_type_find(f->name);
	struct template t;
	const char *why;

	if (!is_language(f->language))
		return "the folder must be the code of a language, such as hi";
	if (type == NULL)
		return arena_fmt(a, "there is no message %s", f->name);
	if (!(type->channels & 1u << f->channel))
		return arena_fmt(a, "%s is not sent by this channel", f->name);
	why = template_parse(a, f->channel, f->text, &t);
	return why != NULL ? why : check_variables(a, type, f->text);
}

const struct template_var *
text_samples(struct arena *a, const struct text_type *type)
{
	static const struct template_var samples[] = {
		{ "amount", "INR 150.00" }, { "code", "123456" },
		{ "contact", "+9198*****222" }, { "device", "Chrome, Android" },
		{ "duration", "12:30" },
		{ "link", "https://example.com/app/#/restore/"
		    "HnTzVoMZ9jHf3PYmbcUA7w0r5kXeL1yQ2s4Gd6iNbW8" },
		{ "minutes", "5" },
		{ "name", "asha" }, { "reason", "The picture is not clear." },
		{ "subject", "My payment" }, { "text", "Thank you." },
		{ "time", "2026-01-02 03:04 UTC" }, { "title", "Hello" },
	};
	struct template_var *v = arena_zalloc(a, NELEM(samples) + 1,
	    sizeof(*v));
	bool required;
	size_t n = 0;

	for (size_t i = 0; i < NELEM(samples); i++)
		if (find_variable(type->variables, samples[i].name, &required))
			v[n++] = samples[i];
	return v;
}

/* Checks the length of an SMS with example values. */
static const char *
check_length(struct arena *a, const struct template_file *f)
{
	const struct text_type *type = text_type_find(f->name);
	size_t n, max = SEGMENTS_MAX;
	struct text text;

	if (f->channel != TEMPLATE_SMS)
		return NULL;
	text_make(a, f->language, f->name, f->channel, text_samples(a, type),
	    &text);
	n = template_sms_segments(text.body);
	/* Android's SMS Retriever reads one message of 140 bytes. */
	if (text_has_app_hash() && strstr(type->variables, "code!") != NULL)
		max = 1;
	return n <= max ? NULL : arena_fmt(a, "the text needs %zu SMS, the "
	    "maximum is %zu", n, max);
}

size_t
text_check(FILE *errs)
{
	const struct template_file *f;
	struct arena arena;
	const char *why;
	size_t n = 0;

	arena_init(&arena, 4 * 1024 * 1024);
	for (size_t i = 0; (f = template_own(i)) != NULL; i++) {
		why = text_check_file(&arena, f);
		if (why == NULL)
			why = check_length(&arena, f);
		if (why != NULL) {
			fprintf(errs, "template %s/%s.%s: %s\n", f->language,
			    f->name, template_channel_names[f->channel], why);
			n++;
		}
		arena_reset(&arena);
	}
	arena_free(&arena);
	return n;
}
