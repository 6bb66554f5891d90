/*
 * form: application/x-www-form-urlencoded text (a query string, or a form as
 * a body) into a struct by its field table.
 */
#ifndef FCGI_CORE_FORM_H
#define FCGI_CORE_FORM_H

#include "base/field.h"

/*
 * Read text into *obj (made by field_new()). Names are compared whole; unknown
 * ones are ignored; one given twice, a broken escape, a NUL or bytes that are
 * not UTF-8 make that field wrong. All wrong fields are reported together:
 * RC_INVALID. Values live in the arena.
 */
enum rc	form_read(struct arena *, const struct field_table *, void *obj,
	    const char *text, struct err *);

#endif
