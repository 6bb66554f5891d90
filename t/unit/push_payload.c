/*
 * push_payload: no message exceeds the maximum of its provider, whatever the
 * length of its title, its text and the values of variables.
 */
#include "unit.h"

#include "base/clock.h"
#include "base/template.h"
#include "domain/messaging/text.h"
#include "json/json_validate.h"
#include "providers/push_payload.h"

#define NOW	INT64_C(1700000000000)
#define TOKEN	"cafe01"
/* The members that Earmark adds to a ring, with the longest values. */
#define RING	"{\"type\":\"call.incoming\",\"call_id\":9223372036854775807," \
	"\"caller_id\":9223372036854775807,\"caller_username\":" \
	"\"abcdefghijklmnopqrstuvwxyz0123\",\"kind\":\"video\",\"deadline\":" \
	"9223372036854775,\"rate_per_minute\":9223372036854775807%s}"

static const char *const languages[] = { "en", "hi", "es", "id" };
static struct arena arena;

static struct message
message_of(const char *title, const char *body, const char *data)
{
	return (struct message){ .to = TOKEN, .template = "notification",
		.title = title, .body = body, .data = data, .now = NOW,
		.expires_at = NOW + HOUR };
}

/* Returns n bytes or, with longer characters, a few less. */
static char *
repeat(const char *character, size_t n)
{
	size_t one = strlen(character), len = n / one * one;
	char *out = arena_alloc(&arena, len + 1);

	for (size_t i = 0; i < len; i++)
		out[i] = character[i % one];
	out[len] = '\0';
	return out;
}

typedef bool make_body(struct arena *, struct buf *, const struct message *);

/*
 * Returns the size of the body, which must be valid JSON (so no character was
 * cut) of at most max bytes. Returns 0 if the data are too large.
 */
static size_t
checked(make_body *make, const struct message *m, size_t max)
{
	struct buf b;
	size_t n = 0;

	buf_init(&b, 64 * 1024);
	if (make(&arena, &b, m)) {
		n = b.len;
		assert_in_range(n, 1, max);
		assert_null(json_validate(b.data, n));
	}
	buf_free(&b);
	return n;
}

static void
check_all(const struct message *m)
{
	assert_true(checked(push_payload_fcm, m, PUSH_PAYLOAD_MAX +
	    strlen(m->to)) > 0);
	assert_true(checked(push_payload_apns, m, PUSH_PAYLOAD_MAX) > 0);
}

/* Fills each variable of a type with the value. */
static struct template_var *
fill(const struct text_type *type, const char *value)
{
	struct template_var *vars = arena_zalloc(&arena, 8, sizeof(*vars));
	char *names = arena_str(&arena, type->variables), *save = NULL;
	size_t n = 0;

	for (char *p = strtok_r(names, " !", &save); p != NULL && n < 7;
	    p = strtok_r(NULL, " !", &save))
		vars[n++] = (struct template_var){ p, value };
	return vars;
}

static void
texts(void **state)
{
	static const char *const characters[] = { "a", "\"", "\t", "ह", "𑄇" };
	const char *data = arena_fmt(&arena, RING, "");
	struct text text;

	(void)state;
	for (size_t i = 0; i < text_types_n; i++)
		for (size_t j = 0; j < NELEM(languages); j++)
			for (size_t k = 0; k < NELEM(characters); k++) {
				const struct text_type *type = &text_types[i];
				struct message m;

				if ((type->channels & 1u << TEMPLATE_PUSH) == 0)
					continue;
				text_make(&arena, languages[j], type->name,
				    TEMPLATE_PUSH, fill(type, repeat(
				    characters[k], 4000)), &text);
				m = message_of(text.title, text.body, data);
				check_all(&m);
				m.rings = true;
				check_all(&m);
				m.voip = true;
				assert_true(checked(push_payload_apns, &m,
				    PUSH_PAYLOAD_VOIP) > 0);
			}
}

static void
titles(void **state)
{
	struct message m = message_of(repeat("ह", 9000), repeat("a", 70000),
	    "{\"page\":1}");

	(void)state;
	check_all(&m);
	m.body = NULL;
	check_all(&m);
	m.title = repeat("𑄇", 70000);
	check_all(&m);
}

/* Makes a ring whose body for APNs has `size` bytes. */
static struct message
ring_of(size_t size, bool voip)
{
	struct message m = message_of("t", NULL, arena_fmt(&arena, RING,
	    ",\"caller_image_url\":\"\""));
	size_t n;

	m.rings = true;
	m.voip = voip;
	n = size - checked(push_payload_apns, &m, size);
	m.data = arena_fmt(&arena, RING, arena_fmt(&arena,
	    ",\"caller_image_url\":\"%s\"", repeat("a", n)));
	return m;
}

static void
limits(void **state)
{
	struct message m = ring_of(PUSH_PAYLOAD_VOIP, true);

	(void)state;
	assert_int_equal(checked(push_payload_apns, &m, PUSH_PAYLOAD_VOIP),
	    PUSH_PAYLOAD_VOIP);
	m = ring_of(PUSH_PAYLOAD_VOIP + 1, true);
	assert_int_equal(checked(push_payload_apns, &m, 0), 0);
	m = ring_of(PUSH_PAYLOAD_MAX, false);
	assert_int_equal(checked(push_payload_apns, &m, PUSH_PAYLOAD_MAX),
	    PUSH_PAYLOAD_MAX);
	/* The title loses its only character. */
	m = ring_of(PUSH_PAYLOAD_MAX + 1, false);
	assert_int_equal(checked(push_payload_apns, &m, PUSH_PAYLOAD_MAX),
	    PUSH_PAYLOAD_MAX);
	m = ring_of(PUSH_PAYLOAD_MAX + 2, false);
	assert_int_equal(checked(push_payload_apns, &m, 0), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(titles),
		cmocka_unit_test(limits),
	};
	int failed;

	arena_init(&arena, 256 * 1024 * 1024);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
