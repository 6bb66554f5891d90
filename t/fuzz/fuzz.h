/* fuzz: macros and helpers of the fuzz targets. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Aborts if a property does not hold for an input. */
#define MUST(cond) \
	do { \
		if (!(cond)) \
			BUG("%s", #cond); \
	} while (0)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * Checks that an error names each field once, because they become JSON
 * members.
 */
static inline void
must_be_named_once(const struct err *err)
{
	const struct err_field *f, *g;

	for (f = err->fields; f != NULL; f = f->next)
		for (g = f->next; g != NULL; g = g->next)
			MUST(!str_eq(f->name, g->name));
}

#endif
