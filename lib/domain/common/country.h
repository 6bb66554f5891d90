/*
 * country: ISO 3166-1 codes and the English names people use. One code more:
 * XK, which ISO leaves to its users and GeoNames uses for Kosovo.
 */
#ifndef DOMAIN_COMMON_COUNTRY_H
#define DOMAIN_COMMON_COUNTRY_H

/* The name of an alpha-2 code in any case; NULL: no such code. A literal. */
const char	*country_name(const char *code);

#endif
