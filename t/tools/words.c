/*
 * words: reads lines and prints the normalized words of each, separated by
 * spaces. A unit of a run is followed by "/".
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/words.h"

int
main(void)
{
	char *line = NULL;
	size_t size = 0;
	struct words words;
	struct word word;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		words_init(&words, line, (size_t)n - 1);
		while (words_next(&words, &word))
			printf("%.*s%s ", (int)word.len, word.text,
			    word.run ? "/" : "");
		printf("\n");
	}
	free(line);
	return 0;
}
