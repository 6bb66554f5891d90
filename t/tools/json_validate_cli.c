/*
 * json_validate_cli: runs json_validate(), for t/core/11-json-differential.t.
 * Reads texts, each as a line with its length and then its bytes. Prints a
 * line for each, "yes" or the error.
 */
#include "base/err.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_validate.h"

int
main(void)
{
	const char *why;
	char *text, *exact;
	size_t n;

	while (scanf("%zu", &n) == 1) {
		if (getchar() != '\n' || (text = malloc(n + 1)) == NULL ||
		    fread(text, 1, n, stdin) != n)
			BUG("bad input");
		/*
		 * Exact size, so that a sanitizer reports a read of one byte
		 * too many.
		 */
		if ((exact = realloc(text, n > 0 ? n : 1)) == NULL)
			BUG("out of memory");
		why = json_validate(exact, n);
		puts(why == NULL ? "yes" : why);
		free(exact);
	}
	return 0;
}
