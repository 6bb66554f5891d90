/*
 * opening_hours: reads lines "ZONE|WEEKLY|EXCEPTIONS|NOW|NOT_BEFORE", with ";"
 * for the ends of lines in the texts, and prints opening_hours_next() ("-" for
 * none) and opening_hours_include() of NOW.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/opening_hours.h"
#include "base/str.h"

int
main(void)
{
	char *line = NULL, *rest, *field[5] = { NULL }, *p;
	struct opening_hours hours;
	int64_t now, not_before, next;
	size_t size = 0;
	int i;

	while (getline(&line, &size, stdin) > 0) {
		rest = line;
		for (i = 0; i < 5 && rest != NULL; i++)
			field[i] = strsep(&rest, "|\n");
		for (p = line; i == 5 && p < field[4]; p++)
			if (*p == ';')
				*p = '\n';
		if (i < 5 || !str_int(field[3], &now) ||
		    !str_int(field[4], &not_before) ||
		    !opening_hours_parse(field[1], field[2], &hours)) {
			printf("invalid\n");
			continue;
		}
		next = opening_hours_next(&hours, field[0], now, not_before);
		if (next == INT64_MIN)
			printf("-");
		else
			printf("%" PRId64, next);
		printf(" %d\n", opening_hours_include(&hours, field[0], now));
	}
	free(line);
	return 0;
}
