/*
 * common_passwords: a list of passwords that attackers try first. Each has at
 * least 8 characters and is in lower case. The list is sorted by strcmp(3), and
 * is made from common_passwords.txt.
 */
#ifndef CRYPTO_COMMON_PASSWORDS_H
#define CRYPTO_COMMON_PASSWORDS_H

#include <stddef.h>

extern const char *const common_passwords[];
extern const size_t common_passwords_n;

#endif
