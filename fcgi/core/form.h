/*
 * form: parses application/x-www-form-urlencoded text into a struct. The text
 * is a query string or the body of a form.
 */
#ifndef FCGI_CORE_FORM_H
#define FCGI_CORE_FORM_H

#include "base/field.h"

/*
 * Parses text into *obj, which field_new() made. Values are allocated in the
 * arena. Unknown names are ignored. A field is invalid if it is given twice,
 * has an invalid escape, contains NUL or is not UTF-8. Returns RC_INVALID with
 * all invalid fields in *err.
 */
enum rc	form_read(struct arena *, const struct field_table *, void *obj,
	    const char *text, struct err *);

#endif
