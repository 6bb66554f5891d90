/* html: text from clients cannot end a tag or an attribute. */
#include "unit.h"

#include "fcgi/core/html.h"

static const char *
escaped(struct buf *to, const char *text)
{
	buf_clear(to);
	html_text(to, text);
	return to->len == 0 ? "" : to->data;
}

static void
escapes(void **state)
{
	struct buf b;
	char text[2];
	int c;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(escaped(&b, ""), "");
	assert_string_equal(escaped(&b, "plain \303\251 text"),
	    "plain \303\251 text");
	assert_string_equal(escaped(&b, "<b>&\"'"),
	    "&lt;b&gt;&amp;&quot;&#39;");
	assert_string_equal(escaped(&b, "&amp;&"), "&amp;amp;&amp;");
	for (c = 1; c < 256; c++) {
		text[0] = (char)c;
		text[1] = '\0';
		assert_true(str_eq(escaped(&b, text), text) ==
		    (strchr("&<>\"'", c) == NULL));
	}
	buf_free(&b);
}

static void
an_error_is_a_page(void **state)
{
	struct buf out;
	struct req req = { .out = &out, .id = "0123456789abcdef" };

	(void)state;
	buf_init(&out, 10000);
	html_error(&req, 404, "<script>alert(1)</script>");
	assert_null(strstr(out.data, "<script"));
	assert_non_null(strstr(out.data, "<h1>&lt;script&gt;alert(1)"));
	assert_non_null(strstr(out.data, "<title>&lt;script&gt;"));
	assert_non_null(strstr(out.data, "0123456789abcdef"));
	assert_null(strstr(out.data, "http-equiv"));
	assert_string_equal(req.content_type_out, "text/html; charset=utf-8");
	assert_string_equal(out.data + out.len - 8, "</html>\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(an_error_is_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
