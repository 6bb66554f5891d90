/*
 * phone_number: converts phone numbers to E.164, with the rules of Google's
 * libphonenumber (methods parse() and isPossibleNumber()).
 */
#ifndef BASE_PHONE_NUMBER_H
#define BASE_PHONE_NUMBER_H

#include <stdbool.h>

/* '+', at most 3 digits of the country, at most 17 digits, NUL. */
#define PHONE_NUMBER_MAX 22

enum phone_number {
	PHONE_NUMBER_OK,
	PHONE_NUMBER_INVALID,	/* no phone number has this form */
	PHONE_NUMBER_NATIONAL	/* the country is missing */
};

/*
 * Converts a number to E.164. The text contains ASCII digits, and '+' before the
 * code of a country; the caller has removed separators and replaced a leading
 * "00". country is the region of numbers without '+' (ISO 3166-1 alpha-2, in
 * capitals), or "". With a country, its prefix for calls to other countries
 * ("011" in the United States) has the effect of '+'. National prefixes are
 * removed: "+9109876543210" becomes "+919876543210". out is defined if the
 * result is PHONE_NUMBER_OK. If memory runs out, the process ends.
 */
enum phone_number phone_number_read(const char *text, const char *country,
	    char out[PHONE_NUMBER_MAX]);

/* Returns whether the region has phone numbers. */
bool	phone_number_country(const char *country);

#endif
