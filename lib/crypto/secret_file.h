/*
 * secret_file: small files that others can not read, with a secret on each line.
 */
#ifndef CRYPTO_SECRET_FILE_H
#define CRYPTO_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_FILE_BYTES	256		/* of one, and its NUL */

/*
 * Read 1 to most of them. key is the configuration's ("payments.stripe_key_file"),
 * for the sentence that *why is where this is false: it lives until the next.
 */
bool	secret_file_lines(const char *key, const char *file,
	    char (*out)[SECRET_FILE_BYTES], size_t most, size_t *count,
	    const char **why);

/* The same of a whole file, of less than size bytes; NUL behind it. */
bool	secret_file_text(const char *key, const char *file, char *text,
	    size_t size, const char **why);

/* False, and *why a sentence, which lives until the next. */
bool	secret_file_wrong(const char **why, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
