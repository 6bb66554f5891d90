/*
 * common_passwords: passwords that everybody tries first; at least 8 characters, lower
 * case, sorted by strcmp(3).
 */
#ifndef CRYPTO_COMMON_PASSWORDS_H
#define CRYPTO_COMMON_PASSWORDS_H

#include <stddef.h>

extern const char *const common_passwords[];
extern const size_t common_passwords_n;

#endif
