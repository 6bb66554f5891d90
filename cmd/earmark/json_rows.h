/*
 * json_rows: a file of JSON objects, one after another, in constant memory.
 *
 * Two forms are read: JSON lines (an object a line; empty lines are skipped)
 * and one JSON array of objects. In the second a row may span lines; it is
 * named by the line it begins on. The text of a row is cut out by its brackets
 * and quotes alone; whether it is JSON is for the reader of the row.
 */
#ifndef CMD_EARMARK_JSON_ROWS_H
#define CMD_EARMARK_JSON_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

struct json_rows {
	FILE *f;
	bool array, first, broken;
	int64_t next;			/* line that is read next */
	int64_t line;			/* line of the row */
	struct buf text;		/* the row; full: longer than a body may be */
	const char *why;		/* broken: what is wrong with the file */
};

/* Begin with the first byte of f, which the caller closes. */
void	json_rows_init(struct json_rows *, FILE *);
void	json_rows_free(struct json_rows *);
/*
 * The next row in text and line. False at the end, or where the file is
 * broken (not an array to its end, or unreadable): then `broken` is set.
 */
bool	json_rows_next(struct json_rows *);

#endif
