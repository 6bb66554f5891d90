/*
 * opening_hours: weekly hours with exceptions, and when they begin.
 *
 * Hours are in the local time of a zone (time_zone.h). A window belongs to the
 * day on which it begins and may end on the next day. An exception replaces the
 * windows that begin on its days. time_zone_instant() converts both ends of a
 * window; if a change of the clock puts the end before the start, the window
 * does not take place. Windows that touch or overlap are one opening.
 *
 * The texts in the database have a line for each window, "1 09:00-17:00" (1 is
 * Monday), and for each exception, "2026-12-24 2026-12-26 10:00-12:00
 * 22:00-02:00" (first and last day; no windows: closed).
 */
#ifndef BASE_OPENING_HOURS_H
#define BASE_OPENING_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPENING_WINDOWS		8	/* of a day */
#define OPENING_EXCEPTIONS	50
/* Days after the present one in which openings are found. */
#define OPENING_HORIZON		400

/*
 * Minutes since midnight of the day on which the window begins. `from` is below
 * 1440. `to` is above `from` and below from + 1440; above 1440, it is on the
 * next day. From 00:00 to 24:00 is a complete day.
 */
struct opening_window {
	int from, to;
};

struct opening_day {
	int n;
	struct opening_window v[OPENING_WINDOWS];
};

struct opening_exception {
	int first, last;		/* days since 1970-01-01, both included */
	struct opening_day day;
};

struct opening_hours {
	struct opening_day weekly[7];	/* Monday first */
	int n;				/* exceptions */
	struct opening_exception v[OPENING_EXCEPTIONS];
};

/* Maximum size of the texts, with the NUL. */
#define OPENING_WEEKLY_TEXT	(7 * OPENING_WINDOWS * 14 + 1)
#define OPENING_EXCEPTIONS_TEXT \
	(OPENING_EXCEPTIONS * (22 + OPENING_WINDOWS * 12) + 1)

/*
 * Parses the time of a window: "09:00" to minutes. "24:00" is valid if `end` is
 * true. Returns -1 if the text is not such a time.
 */
int	opening_hours_time(const char *, bool end);
/* Writes minutes since midnight as "09:00". 1440 is "24:00". */
void	opening_hours_time_text(int minutes, char out[6]);
/*
 * Sets a window from two times of opening_hours_time(). If `to` is before
 * `from`, the window ends on the next day. Returns false if they are equal.
 */
bool	opening_hours_window(int from, int to, struct opening_window *);

/* Read and write the texts. Parsing returns false if a text is invalid. */
bool	opening_hours_parse(const char *weekly, const char *exceptions,
	    struct opening_hours *);
void	opening_hours_weekly_text(const struct opening_hours *,
	    char out[OPENING_WEEKLY_TEXT]);
void	opening_hours_exceptions_text(const struct opening_hours *,
	    char out[OPENING_EXCEPTIONS_TEXT]);

/*
 * Return whether windows of the week overlap, also those of Sunday and Monday,
 * or windows of a day. repeats: an equal day follows.
 */
bool	opening_hours_weekly_overlap(const struct opening_hours *);
bool	opening_hours_day_overlap(const struct opening_day *, bool repeats);

/* Returns whether the hours include a time (ms). */
bool	opening_hours_include(const struct opening_hours *, const char *zone,
	    int64_t at);
/*
 * Returns the first time (ms) after `now`, and not before `not_before`, at
 * which an opening begins, or which is not_before and within an opening.
 * Returns INT64_MIN if no opening begins in the next OPENING_HORIZON days, or if
 * the zone is not in the database.
 */
int64_t	opening_hours_next(const struct opening_hours *, const char *zone,
	    int64_t now, int64_t not_before);

#endif
