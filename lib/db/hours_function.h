/*
 * hours_function: the SQL functions of hours (base/opening_hours.h).
 *
 *	hours_include(time_zone, weekly, exceptions, at)
 *	hours_next(time_zone, weekly, exceptions, now, not_before)
 *
 * They are functions of SQL, so that a search can filter and count by them.
 * hours_include() returns 1 or 0. hours_next() returns a time (ms) or null;
 * not_before may be null. Both return null if the time zone is null, and a stored
 * text that is invalid is an error. Only statements can use them, not triggers
 * and indexes, because their results depend on the time zone database.
 */
#ifndef DB_HOURS_FUNCTION_H
#define DB_HOURS_FUNCTION_H

#include <sqlite3.h>

/* Registers the functions with a connection. Returns a result code of SQLite. */
int	hours_function_register(sqlite3 *);

#endif
