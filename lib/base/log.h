/*
 * log: one JSON object a line on standard error.
 *
 * Lines are collected and written with one write(2) by log_flush(), which the
 * worker calls once a turn; at level ERROR and above they are written at once.
 * No secret, token, one-time code, phone number or e-mail address goes in
 * here: log ids. Text is escaped; a value is cut at 512 bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* The program's name in each line, and the least level that is written. */
void	log_init(const char *program, enum log_level);
/*
 * {"at":…,"level":…,"program":…,"event":…,"message":…}; event is a fixed word
 * to search for, the message is for people.
 */
void	log_line(enum log_level, const char *event, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
void	log_flush(void);

/*
 * A line built piece by piece: log_begin(), any members, log_end(). Names are
 * literals that need no escaping. log_begin() is false when the level is off:
 * then leave the rest out.
 */
bool	log_begin(enum log_level, const char *event);
void	log_str(const char *name, const char *value);
void	log_int(const char *name, int64_t value);
void	log_end(void);

#define log_info(ev, ...)	log_line(LOG_INFO, ev, __VA_ARGS__)
#define log_warn(ev, ...)	log_line(LOG_WARN, ev, __VA_ARGS__)
#define log_error(ev, ...)	log_line(LOG_ERROR, ev, __VA_ARGS__)

#endif
