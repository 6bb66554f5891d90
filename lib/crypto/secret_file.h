/*
 * secret_file: reads small files with one secret per line, which other users of
 * the system must not be able to read.
 */
#ifndef CRYPTO_SECRET_FILE_H
#define CRYPTO_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_FILE_BYTES	256		/* maximum size of a secret
						 * with its NUL */

/*
 * Reads 1 to `max` secrets. key is the name of the configuration key
 * ("payments.stripe_key_file") for error messages. Returns false, and sets *why
 * to a message that is valid until the next call, if the file is not
 * acceptable.
 */
bool	secret_file_lines(const char *key, const char *file,
	    char (*out)[SECRET_FILE_BYTES], size_t max, size_t *count,
	    const char **why);

/*
 * Reads a whole file of less than size bytes and adds a NUL. Errors are
 * reported in the same way.
 */
bool	secret_file_text(const char *key, const char *file, char *text,
	    size_t size, const char **why);

/* Formats *why, which is valid until the next call. Returns false. */
bool	secret_file_wrong(const char **why, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
