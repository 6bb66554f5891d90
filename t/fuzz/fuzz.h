/* fuzz: what the fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* A property that must hold for every input. */
#define MUST(cond) \
	do { \
		if (!(cond)) \
			BUG("%s", #cond); \
	} while (0)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* No field of an error is named twice: they become members of an object. */
static inline void
must_be_named_once(const struct err *err)
{
	const struct err_field *f, *g;

	for (f = err->fields; f != NULL; f = f->next)
		for (g = f->next; g != NULL; g = g->next)
			MUST(!str_eq(f->name, g->name));
}

#endif
