/* multipart: the file in a multipart/form-data body. */
#include "unit.h"

#include <stdlib.h>

#include "base/random.h"
#include "fcgi/core/multipart.h"

#define TYPE "multipart/form-data; boundary=XX"

static void
finds(const char *type, const char *body, const char *want)
{
	const char *file = NULL;
	size_t n = 0;
	bool found = multipart_file(type, body, strlen(body), &file, &n);

	assert_int_equal(found, want != NULL);
	if (want == NULL)
		return;
	assert_int_equal(n, strlen(want));
	assert_memory_equal(file, want, n);
}

static void
files(void **state)
{
	(void)state;
	finds(TYPE, "--XX\r\nContent-Disposition: form-data; name=\"image\"; "
	    "filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n"
	    "--XX--\r\n", "abc");
	/* The part with a file name, not the first one. */
	finds(TYPE, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\none"
	    "\r\n--XX\r\nContent-Disposition: form-data; name=b; filename=x"
	    "\r\n\r\ntwo\r\n--XX--", "two");
	finds(TYPE, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\none"
	    "\r\n--XX--", "one");
	/* Without headers, with a preamble, and with an empty content. */
	finds(TYPE, "--XX\r\n\r\nabc\r\n--XX--", "abc");
	finds(TYPE, "hello\r\n--XX \r\nA: b\r\n\r\nabc\r\n--XX--", "abc");
	finds(TYPE, "--XX\r\nA: filename=x\r\n\r\n\r\n--XX--", "");
	finds("Multipart/Form-Data; charset=x; Boundary=\"a b\"",
	    "--a b\r\nA: b\r\n\r\n\r\nabc\r\n\r\n--a b--", "\r\nabc\r\n");
}

static void
invalid(void **state)
{
	static const char *const bodies[] = { "", "--XX", "--XX--", "--XX\r\n",
	    "--XX\r\nA: b\r\n\r\nabc", "--XX\r\nA: b\r\n\r\nabc\r\n--X",
	    "--XX\r\nA: b\r\n\r\nabc--XX--", "--XY\r\nA: b\r\n\r\na\r\n--XY--" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bodies); i++)
		finds(TYPE, bodies[i], NULL);
	finds("multipart/form-data", "--XX\r\nA: b\r\n\r\na\r\n--XX--", NULL);
	finds("multipart/form-data; boundary=", "--\r\n\r\na\r\n----", NULL);
	assert_true(multipart_is(TYPE));
	assert_true(multipart_is("MULTIPART/FORM-DATA"));
	assert_false(multipart_is("multipart/form-data2; boundary=x"));
	assert_false(multipart_is("multipart/mixed; boundary=XX"));
	assert_false(multipart_is(NULL));
}

/*
 * A body of many small parts, or of a part without an end of its headers, costs
 * little time.
 */
static void
limits(void **state)
{
	static const char part[] = "--XX\r\nA: b\r\n\r\nc\r\n",
	    file[] = "--XX\r\nA: filename=x\r\n\r\nabc\r\n--XX--";
	char body[10000];
	size_t n;
	int i;

	(void)state;
	for (i = 30; i < 34; i++) {
		for (n = 0; n < (size_t)i * strlen(part); n += strlen(part))
			memcpy(body + n, part, strlen(part));
		memcpy(body + n, file, sizeof(file));
		finds(TYPE, body, i < 32 ? "abc" : NULL);
	}
	for (i = 4080; i < 4110; i++) {
		snprintf(body, sizeof(body), "--XX\r\n%0*d\r\n\r\nabc\r\n"
		    "--XX--", i, 0);
		finds(TYPE, body, i <= 4090 ? "abc" : NULL);
	}
}

/* Nothing is read outside of damaged bodies (address sanitizer). */
static void
damaged(void **state)
{
	static const char body[] = "--XX\r\nA: filename=b\r\n\r\nabc\r\n--XX"
	    "\r\n\r\nb\r\n--XX--";
	static const char chars[] = "\r\n-X: a";
	const char *file;
	size_t n, size, k;
	char *copy;
	int i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		size = random_below(sizeof(body) - 1) + 1;
		copy = malloc(size);
		assert_non_null(copy);
		memcpy(copy, body, size);
		for (k = random_below(6); k > 0; k--)
			copy[random_below((uint32_t)size)] =
			    chars[random_below(sizeof(chars) - 1)];
		if (multipart_file(TYPE, copy, size, &file, &n))
			assert_true(file >= copy && file + n <= copy + size);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files), cmocka_unit_test(invalid),
		cmocka_unit_test(limits),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
