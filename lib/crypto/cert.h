/*
 * cert: what a certificate file says.
 */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <stdbool.h>
#include <stdint.h>

/* When the first certificate of a PEM file ends (ms); false: none is there. */
bool	cert_expires(const char *file, int64_t *ms);

#endif
