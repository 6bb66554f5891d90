/* provider_json: parses JSON of payment providers. */
#include "base/str.h"
#include "json/json_decode.h"
#include "providers/provider_internal.h"

#define TEXT_BYTES	200

bool
provider_json_read(struct arena *a, const struct field_table *t, void *obj,
    const char *text)
{
	struct err err;

	if (text == NULL)
		return false;
	err_init(&err, a);
	return json_decode_max(a, t, obj, text, strlen(text),
	    JSON_BYTES_PROVIDER, &err) == RC_OK;
}

const char *
provider_json_text(struct arena *a, const char *text)
{
	size_t n, i;
	char *s;

	if (text == NULL)
		return NULL;
	n = strlen(text);
	if (n > TEXT_BYTES)
		n = TEXT_BYTES;
	/* Do not split a character. */
	while (n > 0 && n < strlen(text) && (text[n] & 0xc0) == 0x80)
		n--;
	s = arena_strn(a, text, n);
	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			s[i] = ' ';
	return s;
}

struct note_texts { const char *payment, *number; };

static const struct field note_fields[] = {
	{ .name = NOTE_PAYMENT, .type = F_ID, .max = 20,
	    .off = offsetof(struct note_texts, payment) },
	{ .name = NOTE_RETURN, .type = F_ID, .max = 20,
	    .off = offsetof(struct note_texts, number) },
};
static const struct field_table note_table =
    FIELD_TABLE(note_fields, struct note_texts);

static int64_t
number_of(const char *text)
{
	int64_t n;

	return text != NULL && str_int(text, &n) && n > 0 ? n : 0;
}

struct provider_notes
provider_json_notes(struct arena *a, const char *json)
{
	struct note_texts *t = field_new(a, &note_table);

	if (!provider_json_read(a, &note_table, t, json))
		return (struct provider_notes){ 0, 0 };
	return (struct provider_notes){ number_of(t->payment),
	    number_of(t->number) };
}
