/* phone_table: the numbering plans of all countries. */
#ifndef BASE_PHONE_TABLE_H
#define BASE_PHONE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The plan of a region. Lengths are sets of numbers of digits: bit n stands for
 * n digits. The patterns are POSIX extended regular expressions.
 */
struct phone_plan {
	char code[4];		/* country calling code: 1 to 3 digits */
	char region[3];		/* ISO 3166-1 alpha-2; "": no country */
	uint32_t lengths;	/* of national numbers */
	uint32_t local;		/* of numbers that work only in an area */
	int group;		/* the last group of prefix that captures; 0: none */
	const char *idd;	/* dialed before the code of another country */
	const char *prefix;	/* national prefix, as in "0" */
	const char *rule;	/* replaces a prefix; $n is a group; "": nothing */
	const char *general;	/* all valid national numbers */
};

/* Sorted by code. The first row of a code is its main region. */
extern const struct phone_plan phone_plans[];
extern const size_t phone_plans_n;

#endif
