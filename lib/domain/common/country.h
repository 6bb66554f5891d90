/*
 * country: ISO 3166-1 alpha-2 codes and their common English names. It also has
 * XK, a code that ISO reserves for users and GeoNames uses for Kosovo.
 */
#ifndef DOMAIN_COMMON_COUNTRY_H
#define DOMAIN_COMMON_COUNTRY_H

/*
 * Returns the name of an alpha-2 code in any case, or NULL if it is unknown.
 * The result is a literal.
 */
const char	*country_name(const char *code);

#endif
