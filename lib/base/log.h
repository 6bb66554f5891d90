/*
 * log: writes one JSON object per line to standard error.
 *
 * log_flush() writes collected lines with one write(2). A worker calls it after
 * each pass of its loop. Lines of level ERROR and above are written at once.
 * Never log secrets, tokens, one-time codes, phone numbers or e-mail addresses;
 * log IDs. Text is escaped, and values are cut at 512 bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Sets the name of the program for each line, and the minimum level. */
void	log_init(const char *program, enum log_level);
/*
 * Logs {"at":…,"level":…,"program":…,"event":…,"message":…}. event is a
 * constant to search for. The message is for operators.
 */
void	log_line(enum log_level, const char *event, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
void	log_flush(void);

/*
 * These functions build a line: log_begin(), any members, log_end(). Names are
 * literals that need no escaping. log_begin() returns false if the level is not
 * logged; then call none of the others.
 */
bool	log_begin(enum log_level, const char *event);
void	log_str(const char *name, const char *value);
void	log_int(const char *name, int64_t value);
void	log_end(void);

#define log_info(ev, ...)	log_line(LOG_INFO, ev, __VA_ARGS__)
#define log_warn(ev, ...)	log_line(LOG_WARN, ev, __VA_ARGS__)
#define log_error(ev, ...)	log_line(LOG_ERROR, ev, __VA_ARGS__)

#endif
