/* qr_code: the squares of the SVG are those of libqrencode. */
#include "crypto/qr_code.h"

#include <qrencode.h>
#include <stdio.h>

#include "t/unit/unit.h"

#define MARGIN 4

static struct arena arena;

static void
same_modules(void **state)
{
	static const char text[] = "otpauth://totp/example.com:jane?secret="
	    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=example.com";
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	const char *svg = qr_code_svg(&arena, text), *at;
	uint8_t drawn[177 * 177] = { 0 };
	int w, x, y, run, used, size;

	(void)state;
	assert_non_null(code);
	assert_non_null(svg);
	w = code->width;
	at = strstr(svg, "viewBox=\"0 0 ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "viewBox=\"0 0 %d", &size), 1);
	assert_int_equal(size, w + 2 * MARGIN);
	at = strstr(svg, "<path d=\"");
	assert_non_null(at);
	for (at += 9; *at == 'M'; at += used) {
		used = 0;
		assert_int_equal(sscanf(at, "M%d %dh%dv1h-%*dz%n", &x, &y,
		    &run, &used), 3);
		assert_true(used > 0);
		for (; run > 0; run--, x++)
			drawn[(y - MARGIN) * w + x - MARGIN] = 1;
	}
	assert_string_equal(at, "\"/></svg>");
	for (x = 0; x < w * w; x++)
		assert_int_equal(drawn[x], code->data[x] & 1);
	QRcode_free(code);
}

static void
too_long(void **state)
{
	char *text = arena_alloc(&arena, 4000);

	(void)state;
	memset(text, 'a', 3999);
	text[3999] = '\0';
	assert_null(qr_code_svg(&arena, text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_modules),
		cmocka_unit_test(too_long),
	};
	int failed;

	arena_init(&arena, 1 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
