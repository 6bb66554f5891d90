/*
 * phone_numbers: reads lines "COUNTRY NUMBER RESULT" and prints those for which
 * phone_number_read() has another result.
 */
#include <stdio.h>

#include "base/phone_number.h"
#include "base/str.h"

int
main(void)
{
	char country[4], text[100], want[100], out[PHONE_NUMBER_MAX];
	const char *have;

	while (scanf("%3s %99s %99s", country, text, want) == 3) {
		have = phone_number_read(text, country[0] == '-' ? "" : country,
		    out) == PHONE_NUMBER_OK ? out : "invalid";
		if (!str_eq(have, want))
			printf("%s %s: %s instead of %s\n", country, text, have,
			    want);
	}
	return 0;
}
