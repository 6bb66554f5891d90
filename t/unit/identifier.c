/* identifier: validates and normalizes identifiers that users type. */
#include "domain/common/identifier.h"

#include "t/unit/unit.h"

static struct arena arena;

static void
kinds(void **state)
{
	static const struct {
		const char *typed, *spelling;
		enum identifier kind;
	} rows[] = {
		{ "ana", "ana", ID_USERNAME },
		{ "  Ana\t", "ana", ID_USERNAME },
		{ "a.b_9", "a.b_9", ID_USERNAME },
		{ "12345678", "12345678", ID_USERNAME },
		{ "abcdefghijabcdefghijabcdefghij",
		    "abcdefghijabcdefghijabcdefghij", ID_USERNAME },
		{ "Ana@Example.ORG", "ana@example.org", ID_EMAIL },
		{ "a+b.c'd@x-y.example.org", "a+b.c'd@x-y.example.org",
		    ID_EMAIL },
		{ "+919876543210", "+919876543210", ID_PHONE },
		{ "+12345678", "+12345678", ID_PHONE },
		{ "+91 98765-43210", "+919876543210", ID_PHONE },
		{ "0091 (98765) 43210", "+919876543210", ID_PHONE },
		{ "+\xe0\xa5\xaf\xe0\xa5\xa7 9876543210", "+919876543210",
		    ID_PHONE },
		{ "\xe2\x80\xaa+919876543210\xe2\x80\xac", "+919876543210",
		    ID_PHONE },
		{ "+9109876543210", "+919876543210", ID_PHONE },
		{ " Ana @Example.org\xc2\xa0", "ana@example.org", ID_EMAIL },
		{ "ana@B\xc3\xbc" "cher.example", "ana@xn--bcher-kva.example",
		    ID_EMAIL },
		{ "9876543210", "9876543210", ID_USERNAME },
		{ "+123456789012345", "+123456789012345", ID_NONE },
		{ "", "", ID_NONE },
		{ "ab", "ab", ID_NONE },
		{ "abcdefghijabcdefghijabcdefghijk",
		    "abcdefghijabcdefghijabcdefghijk", ID_NONE },
		{ "a b c", "a b c", ID_NONE },
		{ "a-b-c", "a-b-c", ID_NONE },
		{ "deleted-7", "deleted-7", ID_NONE },
		{ "+1234567", "+1234567", ID_NONE },
		{ "+1234567890123456", "+1234567890123456", ID_NONE },
		{ "+0123456789", "+0123456789", ID_NONE },
		{ "98765 43210", "98765 43210", ID_NONE },
		{ "@", "@", ID_NONE },
		{ "a@b", "a@b", ID_NONE },
		{ "a@.b", "a@.b", ID_NONE },
		{ "a@b.", "a@b.", ID_NONE },
		{ "a@b..c", "a@b..c", ID_NONE },
		{ "a@-b.c", "a@-b.c", ID_NONE },
		{ "a@b-.c", "a@b-.c", ID_NONE },
		{ "a@b@c.d", "a@b@c.d", ID_NONE },
		{ ".a@b.c", ".a@b.c", ID_NONE },
		{ "a..b@c.d", "a..b@c.d", ID_NONE },
		{ "\"a b\"@c.d", "\"a b\"@c.d", ID_NONE },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", ID_NONE },
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		if (identifier_read(&arena, "", rows[i].typed, &text) !=
		    rows[i].kind)
			fail_msg("%s", rows[i].typed);
		assert_string_equal(text, rows[i].spelling);
	}
}

static void
numbers_of_the_default_country(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(identifier_read(&arena, "IN", "98765 43210", &text),
	    ID_PHONE);
	assert_string_equal(text, "+919876543210");
	assert_int_equal(identifier_read(&arena, "IN", "098765-43210", &text),
	    ID_PHONE);
	assert_string_equal(text, "+919876543210");
	assert_int_equal(identifier_read(&arena, "IN", "12345", &text),
	    ID_USERNAME);
	assert_int_equal(identifier_read(&arena, "IN", "+4401212345678", &text),
	    ID_PHONE);
	assert_string_equal(text, "+441212345678");
}

static void
long_addresses(void **state)
{
	char text[400];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + 64, "@b.cd", 6);
	assert_true(identifier_email_ok(text));
	text[64] = 'a';
	memcpy(text + 65, "@b.cd", 6);
	assert_false(identifier_email_ok(text));
	/* A label may have 63 bytes, but not 64. */
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	memcpy(text + 2 + 63, ".cd", 4);
	assert_true(identifier_email_ok(text));
	text[2 + 63] = 'a';
	memcpy(text + 2 + 64, ".cd", 4);
	assert_false(identifier_email_ok(text));
}

static void
masks(void **state)
{
	(void)state;
	assert_string_equal(identifier_mask(&arena, "+919876543210"),
	    "+91********10");
	assert_string_equal(identifier_mask(&arena, "+12345678"),
	    "+12****78");
	assert_string_equal(identifier_mask(&arena, "ana@example.org"),
	    "a***@example.org");
	assert_string_equal(identifier_mask(&arena, "a@example.org"),
	    "a***@example.org");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(numbers_of_the_default_country),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(masks),
	};

	arena_init(&arena, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
