/* cert: reads certificate files. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sets *ms to the end of validity of the first certificate in a PEM file.
 * Returns false if the file has none or cannot be read.
 */
bool	cert_expires(const char *file, int64_t *ms);

#endif
