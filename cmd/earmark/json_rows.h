/*
 * json_rows: reads a file of JSON objects one by one, in constant memory.
 *
 * The file has one of two forms: JSON lines (one object per line, empty lines
 * are skipped) or one JSON array of objects. A row of an array may span lines;
 * its line number is that of its first line. The text of a row is found by
 * brackets and quotes only. The caller must parse it to check that it is valid
 * JSON.
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
	int64_t next;			/* line number of the next byte */
	int64_t line;			/* line number of the row */
	struct buf text;		/* text of the row; at its maximum
					 * size if the row is too long */
	const char *why;		/* error message if broken is set */
};

/* Starts to read at the current position of the file. The caller closes it. */
void	json_rows_init(struct json_rows *, FILE *);
void	json_rows_free(struct json_rows *);
/*
 * Reads the next row into text and line. Returns false at the end or on an
 * error. An incomplete array and a read error set `broken`.
 */
bool	json_rows_next(struct json_rows *);

#endif
