/* idna: internationalized domain names (RFC 5891, UTS 46). */
#ifndef BASE_IDNA_H
#define BASE_IDNA_H

#include <stdbool.h>

#define IDNA_MAX 256

/*
 * Converts a domain name in UTF-8 to ASCII in lower case, for example
 * "bücher.example" to "xn--bcher-kva.example". Returns false if the name is
 * invalid, too long, or memory runs out. ASCII characters other than letters are
 * not checked.
 */
bool	idna_ascii(const char *domain, char out[IDNA_MAX]);

#endif
