#include "base/phone_number.h"

#include <regex.h>
#include <stdio.h>

#include "base/err.h"
#include "base/phone_table.h"
#include "base/str.h"

#define NATIONAL_MIN	2
#define NATIONAL_MAX	17
#define GROUPS		10
#define PATTERN_MAX	1000

enum length { LENGTH_OK, LENGTH_LOCAL, LENGTH_SHORT, LENGTH_LONG,
	LENGTH_WRONG };

static const struct phone_plan *
plan_of_region(const char *region)
{
	size_t i;

	for (i = 0; i < phone_plans_n; i++)
		if (region[0] != '\0' && str_eq(phone_plans[i].region, region))
			return &phone_plans[i];
	return NULL;
}

/* Returns the main plan of the code that the number begins with, or NULL. */
static const struct phone_plan *
plan_of_number(const char *digits)
{
	size_t i;

	for (i = 0; i < phone_plans_n; i++)
		if (str_prefix(digits, phone_plans[i].code))
			return &phone_plans[i];
	return NULL;
}

static const struct phone_plan *
main_plan(const struct phone_plan *plan)
{
	const struct phone_plan *p = plan;

	while (p > phone_plans && str_eq(p[-1].code, plan->code))
		p--;
	return p;
}

static enum length
check_length(const struct phone_plan *plan, const char *number)
{
	size_t n = strlen(number);
	uint32_t bit;

	if (n > NATIONAL_MAX)
		return LENGTH_LONG;
	bit = UINT32_C(1) << n;
	if (plan->local & bit)
		return LENGTH_LOCAL;
	if (plan->lengths & bit)
		return LENGTH_OK;
	if ((plan->lengths & (bit - 1)) == 0)
		return LENGTH_SHORT;
	return plan->lengths < bit ? LENGTH_LONG : LENGTH_WRONG;
}

/*
 * Matches a number with a pattern. The pattern is the first group. The patterns
 * are constants, so an error is a lack of memory.
 */
static bool
match(const char *pattern, const char *number, regmatch_t groups[GROUPS])
{
	regex_t re;
	int status;

	status = regcomp(&re, pattern, REG_EXTENDED);
	if (status == 0) {
		status = regexec(&re, number, GROUPS, groups, 0);
		regfree(&re);
	}
	if (status != 0 && status != REG_NOMATCH)
		BUG("out of memory");
	return status == 0;
}

static bool
match_all(const char *general, const char *number)
{
	regmatch_t groups[GROUPS];
	char pattern[PATTERN_MAX];

	snprintf(pattern, sizeof(pattern), "^(%s)$", general);
	return match(pattern, number, groups);
}

/*
 * Writes the number with its prefix replaced by the rule, in which "$n" is a
 * group of the prefix.
 */
static void
replace_prefix(const char *rule, const char *number, const regmatch_t *groups,
    char out[NATIONAL_MAX * 2])
{
	size_t n = 0, max = NATIONAL_MAX * 2 - 1;
	const regmatch_t *g;
	regoff_t i;

	for (; *rule != '\0'; rule++) {
		if (*rule != '$') {
			if (n < max)
				out[n++] = *rule;
			continue;
		}
		g = &groups[*++rule - '0'];
		for (i = g->rm_so; i >= 0 && i < g->rm_eo && n < max; i++)
			out[n++] = number[i];
	}
	for (number += groups[0].rm_eo; *number != '\0' && n < max; number++)
		out[n++] = *number;
	out[n] = '\0';
}

/*
 * Returns the length of the prefix for calls to other countries that the number
 * begins with, as in "011" of the United States, or 0. No country code begins
 * with 0. See maybeStripInternationalPrefixAndNormalize().
 */
static size_t
idd_length(const struct phone_plan *plan, const char *number)
{
	regmatch_t groups[GROUPS];
	char pattern[PATTERN_MAX];

	snprintf(pattern, sizeof(pattern), "^(%s)", plan->idd);
	if (plan->idd[0] == '\0' || !match(pattern, number, groups) ||
	    number[groups[0].rm_eo] == '0')
		return 0;
	return (size_t)groups[0].rm_eo;
}

/*
 * Removes the national prefix, unless a valid number would become invalid. See
 * maybeStripNationalPrefixAndCarrierCode().
 */
static void
strip_prefix(const struct phone_plan *plan, const char *number,
    char out[NATIONAL_MAX * 2])
{
	regmatch_t groups[GROUPS];
	char pattern[PATTERN_MAX];
	const regmatch_t *last;
	const char *rule = plan->rule;

	snprintf(out, NATIONAL_MAX * 2, "%s", number);
	snprintf(pattern, sizeof(pattern), "^(%s)", plan->prefix);
	if (plan->prefix[0] == '\0' || !match(pattern, number, groups))
		return;
	last = &groups[plan->group];
	if (plan->group > 0 && (last->rm_so < 0 || last->rm_so == last->rm_eo))
		rule = "";
	replace_prefix(rule, number, groups, out);
	if (match_all(plan->general, number) &&
	    !match_all(plan->general, out))
		snprintf(out, NATIONAL_MAX * 2, "%s", number);
}

/*
 * Returns whether a number without '+' begins with the code of its country. If
 * so, writes the rest without national prefix. See maybeExtractCountryCode().
 */
static bool
has_code(const struct phone_plan *plan, const char *number,
    char rest[NATIONAL_MAX * 2])
{
	if (!str_prefix(number, plan->code))
		return false;
	strip_prefix(plan, number + strlen(plan->code), rest);
	return (!match_all(plan->general, number) &&
	    match_all(plan->general, rest)) ||
	    check_length(plan, number) == LENGTH_LONG;
}

enum phone_number
phone_number_read(const char *text, const char *country,
    char out[PHONE_NUMBER_MAX])
{
	const struct phone_plan *plan;
	const char *number = text;
	char national[NATIONAL_MAX * 2], rest[NATIONAL_MAX * 2];
	enum length length;
	size_t n, skip = 1;

	if (*text != '+') {
		plan = plan_of_region(country);
		if (plan == NULL)
			return PHONE_NUMBER_NATIONAL;
		skip = idd_length(plan, text);
	}
	if (skip > 0) {
		number += skip;
		plan = *number == '0' ? NULL : plan_of_number(number);
		if (plan != NULL)
			number += strlen(plan->code);
	}
	n = strlen(number);
	if (plan == NULL || n < NATIONAL_MIN || n > NATIONAL_MAX + 3 ||
	    strspn(number, "0123456789") != n)
		return PHONE_NUMBER_INVALID;
	if (skip == 0 && has_code(plan, text, national)) {
		number = national;
		plan = main_plan(plan);
	}
	strip_prefix(plan, number, rest);
	length = check_length(plan, rest);
	if (length == LENGTH_OK || length == LENGTH_LONG)
		number = rest;
	n = strlen(number);
	if (n < NATIONAL_MIN || n > NATIONAL_MAX)
		return PHONE_NUMBER_INVALID;
	length = check_length(main_plan(plan), number);
	if (length != LENGTH_OK && length != LENGTH_LOCAL)
		return PHONE_NUMBER_INVALID;
	snprintf(out, PHONE_NUMBER_MAX, "+%s%s", plan->code, number);
	return PHONE_NUMBER_OK;
}

bool
phone_number_country(const char *country)
{
	return plan_of_region(country) != NULL;
}
