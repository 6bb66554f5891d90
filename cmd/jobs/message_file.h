/*
 * message_file: writes messages to a file of JSON lines if no provider is
 * configured. For development, demos and tests.
 */
#ifndef CMD_JOBS_MESSAGE_FILE_H
#define CMD_JOBS_MESSAGE_FILE_H

#include "domain/messaging/delivery.h"

/*
 * Appends n messages to the file, one JSON line each, and syncs it. Returns
 * false with the reason in *why; then none of them may be counted as sent.
 * Several processes may append at the same time. Removes an incomplete line of
 * a killed process.
 */
bool	message_file_write(const char *file, int channel,
	    const struct delivery *const *, size_t n, int64_t now,
	    const char **why);

#endif
