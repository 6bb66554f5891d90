/*
 * message_file: where the messages of a lane go that no provider takes: a file of JSON
 * lines, for development, demos and tests.
 */
#ifndef CMD_JOBS_MESSAGE_FILE_H
#define CMD_JOBS_MESSAGE_FILE_H

#include "domain/messaging/delivery.h"

/*
 * Append n messages as one JSON line each to the file and see them on the
 * disk. False: *why says what was in the way, nothing may be counted as sent.
 * Any number of processes may append; what a killed one left of a line is
 * removed.
 */
bool	message_file_write(const char *file, int lane, const struct delivery *,
	    size_t n, int64_t now, const char **why);

#endif
